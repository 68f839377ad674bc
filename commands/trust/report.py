"""The report that a user can send in: Markdown, without names of people and folders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from .weights_facts import WeightsFacts

SEND_IN = (
    "To send it in, open a new issue in the project with the form *Verified weights*, and paste "
    "all of this into it."
)


def write_report(
    title: str,
    verdict: str,
    facts: WeightsFacts | None,
    settings: Mapping[str, str],
    versions: Mapping[str, str],
    sections: Mapping[str, str],
) -> str:
    """The whole report.

    Args:
        title: of the page.
        verdict: what came out, in words.
        facts: of the weights; None if they could not be read.
        settings: how they were run, by name.
        versions: of packages, by name.
        sections: Markdown by heading.
    """
    parts = [f"# {title}", verdict, SEND_IN]
    if facts is not None:
        parts += ["## Weights", weights_table(facts)]
    parts += ["## Settings", table(("what", "value"), settings.items())]
    for heading, text in sections.items():
        parts += [f"## {heading}", text]
    parts += ["## Versions", table(("package", "version"), versions.items())]
    return "\n\n".join(parts) + "\n"


def weights_table(facts: WeightsFacts) -> str:
    """The facts of a file."""
    official = facts.official
    rows = {
        "file": f"`{facts.name}`",
        "size": f"{facts.num_bytes:,} bytes",
        "SHA-256": f"`{facts.sha256}`" if facts.sha256 else "several files",
        "official file": f"{official.repo}" if official else "none has this name",
        "structure": facts.structure,
        "types": ", ".join(f"{name} ({count} tensors)" for name, count in facts.dtypes.items()),
        "tensors with NaN or infinity": ", ".join(facts.not_finite[:3]) or "none",
    }
    return table(("what", "value"), rows.items())


def table(header: Sequence[str], rows: Sequence[Sequence[str]] | object) -> str:
    """A Markdown table; a bar in a cell does not end it."""
    lines = [header, ["---"] * len(header), *rows]  # type: ignore[misc]
    cells = ([str(cell).replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


_FOLDERS = re.compile(r"(?<![\w.:/\\])(?:[A-Za-z]:)?[/\\](?:[^/\\\s'\",;]+[/\\])+")
"""An absolute path up to its last name; addresses on the internet are none."""


def hide_folders(text: str, path: Path) -> str:
    """A text about a file without the folders in it, so that a report tells nobody's paths.

    Args:
        text: such as an error's, which may name other files too.
        path: of the file. Its folder is known, even if its name has spaces.
    """
    for folder in {path.parent, path.parent.resolve(), Path.home()} - {Path()}:
        for form in (str(folder), folder.as_posix(), repr(str(folder))[1:-1]):
            text = re.sub(rf"(?<![\w.:/\\]){re.escape(form)}[/\\]+", "", text)
    return _FOLDERS.sub("", text)
