"""The reference's ranking of people, by numbers that were computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Pose
from comfyui_sapiens_pose.skeletons.poses.reference_ranking import person_score, rank_people


def person(scores, box_score=1.0, shift_px=0.0) -> Pose:
    """Joints 100 pixels apart in a row, moved to the right."""
    keypoints = np.column_stack([100.0 * np.arange(17) + shift_px, np.zeros(17)])
    return Pose(keypoints, scores, COCO_17, (2000, 100), [0, 0, 1, 1], box_score)


@pytest.mark.parametrize(
    ("scores", "box_score", "expected"),
    [
        ([0.0] * 17, 0.9, 0.0),  # nobody
        ([0.2] * 17, 0.9, 0.0),  # 0.2 itself does not count
        ([0.8] * 17, 0.5, 0.4),
        ([0.9, 0.5, 0.2] + [-0.1] * 14, 0.5, 0.35),  # 0.5 * (0.9 + 0.5) / 2
        ([1.2] + [0.0] * 16, 1.0, 1.2),  # a network may give more than 1
    ],
)
def test_the_score_of_a_person(scores, box_score, expected):
    assert person_score(person(scores, box_score)) == pytest.approx(expected)


def shift_of(similarity: float) -> float:
    """How far all joints of the smallest person move for a mean similarity, found by halves.

    For area 10,000 the similarity of a joint is exp(-d^2 / (2 * 10000 * (2 * sigma)^2)).
    """
    low, high = 0.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        value = np.exp(-(middle**2) / (2 * 10_000 * (2 * COCO_17.sigmas) ** 2)).mean()
        low, high = (middle, high) if value > similarity else (low, middle)
    return low


@pytest.mark.parametrize(
    ("people", "kept"),
    [
        ([], []),
        ([person([0.5] * 17)], [0]),
        # The same twice: the higher-scoring one stays.
        ([person([0.5] * 17), person([0.6] * 17)], [1]),
        # With equal scores the last one comes first, as in the reference.
        ([person([0.5] * 17), person([0.5] * 17, shift_px=50)], [1, 0]),
        # Just above and just below 0.9.
        ([person([0.6] * 17), person([0.5] * 17, shift_px=shift_of(0.901))], [0]),
        ([person([0.6] * 17), person([0.5] * 17, shift_px=shift_of(0.899))], [0, 1]),
        # Scores of keypoints decide about the order alone: hidden joints are compared too.
        ([person([0.0] * 17), person([0.5] * 17)], [1]),
        # The second is removed, and therefore removes nobody itself.
        (
            [
                person([0.9] * 17),
                person([0.8] * 17, shift_px=shift_of(0.93)),
                person([0.7] * 17, shift_px=2 * shift_of(0.93)),
            ],
            [0, 2],
        ),
    ],
)
def test_who_stays(people, kept):
    assert rank_people(people, [10_000.0] * len(people)) == kept


def test_a_larger_person_may_be_farther_off():
    people = [person([0.6] * 17), person([0.5] * 17, shift_px=shift_of(0.8))]
    assert rank_people(people, [10_000, 10_000]) == [0, 1]
    assert rank_people(people, [100_000, 10_000]) == [0]
