"""The tables of options on the pages are those of the rows, and every argument is in one."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from comfyui_sapiens_pose.cli import COMMANDS
from make_option_tables import TABLES, pages, table, with_tables


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_the_tables_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == with_tables(text), "Run python docs/make_option_tables.py"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_on_a_page(name: str) -> None:
    assert any(table(TABLES[name]) in page.read_text(encoding="utf-8") for page in pages())


def arguments() -> list[argparse.Action]:
    """The arguments of all commands."""
    subparsers = argparse.ArgumentParser().add_subparsers()
    for command in COMMANDS:
        command.add_parser(subparsers)
    return [action for parser in subparsers.choices.values() for action in parser._actions]


def test_every_flag_is_an_argument_of_a_command() -> None:
    known = {flag for action in arguments() for flag in action.option_strings}
    flags = {row.flag for rows in TABLES.values() for row in rows if row.flag}
    assert flags - known == set(), "Let a command take it, or remove the flag"


def test_every_widget_is_an_input_of_a_node(root: Path) -> None:
    """By the English texts, which ``tests/comfyui/test_texts.py`` compares with the nodes."""
    nodes = json.loads((root / "locales/en/nodeDefs.json").read_text(encoding="utf-8"))
    known = {name for node in nodes.values() for name in node["inputs"]}
    inputs = {row.name for rows in TABLES.values() for row in rows if row.widget}
    assert inputs - known == set(), "Let a node take it and write its texts, or remove the widget"


def test_every_argument_is_on_the_page_of_options(root: Path) -> None:
    flags = {action.option_strings[0] for action in arguments() if action.option_strings}
    # Inputs and outputs of a command, and other names for options that are there.
    of_commands = {"-h", "-o", "--image", "--mask", "--to", "--threshold"}
    of_commands |= {f"--draw-{part}" for part in ("body", "head", "hands", "face", "feet")}
    page = (root / "docs/options.md").read_text(encoding="utf-8")
    assert {flag for flag in flags - of_commands if f"| `{flag}` |" not in page} == set()


def test_a_table_of_another_name_is_refused() -> None:
    with pytest.raises(KeyError, match="none"):
        with_tables("<!-- options: none -->\n<!-- end of options -->")
