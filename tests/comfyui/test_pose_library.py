"""Sapiens Pose Library, and what starts from it."""

import json

import pytest
from base_folder import ROOT
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308
from comfyui_sapiens_pose.skeletons.poses.place_people import place_people
from graphs import node

LIBRARY = ROOT / "web" / "library"


def graph_of(**inputs):
    return {
        "library": node("SapiensPoseLibrary", **{"width": 0, "height": 0, **inputs}),
        "json": node("SapiensPoseToJSON", poses=["library", 0], format="sapiens"),
        "show": node("PreviewAny", source=["json", 0]),
    }


def people_in(run):
    (document,) = json.loads(run.outputs["show"]["text"][0])
    return document["canvas"], document["instance_info"]


@pytest.fixture
def own(comfyui):
    folder = comfyui.base / "user" / "default" / "sapiens_pose" / "library"
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize("size", [(0, 0), (640, 0), (1280, 720)])
def test_a_packaged_pose_stands_in_the_canvas(comfyui, size):
    run = comfyui.run(graph_of(pose="two_dance", width=size[0], height=size[1]))
    assert run.success, run.messages
    canvas, people = people_in(run)
    (frame,) = read_poses(LIBRARY / "two_dance.json")
    expected = place_people(frame, (size[0] or 1024, size[1] or 1024))
    assert (canvas["width"], canvas["height"]) == expected.canvas_wh
    for person, pose in zip(people, expected.poses, strict=True):
        assert person["keypoints"] == pose.keypoints_image.tolist()
    assert len(run.outputs["library"]["images"]) == 1


def test_an_own_pose_is_offered_and_read_again_when_it_changes(comfyui, own):
    text = (LIBRARY / "squat.json").read_text()
    (own / "my squat.json").write_text(text)
    library = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLibrary"]
    options = library.INPUT_TYPES()["required"]["pose"][1]["options"]
    assert options[-1] == "own/my squat"
    graph = graph_of(pose="own/my squat")
    assert people_in(comfyui.run(graph)) == people_in(comfyui.run(graph_of(pose="squat")))
    (own / "my squat.json").write_text((LIBRARY / "kneel.json").read_text())
    assert people_in(comfyui.run(graph)) == people_in(comfyui.run(graph_of(pose="kneel")))


@pytest.mark.parametrize(
    ("pose", "sentence"),
    [
        ("nobody", "There is no packaged pose 'nobody'"),
        ("own/gone", "You have no pose 'gone' of your own any more"),
        ("own/../../comfy.settings", "the folder of your own poses"),
        ("own/a\0b", "cannot be the name of a pose"),
        ("../../../x", "There is no packaged pose"),
    ],
)
def test_what_is_not_there_is_said_before_the_run(comfyui, own, pose, sentence):
    run = comfyui.run(graph_of(pose=pose))
    (error,) = run.node_errors["library"]["errors"]
    assert sentence in error["details"]


@pytest.mark.parametrize("text", ["{", "[]", '{"people": 3}'])
def test_an_own_pose_that_cannot_be_read_stops_with_a_sentence(comfyui, own, text):
    (own / "bad.json").write_text(text)
    run = comfyui.run(graph_of(pose="own/bad"))
    assert not run.success
    assert "show" not in run.outputs


def test_the_editor_starts_from_a_pose_without_an_image(comfyui):
    wrist = GOLIATH_308.index("left_wrist")
    person = {"who": {"order": 0}, "keys": {"0": {"joints": [wrist, 30, -60]}}}
    edits = {"format": "sapiens_edits", "version": 1, "keypoint_set": "goliath_308"}
    edits |= {"canvas": [832, 1216], "people": [person]}
    graph = graph_of(pose="stand_relaxed")
    graph["edit"] = node("SapiensPoseEdit", poses=["library", 0], edits=json.dumps(edits))
    graph["json"]["inputs"]["poses"] = ["edit", 0]
    run = comfyui.run(graph)
    assert run.success, run.messages
    _, (after,) = people_in(run)
    (frame,) = read_poses(LIBRARY / "stand_relaxed.json")
    before = frame.poses[0].keypoints_image
    assert after["keypoints"][wrist] == pytest.approx(before[wrist] + (30, -60))
    del after["keypoints"][wrist]
    assert after["keypoints"] == [row for i, row in enumerate(before.tolist()) if i != wrist]
