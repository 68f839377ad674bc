"""Files with fewer decimals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.skeletons.formats.clips.compact import round_frame
from comfyui_sapiens_pose.skeletons.formats.table import FORMATS, read_poses, write_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from helpers.poses import make_frame

FRAME = make_frame(GOLIATH_308, 2)


@pytest.mark.parametrize("decimals", [0, 2, 12])
def test_numbers_are_rounded_and_nothing_else_changes(decimals: int) -> None:
    for before, after in zip(FRAME.poses, round_frame(FRAME, decimals).poses, strict=True):
        step, score_step = 10.0**-decimals, 10.0 ** -(decimals + 2)
        for name, most in (("keypoints_image", step), ("box_xyxy", step), ("scores", score_step)):
            error = np.abs(getattr(after, name) - getattr(before, name))
            assert 0 < error.max() <= most / 2 + 1e-12 or decimals == 12
        assert (after.person_id, after.canvas_wh) == (before.person_id, before.canvas_wh)
    assert round_frame(Frame((9, 9)), decimals) == Frame((9, 9))


def test_what_was_found_stays_found() -> None:
    scores = np.array([1e-9, 0.0, -1e-9, 0.00004, *[0.5] * 13])
    points = np.full((17, 2), -0.001)
    pose = Pose(points, scores, COCO_17, (9, 9), np.zeros(4), box_score=1e-7)
    (rounded,) = round_frame(Frame((9, 9), (pose,)), 2).poses
    assert rounded.scores[:4].tolist() == [0.0001, 0.0, 0.0, 0.0001]
    assert rounded.box_score == 0.0001
    assert not np.signbit(rounded.keypoints_image).any()  # -0.0 would be written with its sign


@pytest.mark.parametrize("name", FORMATS)
def test_files_are_smaller_in_every_format(name: str, tmp_path: Path) -> None:
    pose = tmp_path / "pose.json"
    write_poses(pose, [("pose", FRAME)], FORMATS["sapiens"])
    sizes = []
    for options in ([], ["--decimals", "1"]):
        out = tmp_path / f"{len(options)}.json"
        assert main(["convert", str(pose), "--to", name, "-o", str(out), *options]) == 0
        sizes.append(out.stat().st_size)
    assert sizes[1] < 0.7 * sizes[0]
    if not name.startswith("coco"):
        assert read_poses(out) == (round_frame(FRAME, 1),)
