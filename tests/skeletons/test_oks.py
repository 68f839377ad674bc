"""Object keypoint similarity against numbers worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, KEYPOINT_SETS
from comfyui_sapiens_pose.skeletons.oks import oks_matrix
from comfyui_sapiens_pose.skeletons.pose import Pose
from helpers.poses import make_pose

BOX = (0, 0, 100, 200)


def standing(points=None, scores=None, box=BOX) -> Pose:
    points = np.zeros((17, 2)) if points is None else points
    scores = np.ones(17) if scores is None else scores
    return Pose(points, scores, COCO_17, (640, 480), box)


def oks(pose: Pose, other: Pose, score_threshold: float = 0.3) -> float:
    return float(oks_matrix([pose], [other], score_threshold)[0, 0])


def test_nobody():
    assert oks_matrix([], []).shape == (0, 0)
    assert oks_matrix([], [standing()]).shape == (0, 1)
    assert oks_matrix([standing()], []).shape == (1, 0)


@pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=KEYPOINT_SETS)
def test_the_same_person_is_1_and_order_does_not_matter(keypoint_set):
    poses = [make_pose(keypoint_set, seed) for seed in range(3)]
    found = oks_matrix(poses, poses)
    assert np.diag(found) == pytest.approx(1)
    assert found == pytest.approx(found.T)
    assert ((found >= 0) & (found <= 1)).all()


def test_one_moved_joint_by_hand():
    moved = np.zeros((17, 2))
    moved[COCO_17.index("left_hip")] = (6, 8)  # 10 pixels; sigma of hips 0.107
    expected = (16 + math.exp(-(10**2) / (2 * 100 * 200 * (2 * 0.107) ** 2))) / 17
    assert oks(standing(), standing(moved)) == pytest.approx(expected)


def test_the_area_is_the_mean_of_both_boxes():
    moved = np.full((17, 2), 3.0)
    expected = np.mean(np.exp(-18 / (2 * (20000 + 10000) / 2 * (2 * COCO_17.sigmas) ** 2)))
    assert oks(standing(), standing(moved, box=(0, 0, 100, 100))) == pytest.approx(expected)


def test_only_joints_that_both_have_count():
    far, scores = np.zeros((17, 2)), np.ones(17)
    far[COCO_17.index("nose")], scores[COCO_17.index("nose")] = 1000, 0.29
    assert oks(standing(), standing(far, scores)) == 1
    assert oks(standing(), standing(far)) == pytest.approx(16 / 17)
    assert oks(standing(), standing(scores=np.zeros(17)), score_threshold=0) == 0


def test_only_the_joints_asked_for():
    far = np.zeros((17, 2))
    far[COCO_17.index("nose")] = 1000
    rows = COCO_17.indices(("left_hip", "right_hip"))
    assert oks_matrix([standing()], [standing(far)], joints=rows) == pytest.approx(1)


def test_a_person_without_extent_is_no_error():
    point = standing(box=(5, 5, 5, 5))
    assert oks(point, point) == 1
    assert oks(point, replace(point, keypoints_image=point.keypoints_image + 50)) < 1e-6


def test_different_sets_cannot_be_compared():
    with pytest.raises(ValueError, match="coco_17, goliath_308"):
        oks_matrix([standing()], [make_pose(KEYPOINT_SETS["goliath_308"])])
