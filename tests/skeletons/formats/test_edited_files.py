"""Clips that went through a pose editor: one keypoint set, and everybody keeps their id."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.clip.smooth import smooth
from comfyui_sapiens_pose.sapiens_core.clip.tracker import track
from comfyui_sapiens_pose.skeletons.formats import sapiens_key
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_reader import decode
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308, OPENPOSE_136
from comfyui_sapiens_pose.skeletons.openpose_points import OpenPoseOptions
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_pose
from helpers.samples import sample

WH = (640, 480)
IDS = (3, None, 5)
BODY = "pose_keypoints_2d"


def clip(frames: int = 3) -> list[Frame]:
    """Three people, who stand still; the one in the middle has no id."""
    people = tuple(
        replace(make_pose(GOLIATH_308, seed), person_id=number) for seed, number in enumerate(IDS)
    )
    return [Frame(WH, people)] * frames


def written(frames: list[Frame]) -> list[dict[str, Any]]:
    return json.loads(json.dumps(encode(frames)))


def sets_of(frames: tuple[Frame, ...]) -> list[set[str]]:
    return [{pose.keypoint_set.name for pose in frame.poses} for frame in frames]


def ids_of(frame: Frame) -> list[int | None]:
    return [pose.person_id for pose in frame.poses]


def move_a_nose(document: dict[str, Any]) -> None:
    document["people"][0][BODY][0] += 3


def move_everything(document: dict[str, Any]) -> None:
    body = np.reshape(document["people"][2][BODY], (-1, 3)) + np.array([2, -2, 0])
    document["people"][2][BODY] = body.ravel().tolist()


def remove_the_first(document: dict[str, Any]) -> None:
    del document["people"][0]


def exchange(document: dict[str, Any]) -> None:
    document["people"].reverse()


def double_the_last(document: dict[str, Any]) -> None:
    document["people"].append(copy.deepcopy(document["people"][2]))


def replace_the_first(document: dict[str, Any]) -> None:
    document["people"][0] = {BODY: [5.0, 9.0, 1.0] * 18}


def replace_two(document: dict[str, Any]) -> None:
    replace_the_first(document)
    document["people"][2] = {BODY: [8.0, 3.0, 1.0] * 18}


def move_one_far(document: dict[str, Any]) -> None:
    for key, numbers in document["people"][0].items():
        if key.endswith("2d"):
            numbers[::3] = [x + 900 for x in numbers[::3]]


def resize(document: dict[str, Any]) -> None:
    document["canvas_width"] *= 2
    document["canvas_height"] *= 2
    for person in document["people"]:
        for numbers in person.values():
            numbers[::3] = [2 * x for x in numbers[::3]]
            numbers[1::3] = [2 * y for y in numbers[1::3]]


def widen_the_canvas(document: dict[str, Any]) -> None:
    document["canvas_width"] *= 3
    move_a_nose(document)


def spoil_what_rides_along(document: dict[str, Any]) -> None:
    document[sapiens_key.KEY]["people"] = [7]
    move_a_nose(document)


@pytest.mark.parametrize(
    ("edit", "ids"),
    [
        (move_a_nose, [3, None, 5]),
        (move_everything, [3, None, 5]),
        (remove_the_first, [None, 5]),
        (exchange, [5, None, 3]),
        (double_the_last, [3, None, 5, None]),
        (replace_the_first, [3, None, 5]),
        (replace_two, [None, None, None]),
        (move_one_far, [3, None, 5]),
        (resize, [3, None, 5]),
        (widen_the_canvas, [3, None, 5]),
        (spoil_what_rides_along, [None, None, None]),
    ],
)
@pytest.mark.parametrize("frames", sample([1, 3], [3]))
def test_people_of_an_edited_frame_keep_their_ids(
    edit: Callable[[dict[str, Any]], None], ids: list[int | None], frames: int
) -> None:
    documents = written(clip(frames))
    edit(documents[-1])
    read = decode(documents)
    assert sets_of(read) == [{OPENPOSE_136.name}] * frames
    assert [ids_of(frame) for frame in read] == [list(IDS)] * (frames - 1) + [ids]
    nose = documents[-1]["people"][0][BODY][:2]
    assert read[-1].poses[0].keypoints_image[0].tolist() == nose


def test_a_clip_with_one_edited_frame_is_tracked_and_smoothed(
    caplog: pytest.LogCaptureFixture, tmp_path: Any
) -> None:
    documents = written(clip())
    move_a_nose(documents[1])
    path = tmp_path / "clip.json"
    path.write_text(json.dumps(documents))
    for read in (decode(documents), read_poses(path)):
        assert [len(frame.poses) for frame in track(read)] == [3, 3, 3]
        assert [len(frame.poses) for frame in smooth(read)] == [3, 3, 3]
    assert len(caplog.messages) == 2
    assert "1 of 3 frames were changed in another program" in caplog.text
    assert "goliath_308" in caplog.text


def nobody(frames: list[dict[str, Any]]) -> None:
    frames[1]["people"] = []


def nothing(frames: list[dict[str, Any]]) -> None:
    pass


@pytest.mark.parametrize("change", [nothing, nobody])
def test_a_clip_whose_people_were_not_edited_stays_native(
    change: Callable[[list[dict[str, Any]]], None], caplog: pytest.LogCaptureFixture
) -> None:
    frames = [*clip(2), Frame(WH, (make_pose(COCO_17),)), Frame(WH)]
    documents = written(frames)
    change(documents)
    expected = [
        Frame(WH) if not each["people"] else frame
        for each, frame in zip(documents, frames, strict=True)
    ]
    assert decode(documents) == tuple(expected)
    assert not caplog.messages


def test_frames_of_others_between_ours_are_in_one_set_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    documents = written(clip())
    del documents[1][sapiens_key.KEY]
    assert sets_of(decode(documents)) == [{OPENPOSE_136.name}] * 3
    assert caplog.messages


def test_ids_are_known_without_native_points_too() -> None:
    (frame,) = decode(written(clip(1)), ReadOptions(lossless=False))
    assert ids_of(frame) == list(IDS)


@pytest.mark.parametrize(
    ("edit", "ids"),
    [
        (move_a_nose, [None, 0, 1, 2]),
        (remove_the_first, [0, None, 2]),
        (move_one_far, [None, 0, 1, 2]),
    ],
)
def test_empty_slots_keep_their_ids(
    edit: Callable[[dict[str, Any]], None], ids: list[int | None]
) -> None:
    people = [make_pose(GOLIATH_308, seed) for seed in range(3)]
    nobody = replace(people[0], person_id=1, scores=np.zeros(308))
    named = [replace(people[seed], person_id=number) for seed, number in ((1, 0), (2, 2))]
    options = EncodeOptions(openpose=OpenPoseOptions(min_person_keypoints=0))
    documents = encode([Frame(WH, (people[0], named[0], nobody, named[1]))], options)
    edit(documents[0])
    assert ids_of(decode(documents)[0]) == ids


def test_a_crowd_is_not_searched_for_ids() -> None:
    people = [replace(make_pose(COCO_17, seed), person_id=seed) for seed in range(257)]
    documents = written([Frame(WH, tuple(people))])
    move_a_nose(documents[0])
    assert set(ids_of(decode(documents)[0])) == {None}
