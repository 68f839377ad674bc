"""Drawings shrunk where something is drawn, against OpenCV's and Pillow's own resizing of all."""

import cv2
import numpy as np
import PIL
import pytest
from comfyui_sapiens_pose.skeletons.draw.trained import pillow_resize
from comfyui_sapiens_pose.skeletons.draw.trained.resizing import lanczos_or_area
from helpers.samples import sample
from PIL import Image

pytestmark = [pytest.mark.opencv, pytest.mark.portable]

DOWN_FIRST = int(PIL.__version__.split(".")[0]) >= 13
"""Whether Pillow starts with the height where that shrinks more."""

SIZES = [  # of the drawing and of the finished image, width x height
    ((1, 1), (1, 1)),
    ((1, 7), (5, 3)),
    ((96, 64), (48, 32)),
    ((97, 63), (48, 31)),
    ((40, 120), (20, 60)),
    ((600, 300), (300, 150)),
    ((64, 96), (104, 60)),
    ((64, 48), (64, 24)),
    ((50, 40), (75, 60)),
    ((60, 60), (70, 59)),
    ((60, 60), (59, 57)),
    ((180, 128), (100, 75)),
    ((112, 96), (130, 45)),
    ((300, 200), (31, 17)),
]


def drawing(size_wh: tuple[int, int], seed: int, lines: int = 4) -> np.ndarray:
    """A few lines and dots, some of them at the edges, in any colours."""
    rng = np.random.default_rng(seed)
    canvas = np.zeros((size_wh[1], size_wh[0], 4), np.uint8)
    for _ in range(lines):
        color = (*rng.integers(0, 256, 3).tolist(), 255)
        ends = [tuple(rng.integers(0, side) for side in size_wh) for _ in range(2)]
        cv2.line(canvas, *np.asarray(ends).tolist(), color, 2)
        cv2.circle(canvas, np.asarray(ends[0]).tolist(), 2, color, cv2.FILLED)
    return canvas


@pytest.mark.parametrize(("drawn_wh", "size_wh"), SIZES, ids=str)
@pytest.mark.parametrize("lines", [0, 4, 60])
def test_area_and_lanczos_are_those_of_opencv(drawn_wh, size_wh, lines):
    canvas = drawing(drawn_wh, 1, lines)
    enlarges = np.prod(size_wh) > np.prod(drawn_wh)
    method = cv2.INTER_LANCZOS4 if enlarges else cv2.INTER_AREA
    expected = cv2.resize(canvas, size_wh, interpolation=method)
    np.testing.assert_array_equal(lanczos_or_area(canvas, size_wh), expected)


@pytest.mark.parametrize(("drawn_wh", "size_wh"), SIZES, ids=str)
@pytest.mark.parametrize("lines", sample([0, 4, 60], [4]))
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (pillow_resize.bicubic, Image.Resampling.BICUBIC),
        (pillow_resize.bilinear, Image.Resampling.BILINEAR),
    ],
)
def test_bicubic_and_bilinear_are_those_of_pillow(drawn_wh, size_wh, lines, ours, theirs):
    if drawn_wh[1] - size_wh[1] > max(0, 2 * (drawn_wh[0] - size_wh[0])) and not DOWN_FIRST:
        pytest.skip("older versions of Pillow start with the width")
    canvas = drawing(drawn_wh, 2, lines)
    # "CMYK" has four channels that are resized alike; "RGBA" is multiplied by its last one.
    expected = np.asarray(Image.fromarray(canvas, "CMYK").resize(size_wh, theirs))
    np.testing.assert_array_equal(ours(canvas, size_wh), expected)
