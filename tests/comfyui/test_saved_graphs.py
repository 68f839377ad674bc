"""Graphs that an earlier version's page saved still run, and give the same.

``tests/golden/compatibility`` holds what was saved; new inputs at the end need no entry. A graph
has every widget's value, as ComfyUI's page sends it. Beside it lie the images that its preview
nodes showed, and in ``texts.json`` what its text outputs said.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.saved import FOLDER, inputs_of, read
from pictures import read_picture

SAVED_INPUTS = read("nodes_schema.json")
GRAPHS = sorted(path.stem for path in (FOLDER / "graphs").glob("*.json"))
CLIP = "saved_clip.json"
"""Poses that the graphs load."""
FILES_OF_A_COMPUTER = {"checkpoint", "file"}
"""Menus that list files."""
LOOKS = ("display_name", "choice_titles", "official_files", "hidden")
"""What the page shows of an input; its name and its values are those of old graphs."""
MENU_OF_SIZES = ("SapiensPoseLoader", "size")
SOCKET_KEYS = ("type", "default", "socketless", "forceInput")
"""What a socket of one type says, and one of several types does not."""


@pytest.fixture(scope="module", autouse=True)
def _clip(comfyui: Any) -> None:
    shutil.copy(FOLDER / CLIP, comfyui.base / "input")


@pytest.mark.parametrize("node_id", SAVED_INPUTS)
def test_saved_inputs_are_still_there(comfyui: Any, node_id: str) -> None:
    schema = comfyui.nodes.NODE_CLASS_MAPPINGS[node_id].define_schema()
    now, saved = inputs_of(schema), SAVED_INPUTS[node_id]
    for row in now:
        for key in LOOKS:
            row.pop(key, None)
    for row, was in zip(now, saved, strict=False):
        if (node_id, was["id"]) == MENU_OF_SIZES:  # takes the old values too, as a test below shows
            row |= {"options": was["options"], "default": was["default"]}
        if was["id"] in FILES_OF_A_COMPUTER:
            row |= {"options": was["options"], "default": was.get("default")}
            was.setdefault("default")
        elif {*was["type"].split(",")} <= {*row["type"].split(",")}:  # it may take more by now
            row |= {key: was[key] for key in SOCKET_KEYS if key in was}
        if "options" in was and was["id"] not in FILES_OF_A_COMPUTER:
            added = [each for each in row["options"] if each not in was["options"]]
            row["options"] = [each for each in row["options"] if each not in added]
    assert now[: len(saved)] == saved
    assert all(row["optional"] for row in now[len(saved) :]), "old graphs lack the new inputs"


def test_every_node_was_saved(comfyui: Any) -> None:
    known = {name for name in comfyui.nodes.NODE_CLASS_MAPPINGS if name.startswith("Sapiens")}
    assert set(SAVED_INPUTS) <= known
    graphs = [read(f"graphs/{name}.json") for name in GRAPHS]
    used = {row["class_type"] for graph in graphs for row in graph.values()}
    assert set(SAVED_INPUTS) <= used


@pytest.mark.parametrize("name", GRAPHS)
def test_saved_graphs_give_the_same(comfyui: Any, name: str) -> None:
    graph = read(f"graphs/{name}.json")
    run = comfyui.run(graph)
    assert run.success, (run.node_errors, run.messages)
    # Drawing is exact; what a network or a filter finds depends on the processor's last bits.
    computed = {"SapiensPose", "SapiensPoseSmooth"} & {row["class_type"] for row in graph.values()}
    for file, picture in pictures_of(comfyui, run, graph).items():
        saved = read_picture(FOLDER / "graphs" / name / file)
        assert picture.shape == saved.shape, file
        assert (picture != saved).any(axis=-1).mean() <= (0.002 if computed else 0), file
    saved_texts = FOLDER / "graphs" / name / "texts.json"
    assert_near(texts_of(run), read(saved_texts) if saved_texts.exists() else {})


def pictures_of(comfyui: Any, run: Any, graph: dict[str, Any]) -> dict[str, np.ndarray]:
    """What the preview nodes of a graph show, by the names of the saved files."""
    shown = {key: run.outputs[key] for key, row in graph.items() if is_preview(row)}
    return {
        f"{key}_{index}.png": picture
        for key, output in shown.items()
        for index, picture in enumerate(comfyui.pictures(output))
    }


def is_preview(row: dict[str, Any]) -> bool:
    return row["class_type"] == "PreviewImage"


def texts_of(run: Any) -> dict[str, Any]:
    """What the text outputs of a graph told, read as JSON, and the content of files it wrote."""
    told = {key: each["text"] for key, each in run.outputs.items() if each.get("text")}
    return {key: [content_of(text) for text in texts] for key, texts in told.items()}


def content_of(text: str) -> Any:
    return json.loads(Path(text).read_text(encoding="utf-8") if text.endswith(".json") else text)


def assert_near(now: Any, saved: Any) -> None:
    """Equal, numbers within a hundredth: of a pixel, or of a score."""
    if isinstance(saved, dict):
        assert set(saved) <= set(now)
        for key, each in saved.items():
            assert_near(now[key], each)
    elif isinstance(saved, list):
        if isinstance(now, dict):
            now = now["annotations"]  # COCO results, which are annotations of images by now
        assert len(now) == len(saved)
        for pair in zip(now, saved, strict=True):
            assert_near(*pair)
    elif isinstance(saved, float):
        assert now == pytest.approx(saved, abs=0.01)
    else:
        assert now == saved
