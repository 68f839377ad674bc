"""Who becomes whom."""

from dataclasses import replace

import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.retarget.matching import match_people
from helpers.poses import make_pose

CANVAS = (640, 480)


def frame(*ids: int | None) -> Frame:
    return Frame(CANVAS, tuple(make_pose(COCO_17, row, each) for row, each in enumerate(ids)))


def seeds(match: dict[int | None, list[Pose]]) -> dict[int | None, list[int]]:
    """By the numbers of the poses instead of the poses."""
    known = [make_pose(COCO_17, seed).scores.tolist() for seed in range(5)]
    return {
        key: [known.index(pose.scores.tolist()) for pose in looks] for key, looks in match.items()
    }


@pytest.mark.parametrize(
    ("people", "reference", "match", "expected"),
    [
        ([], [frame(None)], "order", {}),
        ([frame()], [frame()], "first", {}),
        ([frame(None)], [frame(None)], "order", {None: [0]}),
        ([frame(), frame(7, 3)], [frame(None, None)], "order", {7: [0], 3: [1]}),
        ([frame(7, 3)], [frame(None)], "order", {7: [0]}),
        ([frame(7, 3)], [frame(None)], "first", {7: [0], 3: [0]}),
        ([frame(7, 3)], [frame(3, 7)], "id", {7: [1], 3: [0]}),
        ([frame(7, 3)], [frame(3, 5)], "id", {3: [0]}),
        ([frame(7)], [frame(None)], "id", {}),
        ([frame(7, 3)], [frame(4, 5), frame(5, 4)], "order", {7: [0, 1], 3: [1, 0]}),
        ([frame(7)], [frame(None), frame(None, None)], "order", {7: [0, 0]}),
    ],
)
def test_matches(people, reference, match, expected):
    assert seeds(match_people(people, reference, match)) == expected


def test_empty_slots_are_nobody():
    empty = replace(make_pose(COCO_17), scores=[0] * 17)
    reference = Frame(CANVAS, (empty, make_pose(COCO_17, 1)))
    assert seeds(match_people([frame(2)], [reference], "order")) == {2: [1]}
