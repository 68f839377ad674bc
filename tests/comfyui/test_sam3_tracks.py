"""SAM 3's tracks into Sapiens Pose, in the real ComfyUI's executor; its own code packs them."""

import json

import numpy as np
import pytest
from base_folder import MINIATURE
from crossing_skiers import ABSENT, clip, give, track_data
from graphs import Prompt, changed, node

__all__ = ["clip", "give"]  # fixtures


def graph_of(given) -> Prompt:
    return {
        "given": given,
        "model": node("SapiensPoseLoader", checkpoint=MINIATURE),
        "pose": node(
            "SapiensPose",
            model=["model", 0],
            image=["given", 0],
            track_data=["given", 1],
            flip_test=False,
        ),
        "json": node("SapiensPoseToJSON", poses=["pose", 0], format="sapiens"),
        "text": node("PreviewAny", source=["json", 0]),
    }


def people_of(run) -> list[dict[int, float]]:
    """By id, x of each nose in each frame."""
    assert run.success, (run.node_errors, run.messages)
    frames = json.loads(run.outputs["text"]["text"][0])
    return [
        {person["person_id"]: person["keypoints"][0][0] for person in frame["instance_info"]}
        for frame in frames
    ]


def assert_they_cross(frames):
    """Person 0 goes right and person 1 left, by the frames in which nobody hides a nose."""
    for person, sign in ((0, 1), (1, -1)):
        way = [frames[index][person] for index in (0, 1, 2, 6, 7, 8)]
        assert (np.diff(way) * sign > 20).all(), way


def told(run) -> str:
    return " ".join(data["text"] for kind, data in run.events if kind == "progress_text")


def test_people_who_cross_keep_their_ids(comfyui, give, clip):
    images, masks = clip
    run = comfyui.run(graph_of(give(images, track_data(masks))))
    frames = people_of(run)
    present = masks.any(axis=(2, 3))
    assert [sorted(frame) for frame in frames] == [list(np.flatnonzero(row)) for row in present]
    assert sorted(frames[ABSENT]) == [0]
    assert_they_cross(frames)
    assert "break" not in told(run)


def test_a_track_that_breaks_is_told(comfyui, give, clip):
    images, masks = clip
    swapped = masks.copy()
    swapped[6:] = masks[6:, ::-1]
    run = comfyui.run(graph_of(give(images, track_data(swapped))))
    assert run.success, run.messages
    assert "2 tracks seem to break, the first at frame 6: person 0 is person 1" in told(run)


@pytest.mark.exhaustive
def test_tracking_by_poses_mends_it(comfyui, give, clip):
    images, masks = clip
    swapped = masks.copy()
    swapped[6:] = masks[6:, ::-1]
    graph = graph_of(give(images, track_data(swapped)))
    graph["track"] = node("SapiensPoseTrack", poses=["pose", 0])
    frames = people_of(comfyui.run(changed(graph, "json", poses=["track", 0])))
    assert_they_cross(frames)


def test_nobody_in_the_tracks_is_told(comfyui, give, clip):
    images, _ = clip
    nobody = {"packed_masks": None, "n_frames": len(images), "orig_size": images.shape[1:3]}
    run = comfyui.run(graph_of(give(images, nobody)))
    assert people_of(run) == [{}] * len(images)
    assert "Nobody found: track_data shows nobody." in told(run)


def test_tracks_of_another_clip(comfyui, give, clip):
    images, masks = clip
    run = comfyui.run(graph_of(give(images[:2], track_data(masks))))
    assert "SAM3_TRACK_DATA has 9 frames for 2 images" in run.failure


@pytest.mark.parametrize("value", [5, {"masks": 1}, [[1.0]]], ids=str)
def test_what_is_no_track_data_says_what_to_connect(comfyui, give, clip, value):
    run = comfyui.run(graph_of(give(clip[0], value)))
    assert "Connect track_data of Run SAM3 Video Track" in run.failure
    assert "update ComfyUI" in run.failure
