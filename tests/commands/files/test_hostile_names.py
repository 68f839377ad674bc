"""Names and links that lead out of the folder of results, or to files that are no images."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from comfyui_sapiens_pose.cli import main
from helpers.hostile_names import IMPOSSIBLE_NAMES, write_pose_file

pytestmark = pytest.mark.usefixtures("bounded")

OUTSIDE = ["../../stolen.png", "/stolen.png", "..\\..\\stolen.png", "C:\\stolen.png", "x/../stolen"]


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize("image", OUTSIDE)
@pytest.mark.parametrize("command", ["render", "convert"])
def test_commands_write_into_their_folder_alone(tmp_path: Path, command: str, image: str) -> None:
    pose = write_pose_file(tmp_path / "in", image)
    out = tmp_path / "out" / "deep"
    options = ["--to", "openpose"] if command == "convert" else []
    assert main([command, str(pose), "-o", str(out), *options]) == 0
    written = {path for path in tmp_path.rglob("*") if path.is_file()} - {pose}
    assert len(written) == 1
    assert written.pop().parent == out


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize(("image", "message"), IMPOSSIBLE_NAMES, ids=lambda x: repr(x)[:30])
@pytest.mark.parametrize("command", ["render", "convert"])
def test_commands_write_nothing_under_a_hostile_name(
    tmp_path: Path, command: str, image: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Reported in a line; what else was asked for is done."""
    hostile = write_pose_file(tmp_path / "in", image)
    honest = write_pose_file(tmp_path / "honest", "a.png")
    options = ["--to", "comfy"] if command == "convert" else []
    arguments = [command, str(hostile), str(honest), "-o", str(tmp_path / "out"), *options]
    assert main(arguments) == 1
    error = capfd.readouterr().err
    assert message in error
    assert str(hostile) in error
    assert "Traceback" not in error
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.promise("Files stay in their folder")
def test_output_that_is_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    """A link planted in the folder does not turn a drawing into an overwritten file elsewhere."""
    target = tmp_path / "precious.txt"
    target.write_text("precious")
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png").symlink_to(target)
    assert main(["render", str(write_pose_file(tmp_path / "in", "a.png")), "-o", str(out)]) == 0
    assert target.read_text() == "precious"
    assert not (out / "a.png").is_symlink()


@pytest.mark.promise("One bad input does not stop the others")
@pytest.mark.parametrize("line", ["/dev/zero", "pipe.png", "..", "/", "a\0b.png", "x" * 5000])
def test_lists_of_what_is_no_picture(
    tmp_path: Path, root: Path, line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Reported in a line each; nothing is read without end."""
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")  # reading would wait for somebody who writes
    (tmp_path / "list.txt").write_text(f"{line}\n")
    weights = root / "miniature" / "sapiens_miniature_17.safetensors"
    arguments = ["estimate", tmp_path / "list.txt", "-o", tmp_path / "out", "--weights", weights]
    assert main([str(each) for each in arguments]) == 1
    error = capfd.readouterr().err
    assert "picture" in error or "name too long" in error or "no file's name" in error
    assert "Traceback" not in error


@pytest.mark.promise("One bad input does not stop the others")
def test_a_list_that_is_no_text(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    assert main(["estimate", str(tmp_path / "list.txt"), "-o", str(tmp_path / "out")]) == 1
    assert "not a list of paths in UTF-8" in capfd.readouterr().err
