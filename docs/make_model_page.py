"""Writes the table of ``docs/models.md``: every official checkpoint, as ``zoo`` lists it.

``python docs/make_model_page.py docs/models.md``
"""

from __future__ import annotations

import sys
from pathlib import Path

from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import (
    CHECKPOINTS,
    DEFAULT_SIZE,
    PoseCheckpoint,
)
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_text

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


if __name__ == "__main__":
    target = Path(sys.argv[1])
    write_text(target, with_table(target.read_text(encoding="utf-8")))
