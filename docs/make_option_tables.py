"""Writes the tables of options on the pages, from the rows in ``skeletons/options``.

``python docs/make_option_tables.py`` fills what is between the marks of every page that has some:
``<!-- options: tracking -->``, with the name of a table, up to ``<!-- end of options -->``; and the
table of drawing styles, ``<!-- options: styles -->``; and that of files that are read,
``<!-- options: endings -->``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from comfyui_sapiens_pose.commands.files.endings import GROUPS
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import DEFAULT_SIZE, DETECTORS
from comfyui_sapiens_pose.skeletons.choices import STYLE_SUMMARIES
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_text
from comfyui_sapiens_pose.skeletons.options.cleaning import CLEANING
from comfyui_sapiens_pose.skeletons.options.cutting import CUTTING, IDENTITY_MASKS, WAN_ANIMATE
from comfyui_sapiens_pose.skeletons.options.detecting import DETECTING
from comfyui_sapiens_pose.skeletons.options.drawing import DRAWING, SHOWN
from comfyui_sapiens_pose.skeletons.options.estimating import ESTIMATING, MODEL
from comfyui_sapiens_pose.skeletons.options.files import (
    EDITING,
    LIBRARY,
    OUTPUTS,
    READING,
    SOURCES,
    WRITING,
)
from comfyui_sapiens_pose.skeletons.options.option import Option, OptionTable, Widget
from comfyui_sapiens_pose.skeletons.options.retargeting import RETARGETING
from comfyui_sapiens_pose.skeletons.options.running import (
    CLUSTER,
    DEVICES,
    EVALUATING,
    FAILING,
    FETCHING,
)
from comfyui_sapiens_pose.skeletons.options.selecting import SELECTING
from comfyui_sapiens_pose.skeletons.options.smoothing import SMOOTHING
from comfyui_sapiens_pose.skeletons.options.tracking import TRACKING

ROOT = Path(__file__).resolve().parents[1]


def _changed(table: OptionTable, name: str, **changes: Any) -> list[Option]:
    """The rows of a table, one of them with what the surfaces fill in."""
    return [replace(row, **changes) if row.name == name else row for row in table]


TABLES: dict[str, Sequence[Option]] = {
    "model": _changed(MODEL, "size", default=DEFAULT_SIZE),
    "estimating": ESTIMATING.rows,
    "detecting": _changed(DETECTING, "detector", widget=Widget(default=DETECTORS[0].name)),
    "cleaning": CLEANING.rows,
    "tracking": TRACKING.rows,
    "smoothing": SMOOTHING.rows,
    "selecting": SELECTING.rows,
    "retargeting": RETARGETING.rows,
    "editing": EDITING.rows,
    "library": LIBRARY.rows,
    "shown": SHOWN.rows,
    "drawing": DRAWING.rows,
    "cutting": CUTTING.rows,
    "wan_animate": WAN_ANIMATE.rows,
    "identity_masks": IDENTITY_MASKS.rows,
    "sources": SOURCES.rows,
    "outputs": OUTPUTS.rows,
    "reading": READING.rows,
    "writing": WRITING.rows,
    "devices": DEVICES.rows,
    "failing": FAILING.rows,
    "fetching": FETCHING.rows,
    "evaluating": EVALUATING.rows,
    "cluster": CLUSTER.rows,
}
TABLES["often_used"] = [
    *TABLES["model"][:2],
    MODEL["weights"],
    *TABLES["detecting"][:1],
    *(DETECTING[name] for name in ("bboxes", "masks")),
    ESTIMATING["refine"],
    DRAWING["score_threshold"],
    *(replace(row, default="sapiens") for row in (DRAWING["style"], OUTPUTS["format"])),
    *(OUTPUTS[name] for name in ("overlay", "table", "skip_existing")),
    *(SOURCES["one_clip"], TRACKING["track"], SMOOTHING["method"]),
    *(SELECTING[name] for name in ("sort", "max_people")),
    RETARGETING["retarget"],
    DEVICES["devices"],
]

MARKED = re.compile(r"(<!-- options: (\w+) -->\n).*?(<!-- end of options -->)", re.DOTALL)
HEAD = ("input of the node", "argument", "default", "what it does")


def with_tables(page: str) -> str:
    """A page with what is between its marks replaced; KeyError if there is no such table."""

    def fill(found: re.Match[str]) -> str:
        name = found[2]
        made = {"styles": style_table, "endings": endings_table}
        content = made[name]() if name in made else table(TABLES[name])
        return f"{found[1]}\n{content}\n\n{found[3]}"

    return MARKED.sub(fill, page)


def style_table() -> str:
    """The drawing styles and what they are, as a Markdown table."""
    rows = [f"| `{name}` | {summary} |" for name, summary in STYLE_SUMMARIES.items()]
    return "\n".join(["| style | what it is |", "|---|---|", *rows])


def endings_table() -> str:
    """The files that are read, by their endings, as a Markdown table."""
    rows = []
    for group in GROUPS:
        endings = " ".join(f"`{ending}`" for ending in group.endings)
        rows.append(f"| {group.kind} | {endings} | {group.note} |")
    return "\n".join(["| what | endings | note |", "|---|---|---|", *rows])


def table(options: Iterable[Option]) -> str:
    """The options of a subject that a person can set, as a Markdown table."""
    rows = [_row(option) for option in options if option.widget or option.flag]
    lines = [HEAD, tuple("---" for _ in HEAD), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _row(option: Option) -> tuple[str, ...]:
    return (
        f"*{option.name}*" if option.widget else "",
        f"`{option.flag}`" if option.flag else "",
        default_text(option),
        text(option).replace("|", "\\|"),
    )


def default_text(option: Option) -> str:
    """The default in words, and that of the node where it is another one."""
    text = _value_text(option, option.default)
    look = option.widget
    if look is None or look.default in (None, option.default):
        return text
    return f"{text}; in the node {_value_text(option, look.default)}"


def _value_text(option: Option, value: Any) -> str:
    if value is None or value == "":
        return option.none
    if option.kind == "switch":
        return "on" if value else "off"
    if option.kind in ("whole", "number", "score"):
        return f"{value:g} {option.unit}".strip()
    return str(value)


def text(option: Option) -> str:
    """What an option does, for node and command line, and what its choices are."""
    summaries = [f"*{name}*: {summary}." for name, summary in option.choices.items() if summary]
    note = f"Node: {option.widget.note}" if option.widget and option.widget.note else ""
    flag_note = f"Command line: {option.flag_note}" if option.flag_note else ""
    return " ".join(filter(None, [option.text, *summaries, note, flag_note]))


def pages() -> list[Path]:
    """All pages with marks."""
    candidates = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [page for page in candidates if MARKED.search(page.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    for page in pages():
        write_text(page, with_tables(page.read_text(encoding="utf-8")))
