"""The input of a node is what the row of its option says."""

from __future__ import annotations

import importlib
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="module")
def pack(comfyui: Any) -> Any:
    """Gives a module of the pack, as ComfyUI has loaded it."""
    name = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPose"].__module__
    package = name.removesuffix(".nodes.estimate")

    def module(path: str) -> ModuleType:
        return importlib.import_module(f"{package}.{path}")

    return module


def test_a_changed_row_changes_the_input(pack: Any) -> None:
    row = pack("skeletons.options.tracking").TRACKING["max_gap"]
    widget = pack("nodes.sockets.widgets").widget
    assert widget(row).default == row.default
    changed = widget(replace(row, default=25, most=99, text="A sentence of the test."))
    assert (changed.default, changed.max, changed.tooltip) == (25, 99, "A sentence of the test.")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("line_width", 0, None),
        ("line_width", 0.5, 0.5),
        ("line_width", 1000, 1000),
        ("line_width", -1, "0 to 1000"),
        ("point_radius", -1, None),
        ("point_radius", -0.5, None),
        ("point_radius", 0, 0),
        ("point_radius", -1.5, "-1 to 1000"),
        ("point_radius", None, "-1 to 1000"),
        ("layout", "fill", "fill"),
        ("layout", "full", "one of"),
        ("feet", False, False),
    ],
)
def test_what_an_input_means(pack: Any, name: str, value: Any, expected: Any) -> None:
    row = pack("skeletons.options.drawing").DRAWING[name]
    option_values = pack("nodes.sockets.widgets").option_values
    if isinstance(expected, str) and expected != value:
        with pytest.raises(ValueError, match=f"^{name} is .*, expected {expected}"):
            option_values([row], {name: value})
        return
    assert option_values([row], {name: value}) == {row.attribute_name: expected}


def test_labels_stand_for_values_and_missing_inputs_for_defaults(pack: Any) -> None:
    table = pack("skeletons.options.estimating").ESTIMATING
    option_values = pack("nodes.sockets.widgets").option_values
    chosen = option_values(table, {"refine": "face and hands", "flip_test": False})
    assert chosen == {"refine": "both", "flip": False, "dim_others": table["dim_others"].default}
