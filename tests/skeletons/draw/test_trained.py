"""Drawing for a model: what is refused, what is told, and parts that are switched off."""

import re
from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.choices import CUSTOM, MODEL_SUMMARIES
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, advice, render, trained
from comfyui_sapiens_pose.skeletons.draw.trained.people import make_person
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, OPENPOSE_136
from comfyui_sapiens_pose.skeletons.openpose_points import OpenPoseOptions, uniform_thresholds
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.model_goldens import golden_frame
from helpers.samples import each_once

ONE = golden_frame("inputs/m01_whole_480x832.raw133.json")
THREE = golden_frame("inputs/m03_three_832x480.raw133.json")


def drawn(frame: Frame, **options) -> np.ndarray:
    return render(frame, DrawOptions(**options)).image_rgb


def test_every_model_has_a_summary():
    assert list(MODEL_SUMMARIES) == [CUSTOM, *trained.MODELS]


@pytest.mark.parametrize(
    ("model", "size_wh"), each_once(list(trained.MODELS), [(1, 1), (7, 40), (64, 64)]), ids=str
)
def test_nobody_and_small_canvases(model, size_wh):
    options = {"for_model": model, "canvas_wh": size_wh, "layout": "stretch"}
    assert not drawn(Frame((32, 32)), **options).any()
    assert drawn(THREE, **options).shape == (size_wh[1], size_wh[0], 3)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("style", {"style": "dense"}),
        ("background", {"background": "transparent"}),
        ("line_width", {"line_width": 3}),
        ("point_radius", {"point_radius": 0}),
        ("score_threshold", {"score_threshold": 0.2}),
        ("hands_threshold", {"openpose": OpenPoseOptions(hands_threshold=0.1)}),
        ("body_threshold", {"openpose": uniform_thresholds(0.1)}),
        ("relative_size", {"relative_size": True}),
        ("xinsir", {"xinsir": "sticks"}),
        ("detect_resolution", {"detect_resolution": 512}),
        ("color_by_person", {"color_by_person": True}),
    ],
)
def test_what_a_model_has_fixed_is_refused(name, options):
    assert DrawOptions(**options)
    with pytest.raises(
        ValueError,
        match=rf"^{name} is .*vace use their own value.*set for_model "
        r"to",
    ):
        DrawOptions(for_model="vace", **options)


@pytest.mark.parametrize(
    ("frame", "options", "told"),
    [
        (Frame((16, 16)), {"for_model": CUSTOM}, []),
        (Frame((16, 16)), {"for_model": "wan_animate"}, []),
        (THREE, {"for_model": "vace"}, []),
        (THREE, {"for_model": "wan_animate"}, ["wan_animate was trained on one person"]),
        (
            ONE,
            {"for_model": "fun", "canvas_wh": (480, 833)},
            ["fun takes sides.* 480 x 833.*Draw at 480 x 832"],
        ),
        (ONE, {"for_model": "unianimate"}, []),
        (ONE, {"for_model": "mimicmotion"}, ["mimicmotion was trained on 1024 x 576"]),
        (ONE, {"for_model": "fun", "draw_feet": True}, ["fun was trained without feet"]),
        (ONE, {"for_model": "wan_animate", "draw_feet": True}, []),
    ],
)
def test_what_a_model_cannot_take_is_told(frame, options, told):
    sentences = advice(frame, DrawOptions(**options))
    assert len(sentences) == len(told)
    for sentence, start in zip(sentences, told, strict=True):
        assert re.match(start, str(sentence))


@pytest.mark.parametrize(
    ("model", "size_wh", "sampler_wh", "sentence"),
    [
        (CUSTOM, (7, 9), (7, 9), ""),
        ("fun", (850, 480), (848, 480), ""),
        ("fun", (7, 9), (16, 16), ""),
        ("wan_animate", (832, 470), (832, 464), ""),
        ("vace", (832, 480), (832, 480), "vace is drawn at 1792 x 1024 .* 832 x 480, .*"),
    ],
)
def test_sizes_for_the_sampler_and_of_the_drawing(model, size_wh, sampler_wh, sentence):
    assert trained.sampler_size(model, size_wh) == sampler_wh
    assert re.fullmatch(sentence, str(trained.explain_size(model, size_wh) or ""))


def test_parts_are_switched_off():
    whole, parts = drawn(ONE, for_model="fun"), ("body", "hands", "face")
    for part in parts:
        assert (drawn(ONE, for_model="fun", **{f"draw_{part}": False}) != whole).any()
    assert not drawn(
        ONE, for_model="fun", **dict.fromkeys(map("draw_{}".format, parts), False)
    ).any()


def test_openpose_is_the_style_openpose():
    for frame in (ONE, THREE):
        np.testing.assert_array_equal(drawn(frame, for_model="openpose"), drawn(frame))
        expected = drawn(frame, xinsir="sticks_and_dots")
        np.testing.assert_array_equal(drawn(frame, for_model="xinsir"), expected)


def test_toes_need_both_keypoints():
    """A missing one is at 0, 0, and the toe would be halfway there."""
    feet = [OPENPOSE_136.index(f"{side}_small_toe") for side in ("left", "right")]
    pose = convert_pose(ONE.poses[0], OPENPOSE_136)
    keypoints, scores = pose.keypoints_image.copy(), pose.scores.copy()
    keypoints[feet], scores[feet] = 0, 0
    scores[scores > 0] = 1
    without = replace(pose, keypoints_image=keypoints, scores=scores)
    look = trained.MODELS["wan_animate"]
    assert make_person(pose, look, np.ones(2), "hidden").shown[-2:] == [True, True]
    assert make_person(without, look, np.ones(2), "hidden").shown[-2:] == [False, False]


def test_a_body_of_17_keypoints_is_drawn_for_every_model():
    body = Frame(ONE.canvas_wh, [convert_pose(ONE.poses[0], COCO_17)])
    for model in trained.MODELS:
        assert drawn(body, for_model=model).any()


def test_the_mask_is_where_the_drawing_is():
    rendering = render(ONE, DrawOptions(for_model="steady_dancer"))
    assert (rendering.mask[rendering.image_rgb.any(axis=2)] > 0).mean() > 0.99


def test_added_people_cover_what_they_cover_together():
    """SCAIL-1's colours wrap round where people overlap; the coverage does not."""
    rendering = render(THREE, DrawOptions(for_model="scail_overlay"))
    assert set(np.unique(rendering.mask)) == {0, 255}
    assert (rendering.mask[rendering.image_rgb.any(axis=2)] == 255).all()
