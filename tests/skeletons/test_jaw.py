"""The jaw that is made up for faces of 308 keypoints, on a true head and by its symmetries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose, gather
from comfyui_sapiens_pose.skeletons.jaw import LEFT, RIGHT
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    OPENPOSE_136,
    KeypointSet,
)
from comfyui_sapiens_pose.skeletons.pose import Array
from helpers.poses import make_pose

JOINTS = (*RIGHT[:2], *LEFT)
"""What the jaw is made of: ear and eye of both sides, the root of the nose, the chin."""

# Mean head of ICT-FaceKit (MIT), frontal and turned by 30 degrees: x of both, and y; in pixels.
HEAD = np.array(
    (
        (327.8, 386.4, 519.2),
        (440.1, 660.0, 486.2),
        (952.2, 924.4, 519.2),
        (839.9, 989.3, 486.2),
        (640.0, 882.9, 467.2),
        (640.0, 875.2, 988.1),
    )
)
JAW = np.array(
    (
        (331.4, 441.0, 485.9),
        (333.9, 449.7, 577.3),
        (345.8, 475.1, 659.6),
        (359.6, 503.1, 740.8),
        (392.0, 555.6, 834.4),
        (450.5, 637.7, 913.4),
        (502.9, 718.7, 950.5),
        (569.5, 813.1, 973.1),
        (640.0, 875.2, 988.1),
        (710.5, 927.9, 973.1),
        (777.1, 944.2, 950.5),
        (829.5, 952.4, 913.4),
        (888.0, 970.9, 834.4),
        (920.4, 975.7, 740.8),
        (934.2, 972.9, 659.6),
        (946.1, 969.6, 577.3),
        (948.6, 966.1, 485.9),
    )
)
FACE_SIZE = 617.0
"""Root of the width times the height of the head's 68 landmarks, frontal."""


def turn(points: Array, degrees: float) -> Array:
    """(N, 2) what a far camera sees of points that are known from two sides."""
    angle, known = np.radians(degrees), np.radians(30)
    x = points[:, 0] - 640
    depth = (points[:, 1] - 640 - x * np.cos(known)) / np.sin(known)
    return np.stack([x * np.cos(angle) + depth * np.sin(angle) + 640, points[:, 2]], axis=1)


def find_jaw(joints: Array, target: KeypointSet = COCO_WHOLEBODY_133) -> Array:
    pose = make_pose(GOLIATH_308)
    keypoints = pose.keypoints_image.copy()
    keypoints[GOLIATH_308.indices(JOINTS)] = joints
    converted = convert_pose(replace(pose, keypoints_image=keypoints), target)
    return converted.keypoints_image[target.part_indices("face_jaw")]


@pytest.mark.parametrize("degrees", [-90, -45, 0, 30, 60, 90])
def test_the_jaw_of_a_true_head_is_found_from_every_side(degrees: float) -> None:
    jaw = find_jaw(turn(HEAD, degrees))
    errors = np.linalg.norm(jaw - turn(JAW, degrees), axis=1) / FACE_SIZE
    assert errors[8] < 1e-9
    assert errors.mean() < 0.02
    assert errors.max() < 0.05


@pytest.mark.parametrize("target", [COCO_WHOLEBODY_133, OPENPOSE_136], ids=lambda s: s.name)
def test_the_jaw_runs_from_ear_to_ear_and_was_not_found(target: KeypointSet) -> None:
    jaw = find_jaw(turn(HEAD, 0), target)
    assert (np.diff(jaw[:, 0]) > 0).all()
    assert (np.diff(jaw[:9, 1]) > 0).all()
    assert (np.diff(jaw[8:, 1]) < 0).all()
    converted = convert_pose(make_pose(GOLIATH_308), target)
    assert np.flatnonzero(converted.scores[target.part_indices("face_jaw")]).tolist() == [8]


def test_the_jaw_follows_a_face_that_is_moved_turned_and_stretched() -> None:
    face = turn(HEAD, 30)
    matrix, shift = np.array([[0.4, -0.3], [0.5, 0.9]]), np.array([100.0, 50.0])
    np.testing.assert_allclose(
        find_jaw(face @ matrix.T + shift), find_jaw(face) @ matrix.T + shift, atol=1e-9
    )


def test_a_mirrored_face_has_a_mirrored_jaw() -> None:
    face = turn(HEAD, 30) * (-1, 1)
    mirrored = face[[2, 3, 0, 1, 4, 5]]
    np.testing.assert_allclose(
        find_jaw(mirrored)[::-1], find_jaw(turn(HEAD, 30)) * (-1, 1), atol=1e-9
    )


@pytest.mark.parametrize("name", LEFT)
def test_a_hidden_joint_hides_what_is_made_of_it(name: str) -> None:
    pose = make_pose(GOLIATH_308)
    scores = np.full(len(GOLIATH_308), 0.9)
    scores[GOLIATH_308.index(name)] = 0.1
    jaw = COCO_WHOLEBODY_133.part_indices("face_jaw")
    right = 0.1 if name in RIGHT else 0.9
    chin = 0.1 if name == "tip_of_chin" else 0.9
    found = gather(replace(pose, scores=scores), COCO_WHOLEBODY_133)[1][jaw]
    assert found.tolist() == [right] * 8 + [chin] + [0.1] * 8


def test_a_hidden_ear_moves_its_own_side_only() -> None:
    face = turn(HEAD, 45)
    elsewhere = face.copy()
    elsewhere[2] += 200
    moved = np.linalg.norm(find_jaw(elsewhere) - find_jaw(face), axis=1)
    assert not moved[:9].any()
    assert (moved[9:] > 0).all()
