"""Files are either whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from comfyui_sapiens_pose.skeletons.foundation import atomic_files


def test_a_file_is_made_with_its_folder_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new" / "pose.json"
    atomic_files.write_text(path, "ü")
    assert path.read_bytes() == b"\xc3\xbc"
    assert [each.name for each in path.parent.iterdir()] == ["pose.json"]


def test_a_failed_write_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pose.json"
    atomic_files.write_text(path, "old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        atomic_files.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_the_file_as_any_other(tmp_path: Path) -> None:
    plain, ours = tmp_path / "plain", tmp_path / "ours"
    plain.write_text("")
    atomic_files.write_text(ours, "")
    assert ours.stat().st_mode == plain.stat().st_mode
