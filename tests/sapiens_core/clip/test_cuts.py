"""Cuts that are found from images, and tracks that end at them."""

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.clip.images.cuts import NEIGHBOURS, find_cuts, make_thumbnail
from comfyui_sapiens_pose.sapiens_core.clip.smooth import smooth
from comfyui_sapiens_pose.sapiens_core.clip.smooth_path import SmoothOptions
from comfyui_sapiens_pose.sapiens_core.clip.tracker import TrackOptions, follow
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.scenes import CANVAS, figure, make_pose


def place(seed: int):
    """(180, 960, 3) an image of something, of soft patches in colours."""
    patches = np.random.default_rng(seed).integers(0, 256, (9, 48, 3), np.uint8)
    return cv2.resize(patches, (960, 180), interpolation=cv2.INTER_CUBIC)


ONE, OTHER = place(1), place(2)
WHITE = np.full((180, 320, 3), 255, np.uint8)


def still(image_rgb, num_frames: int = 5) -> list:
    return [image_rgb[:, :320]] * num_frames


def pan(step: int, num_frames: int = 8) -> list:
    """A camera that turns by ``step`` pixels of 320 per frame."""
    return [ONE[:, index * step : index * step + 320] for index in range(num_frames)]


def zoom(factor: float, num_frames: int = 6) -> list:
    sides = [(180 / factor**index, 320 / factor**index) for index in range(num_frames)]
    return [cv2.getRectSubPix(ONE, (int(w), int(h)), (160, 90)) for h, w in sides]


def car() -> list:
    """Something that passes and covers half of the image, a little more of it in each frame."""
    frames = []
    for left in (320, 300, 260, 200, 160, 160, 160):
        frame = ONE[:, :320].copy()
        frame[:, left:] = OTHER[:, left:320]
        frames.append(frame)
    return frames


def flash(num_frames: int) -> list:
    return [*still(ONE), *[WHITE] * num_frames, *still(ONE)]


def brighter(image_rgb):
    return np.clip(image_rgb.astype(int) + 90, 0, 255).astype(np.uint8)


CLIPS = {
    "nothing": ([], []),
    "one image": (still(ONE, 1), []),
    "still": (still(ONE), []),
    "cut": (still(ONE) + still(OTHER), [5]),
    "cut in the first and the last frame": (still(ONE, 1) + still(OTHER) + still(ONE, 1), [1, 6]),
    "there and back": (still(ONE) + still(OTHER) + still(ONE), [5, 10]),
    "cut through one white frame": ([*still(ONE), WHITE, *still(OTHER)], [5]),
    "cut within a pan": (pan(40) + still(OTHER), [8]),
    "flash": (flash(1), []),
    "flash of two frames": (flash(2), []),
    "lamp goes on": ([*still(ONE), *map(brighter, still(ONE))], []),
    "strobe": ([*still(ONE, 1), WHITE] * 6, []),
    "pan of 60 degrees a second at 8 frames a second": (pan(40), []),
    "pan at 4 frames a second": (pan(80), []),
    "zoom": (zoom(1.15), []),
    "car": (car(), []),
    "white": ([WHITE] * 4, []),
}


@pytest.mark.parametrize(("images", "expected"), CLIPS.values(), ids=CLIPS)
def test_cuts(images, expected):
    cuts = list(find_cuts(map(make_thumbnail, images)))
    assert len(cuts) == len(images)
    assert [frame for frame, is_cut in enumerate(cuts) if is_cut] == expected


def test_a_clip_goes_on_where_it_ended():
    one, other = make_thumbnail(ONE[:, :320]), make_thumbnail(OTHER[:, :320])
    assert list(find_cuts([other] * 3, before=[one] * 9)) == [True, False, False]
    assert list(find_cuts([other] * 3, before=[other] * 9)) == [False] * 3


def test_an_unknown_image_is_no_cut_and_hides_none():
    one, other = make_thumbnail(ONE[:, :320]), make_thumbnail(OTHER[:, :320])
    assert list(find_cuts([None, one, one, None, other, other])) == [*[False] * 4, True, False]
    assert list(find_cuts([None] * 4)) == [False] * 4


def test_a_cut_is_told_a_few_frames_later():
    thumbnails = iter([make_thumbnail(ONE[:, :320])] * 9)
    next(find_cuts(thumbnails))
    assert len(list(thumbnails)) == 9 - NEIGHBOURS


def test_all_tracks_end_at_a_cut_and_smoothing_does_not_cross_it():
    places = [100] * 6 + [130] * 6
    frames = [Frame(CANVAS, [make_pose(figure((x, 400), 250, 0))]) for x in places]
    options = TrackOptions()

    def ids(cuts) -> list[int]:
        return [frame.poses[0].person_id for frame in follow(frames, options, cuts)]

    assert ids([]) == [0] * 12
    cuts = [index == 6 for index in range(12)]
    assert ids(cuts) == [0] * 6 + [1] * 6
    smoothed = smooth(list(follow(frames, options, cuts)), SmoothOptions(fps=60))
    for before, after in zip(frames, smoothed, strict=True):
        points, others = before.poses[0].keypoints_image, after.poses[0].keypoints_image
        np.testing.assert_allclose(others, points, atol=1e-6)
