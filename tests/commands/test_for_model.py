"""``--for-model`` of ``render`` and of the commands that draw what they find."""

import argparse

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.cli import COMMANDS, main
from comfyui_sapiens_pose.commands.run.outputs import Outputs
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.model_goldens import golden_frame
from helpers.openpose_goldens import FOLDER

POSE = FOLDER / "o02_single_512x768.pose.json"
THREE = FOLDER / "o05_three_1024x1024.pose.json"


def outputs_of(*words: str) -> Outputs:
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    for command in COMMANDS:
        command.add_parser(subparsers)
    command, *rest = words
    return Outputs.of(parser.parse_args([command, "a.png", "-o", "out", *rest]))


def test_render_draws_for_a_model(tmp_path):
    words = ["render", str(POSE), "-o", str(tmp_path / "a.png"), "--for-model", "vace"]
    assert main(words) == 0
    (frame,) = read_poses(POSE)
    drawn = cv2.cvtColor(cv2.imread(str(tmp_path / "a.png")), cv2.COLOR_BGR2RGB)
    expected = render(frame, DrawOptions(for_model="vace")).image_rgb
    np.testing.assert_array_equal(drawn, expected)


def test_render_tells_once_what_the_model_cannot_take(tmp_path, capfd):
    words = ["render", str(THREE), str(THREE), "-o", str(tmp_path), "--for-model"]
    assert main([*words, "wan_animate"]) == 0
    assert capfd.readouterr().err.count("was trained on one person") == 1


def test_render_refuses_a_style_beside_a_model(tmp_path, capfd):
    words = ["render", str(POSE), "-o", str(tmp_path), "--for-model", "vace"]
    assert main([*words, "--style", "dense"]) != 0
    assert "--style is dense, but drawings for vace use their own value" in capfd.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["estimate", "batch"])
def test_what_is_found_is_drawn_for_the_model(command):
    outputs = outputs_of(command, "--for-model", "vace")
    assert len(outputs.styles) == 1
    frame = golden_frame("inputs/m07_tiny_96x160.raw133.json")
    expected = render(frame, DrawOptions(for_model="vace")).image_rgb
    np.testing.assert_array_equal(outputs.draw(outputs.styles[0], "black", None, frame), expected)


def test_the_overlay_has_the_style():
    frame = golden_frame("inputs/m07_tiny_96x160.raw133.json")
    image_rgb = np.full((160, 96, 3), 50, np.uint8)
    with_model = outputs_of("estimate", "--for-model", "vace", "--style", "dense", "--overlay")
    without = outputs_of("estimate", "--style", "dense", "--overlay")
    np.testing.assert_array_equal(
        with_model.draw("dense", "image", image_rgb, frame),
        without.draw("dense", "image", image_rgb, frame),
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--style", "dense", "openpose"), "--style names 2 styles"),
        (("--score-threshold", "0.1"), "score_threshold is 0.1, but drawings for vace use their"),
        (("--hands-threshold", "0.1"), "hands_threshold is 0.1, but drawings for vace use their"),
    ],
)
def test_estimate_refuses_what_the_model_has_fixed(words, message):
    with pytest.raises(ValueError, match=message):
        outputs_of("estimate", "--for-model", "vace", *words)


@pytest.mark.parametrize("command", ["estimate", "batch"])
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--line-width 7 --point-radius 2", {"line_width": 7, "point_radius": 2}),
        ("--no-draw-hands --draw-feet", {"draw_hands": False, "draw_feet": True}),
        ("--background white --no-draw-face", {"background": "white", "draw_face": False}),
        ("--color-by-person --relative-size", {"color_by_person": True, "relative_size": True}),
        ("--opacity 0.25", {"opacity": 0.25}),
    ],
)
def test_what_is_found_is_drawn_with_the_options_of_render(command, words, expected):
    outputs = outputs_of(command, "--style", "sapiens", *words.split())
    frame = golden_frame("inputs/m07_tiny_96x160.raw133.json")
    drawn = outputs.draw("sapiens", "black", None, frame)
    usual = {"style": "sapiens", "openpose": outputs.shown}
    np.testing.assert_array_equal(drawn, render(frame, DrawOptions(**usual, **expected)).image_rgb)
    assert (drawn != render(frame, DrawOptions(**usual)).image_rgb).any()


def test_an_overlay_keeps_the_image_behind_it():
    outputs = outputs_of("estimate", "--overlay", "--background", "white", "--image-opacity", "0.5")
    image_rgb = np.full((160, 96, 3), 100, np.uint8)
    assert (outputs.draw("sapiens", "image", image_rgb, Frame((96, 160))) == 50).all()
    assert (outputs.draw("sapiens", "black", image_rgb, Frame((96, 160))) == 255).all()


def test_what_a_model_has_fixed_is_refused_before_anything_is_found():
    with pytest.raises(ValueError, match=r"^line_width is 7.*vace use their own value"):
        outputs_of("estimate", "--for-model", "vace", "--line-width", "7")


def test_a_batch_without_drawings_refuses_options_of_drawing(tmp_path, capfd):
    words = ["batch", str(tmp_path), "-o", str(tmp_path / "out"), "--line-width", "7"]
    assert main(words) != 0
    assert "add --style or --for-model" in capfd.readouterr().err
