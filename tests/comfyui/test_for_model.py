"""Render Sapiens Pose, drawing for a model."""

import logging
import sys

import numpy as np
import pytest
from base_folder import CORE_POSES, ROOT
from graphs import FILE_TO_SKELETON, changed


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
    assert "but drawings for vace have it fixed" in str(run.messages)
