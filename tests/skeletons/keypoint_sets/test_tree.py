"""What hangs on what."""

import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    GOLIATH_308,
    KEYPOINT_SETS,
    MPI_15,
    OPENPOSE_136,
    read_table,
)
from comfyui_sapiens_pose.skeletons.keypoint_sets.tree import (
    NO_PARENT,
    PART_NAMES,
    anchor_indices,
    hanging_indices,
    parents,
)

SETS = list(KEYPOINT_SETS.values())


def parent_name(keypoint_set, joint):
    index = parents(keypoint_set)[keypoint_set.index(joint)]
    return None if index == NO_PARENT else keypoint_set.names[index]


@pytest.mark.parametrize("keypoint_set", SETS, ids=lambda each: each.name)
def test_every_joint_hangs_on_the_pelvis_in_the_end(keypoint_set):
    above = parents(keypoint_set)
    for index in range(len(keypoint_set)):
        steps = 0
        while index != NO_PARENT:
            index, steps = above[index], steps + 1
            assert steps <= 8


@pytest.mark.parametrize("keypoint_set", SETS, ids=lambda each: each.name)
def test_left_hangs_as_right_does(keypoint_set):
    above, flip = parents(keypoint_set), keypoint_set.flip_indices
    for index, mirror in enumerate(flip):
        expected = NO_PARENT if above[index] == NO_PARENT else flip[above[index]]
        assert above[mirror] == expected


def test_no_row_is_for_a_joint_that_no_set_has():
    known = {name for each in SETS for name in each.names}
    assert {row["joint"] for row in read_table("joints.tree.csv")} <= known


@pytest.mark.parametrize(
    ("keypoint_set", "joint", "parent"),
    [
        (COCO_17, "left_wrist", "left_elbow"),
        (COCO_17, "left_shoulder", None),
        (OPENPOSE_136, "left_shoulder", "neck"),
        (OPENPOSE_136, "nose", "neck"),
        (OPENPOSE_136, "face-30", "nose"),
        (OPENPOSE_136, "right_hand_root", "right_wrist"),
        (KEYPOINT_SETS["body_25"], "left_hip", "mid_hip"),
        (KEYPOINT_SETS["body_25"], "neck", "mid_hip"),
        (MPI_15, "neck", "chest"),
        (GOLIATH_308, "left_olecranon", "left_elbow"),
        (GOLIATH_308, "left_big_toe", "left_ankle"),
    ],
)
def test_what_a_set_lacks_is_skipped(keypoint_set, joint, parent):
    assert parent_name(keypoint_set, joint) == parent


@pytest.mark.parametrize("keypoint_set", SETS, ids=lambda each: each.name)
def test_parts_are_whole_and_apart(keypoint_set):
    assert len(hanging_indices(keypoint_set, "body")) == len(keypoint_set)
    assert len(anchor_indices(keypoint_set, "body")) == 2
    seen = []
    for part in PART_NAMES[1:]:
        hanging = set(hanging_indices(keypoint_set, part).tolist())
        assert hanging >= set(keypoint_set.part_indices(part).tolist())
        assert not hanging & set(anchor_indices(keypoint_set, part).tolist())
        seen += hanging
    assert len(seen) == len(set(seen))


def test_a_face_has_eyes_and_ears():
    assert set(hanging_indices(COCO_17, "face")) == {1, 2, 3, 4}
    assert len(hanging_indices(MPI_15, "face")) == 0
