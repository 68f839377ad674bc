"""Wan Animate Inputs, in the real ComfyUI's executor."""

import json
import logging

import pytest
from base_folder import CORE_POSES
from graphs import changed, node

SIDE = 1024
"""Width and height of the poses in the file, in pixels."""


def graph_of(**inputs) -> dict:
    return {
        "file": node("SapiensPoseLoad", file=CORE_POSES),
        "image": node("EmptyImage", width=SIDE, height=SIDE, batch_size=1, color=0x204060),
        "wan": node("SapiensWanAnimateInputs", poses=["file", 0], image=["image", 0], **inputs),
        "faces": node("PreviewImage", images=["wan", 0]),
        "points": node("PreviewAny", source=["wan", 1]),
        "frame": node("PreviewAny", source=["wan", 2]),
        "key_frames": node("PreviewAny", source=["wan", 3]),
    }


def text(run, name):
    return run.outputs[name]["text"][0]


@pytest.mark.parametrize("steady", [False, True])
def test_a_face_and_points(comfyui, steady):
    run = comfyui.run(graph_of(person_id=-1, steady=steady))
    assert run.success, run.messages
    (face,) = comfyui.pictures(run.outputs["faces"])
    assert face.shape == (512, 512, 3)
    assert (face == (0x20, 0x40, 0x60)).all()
    points = json.loads(text(run, "points"))
    assert 4 < len(points) <= 8
    assert all(0 <= point[axis] < SIDE for point in points for axis in "xy")
    assert text(run, "frame") == "0"
    assert json.loads(text(run, "key_frames")) == [{"frame": 0, "points": points}]


def test_nobody_with_the_id(comfyui, caplog):
    with caplog.at_level(logging.WARNING):
        run = comfyui.run(graph_of(person_id=7, steady=False))
    assert run.success, run.messages
    assert "The person with the id 7 has no face in any frame" in caplog.text
    (face,) = comfyui.pictures(run.outputs["faces"])
    assert not face.any()
    assert text(run, "points") == "[]"


def test_images_of_another_number_than_the_frames(comfyui):
    graph = changed(graph_of(person_id=-1, steady=False), "image", batch_size=3)
    run = comfyui.run(graph)
    assert not run.success
    assert "There are 3 images for 1 frames of poses" in str(run.messages)


def test_pose_data_is_the_last_output(comfyui):
    """Old graphs name outputs by their place."""
    schema = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensWanAnimateInputs"].define_schema()
    assert [output.io_type for output in schema.outputs][-1] == "POSEDATA"
