"""POSE_KEYPOINT number for number as its two main producers write it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from comfyui_sapiens_pose.skeletons.openpose_points import OpenPoseOptions
from helpers.openpose_goldens import NAMES, load, raw_frame


def as_float32(document: Any) -> Any:
    """Every fraction rounded as the peers' float32 arrays round it."""
    if isinstance(document, dict):
        return {name: as_float32(value) for name, value in document.items()}
    if isinstance(document, list):
        return [as_float32(value) for value in document]
    return float(np.float32(document)) if isinstance(document, float) else document


def test_there_are_goldens() -> None:
    assert len(NAMES) == 11


@pytest.mark.parametrize("name", NAMES)
def test_controlnet_aux(name: str) -> None:
    detect = "body_only" not in name
    shown = OpenPoseOptions(hands=detect, face=detect)
    options = EncodeOptions(shown, missing="null", lossless=False)
    written = encode((raw_frame(name),), options)
    golden = load(f"{name}.pose.json")
    assert as_float32(written) == golden
    assert [list(person) for person in written[0]["people"]] == [
        list(person) for person in golden[0]["people"]
    ]


@pytest.mark.parametrize("name", NAMES)
def test_comfyui_core(name: str) -> None:
    """ComfyUI's SDPoseKeypointExtractor shows everything, and takes the left hand for the right."""
    show_all = OpenPoseOptions(
        body_threshold=0, feet_threshold=0, hands_threshold=0, face_threshold=0, neck_threshold=0.3
    )
    options = EncodeOptions(show_all, confidence="raw", lossless=False)
    golden = load(f"{name}.core_pose.json")
    for frame in golden:
        for person in frame["people"]:
            left, right = person["hand_left_keypoints_2d"], person["hand_right_keypoints_2d"]
            person["hand_left_keypoints_2d"], person["hand_right_keypoints_2d"] = right, left
    assert as_float32(encode((raw_frame(name),), options)) == golden
