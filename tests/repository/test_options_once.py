"""An option stands in one row: nothing else types its default, its bounds or its sentence."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import comfyui_sapiens_pose.skeletons.options as room
import pytest
from comfyui_sapiens_pose.skeletons.options.option import Option, OptionTable
from source_trees import read_tree

PACKAGES = ("skeletons", "sapiens_core", "commands", "nodes")

CHANGED = """
from comfyui_sapiens_pose.skeletons.options.tracking import TRACKING

row = TRACKING["max_gap"]
object.__setattr__(row, "default", 25)
object.__setattr__(row, "text", "A sentence of the test.")

import argparse
from comfyui_sapiens_pose.commands import estimate
from comfyui_sapiens_pose.commands.arguments.clip import ClipSettings
from comfyui_sapiens_pose.sapiens_core.clip.tracker import TrackOptions

top = argparse.ArgumentParser()
subparsers = top.add_subparsers()
estimate.add_parser(subparsers)
print(TrackOptions().max_gap)
print(ClipSettings.of(top.parse_args("estimate a -o b --track".split())).tracking.max_gap)
print(" ".join(subparsers.choices["estimate"].format_help().split()))

import make_option_tables

print(make_option_tables.table(TRACKING))
"""


def tables() -> dict[str, OptionTable]:
    """Every table of the room, by its name."""
    paths = sorted(Path(room.__path__[0]).glob("*.py"))
    loaded = [importlib.import_module(f"{room.__name__}.{path.stem}") for path in paths]
    return {
        name: value
        for module in loaded
        for name, value in vars(module).items()
        if isinstance(value, OptionTable)
    }


def options() -> list[Option]:
    return [row for table in tables().values() for row in table]


def trees(root: Path, *packages: str) -> Iterator[tuple[Path, ast.Module]]:
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            yield path, read_tree(path)


def test_a_changed_row_changes_everything(root: Path) -> None:
    """The node is looked at in ``tests/comfyui/test_widgets.py``."""
    result = subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.path.insert(0, 'docs')\n{CHANGED}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    )
    by_class, by_command, text, *page = result.stdout.splitlines()
    assert (by_class, by_command) == ("25", "25")
    assert "--track-gap FRAMES A sentence of the test. (default: 25)" in text
    assert "| *max_gap* | `--track-gap` | 25 frames | A sentence of the test. |" in page


@pytest.mark.parametrize("name", tables())
def test_names_differ_in_a_table(name: str) -> None:
    rows = tables()[name].rows
    for names in ([row.name for row in rows], [row.attribute_name for row in rows]):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", tables())
def test_rows_make_sense(name: str) -> None:
    for row in tables()[name]:
        assert row.text.endswith("."), row.name
        assert row.text[0].isupper() or row.text.startswith(("local", "auto")), row.name
        if row.kind in ("path", "text") or (row.kind == "choice" and not row.choices):
            continue
        if row.default is not None or row.none:
            assert row.several or row.expected.accepts(row.default), row.name
        look = row.widget
        if look and row.least is not None and row.most is not None:
            assert look.least is None or look.least >= row.least or look.none_at == look.least
            assert look.most is None or look.most <= row.most, row.name
            assert look.step is None or look.step > 0, row.name


def test_no_class_types_the_default_of_an_option(root: Path) -> None:
    known = {name for row in options() for name in (row.name, row.attribute)}
    typed = [
        f"{path.relative_to(root)}: {node.name}.{field.target.id}"
        for path, tree in trees(root, *PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Options", "Settings"))
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(field.value, ast.Constant) and field.target.id in known
    ]
    assert typed == []


def test_no_function_types_the_default_of_a_score_threshold(root: Path) -> None:
    typed = [
        f"{path.relative_to(root)}: {node.name}"
        for path, tree in trees(root, *PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for argument, default in defaults_of(node)
        if argument.endswith("threshold") and isinstance(default, ast.Constant)
    ]
    assert typed == []


def defaults_of(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr | None]]:
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    first = len(plain) - len(arguments.defaults)
    for argument, default in zip(plain[first:], arguments.defaults, strict=True):
        yield argument.arg, default
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield argument.arg, default


def test_no_node_types_a_widget(root: Path) -> None:
    """But for the list of files in ComfyUI's folders."""
    kinds = {f"io.{kind}.Input" for kind in ("Int", "Float", "Boolean", "String", "Combo")}
    typed = [
        f"{path.relative_to(root)}: {ast.unparse(call.args[0])}"
        for path, tree in trees(root, "nodes")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {*kinds, "MenuInput"}
    ]
    assert typed == ["nodes/pose_files.py: 'file'"]


def test_no_command_types_an_argument(root: Path) -> None:
    """But for what a command reads and writes beside its inputs."""
    typed = {
        word.value
        for _, tree in trees(root, "commands")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        if ast.unparse(call.func).split(".")[-1] in ("add", "add_argument")
        for word in call.args
        if isinstance(word, ast.Constant) and str(word.value).startswith("-")
    }
    assert typed == {"-o", "--output", "--image", "--mask"}
