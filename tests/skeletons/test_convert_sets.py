"""From one keypoint set to another, held against the numbers of the reference's mapping."""

from __future__ import annotations

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import MISSING, convert_pose, source_indices
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    BODY_25,
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KEYPOINT_SETS,
    OPENPOSE_136,
    KeypointSet,
)
from helpers.poses import make_pose

OPENPOSE_18_FROM_308 = [0, (5, 6), 6, 8, 41, 5, 7, 62, 10, 12, 14, 9, 11, 13, 2, 1, 4, 3]
OPENPOSE_18_FROM_17 = [0, (5, 6), 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3]
COCO_17_FROM_308 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 62, 41, 9, 10, 11, 12, 13, 14]
RIGHT_HAND_FROM_308 = [41, *(tip + i for tip in (21, 25, 29, 33, 37) for i in (3, 2, 1, 0))]
LEFT_HAND_FROM_308 = [62, *(tip + i for tip in (42, 46, 50, 54, 58) for i in (3, 2, 1, 0))]


@pytest.mark.parametrize(
    ("source", "target", "parts", "expected"),
    [
        (GOLIATH_308, OPENPOSE_136, ("body",), OPENPOSE_18_FROM_308),
        (COCO_17, OPENPOSE_136, ("body",), OPENPOSE_18_FROM_17),
        (COCO_WHOLEBODY_133, OPENPOSE_136, ("body",), OPENPOSE_18_FROM_17),
        (GOLIATH_308, OPENPOSE_136, ("left_foot", "right_foot"), list(range(15, 21))),
        (COCO_WHOLEBODY_133, OPENPOSE_136, ("left_foot", "right_foot"), list(range(17, 23))),
        (GOLIATH_308, OPENPOSE_136, ("left_hand",), LEFT_HAND_FROM_308),
        (GOLIATH_308, OPENPOSE_136, ("right_hand",), RIGHT_HAND_FROM_308),
        (COCO_WHOLEBODY_133, OPENPOSE_136, ("left_hand",), list(range(91, 112))),
        (COCO_WHOLEBODY_133, OPENPOSE_136, ("right_hand",), list(range(112, 133))),
        (COCO_WHOLEBODY_133, OPENPOSE_136, ("face",), [*range(23, 91), 2, 1]),
        (GOLIATH_308, COCO_WHOLEBODY_133, ("left_hand",), LEFT_HAND_FROM_308),
        (GOLIATH_308, COCO_17, ("body",), COCO_17_FROM_308),
        (COCO_WHOLEBODY_133, COCO_17, ("body",), list(range(17))),
        (
            OPENPOSE_136,
            BODY_25,
            ("body", "left_foot", "right_foot"),
            [*range(8), (8, 11), *range(8, 24)],
        ),
    ],
    ids=lambda value: getattr(value, "name", None) or (value[0] if value else None),
)
def test_indices(
    source: KeypointSet,
    target: KeypointSet,
    parts: tuple[str, ...],
    expected: list[int | tuple[int, int]],
) -> None:
    rows = source_indices(source, target)[target.part_indices(*parts)]
    pairs = [each if isinstance(each, tuple) else (each, each) for each in expected]
    assert [tuple(sorted(row)) for row in rows.tolist()] == pairs


FACE_FROM_308: dict[int, tuple[int, int] | int] = {
    8: 77,
    **dict(zip(range(17, 27), (80, 83, 81, 84, 78, 87, 92, 90, 93, 89), strict=True)),
    **dict(zip(range(27, 31), (71, 73, 72, 178), strict=True)),
    **dict(zip(range(31, 36), (180, (182, 183), 179, (185, 186), 181), strict=True)),
    **dict(zip(range(36, 42), ((121, 162), 126, 127, (120, 161), 168, 167), strict=True)),
    **dict(zip(range(42, 48), ((96, 144), 103, 102, (97, 145), 150, 151), strict=True)),
    **dict(zip(range(48, 55), (188, 192, 197, 190, 198, 193, 189), strict=True)),
    **dict(zip(range(55, 60), (195, 202, 191, 201, 194), strict=True)),
    **dict(zip(range(60, 68), (204, 208, 206, 209, 205, 211, 207, 210), strict=True)),
    68: 2,
    69: 1,
}


def test_the_face_of_308_and_its_mirror() -> None:
    pairs = source_indices(GOLIATH_308, OPENPOSE_136)
    for landmark, expected in FACE_FROM_308.items():
        row = tuple(sorted(pairs[OPENPOSE_136.index(f"face-{landmark}")].tolist()))
        assert row == (expected if isinstance(expected, tuple) else (expected, expected))
    # Mirrored sources must be the sources of the mirrored joint.
    has = pairs[:, 0] != MISSING
    mirrored = np.sort(GOLIATH_308.flip_indices[pairs[has]], axis=1)
    assert np.array_equal(mirrored, np.sort(pairs[OPENPOSE_136.flip_indices[has]], axis=1))


def test_a_jaw_that_was_seen_is_kept() -> None:
    pose = make_pose(COCO_WHOLEBODY_133)
    converted = convert_pose(pose, OPENPOSE_136)
    jaw = OPENPOSE_136.part_indices("face_jaw")
    assert np.array_equal(
        converted.scores[jaw], pose.scores[COCO_WHOLEBODY_133.part_indices("face_jaw")]
    )


def test_308_to_17_is_the_same_by_way_of_133() -> None:
    pose = make_pose(GOLIATH_308)
    step = convert_pose(convert_pose(pose, COCO_WHOLEBODY_133), COCO_17)
    assert step == convert_pose(pose, COCO_17)


@pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=KEYPOINT_SETS.keys())
def test_a_set_converts_to_itself_unchanged(keypoint_set: KeypointSet) -> None:
    pose = make_pose(keypoint_set)
    assert convert_pose(pose, keypoint_set) == pose


def test_what_the_source_does_not_know_is_missing() -> None:
    converted = convert_pose(make_pose(COCO_17), COCO_WHOLEBODY_133)
    rest = np.setdiff1d(np.arange(133), COCO_WHOLEBODY_133.part_indices("body"))
    assert not converted.keypoints_image[rest].any()
    assert not converted.scores[rest].any()
