"""Parts that nobody can have seen, and faces of people who turn their back."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    BODY_25,
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    NETWORK_SETS,
)
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.poses.cleanup import CleanupOptions, hide_unseen_parts
from comfyui_sapiens_pose.skeletons.poses.hidden_parts import (
    face_indices,
    hide_low_scoring_parts,
    is_seen_from_behind,
)
from helpers.poses import make_pose, mirrored

WH = (640, 480)
PARTS = ("left_hand", "right_hand", "face")


def hidden_names(before: Pose, after: Pose) -> set[str]:
    changed = np.flatnonzero(before.scores != after.scores)
    assert (after.scores[changed] == 0).all()
    assert np.array_equal(before.keypoints_image, after.keypoints_image)
    return {before.keypoint_set.names[row] for row in changed}


@pytest.mark.parametrize("keypoint_set", [COCO_WHOLEBODY_133, GOLIATH_308])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("seen", "stays"), [(0, False), (0.1, False), (0.3, True), (1, True)])
def test_a_part_is_hidden_whole_if_hardly_a_point_is_sure(keypoint_set, part, seen, stays):
    rows = keypoint_set.part_indices(part)
    scores = np.full(len(keypoint_set), 0.8)
    scores[rows] = 0.29
    scores[rows[: round(seen * len(rows))]] = 0.3
    pose = replace(make_pose(keypoint_set), scores=scores)
    expected = set() if stays else set(keypoint_set.part_names(part))
    assert hidden_names(pose, hide_low_scoring_parts(pose, 0.2, 0.3)) == expected


def test_a_body_without_parts_stays():
    pose = replace(make_pose(COCO_17), scores=np.full(17, 0.01))
    assert hide_low_scoring_parts(pose, 1.0, 0.3) == pose


def test_what_was_not_found_keeps_its_score():
    pose = replace(make_pose(GOLIATH_308), scores=np.full(308, -0.5))
    assert hide_low_scoring_parts(pose, 0.2, 0.3) == pose


FRONT: dict[str, tuple[float, float]] = {
    "nose": (0, -100),
    "left_eye": (6, -106),
    "right_eye": (-6, -106),
    "left_ear": (15, -102),
    "right_ear": (-15, -102),
    "left_shoulder": (40, -70),
    "right_shoulder": (-40, -70),
    "left_hip": (25, 20),
    "right_hip": (-25, 20),
}
"""Somebody who looks at us: their left is on our right."""


def figure(turn: float, *, back: bool, keypoint_set=COCO_17, **scores: float) -> Pose:
    """The figure turned clockwise by degrees, all joints scoring 0.8 but for those given."""
    points = np.zeros((len(keypoint_set), 2))
    all_scores = np.full(len(keypoint_set), 0.8)
    cosine, sine = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    for name, (x, y) in FRONT.items():
        x = -x if back else x
        points[keypoint_set.index(name)] = (x * cosine - y * sine, x * sine + y * cosine)
    for name, score in scores.items():
        all_scores[keypoint_set.index(name)] = score
    return Pose(points + np.array([320, 240]), all_scores, keypoint_set, WH, (0, 0, *WH))


@pytest.mark.parametrize("turn", [0, 45, 90, 180, 270])
@pytest.mark.parametrize("keypoint_set", NETWORK_SETS.values(), ids=lambda each: each.name)
def test_backs_are_told_however_somebody_lies(turn, keypoint_set):
    assert is_seen_from_behind(figure(turn, back=True, keypoint_set=keypoint_set), 0.3)
    assert not is_seen_from_behind(figure(turn, back=False, keypoint_set=keypoint_set), 0.3)


@pytest.mark.parametrize(
    ("scores", "back"),
    [
        ({}, True),
        ({"left_hip": 0.1}, True),
        ({"left_ear": 0.1}, True),
        ({"left_ear": 0.1, "right_eye": 0.1}, True),
        ({"left_shoulder": 0.1}, False),
        ({"left_hip": 0.1, "right_hip": 0.1}, False),
    ],
)
def test_what_must_be_seen_of_a_back(scores, back):
    assert is_seen_from_behind(figure(0, back=True, **scores), 0.3) is back


def test_what_was_not_found_is_not_seen_whatever_the_threshold():
    """An ear that was not found lies at 0, 0, as if on the other side of the head."""
    back = figure(0, back=True, left_ear=0)
    points = back.keypoints_image.copy()
    points[COCO_17.index("left_ear")] = (900, 0)
    assert is_seen_from_behind(replace(back, keypoints_image=points), 0.0)
    assert not is_seen_from_behind(figure(0, back=True, left_shoulder=0), 0.0)
    scores = np.full(308, 0.8)
    hand = GOLIATH_308.part_indices("left_hand")
    scores[hand] = 0
    scores[hand[0]] = 0.1
    hand_pose = replace(make_pose(GOLIATH_308), scores=scores)
    assert hide_low_scoring_parts(hand_pose, 0.2, 0.0).scores[hand[0]] == 0


@pytest.mark.parametrize("pair", [("left_ear", "right_ear"), ("left_eye", "right_eye")])
def test_a_look_over_the_shoulder_keeps_its_face(pair):
    back, front = figure(0, back=True), figure(0, back=False)
    points = back.keypoints_image.copy()
    rows = COCO_17.indices(pair)
    points[rows] = front.keypoints_image[rows]
    turned = replace(back, keypoints_image=points)
    assert not is_seen_from_behind(turned, 0.3)
    scores = turned.scores.copy()
    scores[rows[0]] = 0.1  # one alone has no order
    assert is_seen_from_behind(replace(turned, scores=scores), 0.3)


@pytest.mark.parametrize("keypoint_set", NETWORK_SETS.values(), ids=lambda each: each.name)
def test_the_face_goes_and_the_ears_stay(keypoint_set):
    pose = figure(0, back=True, keypoint_set=keypoint_set)
    options = CleanupOptions(face_from_behind=True, guessed_part=0)
    (after,) = hide_unseen_parts(Frame(WH, (pose,)), options).poses
    names = hidden_names(pose, after)
    assert {"nose", "left_eye", "right_eye"} <= names
    assert not [name for name in names if name.endswith("_ear") or "helix" in name]
    assert len(names) == len(face_indices(keypoint_set)) >= 3
    front = figure(0, back=False, keypoint_set=keypoint_set)
    assert hide_unseen_parts(Frame(WH, (front,)), options).poses == (front,)


def test_the_face_stays_unless_asked_for():
    pose = figure(0, back=True)
    assert hide_unseen_parts(Frame(WH, (pose,)), CleanupOptions()).poses == (pose,)


def test_the_mirrored_picture_gives_the_mirrored_answer():
    for back in (True, False):
        assert is_seen_from_behind(mirrored(figure(30, back=back)), 0.3) is back


def test_a_set_of_other_names_is_left_alone():
    pose = make_pose(BODY_25)
    (after,) = hide_unseen_parts(Frame(WH, (pose,)), CleanupOptions(face_from_behind=True)).poses
    assert hidden_names(pose, after) <= {"nose", "left_eye", "right_eye"}
