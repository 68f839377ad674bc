"""Backgrounds, canvases, sizes and colours: what every style has in common."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.draw import STYLES, DrawOptions, render
from comfyui_sapiens_pose.skeletons.draw.canvas import Placement
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KEYPOINT_SETS,
    OPENPOSE_136,
    KeypointSet,
)
from comfyui_sapiens_pose.skeletons.openpose_points import OpenPoseOptions, uniform_thresholds
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose

WIDTH, HEIGHT = 96, 64


def scattered(
    keypoint_set: KeypointSet = OPENPOSE_136,
    canvas_wh: tuple[int, int] = (WIDTH, HEIGHT),
    seed: int = 0,
    **changes,
) -> Pose:
    """A person whose joints are thrown over the canvas and a little beyond it."""
    rng = np.random.default_rng(seed)
    values = {
        "keypoints_image": rng.uniform(-0.2, 1.2, (len(keypoint_set), 2)) * canvas_wh,
        "scores": np.ones(len(keypoint_set)),
        "box_xyxy": [0, 0, *canvas_wh],
    }
    return Pose(keypoint_set=keypoint_set, canvas_wh=canvas_wh, **(values | changes))


def frame_of(*poses: Pose) -> Frame:
    return Frame((WIDTH, HEIGHT), poses)


def only(*names: str, at: tuple[float, float] = (40, 30), score: float = 1.0, **changes) -> Pose:
    """A person of whom only the named joints were found, all at one place."""
    found = np.isin(OPENPOSE_136.names, names)
    return scattered(
        keypoints_image=np.tile(at, (len(OPENPOSE_136), 1)), scores=score * found, **changes
    )


every_style = pytest.mark.parametrize("style", STYLES)
every_set = pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=lambda s: s.name)


@every_style
def test_nobody_leaves_the_background_as_it_is(style):
    picture = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    drawn = render(frame_of(), DrawOptions(style=style, background="image"), picture)
    np.testing.assert_array_equal(drawn.image_rgb, picture)
    assert not drawn.mask.any()


@every_style
@every_set
def test_every_style_draws_every_set(style, keypoint_set):
    drawn = render(frame_of(scattered(keypoint_set)), DrawOptions(style=style))
    assert drawn.image_rgb.shape == (HEIGHT, WIDTH, 3)
    assert drawn.image_rgb.dtype == drawn.mask.dtype == np.uint8
    assert drawn.image_rgb.any()
    np.testing.assert_array_equal(drawn.mask > 0, drawn.image_rgb.any(axis=2))


@every_style
@pytest.mark.parametrize("score", [0.0, -1.0, 0.29])
def test_points_that_were_not_found_leave_no_trace(style, score):
    pose = scattered(scores=np.full(len(OPENPOSE_136), score))
    assert not render(frame_of(pose), DrawOptions(style=style)).mask.any()


@every_style
def test_a_score_at_the_threshold_is_drawn(style):
    drawn = render(frame_of(only("nose", score=0.5)), DrawOptions(style, score_threshold=0.5))
    assert drawn.mask[30, 40]


@pytest.mark.parametrize("style", ["openpose", "core"])
def test_the_mask_tells_where_the_skeleton_is_on_any_background(style):
    frame = frame_of(scattered())
    black = render(frame, DrawOptions(style))
    white = render(frame, DrawOptions(style, background="white"))
    np.testing.assert_array_equal(white.mask, black.mask)
    assert (white.image_rgb[white.mask == 0] == 255).all()
    covered = black.mask == 255
    np.testing.assert_array_equal(white.image_rgb[covered], black.image_rgb[covered])


@every_style
def test_a_transparent_drawing_laid_on_white_is_the_drawing_on_white(style):
    frame = frame_of(scattered(), scattered(seed=1))
    clear = render(frame, DrawOptions(style, background="transparent"))
    alpha = clear.mask[..., None] / 255
    composed = clear.image_rgb * alpha + 255 * (1 - alpha)
    white = render(frame, DrawOptions(style, background="white")).image_rgb
    # Each blend of the overlapping shapes rounds once in either order.
    assert np.abs(composed - white).max() <= 6
    assert clear.rgba.shape == (HEIGHT, WIDTH, 4)


@pytest.mark.parametrize(("opacity", "expected"), [(0.0, 0), (0.25, 50), (1.0, 200)])
def test_image_opacity_fades_the_picture_to_black(opacity, expected):
    picture = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    options = DrawOptions(background="image", image_opacity=opacity)
    assert (render(frame_of(), options, picture).image_rgb == expected).all()


def test_the_picture_is_not_painted_on():
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    render(frame_of(scattered()), DrawOptions(background="image"), picture)
    assert not picture.any()


@pytest.mark.parametrize(
    ("layout", "placed_wh", "offset_xy", "corner"),
    [
        ("fit", (200, 100), (0, 50), (200, 150)),
        ("fill", (400, 200), (-100, 0), (300, 200)),
        ("stretch", (200, 200), (0, 0), (200, 200)),
    ],
)
def test_layouts_move_keypoints_and_pixels_alike(layout, placed_wh, offset_xy, corner):
    placement = Placement.of((40, 20), (200, 200), layout)
    assert (placement.placed_wh, placement.offset_xy) == (placed_wh, offset_xy)
    points = np.zeros((17, 2))
    points[1] = 40, 20
    moved = placement.place_pose(scattered(COCO_17, (40, 20), keypoints_image=points))
    np.testing.assert_array_equal(moved.keypoints_image[:2], [offset_xy, corner])
    np.testing.assert_array_equal(moved.box_xyxy, [*offset_xy, *corner])
    assert moved.canvas_wh == (200, 200)
    picture = np.full((20, 40, 3), 255, np.uint8)
    lit = placement.place_image(picture)[..., 0] > 0
    assert lit.sum() == min(placed_wh[0], 200) * min(placed_wh[1], 200)
    assert lit[max(offset_xy[1], 0), max(offset_xy[0], 0)]


def test_a_larger_canvas_moves_points_and_keeps_lines_as_wide():
    frame = frame_of(only("nose", at=(24, 16)))
    small, large = (
        render(frame, DrawOptions(canvas_wh=(k * WIDTH, k * HEIGHT))).mask for k in (1, 4)
    )
    assert small.any()
    assert (small > 0).sum() == (large > 0).sum()
    np.testing.assert_array_equal(np.argwhere(large).mean(axis=0), [64, 96])


@every_style
def test_relative_sizes_grow_with_the_canvas(style):
    frame = frame_of(only("nose", at=(24, 16)))

    def area(side: int) -> int:
        options = DrawOptions(style, canvas_wh=(side, side), relative_size=True)
        return int((render(frame, options).mask > 0).sum())

    assert (
        area(512) == render(frame, DrawOptions(style, canvas_wh=(512, 512))).mask.astype(bool).sum()
    )
    assert area(2048) > 8 * area(512)


@every_style
@pytest.mark.parametrize("canvas_wh", [(2048, 1024), (1024, 2048)])
def test_relative_sizes_are_those_of_the_shorter_side(style, canvas_wh):
    """A nose covers as much as on a square of the shorter side, but for its place in a pixel."""
    frame = frame_of(only("nose", at=(WIDTH // 2, HEIGHT // 2)))
    areas = [
        (render(frame, DrawOptions(style, canvas_wh=size, relative_size=True)).mask > 0).sum()
        for size in ((1024, 1024), canvas_wh)
    ]
    assert areas[0] == pytest.approx(areas[1], rel=0.1)
    assert areas[0] > 0


@every_style
def test_wider_lines_and_larger_points_cover_more(style):
    pose = scattered(OPENPOSE_136, canvas_wh=(WIDTH, HEIGHT))
    frame = Frame((WIDTH, HEIGHT), (pose,))
    options = {"style": style, "canvas_wh": (1024, 1024)}
    own = render(frame, DrawOptions(**options)).mask.astype(bool).sum()
    for wish in ({"line_width": 12}, {"point_radius": 14}):
        assert render(frame, DrawOptions(**options, **wish)).mask.astype(bool).sum() > own


@every_style
@pytest.mark.parametrize(
    ("switch", "joint"),
    [
        ("draw_body", "nose"),
        ("draw_hands", "left_thumb1"),
        ("draw_hands", "right_hand_root"),
        ("draw_face", "face-30"),
        ("draw_feet", "left_heel"),
    ],
)
def test_each_part_has_a_switch(style, switch, joint):
    frame = frame_of(only(joint))
    assert render(frame, DrawOptions(style, **{switch: True})).mask.any()
    assert not render(frame, DrawOptions(style, **{switch: False})).mask.any()


@every_style
def test_feet_show_by_default_only_where_a_network_has_them(style):
    shown = render(frame_of(only("left_heel")), DrawOptions(style)).mask.any()
    assert shown == (style not in ("openpose", "core"))


@every_style
def test_colors_by_person_stay_with_the_id(style):
    options = DrawOptions(style, color_by_person=True, opacity=1.0)

    def color(*poses: Pose) -> tuple[int, ...]:
        return tuple(render(frame_of(*poses), options).image_rgb[30, 40])

    one, two = (only("nose", person_id=number) for number in (1, 2))
    nobody = scattered(scores=np.zeros(len(OPENPOSE_136)))
    assert color(one) != color(two)
    assert color(one) == color(nobody, one)
    unnumbered = only("nose")
    assert color(unnumbered) != color(nobody, unnumbered)


def test_points_absurdly_far_away_are_left_out():
    assert not render(frame_of(only("nose", "neck", at=(1e30, 5)))).mask.any()


@pytest.mark.parametrize(("jaw", "drawn"), [("hidden", False), ("drawn", True), ("none", False)])
def test_the_jaw_that_308_points_have_not_is_drawn_if_asked(jaw, drawn):
    frame = frame_of(scattered(GOLIATH_308))
    plain = render(frame, DrawOptions(draw_body=False, draw_hands=False))
    options = DrawOptions(draw_body=False, draw_hands=False, openpose=uniform_thresholds(0.3, jaw))
    assert (render(frame, options).mask > plain.mask).any() == drawn


def test_thresholds_by_part():
    pose = scattered(COCO_WHOLEBODY_133, scores=np.full(133, 0.4))
    options = OpenPoseOptions(body_threshold=0.5, hands_threshold=0.5, min_person_keypoints=0)
    by_part = render(frame_of(pose), DrawOptions(openpose=options))
    face_alone = render(frame_of(pose), DrawOptions(draw_body=False, draw_hands=False))
    assert by_part.mask.any()
    # The two dots on the eyes go with the body's eyes, which are hidden here.
    assert (by_part.mask <= face_alone.mask).all()


def test_a_person_without_a_body_is_not_drawn_from_a_network():
    scores = np.zeros(133)
    scores[COCO_WHOLEBODY_133.part_indices("left_hand")] = 1
    pose = scattered(COCO_WHOLEBODY_133, scores=scores)
    assert not render(frame_of(pose), DrawOptions("openpose")).mask.any()
    assert render(frame_of(pose), DrawOptions("sapiens")).mask.any()


def placed(**joints: tuple[float, float]) -> Pose:
    """A person of whom only the named joints were found, each where it is given."""
    points, scores = np.zeros((len(OPENPOSE_136), 2)), np.zeros(len(OPENPOSE_136))
    for name, place in joints.items():
        points[OPENPOSE_136.index(name)] = place
        scores[OPENPOSE_136.index(name)] = 1
    return scattered(keypoints_image=points, scores=scores)


@pytest.mark.parametrize(("style", "drawn"), [("openpose", True), ("core", False)])
def test_a_limb_without_length_is_a_sliver_unless_core_draws_it(style, drawn):
    frame = frame_of(placed(neck=(40, 30), right_shoulder=(40.5, 30)))
    mask = render(frame, DrawOptions(style, line_width=12)).mask
    assert bool(mask[40, 40]) == drawn


@pytest.mark.parametrize(("style", "on_top"), [("openpose", "right"), ("core", "left")])
def test_which_hand_lies_on_top(style, on_top):
    hands = {
        "left_thumb1": (20, 30),
        "left_thumb2": (70, 30),
        "right_thumb2": (20, 30),
        "right_thumb3": (70, 30),
    }
    expected = {"left": (255, 77, 0), "right": (255, 153, 0)}[on_top]
    color = render(frame_of(placed(**hands)), DrawOptions(style)).image_rgb[30, 45]
    np.testing.assert_allclose(color, expected, atol=1)  # core truncates what openpose rounds


@pytest.mark.parametrize(("threshold", "drawn"), [(0.49, True), (0.5, False)])
def test_the_neck_of_sapiens_needs_shoulders_above_the_threshold(threshold, drawn):
    ends = {"left_shoulder": (70, 20), "right_shoulder": (20, 20)}
    pose = placed(**ends)
    pose = replace(pose, scores=pose.scores * 0.5)
    options = DrawOptions("sapiens_openpose", score_threshold=threshold)
    mask = render(frame_of(pose), options).mask
    assert mask[20, 20]
    assert bool(mask[20, 45]) == drawn


@pytest.mark.parametrize(("x", "drawn"), [(0, False), (1, True)])
def test_links_of_sapiens_stay_off_the_first_column(x, drawn):
    frame = frame_of(placed(left_hip=(x, 30), left_knee=(60, 30)))
    assert bool(render(frame, DrawOptions("sapiens")).mask[30, 30]) == drawn


def test_dense_links_of_the_face_are_drawn():
    lids = ("r_outer_end_of_upper_lash_line", "r_midpoint_3_of_upper_lash_line")
    ends = GOLIATH_308.indices(lids)
    points = np.full((len(GOLIATH_308), 2), 5.0)
    points[ends] = [10, 30], [80, 30]
    scores = np.zeros(len(GOLIATH_308))
    scores[ends] = 1
    pose = scattered(GOLIATH_308, keypoints_image=points, scores=scores)
    assert render(frame_of(pose), DrawOptions("dense")).mask[30, 45]
    assert not render(frame_of(pose), DrawOptions("sapiens")).mask[30, 45]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"layout": "crop"}, r"layout is 'crop', expected one of \['fit', 'fill', 'stretch'\]"),
        ({"background": "grey"}, "background is 'grey'"),
        ({"xinsir": True}, "xinsir is True"),
        ({"image_opacity": 1.5}, "image_opacity is 1.5, expected 0 to 1"),
        ({"opacity": -1}, "opacity is -1"),
        ({"line_width": -1}, "line_width is -1, expected 0 to 1000"),
        ({"canvas_wh": (0, 5)}, r"canvas_wh is \(0, 5\)"),
        ({"style": "neon"}, r"style is 'neon', expected one of \['openpose', 'core'"),
        ({"background": "image"}, "no image was given"),
    ],
)
def test_wrong_options_are_refused_by_name(wrong, message):
    with pytest.raises(ValueError, match=message):
        render(frame_of(), DrawOptions(**wrong))
