"""Writes every list of the official checkpoints from ``zoo``: ``python docs/make_model_page.py``.

They are the table of ``docs/models.md``, what ``pyproject.toml`` tells the Comfy Registry, and the
downloads that the example workflows offer.
"""

from __future__ import annotations

import json
from pathlib import Path

from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import (
    CHECKPOINTS,
    DEFAULT_SIZE,
    DETECTORS,
    PoseCheckpoint,
)
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_text

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "models.md"
REGISTRY = ROOT / "pyproject.toml"
WORKFLOWS = ROOT / "example_workflows"

BEGIN, END = "<!-- checkpoints -->", "<!-- end of checkpoints -->"

BENCHMARKS = {17: "COCO", 133: "COCO-WholeBody", 308: "Goliath"}
"""What the published average precision of each keypoint set was measured on."""

HEAD = ("`--model`", "keypoints", "parameters", "published AP", "file", "account", "licence")


def table() -> str:
    """The checkpoints as a Markdown table."""
    lines = [HEAD, tuple("---" for _ in HEAD), *(_row(checkpoint) for checkpoint in CHECKPOINTS)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def with_table(page: str) -> str:
    """A page with what is between its two marks replaced by the table.

    Raises:
        ValueError: the page lacks the marks.
    """
    before, found, rest = page.partition(BEGIN)
    _, also_found, after = rest.partition(END)
    if not (found and also_found):
        raise ValueError(f"The page has no {BEGIN} ... {END}.")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _row(checkpoint: PoseCheckpoint) -> tuple[str, ...]:
    size, precision = checkpoint.size, checkpoint.average_precision
    benchmark = BENCHMARKS[checkpoint.num_keypoints]
    return (
        f"**`{size}`** (default)" if size == DEFAULT_SIZE else f"`{size}`",
        str(checkpoint.num_keypoints),
        f"{checkpoint.num_parameters / 1e9:.2f} billion",
        "none" if precision is None else f"{precision} ({benchmark})",
        f"[{checkpoint.file_bytes / 1e9:.2f} GB]({checkpoint.url})",
        "needed" if checkpoint.needs_account else "no",
        f"[{checkpoint.license.name}]({checkpoint.license.url})",
    )


def with_models(project: str) -> str:
    """``pyproject.toml`` with today's models for the Comfy Registry.

    Raises:
        ValueError: it has no such list.
    """
    before, begin, rest = project.partition("\nModels = [\n")
    _, end, after = rest.partition("\n]\n")
    if not (begin and end):
        raise ValueError("pyproject.toml has no Models = [ ... ].")
    rows = [
        f'    {{ location = "models/sapiens/{row.base_name}", model_url = "{row.url}" }},'
        for row in (*CHECKPOINTS, *DETECTORS)
    ]
    return before + begin + "\n".join(rows) + end + after


def with_downloads(workflow: str) -> str:
    """The JSON of a workflow whose loaders of Sapiens models offer today's downloads.

    Files that need an account are left out: ComfyUI's page cannot fetch them.
    """
    graph = json.loads(workflow)
    for node in graph["nodes"]:
        if node["type"] == "SapiensPoseLoader":
            node["properties"]["models"] = [
                {"name": row.base_name, "url": row.url, "directory": "sapiens"}
                for row in CHECKPOINTS
                if not row.needs_account
            ]
    return json.dumps(graph, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes all lists."""
    write_text(PAGE, with_table(PAGE.read_text(encoding="utf-8")))
    write_text(REGISTRY, with_models(REGISTRY.read_text(encoding="utf-8")))
    for path in sorted(WORKFLOWS.glob("*.json")):
        write_text(path, with_downloads(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
