"""Frames and files without a size share the canvas of their clip."""

from __future__ import annotations

import json
from pathlib import Path

from comfyui_sapiens_pose.skeletons.formats.clips.shared_canvases import SharedCanvases
from comfyui_sapiens_pose.skeletons.formats.table import read_named_poses
from helpers.pose_documents import BODY_18, FRAME, PERSON, WH, flat, openpose_file, read


def test_frames_without_a_size_share_that_of_the_file() -> None:
    _, frames = read([{"people": [PERSON]}, {"people": []}, FRAME])
    assert {frame.canvas_wh for frame in frames} == {WH}
    _, frames = read([{"people": [PERSON]}, {"people": []}])
    assert {frame.canvas_wh for frame in frames} == {(330, 560)}


def test_files_of_a_clip_share_a_canvas(tmp_path: Path) -> None:
    small = [number / 2 for number in flat(BODY_18)]
    documents = {
        "walk_000_keypoints.json": openpose_file([flat(BODY_18)]),
        "walk_001_keypoints.json": openpose_file([]),
        "walk_002_keypoints.json": openpose_file([small]),
        "other.json": openpose_file([small]),
    }
    paths = [tmp_path / name for name in documents]
    for path, document in zip(paths, documents.values(), strict=True):
        path.write_text(json.dumps(document))
    shared = SharedCanvases(paths)
    assert [shared.find(path) for path in paths] == [(330, 560)] * 3 + [None]
    sizes = [read_named_poses(path, shared=shared)[0][1].canvas_wh for path in paths]
    assert sizes == [(330, 560)] * 3 + [(165, 280)]
