"""Pictures of any size and shape behind a skeleton."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.keypoint_sets import OPENPOSE_136
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_pose

WIDTH, HEIGHT = 96, 64
NOBODY = Frame((WIDTH, HEIGHT))


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((HEIGHT, WIDTH), np.uint8), ((HEIGHT, WIDTH, 4), np.uint8), ((HEIGHT, WIDTH, 3), float)],
)
def test_a_background_that_is_no_image_is_refused(shape, dtype):
    with pytest.raises(ValueError, match=r"expected \(height, width, 3\) uint8"):
        render(NOBODY, DrawOptions(background="image"), np.zeros(shape, dtype))


@pytest.mark.parametrize(
    ("layout", "rows", "columns"),
    [
        ("fit", slice(8, HEIGHT - 8), slice(0, WIDTH // 4)),
        ("fill", slice(None), slice(0, 16)),
        ("stretch", slice(None), slice(0, WIDTH // 4)),
    ],
)
def test_a_background_of_another_size_and_shape_is_laid_out(layout, rows, columns):
    """A picture of 40 x 20, whose left quarter is white, on 96 x 64."""
    picture = np.zeros((20, 40, 3), np.uint8)
    picture[:, :10] = 255
    drawn = render(NOBODY, DrawOptions(background="image", layout=layout), picture)
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[rows, columns] = True
    np.testing.assert_array_equal(drawn.image_rgb[..., 0] > 127, expected)


def test_an_enlarged_background_changes_no_point():
    frame = Frame((WIDTH, HEIGHT), (make_pose(OPENPOSE_136, canvas_wh=(WIDTH, HEIGHT)),))
    options = DrawOptions(background="image")
    plain, large = (
        render(frame, options, np.full((k * HEIGHT, k * WIDTH, 3), 9, np.uint8)) for k in (1, 3)
    )
    np.testing.assert_array_equal(plain.image_rgb, large.image_rgb)
