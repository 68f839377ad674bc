"""Each promise of ``docs/promises.md`` has tests, and its limits are those of the code.

A test that holds a promise has the marker ``promise`` with the promise's name:
``python -m pytest -m promise`` runs them all.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from comfyui_sapiens_pose.commands.files import animations, film_images, find_inputs, images
from comfyui_sapiens_pose.commands.ray_batch import copying, inputs
from comfyui_sapiens_pose.sapiens_core.checkpoints import containers, shards
from comfyui_sapiens_pose.sapiens_core.clip import tracker
from comfyui_sapiens_pose.sapiens_core.detection import masks
from comfyui_sapiens_pose.skeletons.edits import edits_text
from comfyui_sapiens_pose.skeletons.foundation import limits, safe_names
from comfyui_sapiens_pose.skeletons.foundation.limits import MAX_CROP_SIDE
from comfyui_sapiens_pose.skeletons.poses import select
from source_trees import read_tree

PROMISE = re.compile(r"^- \*\*(.+)\.\*\*", re.MULTILINE)
MB, GB = 2**20, 2**30

LIMITS = {
    "checkpoint": f"unpacked, {containers.MAX_UNPACKED} times its size plus "
    f"{containers.UNPACKED_ALLOWANCE // MB} MB; {shards.MAX_SHARDS:,} files, an index of "
    f"{shards.MAX_INDEX_BYTES // MB} MB",
    "JSON file": f"{limits.MAX_JSON_BYTES // MB} MB of text, "
    f"{limits.MAX_JSON_MEMORY_BYTES // GB} GB in memory, {limits.MAX_PEOPLE:,} people, "
    f"{limits.MAX_FRAMES:,} frames",
    "clip that this package wrote": "per frame, the limits of a JSON file; "
    f"{limits.MAX_CLIP_BYTES // GB} GB of text and {limits.MAX_FRAMES:,} frames in all",
    "image": f"{limits.MAX_IMAGE_PIXELS:,} pixels, {limits.MAX_IMAGE_SIDE:,} per side, "
    f"{images.MAX_FILE_BYTES // GB} GB per file",
    "EXR, HDR or DPX image": f"{film_images.MAX_FILM_PIXELS:,} pixels",
    "frame of a video": f"{limits.MAX_IMAGE_PIXELS:,} pixels",
    "animated image": f"{animations.MAX_ANIMATION_PIXELS:,} pixels in all frames together",
    "masks": f"{masks.MAX_PEOPLE:,} people per image",
    "tracking": f"{tracker.MAX_PEOPLE:,} people per frame",
    "drawing": f"{limits.MAX_CANVAS_PIXELS:,} pixels, lines {limits.MAX_WIDTH_PX:,} pixels wide; "
    f"{limits.MAX_BATCH_PIXELS:,} pixels per batch",
    "crop of a person": f"{MAX_CROP_SIDE:,} pixels per side",
    "list of images": f"{find_inputs.MAX_LIST_LINES:,} lines of "
    f"{find_inputs.MAX_LINE_LETTERS:,} characters",
    "list of indices or ids": f"{select.MAX_LISTED:,} numbers",
    "table of paths (`batch`)": f"{inputs.MAX_ROWS:,} rows, {inputs.MAX_TEXT_BYTES // GB} GB of "
    f"text, {inputs.MAX_VIDEOS:,} videos",
    "copy of a file from a server (`batch`)": f"{images.MAX_FILE_BYTES // GB} GB for an image, "
    f"{copying.MAX_COPY_BYTES // GB} GB for others, unpacked; {copying.KEPT_FREE_BYTES // GB} GB "
    "of TMPDIR stays free",
    "edits of poses": f"{edits_text.MAX_EDITS_BYTES // 1024} kB, {edits_text.MAX_EDITED_PEOPLE} "
    f"people, {edits_text.MAX_KEYS:,} key frames, {edits_text.MAX_NESTING} levels of "
    "lists or objects",
    "name of a file": f"{safe_names.MAX_NAME_BYTES} bytes",
}
"""The rows of the page's table of limits."""


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "promises.md").read_text(encoding="utf-8")


def names_in(path: Path) -> set[str]:
    body = read_tree(path).body
    functions = (node.name for node in body if isinstance(node, ast.FunctionDef))
    return {name for name in functions if name.startswith("test_")}


def promises_in(tree: ast.Module) -> Iterator[str]:
    """The promises that a file of tests says to hold."""
    for node in ast.walk(tree):
        is_mark = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_mark and node.func.attr == "promise":
            yield ast.literal_eval(node.args[0])


def test_every_promise_has_a_test_and_every_marker_a_promise(root: Path, page: str) -> None:
    paths = [
        path
        for path in (root / "tests").rglob("test_*.py")
        if "promise(" in path.read_text(encoding="utf-8")  # trees of all files take seconds
    ]
    held = {name for path in paths for name in promises_in(read_tree(path))}
    assert len(held) > 5
    assert held == set(PROMISE.findall(page))


def test_every_test_of_hostile_files_holds_a_promise(root: Path) -> None:
    paths = list((root / "tests").rglob("test_hostile_*.py"))
    assert paths
    for path in paths:
        for node in read_tree(path).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks = [ast.unparse(mark) for mark in node.decorator_list]
                assert any("pytest.mark.promise" in mark for mark in marks), f"{path}: {node.name}"


@pytest.mark.parametrize("what", LIMITS)
def test_limits_are_those_of_the_code(page: str, what: str) -> None:
    assert f"| {what} | {LIMITS[what]} |" in page.splitlines()


def test_every_limit_is_compared_with_the_code(page: str) -> None:
    table = page.partition("| what | maximum |\n|---|---|\n")[2].partition("\n\n")[0]
    assert len(table.splitlines()) == len(LIMITS)
