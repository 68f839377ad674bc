"""What options may be: any other value is one sentence that names the option and the value."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.clip.smooth import SmoothOptions
from comfyui_sapiens_pose.sapiens_core.clip.tracker import TrackOptions
from comfyui_sapiens_pose.sapiens_core.detection.masks import MaskOptions
from comfyui_sapiens_pose.sapiens_core.detection.rt_detr import DetectOptions
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions
from comfyui_sapiens_pose.sapiens_core.pipeline import PoseOptions
from comfyui_sapiens_pose.skeletons.draw import DrawOptions
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.foundation.checks import first_line, short_repr
from comfyui_sapiens_pose.skeletons.openpose_points import OpenPoseOptions
from comfyui_sapiens_pose.skeletons.poses.body_parts import PartOptions
from comfyui_sapiens_pose.skeletons.poses.cleanup import CleanupOptions
from comfyui_sapiens_pose.skeletons.poses.select import SelectOptions
from comfyui_sapiens_pose.skeletons.retarget.retarget import RetargetOptions
from helpers.samples import each_once

CLASSES = (
    *(ReadOptions, EncodeOptions, OpenPoseOptions, DrawOptions, PartOptions, SelectOptions),
    *(CleanupOptions, MaskOptions, DetectOptions, EstimateOptions, PoseOptions),
    *(TrackOptions, SmoothOptions, RetargetOptions),
)
OPTIONS_WITHIN = {"openpose", "estimate", "clean"}

ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)
NOTHING_USES: dict[str, Any] = {
    "NaN": float("nan"),
    "infinite": float("inf"),
    "-infinite": float("-inf"),
    "400 digits": 10**400,
    "5000 digits": -(10**5000),
    "1e308": 1e308,
    "complex": 1j,
    "bytes": b"0",
    "object": object(),
    "empty list": [],
    "endless list": ENDLESS,
    "dict": {"a": 1},
    "array": np.zeros(2),
    "tensor": torch.zeros(2),
    "NaN tensor": torch.tensor(float("nan")),
    "meta tensor": torch.zeros(1, device="meta"),
}


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(("kind", "what"), each_once(CLASSES, list(NOTHING_USES)))
def test_no_option_takes_what_nothing_uses(kind: type, what: str) -> None:
    value = NOTHING_USES[what]
    names = {field.name for field in fields(kind)} - OPTIONS_WITHIN
    assert names
    for name in names:
        with pytest.raises(ValueError, match=f"^{name} is .*, expected .*[.]$") as told:
            kind(**{name: value})
        assert len(str(told.value)) < 400


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    ("kind", "name", "taken", "refused"),
    [
        (SmoothOptions, "max_gap", [0, 10**6, np.int64(3)], [-1, 10**6 + 1, 10**30, 1.5, None]),
        (SmoothOptions, "max_person_gap", [0, 10**6], [-1, 10**30, "5"]),
        (SmoothOptions, "spike_threshold", [0, 10**6, np.float32(0.5)], [-0.1, 1e7, None]),
        (SmoothOptions, "strength", [0, 1], [-0.01, 1.01, "0.5"]),
        (SmoothOptions, "method", ["gaussian"], ["", "mean", None]),
        (TrackOptions, "max_gap", [0, 10**6], [-1, 2.0]),
        (TrackOptions, "min_similarity", [0.01, 0.99], [0, 1]),
        (TrackOptions, "duplicate_similarity", [0.01, 1.05, 2], [0, -1]),
        (SelectOptions, "max_people", [0, 1], [-1, 1.5, "1", None]),
        (SelectOptions, "places", ["", "0,2-3"], [None, 0, ["0"]]),
        (SelectOptions, "reverse", [True, 0, np.bool_(True)], [None, 2, "yes"]),
        (PartOptions, "padding", [0, 9], [-0.1, 1001]),
        (OpenPoseOptions, "neck_threshold", [None, 0.3, -1, 2], ["0.3"]),
        (ReadOptions, "canvas_wh", [None, (1, 10**9), [5, 6]], [(0, 5), (5,), (5, 6.5), "56", 5]),
        (DrawOptions, "line_width", [None, 0, 1000], [-1, 1001]),
        (EncodeOptions, "body", [None, 18, 25], [19, "18"]),
        (EstimateOptions, "batch_size", [1, 4096], [0, 4097, None]),
        (DetectOptions, "batch_size", [None, 1], [0, 10**30]),
        (CleanupOptions, "same_person", [None, 0.85], [1.1]),
    ],
)
def test_ranges_of_options(kind: type, name: str, taken: list[Any], refused: list[Any]) -> None:
    for value in taken:
        assert getattr(kind(**{name: value}), name) == value
    for value in refused:
        with pytest.raises(ValueError, match=f"^{name} is .*, expected ") as told:
            kind(**{name: value})
        assert short_repr(value) in str(told.value)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError(), "ValueError"),
        (ValueError("  \n"), "ValueError"),
        (ValueError("one"), "one"),
        (RuntimeError("\none\ntwo"), "one"),
    ],
)
def test_an_error_has_a_first_line(error: Exception, line: str) -> None:
    assert first_line(error) == line
