"""People under the keys of the field, animals beside them, and files in which nobody is found."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, OPENPOSE_136
from helpers.pose_documents import (
    BODY_18,
    CANVAS,
    PERSON,
    WH,
    assert_stands,
    flat,
    pairs,
    read,
    triples,
)
from helpers.poses import STANDING


@pytest.mark.parametrize("animals", [[], None, [[1.0, 2.0, 1.0] * 17], [[[5, 5, 1]] * 17] * 2, 3])
def test_people_beside_animals_are_read(animals: Any, caplog: pytest.LogCaptureFixture) -> None:
    document = {"people": [{"pose_keypoints_2d": flat(BODY_18)}], "animals": animals, **CANVAS}
    with caplog.at_level(logging.WARNING):
        _, (frame,) = read(document)
    assert_stands(frame.poses[0])
    assert ("left out" in caplog.text) == (isinstance(animals, list) and len(animals) > 0)


def test_a_clip_with_animals_in_one_frame_keeps_its_length() -> None:
    person = {"people": [{"pose_keypoints_2d": flat(BODY_18)}], "animals": [], **CANVAS}
    animal = {"people": [], "animals": [[9.0, 9.0, 1.0] * 17], **CANVAS}
    _, frames = read([person, animal, person])
    assert [len(frame.poses) for frame in frames] == [1, 0, 1]


def test_animals_alone_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="has only animals"):
        read({"people": [], "animals": [[9.0, 9.0, 1.0] * 17], **CANVAS})


@pytest.mark.parametrize(
    "document",
    [
        {"people": [{"pose_keypoints": flat(BODY_18)}], **CANVAS},
        {"persons": [PERSON], **CANVAS},
        {"bodies": [{"joints": flat(BODY_18)}], **CANVAS},
        {"frames": [{"people": [PERSON]}], **CANVAS},
        {"frames": {"0": {"people": [PERSON], **CANVAS}}},
        {"people": [PERSON], "width": 512, "height": 768},
        {"people": [PERSON], "image": {"width": 512, "height": 768}},
        {"results": [{"persons": [PERSON], **CANVAS}]},
        {**PERSON, **CANVAS},
        json.dumps({"people": [PERSON], **CANVAS}),
    ],
    ids=str,
)
def test_aliases_of_the_field(document: Any) -> None:
    _, (frame,) = read(document)
    assert frame.canvas_wh == WH
    assert_stands(frame.poses[0])


@pytest.mark.parametrize(
    ("document", "keys", "nearest"),
    [
        ({"people": [{"skeleton": flat(BODY_18)}]}, "'people', 'skeleton'", "POSE_KEYPOINT"),
        ({"humans": [{"kp": flat(BODY_18)}], **CANVAS}, "'humans'", "POSE_KEYPOINT"),
        (
            {"people": [{"pose_keypoints_3d": flat(BODY_18)}]},
            "'pose_keypoints_3d'",
            "POSE_KEYPOINT",
        ),
        ({"images": [], "bbox": [1] * 9}, "'images', 'bbox'", "COCO annotations"),
        ({"poseWorldLandmarks": [[1, 2, 3]] * 33}, "'poseWorldLandmarks'", "MediaPipe"),
        ([{"name": "person", "box": {"x1": 1}, "class": 0}], "'name', 'box'", "ultralytics"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_nobody_found_is_said(document: Any, keys: str, nearest: str) -> None:
    with pytest.raises(ValueError, match=r"docs/formats\.md") as caught:
        read(document)
    assert keys in str(caught.value)
    assert f"nearest format is {nearest}" in str(caught.value)
    assert len(str(caught.value)) < 900


def by_name(names: tuple[str, ...] = BODY_18) -> dict[str, Any]:
    return {n: {"x": STANDING[n][0], "y": STANDING[n][1], "visibility": 0.9} for n in names}


@pytest.mark.parametrize(
    ("document", "ids"),
    [
        ({"person_0": by_name(), "person_1": by_name()}, [[0, 1]]),
        ({"frame_0": {"person_3": by_name()}, "frame_1": {"person_5": by_name()}}, [[3], [5]]),
        ({"Person 7": PERSON, "Person 2": {**PERSON, "person_id": 9}}, [[7, 9]]),
        ({"track2": {"keypoints": triples(COCO_17.names)}}, [[2]]),
        ({"person_a": by_name(), "person_b": by_name()}, [[None], [None]]),  # poses of a library
    ],
    ids=lambda value: str(value)[:30],
)
def test_people_under_a_word_and_a_number(document: Any, ids: list[list[int | None]]) -> None:
    _, frames = read(document, ReadOptions(WH))
    assert [[pose.person_id for pose in frame.poses] for frame in frames] == ids
    for frame in frames:
        for pose in frame.poses:
            assert_stands(pose)


def test_named_joints_are_of_the_smallest_set() -> None:
    """A neck beside COCO's joints makes OpenPose's body, not 308 keypoints."""
    for names, expected in ((COCO_17.names, COCO_17), (BODY_18, OPENPOSE_136)):
        _, (frame,) = read([by_name(names)], ReadOptions(WH))
        assert frame.poses[0].keypoint_set is expected


def test_boxes_alone_are_refused_in_words() -> None:
    boxes = [{"image_id": 1, "bbox": [1, 2, 30, 40], "score": 0.9, "category_id": 1}] * 2
    with pytest.raises(ValueError, match="boxes of people, without keypoints"):
        read(boxes)


def test_places_that_no_image_has_are_refused_in_words() -> None:
    """World landmarks that somebody moved and enlarged; with a size they are read."""
    body = [n for x, y in pairs(BODY_18) for n in (x - 256, y - 700, 1.0)]
    document = {"people": [{"pose_keypoints_2d": body}]}
    with pytest.raises(ValueError, match="most keypoints have negative coordinates"):
        read(document)
    _, (frame,) = read(document, ReadOptions(WH))
    assert_stands(frame.poses[0], (-256, -700))


@pytest.mark.parametrize("document", [{"people": []}, [{"people": [], **CANVAS}], []])
def test_a_file_with_nobody_is_no_error(document: Any) -> None:
    assert not any(frame.poses for frame in read(document)[1])
