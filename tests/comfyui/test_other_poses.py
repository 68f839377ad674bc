"""Poses of other nodes into ours and back, in the real ComfyUI's executor."""

import json

import numpy as np
import pytest
from graphs import node

RANDOM = np.random.default_rng(0)


def mhr_person(x: float, **changes) -> dict:
    keypoints = RANDOM.uniform((x, 0), (x + 60, 60), (308, 2)).astype(np.float32)
    return {
        "bbox": np.array([x, 0, x + 60, 60], np.float32),
        "pred_keypoints_2d": keypoints[:70],
        "pred_face_keypoints_2d": keypoints[70:],
        "mask": None,
    } | changes


MHR = {
    "frames": [
        [mhr_person(0), mhr_person(60)],
        [mhr_person(0, mask=np.zeros((4, 4, 1), np.uint8)), mhr_person(60)],
    ],
    "image_size": (64, 128),
}


@pytest.fixture
def taken(comfyui):
    """Adds a node ``Taken`` that takes MHR_POSE_DATA, and the list of what it took."""
    values = []

    class Taken:
        @classmethod
        def INPUT_TYPES(cls):  # noqa: N802
            return {"required": {"mhr_pose_data": ("MHR_POSE_DATA",)}}

        RETURN_TYPES = ()
        FUNCTION = "take"
        OUTPUT_NODE = True
        CATEGORY = "test"

        def take(self, mhr_pose_data):
            values.append(mhr_pose_data)
            return {}

    comfyui.nodes.NODE_CLASS_MAPPINGS["TakenByTheTests"] = Taken
    yield values
    comfyui.nodes.NODE_CLASS_MAPPINGS.pop("TakenByTheTests")


def test_mhr_poses_in_and_out(comfyui, source, taken):
    run = comfyui.run(
        {
            "given": source("MHR_POSE_DATA", MHR),
            "select": node("SapiensPoseSelect", poses=["given", 0]),
            "json": node("SapiensPoseToJSON", poses=["select", 0], format="sapiens"),
            "text": node("PreviewAny", source=["json", 0]),
            "convert": node("SapiensPoseConvert", poses=["select", 0]),
            "taken": node("TakenByTheTests", mhr_pose_data=["convert", 1]),
        }
    )
    assert run.success, (run.node_errors, run.messages)
    frames = json.loads(run.outputs["text"]["text"][0])
    ids = [[person["person_id"] for person in frame["instance_info"]] for frame in frames]
    assert ids == [[0, 1], [1]]
    assert len(frames[0]["instance_info"][0]["keypoints"]) == 308
    (data,) = taken
    assert data["image_size"] == MHR["image_size"]
    for ours, theirs in zip(data["frames"], MHR["frames"], strict=True):
        for one, other in zip(ours, theirs, strict=True):
            if other["mask"] is None:
                for key in ("pred_keypoints_2d", "pred_face_keypoints_2d", "bbox"):
                    np.testing.assert_array_equal(one[key], other[key])
            else:
                assert not np.isfinite(one["pred_keypoints_2d"]).any()


def test_pose_data_in_and_out(comfyui, source):
    """POSEDATA of the one node into another, and drawn."""
    graph = {
        "mhr": source("MHR_POSE_DATA", MHR),
        "image": node("EmptyImage", width=128, height=64, batch_size=2, color=0),
        "wan": node("SapiensWanAnimateInputs", poses=["mhr", 0], image=["image", 0]),
        "render": node("SapiensPoseRender", poses=["wan", 4]),
        "show": node("PreviewImage", images=["render", 0]),
    }
    run = comfyui.run(graph)
    pictures = comfyui.pictures(run.outputs["show"]) if run.success else run.messages
    assert [picture.shape for picture in pictures] == [(64, 128, 3)] * 2
    assert all(picture.any() for picture in pictures)


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("MHR_POSE_DATA", MHR | {"frames": [[{}]]}, "MHR_POSE_DATA, frame 0, person 0"),
        ("POSEDATA", {"pose_metas": [5]}, "POSEDATA, frame 0"),
    ],
)
def test_what_cannot_be_read_is_told(comfyui, source, kind, value, told):
    graph = {"given": source(kind, value), "render": node("SapiensPoseRender", poses=["given", 0])}
    assert told in comfyui.run(graph).failure


@pytest.mark.parametrize(("label", "rows"), [("18", 18), ("20 (two toes)", 25)])
def test_the_body_that_was_asked_for(comfyui, label, rows):
    run = comfyui.run(
        {
            "library": node("SapiensPoseLibrary", pose="stand_relaxed"),
            "convert": node("SapiensPoseConvert", poses=["library", 0], body=label),
            "text": node("PreviewAny", source=["convert", 0]),
        }
    )
    assert run.success, (run.node_errors, run.messages)
    (frame,) = json.loads(run.outputs["text"]["text"][0])
    body = np.reshape(frame["people"][0]["pose_keypoints_2d"], (-1, 3))
    assert len(body) == rows
    assert body[:20, 2].all()
    assert not body[20:].any()


def test_shares_of_the_image_with_scores(comfyui, source):
    """Keypoints below the threshold keep their places, for readers that draw all of them."""
    rows = [(16.0, 48.0, 0.9), (32.0, 24.0, 0.1)] + [(20.0, 30.0, 0.5)] * 16
    person = {"pose_keypoints_2d": [float(number) for row in rows for number in row]}
    frame = {"people": [person], "canvas_width": 64, "canvas_height": 96}
    convert = node(
        "SapiensPoseConvert", poses=["given", 0], body="18", coords="normalised", confidence="raw"
    )
    run = comfyui.run(
        {
            "given": source("POSE_KEYPOINT", [frame]),
            "convert": convert,
            "text": node("PreviewAny", source=["convert", 0]),
        }
    )
    assert run.success, (run.node_errors, run.messages)
    (frame,) = json.loads(run.outputs["text"]["text"][0])
    body = np.reshape(frame["people"][0]["pose_keypoints_2d"], (-1, 3))
    assert body[:2].tolist() == [[0.25, 0.5, 0.9], [0.5, 0.25, 0.0]]
