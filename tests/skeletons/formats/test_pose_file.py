"""Pose files for commands: names first, frames as often as they are needed, parsed once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from comfyui_sapiens_pose.skeletons.formats import pose_file
from comfyui_sapiens_pose.skeletons.formats.clips import shared_canvases
from comfyui_sapiens_pose.skeletons.formats.pose_file import PoseFile, open_pose_files
from comfyui_sapiens_pose.skeletons.formats.readers import read
from comfyui_sapiens_pose.skeletons.formats.table import FORMATS, write_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308
from helpers.poses import make_frame

FRAMES = tuple(make_frame(GOLIATH_308, people) for people in (1, 0, 2))


def only(paths: list[Path]) -> PoseFile:
    (file,) = open_pose_files(paths)
    assert isinstance(file, PoseFile), file
    return file


@pytest.fixture(name="clip")
def _clip(tmp_path: Path) -> Path:
    path = tmp_path / "walk.json"
    write_poses(path, [(str(i), frame) for i, frame in enumerate(FRAMES)], FORMATS["comfy"])
    return path


@pytest.mark.parametrize("room", [0, 308, 3 * 308, 2**24])
def test_frames_come_again_whether_they_are_kept_or_not(
    clip: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setattr(pose_file, "MAX_HELD_KEYPOINTS", room)
    file = only([clip])
    assert list(file.names) == ["walk_00000", "walk_00001", "walk_00002"]
    assert isinstance(file.frames, tuple) == (room >= 3 * 308)
    for _ in range(2):
        assert tuple(file.frames) == FRAMES


def test_the_room_is_that_of_all_files_together(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pose_file, "MAX_HELD_KEYPOINTS", 4 * 308)
    single = tmp_path / "one.json"
    write_poses(single, [("one", FRAMES[0])], FORMATS["sapiens"])
    files = list(open_pose_files([clip, clip, single]))
    kept = [isinstance(file.frames, tuple) for file in files if isinstance(file, PoseFile)]
    assert kept == [True, False, True]


def test_a_file_that_changes_between_both_readings_is_an_error(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pose_file, "MAX_HELD_KEYPOINTS", 0)
    file = only([clip])
    clip.write_text('[{"people": []}]')
    with pytest.raises(ValueError, match="changed while it was read"):
        list(file.frames)


def test_what_cannot_be_read_stands_in_its_place(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    paths = [tmp_path / "none.json", clip, tmp_path / "broken.json"]
    kinds = [type(file) for file in open_pose_files(paths)]
    assert kinds == [FileNotFoundError, PoseFile, ValueError]


@pytest.mark.parametrize(("has_sizes", "num_parsed"), [(True, 1), (False, 2)])
def test_a_file_is_parsed_once_if_all_say_their_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_sizes: bool, num_parsed: int
) -> None:
    person = {"pose_keypoints_2d": [float(number) for number in range(54)]}
    document: dict[str, Any] = {"people": [person]}
    if has_sizes:
        document |= {"canvas_width": 60, "canvas_height": 60}
    paths = [tmp_path / f"walk_{number}.json" for number in range(4)]
    for path in paths:
        path.write_text(json.dumps(document))
    parsed: Counter[Path] = Counter()
    for module in (read, shared_canvases):

        def read_json(path: Path, read: Any = module.read_json) -> Any:  # type: ignore[attr-defined]
            parsed[path] += 1
            return read(path)

        monkeypatch.setattr(module, "read_json", read_json)
    files = list(open_pose_files(paths))
    assert all(isinstance(file, PoseFile) for file in files)
    assert parsed == dict.fromkeys(paths, num_parsed)
