"""Graphs of the HTTP API with literals where links should be: every node, every socket.

ComfyUI's page cannot send these, and ComfyUI does not look at what a socket is given.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from base_folder import CORE_POSES, MINIATURE, PHOTO
from graphs import NODES, node
from helpers.samples import sample

GIVERS = {
    "photo": node("LoadImage", image=PHOTO),
    "model": node("SapiensPoseLoader", checkpoint=MINIATURE),
    "file": node("SapiensPoseLoad", file=CORE_POSES),
}
INPUTS = {
    "model": ["model", 0],
    "image": ["photo", 0],
    "poses": ["file", 0],
    "reference_poses": ["file", 0],
    "detector": "whole image",
    "checkpoint": MINIATURE,
    "file": CORE_POSES,
}
"""What the nodes have if it is not the value in question."""
OWN_INPUTS = {"SapiensPosePreprocessor": {"model": MINIATURE}}
WIDGETS = {"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"}
SOCKETS = {
    "SAPIENS_MODEL": "SAPIENS_MODEL is",
    "IMAGE": "IMAGE is",
    "MASK": "MASK is",
    "BOUNDING_BOX,BBOX": "BOUNDING_BOX",
    "SAPIENS_POSE_OPTIONS": "SAPIENS_POSE_OPTIONS is",
    "SAPIENS_RENDER_OPTIONS": "SAPIENS_RENDER_OPTIONS is",
    "SAPIENS_POSES,POSE_KEYPOINT,MHR_POSE_DATA,POSEDATA": ("POSE_KEYPOINT is", "Frame 0 "),
    "SAM3_TRACK_DATA": "SAM3_TRACK_DATA is",
}
"""The beginning of what is told of a value by the type of its socket."""
LITERALS = [7, 1.5, True, "nobody", "", "3", "{}", "[{}]", {}, {"a": 1}, {"__value__": [3]}]


def sockets_of(node_class: Any) -> list[Any]:
    inputs = node_class.define_schema().inputs
    return [each for each in inputs if str(each.get_io_type()) not in WIDGETS]


@pytest.fixture(scope="module")
def executor(comfyui):
    """One for all, so that the model is loaded once."""
    return comfyui.executor()


def run_with(comfyui, executor, node_id: str, **inputs: Any) -> Any:
    """Runs a node whose other inputs are good."""
    names = {each.id for each in comfyui.nodes.NODE_CLASS_MAPPINGS[node_id].define_schema().inputs}
    good = {name: value for name, value in INPUTS.items() if name in names}
    graph = {
        **GIVERS,
        "tried": node(node_id, **good | OWN_INPUTS.get(node_id, {}) | inputs),
        "end": node("PreviewAny", source=["tried", 0]),
    }
    return comfyui.run(json.loads(json.dumps(graph)), executor)


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("node_id", sample(NODES, ["SapiensPoseSelect"]))
def test_a_literal_in_place_of_a_link_is_one_sentence(comfyui, executor, node_id):
    node_class = comfyui.nodes.NODE_CLASS_MAPPINGS[node_id]
    assert run_with(comfyui, executor, node_id).success
    for socket in sockets_of(node_class):
        for value in LITERALS:
            run = run_with(comfyui, executor, node_id, **{socket.id: value})
            assert not run.success, (socket.id, value)
            error = dict(run.messages)["execution_error"]
            where = f"{socket.id}={value!r}: {error['exception_type']} {run.failure}"
            assert error["exception_type"] == "ValueError", where
            assert run.failure.startswith(SOCKETS[socket.get_io_type()]), where
            assert ", expected " in run.failure, where
            assert any(f". {verb} " in run.failure for verb in ("Connect", "Give", "Check")), where


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("node_id", NODES)
def test_nothing_at_all_is_told_where_something_is_needed(comfyui, executor, node_id):
    """The literal null; where nothing is needed, it means nothing."""
    node_class = comfyui.nodes.NODE_CLASS_MAPPINGS[node_id]
    for socket in sockets_of(node_class):
        run = run_with(comfyui, executor, node_id, **{socket.id: None})
        assert run.success == socket.optional, socket.id
        if not socket.optional:
            assert " is None, expected " in run.failure


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("name", ["checkpoint", "size", "keypoints"])
@pytest.mark.parametrize("value", [7, {}, {"__value__": [3]}, "nobody"])
def test_a_model_that_is_not_in_the_menu_is_one_error(comfyui, executor, name, value):
    chosen = {"checkpoint": "official file", name: value}
    run = run_with(comfyui, executor, "SapiensPoseLoader", **chosen)
    told = [error["details"] for error in run.node_errors.get("tried", {"errors": []})["errors"]]
    if name == "checkpoint":  # it may name a file that is to be downloaded
        told.append(run.failure)
    (reason,) = told
    menu = {"size": "size - size is ", "checkpoint": "checkpoint is ", "keypoints": "keypoints: "}
    gone = {"size": "size - There is no model nobody", "checkpoint": "There is no model nobody"}
    assert reason.startswith(gone.get(name, menu[name]) if value == "nobody" else menu[name])


@pytest.mark.promise("Any number gets an answer")
def test_poses_of_two_kinds_in_one_list_are_named(comfyui, executor):
    """Neither is taken for frames with nobody in them."""
    ours = {"keypoint_set": "coco_17", "canvas_width": 8, "canvas_height": 8}
    theirs = {"people": [], "canvas_width": 8, "canvas_height": 8}
    run = run_with(comfyui, executor, "SapiensPoseRender", poses={"__value__": [theirs, ours]})
    assert "SAPIENS_POSES, frame 0 cannot be read: KeyError('keypoint_set')" in run.failure
