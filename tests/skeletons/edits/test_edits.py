"""Key frames, and the digest of a detection."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.edits.edits import (
    UNCHANGED_PART,
    change_at,
    detection_digest,
    no_change,
)
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from helpers.poses import make_frame

SCORES = np.full(17, 0.5)


def key(frame, x=0.0, degrees=0.0, score=np.nan):
    change = no_change(COCO_17)
    change.offsets[9, 0], change.parts[2, 2], change.scores[9] = x, degrees, score
    return frame, change


def at(keys, frame):
    change = change_at(tuple(keys), frame, SCORES, COCO_17)
    return change.offsets[9, 0], change.parts[2, 2], change.scores[9]


def test_without_keys_nothing_changes():
    assert change_at((), 5, SCORES, COCO_17) is None
    change = no_change(COCO_17)
    assert not change.offsets.any()
    assert (change.parts == UNCHANGED_PART).all()
    assert np.isnan(change.scores).all()


@pytest.mark.parametrize("frame", [0, 4, 1000])
def test_one_key_holds_for_the_whole_clip(frame):
    assert at([key(4, 10, 90, 1)], frame) == (10, 90, 1)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [(0, 10), (4, 10), (5, 12.5), (8, 20), (9, 15), (12, 0), (13, 0), (99, 0)],
)
def test_numbers_are_on_a_line_between_keys(frame, expected):
    x, degrees, _ = at([key(4, 10, -10), key(8, 20, -20), key(12)], frame)
    assert x == expected
    assert degrees == -expected


def test_each_part_has_the_keys_that_are_of_it():
    first, second, third = key(0, 10, 10, 1), key(4, 30, 30), key(8, 50, 50, 0)
    keys = [
        (frame, replace(change, of=of))
        for (frame, change), of in zip(
            (first, second, third), (("body", "left_hand"), ("left_hand",), ("body",)), strict=True
        )
    ]
    assert at(keys, 4) == (30, 30, 0.5)
    assert at(keys, 2) == (20, 20, 0.75)
    assert at(keys, 8) == (50, 30, 0)
    assert at([(4, replace(second[1], of=("face",)))], 4)[:2] == (0, 0)


def test_a_score_fades_from_and_to_the_detected_one():
    keys = [key(0), key(4, score=0), key(8, score=1), key(12)]
    assert [at(keys, frame)[2] for frame in (2, 4, 5, 8, 10)] == [0.25, 0, 0.25, 1, 0.75]
    assert np.isnan(at(keys, 0)[2])
    assert np.isnan(at(keys, 12)[2])
    assert np.isnan(at([key(0), key(4, x=2)], 2)[2])


def test_the_digest_is_of_what_can_be_edited():
    frames = [make_frame(COCO_17, 2), make_frame(COCO_17, 0)]
    known = detection_digest(frames)
    assert len(known) == 32
    assert detection_digest(list(frames)) == known
    first, second = frames[0].poses
    moved = first.keypoints_image + np.eye(17, 2) * 1e-9
    for other in (
        [],
        frames[:1],
        frames[::-1],
        [replace(frames[0], poses=(second, first)), frames[1]],
        [replace(frames[0], poses=(replace(first, keypoints_image=moved), second)), frames[1]],
        [replace(frames[0], poses=(replace(first, person_id=8), second)), frames[1]],
    ):
        assert detection_digest(other) != known
    boxed = replace(frames[0], poses=(replace(first, box_xyxy=np.zeros(4)), second))
    assert detection_digest([boxed, frames[1]]) == known
