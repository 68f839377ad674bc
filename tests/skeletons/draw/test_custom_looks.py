"""What models were trained on, drawn for no model: by the options of which their rows are made."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons import choices
from comfyui_sapiens_pose.skeletons.draw import STYLES, DrawOptions, advice, render, trained
from comfyui_sapiens_pose.skeletons.draw.trained import model_advice
from comfyui_sapiens_pose.skeletons.openpose_points import OpenPoseOptions
from comfyui_sapiens_pose.skeletons.options.drawing import DRAWING
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.model_goldens import FOLDER, PICTURES, golden_frame
from helpers.samples import sample

pytestmark = [pytest.mark.opencv, pytest.mark.portable]

ALL_HANDS_AND_FACES = OpenPoseOptions(hands_threshold=0, face_threshold=0)
"""MimicMotion draws them whatever their scores."""

LAYERS = {"paint_order": "by_layer"}
VACE = LAYERS | {"draw_hands": False, "face_points": "landmarks", "exchange_red_blue": True}
UNIANIMATE = LAYERS | {"draw_face": False, "toe_limbs": "unianimate"}
STEADY_DANCER = LAYERS | {
    "draw_face": False,
    "exchange_red_blue": True,
    "openpose": OpenPoseOptions(body_threshold=0.35, hands_threshold=0.35, neck_threshold=0.3),
}
MIMICMOTION = LAYERS | {
    "openpose": ALL_HANDS_AND_FACES,
    "face_points": "landmarks",
    "dim_by_score": True,
}
WAN_ANIMATE = {
    "draw_face": False,
    "score_threshold": 0.5,
    "toe_limbs": "wan_animate",
    "width_rule": "wan_animate",
}

AS_MODELS = {
    "openpose": {},
    "xinsir": {"xinsir": "sticks_and_dots"},
    "fun": {},
    "ltx2": {},
    "wan_animate": WAN_ANIMATE,
    "vace": VACE | {"draw_at": "short_1024", "resize_by": "area"},
    "steady_dancer": STEADY_DANCER | {"draw_at": "twice", "resize_by": "pillow_bicubic"},
    "unianimate": UNIANIMATE | {"exchange_red_blue": True},
    "unianimate_infer": UNIANIMATE
    | {"exchange_red_blue": True, "draw_at": "512x768", "resize_by": "pillow_bilinear"},
    "mimicmotion": MIMICMOTION | {"exchange_red_blue": True, "draw_at": "short_2160"},
    "one_to_all": LAYERS
    | {
        "face_points": "brows_eyes_mouth",
        "dim_by_score": True,
        "width_rule": "one_to_all",
        "draw_at": "short_2160",
    },
}
"""Options that draw what ``for_model`` draws."""

NOT_DRAWN = {
    "one_to_all_infer": "paints right hands first, and scores the neck otherwise",
    "one_to_all_weak_face": "the same",
    "one_to_all_weak_head": "the same",
    "scail_overlay": "adds the colours of people",
}
"""Models whose drawings need what no option says, and why."""

GOLDENS = {
    ("options", "feet"): UNIANIMATE,
    ("options", "noeyedots"): LAYERS | {"face_points": "landmarks"},
    ("options", "dimmed"): MIMICMOTION,
    ("options", "exchanged"): STEADY_DANCER,
    ("steady_dancer", "x2"): STEADY_DANCER,
    ("wan_animate", "nohead"): WAN_ANIMATE | {"draw_head": False},
    ("wan_animate", "nohand"): WAN_ANIMATE | {"draw_hands": False},
    ("vace", "handbodyface"): AS_MODELS["vace"] | {"draw_hands": True},
    ("vace", "body"): AS_MODELS["vace"] | {"draw_face": False},
    ("unianimate", "face"): AS_MODELS["unianimate"]
    | {"draw_face": True, "face_points": "landmarks"},
}
"""Options that draw pictures of the makers' own code, by model and variant."""

OTHERWISE = {
    "m04_near_512x768": ("mimicmotion", "wan_animate", "options/dimmed"),
    "m11_parts_576x1024": ("wan_animate",),
}
"""Scores of inputs that these models alone see so.

MimicMotion paints what scores 0 black, where it counts as missing here; the neck of Wan2.2 Animate
scores the mean of the shoulders.
"""

THREE_PEOPLE = "inputs/m03_three_832x480.raw133.json"
INPUTS = sorted({each["input"] for each in PICTURES if max(each["size"]) < 2000})


def is_alike(picture: dict) -> bool:
    """Whether every version of OpenCV draws it alike, and every score is seen alike."""
    if "opencv5_px" in picture:
        return False
    names = picture["model"], f"{picture['model']}/{picture['variant']}"
    others = OTHERWISE.get(Path(picture["file"]).name.split(".")[0], ())
    return not set(names) & set(others)


def found_surely(frame: Frame) -> Frame:
    """The same people, every keypoint with a score of 1."""
    ones = [replace(pose, scores=np.ones_like(pose.scores)) for pose in frame.poses]
    return replace(frame, poses=tuple(ones))


def drawn(frame: Frame, **options) -> np.ndarray:
    return render(frame, DrawOptions(**options)).image_rgb


def test_every_model_is_drawn_or_has_a_reason():
    assert [*AS_MODELS, *NOT_DRAWN] == list(trained.MODELS)


@pytest.mark.parametrize("model", AS_MODELS)
@pytest.mark.parametrize(
    "path",
    sample(INPUTS, [THREE_PEOPLE]),
)
def test_custom_draws_what_a_model_was_trained_on(model, path):
    frame = golden_frame(path)
    if model == "wan_animate" or model in OTHERWISE.get(Path(path).name.split(".")[0], ()):
        frame = found_surely(frame)
    expected = render(frame, DrawOptions(for_model=model))
    rendering = render(frame, DrawOptions(**AS_MODELS[model]))
    np.testing.assert_array_equal(rendering.image_rgb, expected.image_rgb)
    np.testing.assert_array_equal(rendering.mask, expected.mask)


@pytest.mark.parametrize(
    "picture",
    [each for each in PICTURES if (each["model"], each["variant"]) in GOLDENS and is_alike(each)],
    ids=lambda picture: picture["file"],
)
def test_custom_draws_pictures_of_the_makers(picture):
    options = GOLDENS[picture["model"], picture["variant"]]
    expected = cv2.cvtColor(cv2.imread(str(FOLDER / picture["file"])), cv2.COLOR_BGR2RGB)
    image_rgb = drawn(golden_frame(picture["input"]), canvas_wh=tuple(picture["size"]), **options)
    assert cv2.absdiff(image_rgb, expected).max() <= picture["tolerance"]


ONE, THREE = golden_frame(INPUTS[0], 1), golden_frame(THREE_PEOPLE)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("hand_line_width", 5),
        ("draw_head", False),
        ("dim_by_score", True),
        ("exchange_red_blue", True),
        *(("width_rule", rule) for rule in trained.WIDTH_RULES),
        *(("toe_limbs", colors) for colors in trained.TOES),
        *(("face_points", points) for points in trained.FACES if points != "all"),
        ("paint_order", "by_layer"),
        *(("draw_at", size) for size in trained.DRAWN_AT if size != "same"),
    ],
)
def test_an_option_changes_the_drawing(option, value):
    plain, changed = drawn(THREE), drawn(THREE, **{option: value})
    assert changed.shape == plain.shape
    assert (changed != plain).any()
    assert not drawn(Frame((32, 32)), **{option: value}).any()


def test_ways_to_resize_differ():
    images = {
        drawn(ONE, draw_at="short_1024", resize_by=name).tobytes() for name in trained.RESIZES
    }
    assert len(images) == len(trained.RESIZES)


def test_choices_are_those_of_the_tables():
    for name, table in {
        "width_rule": trained.WIDTH_RULES,
        "toe_limbs": trained.TOES,
        "face_points": trained.FACES,
        "draw_at": trained.DRAWN_AT,
        "resize_by": trained.RESIZES,
    }.items():
        assert [each for each in DRAWING[name].choices if each != choices.OFF] == list(table)


@pytest.mark.parametrize("background", ["white", "image"])
def test_a_large_drawing_lies_over_the_background(background):
    under = np.full((ONE.canvas_wh[1], ONE.canvas_wh[0], 3), 255, np.uint8)
    options = {"draw_at": "twice", "exchange_red_blue": True}
    black = render(ONE, DrawOptions(**options))
    over = render(ONE, DrawOptions(background=background, **options), under)
    np.testing.assert_array_equal(over.mask, black.mask)
    assert (over.image_rgb[black.mask == 0] == 255).all()
    full = black.mask == 255
    np.testing.assert_array_equal(over.image_rgb[full], black.image_rgb[full])
    edge = (black.mask > 0) & ~full
    assert edge.any()
    assert (over.image_rgb[edge] >= black.image_rgb[edge]).all()


def test_exchanged_on_an_image_leaves_the_image():
    under = np.random.default_rng(0).integers(0, 256, (832, 480, 3), np.uint8)
    plain = render(ONE, DrawOptions(background="image"), under)
    other = render(ONE, DrawOptions(background="image", exchange_red_blue=True), under)
    on = plain.mask > 0
    np.testing.assert_array_equal(other.image_rgb[on], plain.image_rgb[on][:, ::-1])
    np.testing.assert_array_equal(other.image_rgb[~on], under[~on])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("line_width", 3),
        ("hand_line_width", 3),
        ("point_radius", 3),
        ("face_point_radius", 3),
        ("relative_size", True),
        ("xinsir", "sticks"),
    ],
)
def test_widths_beside_a_rule_for_them_are_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name} is .* width_rule scail sets all widths"):
        DrawOptions(width_rule="scail", **{name: value})


@pytest.mark.parametrize("style", STYLES)
def test_what_a_style_has_no_use_for_is_told(style):
    options = DrawOptions(style=style, draw_head=False, toe_limbs="unianimate", draw_at="twice")
    told = [str(sentence) for sentence in advice(ONE, options)]
    expected = [] if style == "openpose" else ["head", "toe_limbs"]
    assert told == [
        model_advice.NO_EFFECT.format(option=name, style=style) for name in sorted(expected)
    ]


def test_a_large_drawing_has_the_limit_of_all_drawings():
    with pytest.raises(ValueError, match="The drawing at the size draw_at"):
        render(Frame((16, 16)), DrawOptions(canvas_wh=(1, 4000), draw_at="short_2160"))
