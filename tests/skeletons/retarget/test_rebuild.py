"""Keypoints that hang on each other."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, KEYPOINT_SETS
from comfyui_sapiens_pose.skeletons.retarget.body_table import NAMES, length_index
from comfyui_sapiens_pose.skeletons.retarget.person_points import (
    PersonPoints,
    convert_points,
    stack_poses,
)
from comfyui_sapiens_pose.skeletons.retarget.rebuild import (
    ANCHORS,
    anchor_index,
    find_anchors,
    hang_keypoints,
    move_anchors,
)
from helpers.puppets import ADULT, film, frames_of, make_motion

SIZES = np.log(np.full(48, 600.0))


def body_of(kind: str = "wave") -> PersonPoints:
    poses = [frame.poses[0] for frame in frames_of(film(ADULT, make_motion(kind)))]
    return convert_points(stack_poses(poses), COCO_17)


def anchors_of(body: PersonPoints, heads=None) -> np.ndarray:
    heads = np.full((len(body), 2), np.nan) if heads is None else heads
    return find_anchors(body, heads, SIZES[: len(body)], 0.3).points


def hidden(body: PersonPoints, names: tuple[str, ...], frames=slice(None)) -> PersonPoints:
    scores, keypoints = body.scores.copy(), body.keypoints.copy()
    rows = COCO_17.indices(names)
    scores[frames, rows[:, None]] = 0.1
    keypoints[frames, rows[:, None]] += 400
    return PersonPoints(keypoints, scores, body.keypoint_set)


@pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=lambda each: each.name)
def test_every_keypoint_stays_where_it_is_with_the_same_lengths(keypoint_set):
    anchors = anchors_of(body_of())
    moved = move_anchors(anchors, np.zeros(len(NAMES)))
    keypoints = np.random.default_rng(0).uniform(0, 900, (len(keypoint_set), 2))
    same = hang_keypoints(keypoints, keypoint_set, anchors[3], moved[3], np.zeros(len(NAMES)))
    hips = anchors[3, anchor_index("hips")]
    assert np.allclose(same, keypoints - hips, atol=1e-9)


def test_a_longer_forearm_moves_wrist_and_hand_alone():
    ratios = np.zeros(len(NAMES))
    ratios[length_index("forearm")] = np.log(1.5)
    anchors = anchors_of(body_of())
    change = move_anchors(anchors, ratios) - move_anchors(anchors, np.zeros(len(NAMES)))
    moved = np.abs(change).max(axis=(0, 2)) > 1e-9
    assert [name for name, each in zip(ANCHORS, moved, strict=True) if each] == [
        "left_wrist",
        "right_wrist",
    ]
    elbow, wrist = anchor_index("left_elbow"), anchor_index("left_wrist")
    assert np.allclose(change[:, wrist], 0.5 * (anchors[:, wrist] - anchors[:, elbow]))


def test_a_hidden_joint_keeps_its_path_between_the_frames_around():
    body = body_of()
    truth = anchors_of(body)[:, anchor_index("left_elbow")]
    found = anchors_of(hidden(body, ("left_elbow",), slice(20, 23)))
    assert np.abs(found[:, anchor_index("left_elbow")] - truth).max() < 10


@pytest.mark.parametrize(
    ("names", "anchor", "near"),
    [
        (("left_shoulder",), "neck", 400),
        (("left_hip", "right_hip"), "hips", 60),
        (("left_elbow",), "left_elbow", 40),
        (("left_ear", "right_ear"), "head", 60),
    ],
)
def test_a_joint_that_is_never_seen_is_somewhere_near(names, anchor, near):
    body = body_of()
    heads = body.keypoints[:, 3:5].mean(axis=1)
    truth = anchors_of(body, heads)[:, anchor_index(anchor)]
    found = anchors_of(hidden(body, names))[:, anchor_index(anchor)]
    assert np.linalg.norm(found - truth, axis=1).max() < near


def test_nothing_seen_is_still_somewhere():
    assert np.isfinite(anchors_of(hidden(body_of(), COCO_17.names))).all()
