"""Pictures of any size and shape behind a skeleton, and drawings without masks."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.draw import STYLES, DrawOptions, render, render_image
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308, OPENPOSE_136
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


@pytest.mark.parametrize(
    "options",
    [
        {},
        pytest.param({"draw_at": "twice"}, marks=pytest.mark.exhaustive),
        pytest.param({"detect_resolution": 40}, marks=pytest.mark.exhaustive),
    ],
    ids=str,
)
@pytest.mark.parametrize("background", ["black", "white", "image", "transparent"])
@pytest.mark.parametrize("style", STYLES)
def test_an_image_without_its_mask_is_the_same(style, background, options):
    picture = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    before = picture.copy()
    options = DrawOptions(style=style, background=background, **options)
    frame = Frame((WIDTH, HEIGHT), [make_pose(GOLIATH_308, canvas_wh=(WIDTH, HEIGHT))])
    both = render(frame, options, picture)
    alone = render_image(frame, options, picture)
    np.testing.assert_array_equal(alone, both.image_rgb)
    np.testing.assert_array_equal(picture, before)
    assert both.mask.any()
