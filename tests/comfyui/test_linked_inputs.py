"""Inputs that come through a link: from ComfyUI's own primitive nodes, and from other packs."""

from __future__ import annotations

import importlib
import os
import shutil
from typing import Any

import numpy as np
import pytest
import torch
from base_folder import CORE_POSES, MINIATURE
from graphs import FILE_TO_SKELETON, NODES, PHOTO_TO_SKELETON, changed, node
from test_wrong_values import GIVERS, INPUTS, OWN_INPUTS, WIDGETS

PRIMITIVES = {
    "INT": "PrimitiveInt",
    "FLOAT": "PrimitiveFloat",
    "STRING": "PrimitiveString",
    "COMBO": "PrimitiveString",
    "BOOLEAN": "PrimitiveBoolean",
}
LOOKED_AT_BEFORE_THE_RUN = ("SapiensPoseLoader", "SapiensPoseLoad", "SapiensPoseSave")


def good_inputs(comfyui: Any, node_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Values that the node runs with, and the primitive node of each widget."""
    inputs = comfyui.nodes.NODE_CLASS_MAPPINGS[node_id].define_schema().inputs
    fixed = INPUTS | OWN_INPUTS.get(node_id, {})
    values, kinds = {}, {}
    for each in inputs:
        kind = str(each.get_io_type())
        if each.id in fixed:
            values[each.id] = fixed[each.id]
        elif kind in WIDGETS and getattr(each, "force_input", None) is not True:
            default = each.default
            values[each.id] = each.options[0] if default is None else default
        if kind in WIDGETS and each.id in values:
            kinds[each.id] = PRIMITIVES[kind]
    return values, kinds


@pytest.fixture(scope="module")
def executor(comfyui):
    return comfyui.executor()


def run_linked(comfyui, executor, node_id: str, names: list[str]) -> Any:
    values, kinds = good_inputs(comfyui, node_id)
    primitives = {f"{name} value": node(kinds[name], value=values[name]) for name in names}
    links = {name: [f"{name} value", 0] for name in names}
    graph = {
        **GIVERS,
        **primitives,
        "tried": node(node_id, **values | links),
        "end": node("PreviewAny", source=["tried", 0]),
    }
    return comfyui.run(graph, executor)


@pytest.mark.parametrize("node_id", NODES)
def test_every_widget_takes_a_primitive_node(comfyui, executor, node_id):
    _, kinds = good_inputs(comfyui, node_id)
    assert kinds
    run = run_linked(comfyui, executor, node_id, list(kinds))
    assert run.success, (run.node_errors, run.messages)


@pytest.mark.parametrize("node_id", LOOKED_AT_BEFORE_THE_RUN)
def test_one_linked_widget_beside_others_is_taken(comfyui, executor, node_id):
    for name in good_inputs(comfyui, node_id)[1]:
        run = run_linked(comfyui, executor, node_id, [name])
        assert run.success, (name, run.node_errors, run.messages)


def test_what_is_linked_counts(comfyui):
    graph = {
        **changed(PHOTO_TO_SKELETON, "model", checkpoint=["name", 0]),
        "name": node("PrimitiveString", value=MINIATURE),
        "wrong": node("PrimitiveString", value="nobody.safetensors"),
        "number": node("PrimitiveInt", value=3),
    }
    assert comfyui.run(graph).success
    run = comfyui.run(changed(graph, "model", checkpoint=["wrong", 0]))
    assert "There is no model nobody.safetensors in models/sapiens." in run.failure
    run = comfyui.run(changed(graph, "model", checkpoint=["number", 0]))
    (error,) = run.node_errors["model"]["errors"]
    assert error["type"] == "return_type_mismatch"


def test_a_pose_file_whose_name_is_linked_is_loaded_again_when_it_was_replaced(comfyui, caplog):
    path = comfyui.base / "input" / "replaced.json"
    shutil.copy(comfyui.base / "input" / CORE_POSES, path)
    graph = changed(FILE_TO_SKELETON, "file", file=["name", 0])
    graph["name"] = node("PrimitiveString", value=path.name)
    executor = comfyui.executor()
    assert comfyui.run(graph, executor).success
    path.write_text('[{"people": [], "canvas_width": 64, "canvas_height": 48}]')
    run = comfyui.run(graph, executor)
    os.unlink(path)
    assert comfyui.pictures(run.outputs["show"])[0].shape == (48, 64, 3)
    assert "WARNING" not in caplog.text


BOX = [100, 50, 400, 425]
SAME_BOX = {"x": 100, "y": 50, "width": 300, "height": 375}


def with_boxes(boxes: dict[str, Any]) -> dict[str, Any]:
    graph = changed(PHOTO_TO_SKELETON, "pose", bboxes=["given", 0])
    return {**graph, "given": boxes, "boxes": node("PreviewAny", source=["pose", 2])}


def test_boxes_of_other_packs_are_taken(comfyui, source):
    ours, theirs = (
        comfyui.run(with_boxes(source(*given)))
        for given in (("BOUNDING_BOX", SAME_BOX), ("BBOX", [BOX]))
    )
    assert theirs.success, (theirs.node_errors, theirs.messages)
    assert theirs.outputs["boxes"] == ours.outputs["boxes"]


@pytest.fixture(scope="module")
def people_from_bboxes(comfyui):
    package = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPose"].__module__.rpartition(".")[0]
    return importlib.import_module(f"{package}.sockets.people_sockets").people_from_bboxes


@pytest.mark.parametrize(
    ("bbox", "same"),
    [
        (BOX, SAME_BOX),
        ([tuple(map(float, BOX))], SAME_BOX),
        (np.array([BOX]), SAME_BOX),
        ([np.array([BOX])], SAME_BOX),
        ([[BOX, BOX], []], [[SAME_BOX, SAME_BOX], []]),
        ([BOX, (0, 0, 640, 425)], [[SAME_BOX], [{"x": 0, "y": 0, "width": 640, "height": 425}]]),
        ([BOX] * 3, [SAME_BOX] * 3),
        ([], []),
    ],
    ids=["one", "list", "array", "arrays", "per frame", "one per frame", "three people", "nobody"],
)
def test_boxes_of_other_packs_mean_the_same_people(people_from_bboxes, bbox, same):
    theirs, ours = people_from_bboxes(bbox, 2), people_from_bboxes(same, 2)
    assert len(theirs) == len(ours) == 2
    for each, twin in zip(theirs, ours, strict=True):
        np.testing.assert_array_equal(each.boxes_xyxy, twin.boxes_xyxy)


@pytest.mark.parametrize("bbox", [[400, 50, 100, 425], [BOX, ["a"] * 4], [[1, 2, 3]]], ids=str)
def test_what_is_no_box_of_other_packs_is_told(people_from_bboxes, bbox):
    with pytest.raises(ValueError, match="or of a BBOX for left, top, right and bottom, in pixels"):
        people_from_bboxes(bbox, 2)


@pytest.mark.parametrize("kind", ["list", "array"])
@pytest.mark.parametrize(
    ("node_id", "name"),
    [
        ("SapiensPose", "image"),
        ("SapiensPosePreprocessor", "image"),
        ("SapiensPoseRender", "image"),
        ("SapiensPoseParts", "image"),
    ],
)
def test_images_that_are_no_tensor_are_told_in_a_sentence(
    comfyui,
    source,
    kind,
    node_id,
    name,
):
    image = torch.zeros(2, 8, 8, 3)
    value = list(image) if kind == "list" else image.numpy()
    values, _ = good_inputs(comfyui, node_id)
    graph = {
        **GIVERS,
        "odd": source("IMAGE", value),
        "tried": node(node_id, **values | {name: ["odd", 0]}),
        "end": node("PreviewAny", source=["tried", 0]),
    }
    run = comfyui.run(graph)  # no cache: it would take one odd value for the other
    assert run.failure == (
        f"IMAGE is a {type(value).__name__} of 2, expected a tensor (frames, height, width, "
        "channels). Connect the output IMAGE of another node, such as Load Image."
    )
