"""The tables of joints, and that left and right never get lost in them."""

from __future__ import annotations

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    BODY_25,
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KEYPOINT_SETS,
    OPENPOSE_136,
    Joint,
    KeypointSet,
    Link,
)

SETS = pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=KEYPOINT_SETS.keys())


@pytest.mark.parametrize(
    ("keypoint_set", "count"),
    [
        (COCO_17, 17),
        (COCO_WHOLEBODY_133, 133),
        (GOLIATH_308, 308),
        (OPENPOSE_136, 136),
        (BODY_25, 25),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_number_of_joints(keypoint_set: KeypointSet, count: int) -> None:
    assert len(keypoint_set) == count


@pytest.mark.parametrize(
    ("parts", "count"),
    [
        (("body",), 18),
        (("left_foot", "right_foot"), 6),
        (("face",), 70),
        (("left_hand",), 21),
        (("right_hand",), 21),
    ],
)
def test_the_groups_of_openpose(parts: tuple[str, ...], count: int) -> None:
    rows = OPENPOSE_136.part_indices(*parts)
    assert np.array_equal(rows, np.arange(rows[0], rows[0] + count))


@SETS
def test_swapping_left_and_right_twice_changes_nothing(keypoint_set: KeypointSet) -> None:
    swap = keypoint_set.flip_indices
    assert np.array_equal(swap[swap], np.arange(len(keypoint_set)))
    assert not np.array_equal(swap, np.arange(len(keypoint_set)))


@SETS
def test_a_mirrored_link_is_a_link(keypoint_set: KeypointSet) -> None:
    mirrors = {joint.name: joint.mirror for joint in keypoint_set.joints}
    for links in (keypoint_set.links, keypoint_set.dense_links):
        pairs = {frozenset((link.start, link.end)) for link in links}
        mirrored = {frozenset(mirrors[name] for name in pair) for pair in pairs}
        assert len(pairs) == len(links)
        assert mirrored == pairs


@SETS
def test_link_indices_are_the_ends_of_the_links(keypoint_set: KeypointSet) -> None:
    names = keypoint_set.names
    pairs = [(names[start], names[end]) for start, end in keypoint_set.link_indices]
    assert pairs == [(link.start, link.end) for link in keypoint_set.links]


@pytest.mark.parametrize("keypoint_set", [COCO_WHOLEBODY_133, GOLIATH_308], ids=lambda s: s.name)
def test_dense_links_reach_the_whole_face(keypoint_set: KeypointSet) -> None:
    face = set(keypoint_set.part_names("face"))
    linked = {end for link in keypoint_set.dense_links for end in (link.start, link.end)}
    assert linked <= face
    centers = {f"{side}_center_of_{what}" for side in "lr" for what in ("iris", "pupil")}
    unplaced = {"l_point_8_of_inner_helix", "r_point_2_of_inner_helix"}
    assert face - linked == ((centers | unplaced) if keypoint_set is GOLIATH_308 else set())


def test_body_25_is_openpose_with_the_middle_of_the_hips() -> None:
    """The order of OpenPose's ``doc/02_output.md``."""
    body = OPENPOSE_136.part_names("body")
    feet = OPENPOSE_136.part_names("left_foot", "right_foot")
    assert BODY_25.names == (*body[:8], "mid_hip", *body[8:], *feet)


@pytest.mark.parametrize(
    ("prefix", "count"), [("body", 17), ("face", 68), ("face_nose", 9), ("left_hand", 21), ("b", 0)]
)
def test_part_takes_whole_words(prefix, count):
    assert len(COCO_WHOLEBODY_133.part_indices(prefix)) == count


def test_a_part_is_looked_up_once_and_stays_as_it_is() -> None:
    rows = COCO_17.part_indices("body")
    assert COCO_17.part_indices("body") is rows
    with pytest.raises(ValueError, match="read-only"):
        rows[0] = 1


def test_joints_that_a_set_does_not_have_are_left_out() -> None:
    assert COCO_17.known_indices(()).tolist() == []
    assert COCO_17.known_indices(("right_eye", "neck", "nose")).tolist() == [2, 0]


@pytest.mark.parametrize(
    ("joints", "links", "message"),
    [
        ([("a", "a"), ("a", "a")], [], "twice"),
        ([("a", "b")], [], "no joint"),
        ([("a", "a")], [("a", "c")], "no joint"),
    ],
    ids=["doubled joint", "unknown mirror", "unknown link end"],
)
def test_contradictory_tables_are_refused(joints, links, message):
    with pytest.raises(ValueError, match=message):
        KeypointSet(
            "bad",
            tuple(Joint(name, mirror, "body", (0, 0, 0), 0.1) for name, mirror in joints),
            tuple(Link(start, end, (0, 0, 0)) for start, end in links),
        )
