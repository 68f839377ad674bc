"""Whatever the poses and the canvas, a drawing comes out, of the right shape and type."""

import math

import numpy as np
from comfyui_sapiens_pose.skeletons.draw import STYLES, DrawOptions, render
from comfyui_sapiens_pose.skeletons.draw.canvas import Placement
from comfyui_sapiens_pose.skeletons.foundation.limits import MAX_CANVAS_PIXELS
from comfyui_sapiens_pose.skeletons.keypoint_sets import KEYPOINT_SETS
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

SIDES = st.one_of(st.integers(1, 8), st.integers(1, 300), st.sampled_from([1023, 8192]))


@st.composite
def sizes_wh(draw: st.DrawFn) -> tuple[int, int]:
    """1 x 1 to 8192 wide, never so large in both that the test is slow."""
    longer, shorter = draw(SIDES), draw(st.integers(1, 300))
    return (longer, shorter) if draw(st.booleans()) else (shorter, longer)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Up to 20 people on and off the canvas; coordinates from none at all to absurd."""
    canvas_wh = draw(sizes_wh())
    reach = draw(st.sampled_from([1.0, 300.0, 2.0**16, 1e18]))
    poses = []
    for _ in range(draw(st.integers(0, 20))):
        keypoint_set = draw(st.sampled_from(list(KEYPOINT_SETS.values())))
        rng = np.random.default_rng(draw(st.integers(0, 2**32)))
        count = len(keypoint_set)
        points = rng.uniform(-reach, reach, (count, 2))
        spots = draw(arrays(np.float64, (3, 2), elements=st.floats(-1e5, 1e5)))
        points[rng.integers(0, count, 3)] = spots
        scores = rng.choice([-1.0, 0.0, 0.29, 0.3, 1.0, 7.5], count)
        person_id = draw(st.none() | st.integers(-5, 10**9))
        poses.append(
            Pose(points, scores, keypoint_set, canvas_wh, np.zeros(4), person_id=person_id)
        )
    return Frame(canvas_wh, poses)


@st.composite
def options(draw: st.DrawFn) -> DrawOptions:
    return DrawOptions(
        style=draw(st.sampled_from(list(STYLES))),
        canvas_wh=draw(st.none() | sizes_wh()),
        layout=draw(st.sampled_from(["fit", "fill", "stretch"])),
        background=draw(st.sampled_from(["black", "white", "transparent", "image"])),
        image_opacity=draw(st.floats(0, 1)),
        opacity=draw(st.floats(0, 1)),
        draw_feet=draw(st.sampled_from([None, True, False])),
        xinsir=draw(st.sampled_from(["off", "sticks", "sticks_and_dots"])),
        line_width=draw(st.none() | st.floats(0, 40)),
        point_radius=draw(st.none() | st.floats(0, 40)),
        relative_size=draw(st.booleans()),
        color_by_person=draw(st.booleans()),
        score_threshold=draw(st.floats(-1, 1)),
    )


@settings(
    max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(frame=frames(), options=options(), image_wh=sizes_wh())
def test_any_frame_can_be_drawn_with_any_options(frame, options, image_wh):
    canvas_wh = options.canvas_wh or frame.canvas_wh
    placed_wh = Placement.of(image_wh, canvas_wh, options.layout).placed_wh
    assume(options.background != "image" or math.prod(placed_wh) <= MAX_CANVAS_PIXELS)
    picture = np.full((*image_wh[::-1], 3), 90, np.uint8)
    drawn = render(frame, options, picture)
    width, height = canvas_wh
    assert drawn.image_rgb.shape == (height, width, 3)
    assert drawn.mask.shape == (height, width)
    assert drawn.image_rgb.dtype == drawn.mask.dtype == np.uint8
    if options.background == "black" and options.opacity == 1:
        np.testing.assert_array_equal(drawn.mask > 0, drawn.image_rgb.any(axis=2))
