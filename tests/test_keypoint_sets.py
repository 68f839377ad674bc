import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KEYPOINT_SETS,
    NETWORK_SETS,
    Joint,
    KeypointSet,
    Link,
)


@pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=lambda s: s.name)
def test_left_right_swap_twice_is_the_identity(keypoint_set):
    flip = keypoint_set.flip_indices
    assert np.array_equal(flip[flip], np.arange(len(keypoint_set)))


@pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=lambda s: s.name)
def test_mirrors_stay_in_the_mirrored_part(keypoint_set):
    for joint in keypoint_set.joints:
        mirror = keypoint_set.joints[keypoint_set.index(joint.mirror)]
        swapped = joint.part.replace("left", "?").replace("right", "left").replace("?", "right")
        assert mirror.part == swapped, joint.name


@pytest.mark.parametrize(
    ("keypoint_set", "name", "index"),
    [
        (COCO_17, "left_wrist", 9),
        (COCO_17, "right_ankle", 16),
        (COCO_WHOLEBODY_133, "right_heel", 22),
        (COCO_WHOLEBODY_133, "face-0", 23),
        (COCO_WHOLEBODY_133, "left_hand_root", 91),
        (COCO_WHOLEBODY_133, "right_pinky_finger4", 132),
        (GOLIATH_308, "left_hip", 9),
        (GOLIATH_308, "right_hip", 10),
        (GOLIATH_308, "right_thumb4", 21),
        (GOLIATH_308, "right_wrist", 41),
        (GOLIATH_308, "left_thumb4", 42),
        (GOLIATH_308, "left_wrist", 62),
        (GOLIATH_308, "neck", 69),
        (GOLIATH_308, "tip_of_chin", 77),
        (GOLIATH_308, "l_center_of_iris", 272),
        (GOLIATH_308, "r_border_of_pupil_midpoint_2", 307),
    ],
)
def test_order_is_the_networks(keypoint_set, name, index):
    assert keypoint_set.index(name) == index


@pytest.mark.parametrize(("count", "links"), [(17, 19), (133, 65), (308, 65)])
def test_network_sets(count, links):
    assert len(NETWORK_SETS[count]) == count
    assert NETWORK_SETS[count].link_indices.shape == (links, 2)


@pytest.mark.parametrize(
    ("prefix", "count"), [("body", 17), ("face", 68), ("face_nose", 9), ("left_hand", 21), ("b", 0)]
)
def test_part_takes_whole_words(prefix, count):
    assert len(COCO_WHOLEBODY_133.part(prefix)) == count


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
