"""Edit Sapiens Pose, without its page."""

import json

import numpy as np
import pytest
from base_folder import CORE_POSES, ROOT
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.edits.edited_clip import apply_edits
from comfyui_sapiens_pose.skeletons.edits.edits_text import parse_edits
from comfyui_sapiens_pose.skeletons.formats.sapiens_json import decode
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308
from graphs import PHOTO_TO_SKELETON, changed, node

EDITS = {"format": "sapiens_edits", "version": 1, "keypoint_set": "coco_17", "canvas": [640, 425]}
WRIST = 9


def graph_of(*people, image=True, edits=None):
    text = json.dumps({**EDITS, "people": people}) if people else ""
    inputs = {"poses": ["pose", 0], "edits": text if edits is None else edits}
    if image:
        inputs["image"] = ["photo", 0]
    graph = {name: PHOTO_TO_SKELETON[name] for name in ("photo", "model", "pose")}
    return {
        **graph,
        "edit": node("SapiensPoseEdit", **inputs),
        "before": node("SapiensPoseToJSON", poses=["pose", 0], format="comfy"),
        "after": node("SapiensPoseToJSON", poses=["edit", 0], format="comfy"),
        "same": node("SapiensPoseToJSON", poses=["edit", 1], format="comfy"),
        **{f"show_{n}": node("PreviewAny", source=[n, 0]) for n in ("before", "after", "same")},
    }


def people_in(run, name):
    (frame,) = json.loads(run.outputs[f"show_{name}"]["text"][0])
    return frame["sapiens"]["people"]


MOVED = {"who": {"order": 0}, "keys": {"0": {"joints": [WRIST, 12.5, -40], "scores": [WRIST, 1]}}}


def test_a_joint_is_moved_and_the_others_stay(comfyui):
    run = comfyui.run(graph_of(MOVED))
    assert run.success, run.messages
    (before,), (after,) = people_in(run, "before"), people_in(run, "after")
    moves = np.subtract(after["keypoints"], before["keypoints"])
    assert moves[WRIST].tolist() == pytest.approx([12.5, -40])
    assert not np.delete(moves, WRIST, axis=0).any()
    assert people_in(run, "same") == [after]


def test_no_edits_change_nothing(comfyui):
    run = comfyui.run(graph_of())
    assert people_in(run, "after") == people_in(run, "before")


def test_the_page_gets_the_detection_and_a_drawing(comfyui):
    run = comfyui.run(graph_of(MOVED))
    (record,) = run.outputs["edit"]["sapiens_edit"]
    assert record["unplaced"] == []
    content = (comfyui.base / "temp" / record["subfolder"] / record["filename"]).read_bytes()
    length = int.from_bytes(content[:4], "little")
    head = json.loads(content[4 : 4 + length])
    (frame,) = head["frames"]
    assert frame["canvas"] == [640, 425]
    assert (comfyui.base / "temp" / record["subfolder"] / frame["image"]).stat().st_size > 1000
    numbers = np.frombuffer(content[4 + length :], "<f4").reshape(17, 3)
    (before,) = people_in(run, "before")
    assert numbers[:, :2] == pytest.approx(np.array(before["keypoints"]), rel=1e-6)
    assert len(run.outputs["edit"]["images"]) == 1
    again = comfyui.run(graph_of(image=False))
    assert again.outputs["edit"]["sapiens_edit"][0]["filename"] != record["filename"]


def test_edits_that_fit_nobody_are_told(comfyui):
    run = comfyui.run(graph_of({"who": {"id": 5}, "hidden": True}, MOVED))
    assert run.outputs["edit"]["sapiens_edit"][0]["unplaced"] == [0]
    told = [data["text"] for kind, data in run.events if kind == "progress_text"]
    assert any("The edits of the person with id 5 fit nobody" in text for text in told)


@pytest.mark.parametrize("edits", ["{", '{"format": "sapiens_edits", "version": 2}'])
def test_what_cannot_be_read_stops_before_the_run(comfyui, edits):
    run = comfyui.run(graph_of(edits=edits))
    assert not {"edit", "show_after", "show_same"} & run.outputs.keys()
    (error,) = run.node_errors["edit"]["errors"]
    assert "The edits " in error["details"]


def test_pose_keypoint_of_another_pack_is_edited(comfyui):
    person = {"who": {"order": 1}, "keys": {"0": {"parts": {"body": [10, 5, 0, 1]}}}}
    edits = {**EDITS, "keypoint_set": "openpose_136", "canvas": [1024, 1024], "people": [person]}
    graph = {
        "file": node("SapiensPoseLoad", file=CORE_POSES),
        "edit": node("SapiensPoseEdit", poses=["file", 1], edits=json.dumps(edits)),
        "json": node("SapiensPoseToJSON", poses=["edit", 1], format="comfy"),
        "show": node("PreviewAny", source=["json", 0]),
    }
    run = comfyui.run(graph)
    assert run.success, run.messages
    (after,) = json.loads(run.outputs["show"]["text"][0])
    path = ROOT / "tests" / "golden" / "openpose" / CORE_POSES
    (before,) = json.loads(path.read_text())
    shifts = [
        np.array(new["pose_keypoints_2d"][:2]) - old["pose_keypoints_2d"][:2]
        for new, old in zip(after["people"], before["people"], strict=True)
    ]
    assert [shift.round(6).tolist() for shift in shifts] == [[0, 0], [10, 5], [0, 0]]


FITS_NOBODY = {"who": {"id": 5}, "keys": {"0": {"joints": [WRIST, 1, 1]}}}


@pytest.mark.parametrize(
    ("people", "hold", "runs"),
    [
        ((), True, False),
        ((), False, True),
        ((MOVED,), True, True),
        ((FITS_NOBODY,), True, False),
        ((FITS_NOBODY,), False, True),
        ((FITS_NOBODY, MOVED), True, True),
        (({"who": {"order": 0}, "hidden": True},), True, True),
    ],
)
def test_nodes_after_a_held_one_wait_for_an_edit_that_fits(comfyui, people, hold, runs):
    run = comfyui.run(changed(graph_of(*people), "edit", hold=hold))
    assert run.success, run.messages
    assert ("show_after" in run.outputs) == ("show_same" in run.outputs) == runs
    assert "show_before" in run.outputs
    assert run.outputs["edit"]["sapiens_edit"]  # the editor has what it needs
    told = [data["text"] for kind, data in run.events if kind == "progress_text"]
    assert any(text.startswith("Held: ") for text in told) != runs
    assert run.outputs["edit"].get("sapiens_text", [""])[0].startswith("Held: ") != runs


def test_the_queue_goes_on_after_a_held_graph(server):
    held = server.run(changed(graph_of(), "edit", hold=True))
    after = server.run(changed(graph_of(MOVED), "edit", hold=True))
    assert [held.success, after.success] == [True, True]
    assert "show_after" not in held.outputs
    assert "show_after" in after.outputs


def test_an_edited_clip_is_drawn_retargeted_saved_and_loaded(comfyui, source):
    (frame,) = read_poses(ROOT / "web" / "library" / "two_handshake.json")
    clip = [frame] * 3
    sockets = comfyui.loaded_module("nodes.sockets.image_sockets")
    wrist = GOLIATH_308.index("left_wrist")
    person = {"who": {"order": 0}, "keys": {"0": {}, "2": {"joints": [wrist, 60, -90]}}}
    edits = {**EDITS, "keypoint_set": "goliath_308", "canvas": [1024, 1024], "people": [person]}
    graph = {
        "odd": source("SAPIENS_POSES", sockets.poses_from_frames(clip, GOLIATH_308)),
        "edit": node("SapiensPoseEdit", poses=["odd", 0], edits=json.dumps(edits)),
        "draw": node("SapiensPoseRender", poses=["edit", 0]),
        "pictures": node("PreviewImage", images=["draw", 0]),
        "model": node("SapiensPoseLibrary", pose="two_adult_and_child", width=0, height=0),
        "other": node("SapiensPoseRetarget", poses=["edit", 0], reference_poses=["model", 0]),
        "save": node(
            "SapiensPoseSave", poses=["edit", 0], filename_prefix="edited", format="comfy"
        ),
        "json": node("SapiensPoseToJSON", format="sapiens", poses=["edit", 0]),
        "others": node("SapiensPoseToJSON", format="sapiens", poses=["other", 0]),
        "show": node("PreviewAny", source=["json", 0]),
        "show_others": node("PreviewAny", source=["others", 0]),
    }
    run = comfyui.run(graph)
    assert run.success, run.messages
    frames = [decode(each) for each in json.loads(run.outputs["show"]["text"][0])]
    assert frames == list(apply_edits(clip, parse_edits(json.dumps(edits))).frames)
    start = frame.poses[0].keypoints_image[wrist]
    moved = [each.poses[0].keypoints_image[wrist] - start for each in frames]
    assert np.array(moved) == pytest.approx(np.array([[0, 0], [30, -45], [60, -90]]))
    pictures = comfyui.pictures(run.outputs["pictures"])
    for picture, each in zip(pictures, frames, strict=True):
        assert np.array_equal(picture, render(each, DrawOptions("openpose")).image_rgb)
    others = json.loads(run.outputs["show_others"]["text"][0])
    assert [len(each["instance_info"]) for each in others] == [2, 2, 2]
    file = run.outputs["save"]["poses"][0]["filename"]
    loaded = {
        "file": node("SapiensPoseLoad", file=f"{file} [output]"),
        "json": node("SapiensPoseToJSON", format="sapiens", poses=["file", 0]),
        "show": node("PreviewAny", source=["json", 0]),
    }
    again = comfyui.run(loaded)
    assert again.outputs["show"]["text"] == run.outputs["show"]["text"]


def test_nothing_at_all(comfyui, source):
    graph = {"odd": source("POSE_KEYPOINT", []), "edit": node("SapiensPoseEdit", poses=["odd", 0])}
    run = comfyui.run(changed(graph, "edit", edits=""))
    assert run.success, run.messages
    assert "images" not in run.outputs["edit"]
