"""Fractions and pixels are told apart on all numbers of a file."""

from __future__ import annotations

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.keypoint_sets import BODY_25, OPENPOSE_136
from helpers.pose_documents import (
    BODY_18,
    CANVAS,
    WH,
    assert_stands,
    flat,
    fractions,
    openpose_file,
    read,
)
from helpers.poses import STANDING


@pytest.mark.parametrize(
    "shift", [(0, 0), (0, 0.3), (0.7, 0), (-0.6, -0.4), (3.0, 0), (-4.0, 2.0), (0, 6.0)]
)
def test_fractions_outside_of_the_canvas_stay_fractions(shift: tuple[float, float]) -> None:
    body = fractions(BODY_18, shift=shift)
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    assert_stands(frame.poses[0], (shift[0] * 512, shift[1] * 768))


def test_one_lost_point_does_not_tip_fractions() -> None:
    body = fractions(BODY_18)
    body[30:32] = [55.0, 80.0]
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    row = OPENPOSE_136.index("nose")
    np.testing.assert_allclose(frame.poses[0].keypoints_image[row], STANDING["nose"])


def test_a_hand_across_the_edge_stays_in_fractions() -> None:
    hand = [
        0.9 + 0.02 * i if k == 0 else 0.5 if k == 1 else 1.0 for i in range(21) for k in (0, 1, 2)
    ]
    person = {"pose_keypoints_2d": fractions(BODY_18), "hand_left_keypoints_2d": hand}
    _, (frame,) = read({"people": [person], **CANVAS})
    row = OPENPOSE_136.index("left_pinky_finger4")
    np.testing.assert_allclose(frame.poses[0].keypoints_image[row], (1.3 * 512, 384.0))


def test_a_small_part_in_the_corner_of_a_file_in_pixels_stays_in_pixels() -> None:
    hand = [[2.0 + i / 10, 3.0, 1.0] for i in range(21)]
    person = {"pose_keypoints_2d": flat(BODY_18), "hand_left_keypoints_2d": hand}
    _, (frame,) = read({"people": [person], **CANVAS})
    row = OPENPOSE_136.index("left_hand_root")
    assert frame.poses[0].keypoints_image[row].tolist() == [2.0, 3.0]


@pytest.mark.parametrize("missing", [(), (0,), (3, 7, 11)], ids=str)
@pytest.mark.parametrize("scale", [3, 4])
def test_keypoint_scales_of_openpose(scale: int, missing: tuple[int, ...]) -> None:
    """What was not found is 0, 0, 0 before scaling, so -1, -1, 0 with scale 4."""
    body = np.array(fractions(BODY_25.names)).reshape(-1, 3)
    body[list(missing)] = 0.0
    if scale == 4:
        body[:, :2] = 2 * body[:, :2] - 1
    _, (frame,) = read(openpose_file([body.ravel().tolist()]), ReadOptions(WH))
    pose = frame.poses[0]
    for index, name in enumerate(BODY_25.names):
        if name != "mid_hip":
            row = OPENPOSE_136.index(name)
            expected = (0, 0) if index in missing else STANDING[name]
            np.testing.assert_allclose(pose.keypoints_image[row], expected, atol=1e-9)


def test_units_that_the_numbers_do_not_tell_are_an_option() -> None:
    """Everybody below and right of the middle, and everything found."""
    body = np.array(fractions(BODY_18, 0.4, (0.2, 0.5))).reshape(-1, 3)
    document = openpose_file([body.ravel().tolist()])
    nose = OPENPOSE_136.index("nose")
    x, y = body[0, :2]
    for units, expected in (
        (None, (x * 512, y * 768)),
        ("fractions", (x * 512, y * 768)),
        ("plus-minus-one", ((x + 1) * 256, (y + 1) * 384)),
        ("pixels", (x, y)),
    ):
        _, (frame,) = read(document, ReadOptions(WH, units=units))  # type: ignore[arg-type]
        np.testing.assert_allclose(frame.poses[0].keypoints_image[nose], expected)


def test_fractions_without_a_canvas_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="fractions of a canvas whose size is not given"):
        read(openpose_file([fractions(BODY_18)]))
