"""Writes the tables of options on the pages, from the rows in ``skeletons/options``.

``python docs/make_option_tables.py`` fills what is between the marks of every page that has some:
``<!-- options: tracking -->``, with the name of a table, up to ``<!-- end of options -->``.
"""

from __future__ import annotations

import re
from pathlib import Path

from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_text
from comfyui_sapiens_pose.skeletons.options.option import Option, OptionTable
from comfyui_sapiens_pose.skeletons.options.selecting import SELECTING
from comfyui_sapiens_pose.skeletons.options.smoothing import SMOOTHING
from comfyui_sapiens_pose.skeletons.options.tracking import TRACKING

ROOT = Path(__file__).resolve().parents[1]
TABLES = {"tracking": TRACKING, "smoothing": SMOOTHING, "selecting": SELECTING}
MARKED = re.compile(r"(<!-- options: (\w+) -->\n).*?(<!-- end of options -->)", re.DOTALL)
HEAD = ("input of the node", "argument", "default", "what it does")


def with_tables(page: str) -> str:
    """A page with what is between its marks replaced; KeyError if there is no such table."""
    return MARKED.sub(lambda found: f"{found[1]}\n{table(TABLES[found[2]])}\n\n{found[3]}", page)


def table(options: OptionTable) -> str:
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
    """The default in words, with its unit."""
    value = option.default
    if value is None or value == "":
        return option.none
    if option.kind == "switch":
        return "on" if value else "off"
    if option.kind in ("whole", "number", "score"):
        return f"{value:g} {option.unit}".strip()
    return " ".join(value) if option.several else str(value)


def text(option: Option) -> str:
    """What an option does, for node and command line, and what its choices are."""
    summaries = [f"*{name}*: {summary}" for name, summary in option.choices.items() if summary]
    choices = f"{'. '.join(summaries)}." if summaries else ""
    note = option.widget.note if option.widget else ""
    flag_note = f"Command line: {option.flag_note}" if option.flag_note else ""
    return " ".join(filter(None, [option.text, choices, note, flag_note]))


def pages() -> list[Path]:
    """All pages with marks."""
    candidates = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [page for page in candidates if MARKED.search(page.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    for page in pages():
        write_text(page, with_tables(page.read_text(encoding="utf-8")))
