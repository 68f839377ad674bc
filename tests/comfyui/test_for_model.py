"""Render Sapiens Pose, drawing for a model."""

import json
import logging
import sys

import numpy as np
import pytest
from base_folder import CORE_POSES, ROOT
from graphs import FILE_TO_SKELETON, changed, node


def module_of_the_pack(name):
    """A module as ComfyUI has loaded it."""
    return next(module for known, module in sys.modules.items() if known.endswith(f".{name}"))


def test_a_model_s_drawing_is_the_library_s(comfyui, caplog):
    with caplog.at_level(logging.WARNING):
        run = comfyui.run(changed(FILE_TO_SKELETON, "render", for_model="mimicmotion"))
    assert run.success, run.messages
    (picture,) = comfyui.pictures(run.outputs["show"])
    draw = module_of_the_pack("skeletons.draw")
    read_poses = module_of_the_pack("skeletons.formats.table").read_poses
    (frame,) = read_poses(ROOT / "tests" / "golden" / "openpose" / CORE_POSES)
    expected = draw.render(frame, draw.DrawOptions(for_model="mimicmotion")).image_rgb
    np.testing.assert_array_equal(picture, expected)
    assert "mimicmotion was trained on 1024 x 576 pixels" in caplog.text


@pytest.mark.parametrize("inputs", [{"style": "dense"}, {"background": "white"}])
def test_what_a_model_has_fixed_is_refused(comfyui, inputs):
    run = comfyui.run(changed(FILE_TO_SKELETON, "render", for_model="vace", **inputs))
    assert not run.success
    assert "but drawings for vace use their own value" in str(run.messages)


@pytest.mark.parametrize(
    ("for_model", "width", "expected"),
    [("custom", 501, ["501", "501"]), ("fun", 501, ["496", "496"]), ("fun", 512, ["512", "512"])],
)
def test_the_size_for_the_model_s_node(comfyui, for_model, width, expected):
    graph = changed(FILE_TO_SKELETON, "render", for_model=for_model, width=width, height=width)
    for index, side in enumerate(("wide", "high"), 2):
        graph[side] = node("PreviewAny", source=["render", index])
    run = comfyui.run(graph)
    assert run.success, run.messages
    assert [run.outputs[side]["text"][0] for side in ("wide", "high")] == expected


def test_the_node_says_at_which_size_it_draws(comfyui, caplog):
    with caplog.at_level(logging.INFO):
        run = comfyui.run(changed(FILE_TO_SKELETON, "render", for_model="vace", width=512))
    assert run.success, run.messages
    assert "vace is drawn at 1024 x 1024 pixels and resized to 512 x 512" in caplog.text


def test_the_page_is_told_in_its_language(comfyui):
    path = comfyui.base / "user" / "default" / "comfy.settings.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"Comfy.Locale": "zh"}))
    try:
        run = comfyui.run(changed(FILE_TO_SKELETON, "render", for_model="vace", width=512))
    finally:
        path.unlink()
    (text,) = run.outputs["render"]["sapiens_text"]
    assert text == "vace 按 1024 x 1024 像素绘制，再缩放到 512 x 512，与作者的做法相同。"  # noqa: RUF001
