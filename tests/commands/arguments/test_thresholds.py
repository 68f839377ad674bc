"""A threshold for each part: in drawings and JSON of every command that has them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands import batch, estimate
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.commands.run.outputs import Outputs
from comfyui_sapiens_pose.skeletons.draw import STYLES
from comfyui_sapiens_pose.skeletons.formats.table import FORMATS, write_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    OPENPOSE_136,
    KeypointSet,
)
from comfyui_sapiens_pose.skeletons.openpose_points import PARTS_WITH_THRESHOLD as PARTS
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_pose
from helpers.samples import each_once

SURE, LIMIT, UNSURE = 0.8, 0.6, 0.4
IN_JSON = {
    "hands": "hand_left_keypoints_2d",
    "face": "face_keypoints_2d",
    "feet": "foot_keypoints_2d",
}
"""What POSE_KEYPOINT calls the parts."""


def frame_of(keypoint_set: KeypointSet, *seen: str) -> Frame:
    """The body is sure, ``seen`` parts are not, the others are not seen at all."""
    scores = np.full(len(keypoint_set), SURE)
    for part, names in PARTS.items():
        scores[keypoint_set.part_indices(*names)] = UNSURE if part in seen else 0
    return Frame((640, 480), (replace(make_pose(keypoint_set), scores=scores),))


def outputs_of(*arguments: str, module: ModuleType = estimate) -> Outputs:
    parser = argparse.ArgumentParser()
    module.add_parser(parser.add_subparsers())
    (command,) = parser._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    return Outputs.of(parser.parse_args([command, "a.png", "-o", "out", *arguments]))


def arguments_that_leave(parts: Sequence[str], of_all: str) -> list[list[str]]:
    """Two ways to hide all other parts."""
    low = [f"--{part}-threshold={UNSURE}" for part in parts]
    high = [f"--{part}-threshold={LIMIT}" for part in PARTS if part not in parts]
    return [[f"--{of_all}={LIMIT}", *low], high]


CHOICES = [(), *((part,) for part in PARTS), ("hands", "feet"), tuple(PARTS)]


@pytest.mark.parametrize(
    ("keypoint_set", "parts", "style"),
    each_once([GOLIATH_308, COCO_WHOLEBODY_133], CHOICES, list(STYLES)),
)
def test_a_part_is_drawn_by_its_own_threshold(
    keypoint_set: KeypointSet, parts: tuple[str, ...], style: str
) -> None:
    expected = outputs_of().draw(style, "black", None, frame_of(keypoint_set, *parts))
    assert expected.any()
    for arguments in arguments_that_leave(parts, "score-threshold"):
        everything = frame_of(keypoint_set, *PARTS)
        drawn = outputs_of(*arguments).draw(style, "black", None, everything)
        np.testing.assert_array_equal(drawn, expected)


@pytest.mark.parametrize("module", [estimate, batch], ids=lambda module: module.__name__)
@pytest.mark.parametrize("parts", CHOICES, ids=" ".join)
def test_a_part_is_written_by_its_own_threshold(parts: tuple[str, ...], module: ModuleType) -> None:
    for arguments in arguments_that_leave(parts, "score-threshold"):
        outputs = outputs_of(*arguments, module=module)
        document = outputs.encode("comfy", "a.png", frame_of(GOLIATH_308, *PARTS))
        assert parts_in(document) == set(parts)


def parts_in(document: Any) -> set[str]:
    """The parts of the only person of which points are shown, beside the wrist of a hand."""
    (person,) = document[0]["people"]
    return {part for part, key in IN_JSON.items() if sum(person[key][2::3]) > 1}


@pytest.fixture(name="poses")
def _poses(tmp_path: Path) -> Path:
    """A file of somebody of whom everything is seen."""
    frame = frame_of(GOLIATH_308, *PARTS)
    write_poses(tmp_path / "a.json", [("a", frame)], FORMATS["sapiens"])
    return tmp_path / "a.json"


def test_a_part_is_converted_by_its_own_threshold(poses: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    for arguments in arguments_that_leave(["face"], "threshold"):
        assert main(["convert", str(poses), "--to", "comfy", "-o", str(out), *arguments]) == 0
        assert parts_in(json.loads(out.read_text())) == {"face"}


def test_a_jaw_is_converted_as_asked_for(poses: Path, tmp_path: Path) -> None:
    out, shown = tmp_path / "out.json", {}
    for jaw in ("hidden", "drawn"):
        convert = ["convert", str(poses), "--to", "comfy", "-o", str(out), "--face-jaw", jaw]
        assert main(convert) == 0
        (person,) = json.loads(out.read_text())[0]["people"]
        shown[jaw] = sum(person[IN_JSON["face"]][2::3])
    assert shown["drawn"] > shown["hidden"] > 0


@pytest.mark.parametrize("style", STYLES)
def test_a_part_is_rendered_by_its_own_threshold(style: str, poses: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    expected = outputs_of().draw(style, "black", None, frame_of(GOLIATH_308, "hands"))
    for arguments in arguments_that_leave(["hands"], "score-threshold"):
        assert main(["render", str(poses), "-o", str(out), "--style", style, *arguments]) == 0
        np.testing.assert_array_equal(read_image(out), expected)


def test_people_who_come_as_openpose_are_drawn_by_the_same_thresholds() -> None:
    frame, without = frame_of(OPENPOSE_136, *PARTS), frame_of(OPENPOSE_136, "hands", "feet")
    expected = outputs_of().draw("openpose", "black", None, without)
    for arguments in arguments_that_leave(["hands", "feet"], "score-threshold"):
        drawn = outputs_of(*arguments).draw("openpose", "black", None, frame)
        np.testing.assert_array_equal(drawn, expected)
