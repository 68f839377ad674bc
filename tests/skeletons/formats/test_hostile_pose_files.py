"""Pose files made to do harm: refused with a clear sentence, in bounded time and memory."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from comfyui_sapiens_pose.skeletons.formats.table import read_named_poses, read_poses
from helpers.hostile_names import write_pose_file

pytestmark = pytest.mark.usefixtures("bounded")


def ten_million_points() -> bytes:
    return b'{"people":[{"pose_keypoints_2d":[' + b"5,5,1," * 10**7 + b"5,5,1]}]}"


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"people":' * 100_000, "nested too deeply"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"people":[' + b"{}," * 300_000 + b"{}]}", "300,001 people; at most 262,144"),
        (b'{"instance_info":[' + b"{}," * 300_000 + b"{}]}", "300,001 people; at most 262,144"),
        (b"[" + b'{"image_id":1},' * 300_000 + b'{"image_id":1}]', "300,001 people; at most"),
        (b'{"people":[{"pose_keypoints_2d":"' + b"1" * 10**7 + b'"}]}', "expected a list of"),
        (b'{"people":[],"canvas_width":1e400,"canvas_height":1}', "expected two numbers"),
        (b'{"people":[],"canvas_width":-1,"canvas_height":1}', "expected at least 1 x 1"),
        (b'{"people":[],"canvas_width":1e12,"canvas_height":1}', "at most 1,000,000,000 pixels"),
        (b'{"instance_info":[],"canvas":{"width":1e400,"height":1}}', "expected a width and a"),
        (b"9" * 5000, "cannot be read as JSON"),
        (b"\xff\xfe\xfd", "cannot be read as JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_json(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "hostile.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_poses(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.slow
def test_too_many_frames(tmp_path: Path) -> None:
    path = tmp_path / "hostile.json"
    path.write_bytes(b"[" + b'{"people":[]},' * 2**20 + b'{"people":[]}]')
    with pytest.raises(ValueError, match="1,048,577 frames; at most 1,048,576"):
        read_poses(path)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.slow
def test_ten_million_points(tmp_path: Path) -> None:
    """One person's body; 60 MB of text."""
    path = tmp_path / "hostile.json"
    path.write_bytes(ten_million_points())
    with pytest.raises(ValueError, match="10000001 points, expected one of 15, 16, 17"):
        read_poses(path)


@pytest.mark.promise("Files cost what they weigh")
def test_text_larger_than_the_limit(tmp_path: Path) -> None:
    """A terabyte of zeros, none of them on disk: read to the limit and no farther."""
    with (tmp_path / "hostile.json").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ValueError, match="larger than the limit of 512 MB"):
        read_poses(tmp_path / "hostile.json")


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.exhaustive
def test_gzipped_text_larger_than_the_limit(tmp_path: Path) -> None:
    """Four gigabytes in four megabytes: unpacked to the limit and no farther."""
    bomb = tmp_path / "hostile.json.gz"
    bomb.write_bytes(gzip.compress(bytes(2**24)) * 2**8)
    assert bomb.stat().st_size < 2**23
    with pytest.raises(ValueError, match="larger than the limit of 512 MB"):
        read_poses(bomb)


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize("image", [None, 3, ["a"], {"a": 1}, True, ""])
def test_a_name_that_is_no_text_is_no_name(tmp_path: Path, image: Any) -> None:
    ((name, _),) = read_named_poses(write_pose_file(tmp_path, image))
    assert name == "pose"
