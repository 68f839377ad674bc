"""Names and links that lead out of the folder of results, or to files that are no images."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.run import chunk_worker
from helpers.command_lines import ESTIMATE
from helpers.hostile_names import IMPOSSIBLE_NAMES, WINDOWS_NAMES, write_pose_file

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
    arguments = [*ESTIMATE, tmp_path / "list.txt", "-o", tmp_path / "out", "--weights", weights]
    assert main([str(each) for each in arguments]) == 1
    error = capfd.readouterr().err
    assert (
        "no image" in error
        or "a name of" in error
        or "too long" in error
        or "not a file name" in error
    )
    assert "Traceback" not in error


@pytest.mark.promise("One bad input does not stop the others")
def test_a_list_that_is_no_text(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    assert main([*ESTIMATE, str(tmp_path / "list.txt"), "-o", str(tmp_path / "out")]) == 1
    assert "not a list of paths in UTF-8" in capfd.readouterr().err


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize("image", ["a?.png", '*<>|".png'])
@pytest.mark.parametrize("command", ["render", "parts"])
def test_results_have_names_that_windows_allows(tmp_path: Path, command: str, image: str) -> None:
    portable = next(replaced for name, replaced, _ in WINDOWS_NAMES if name == image)
    out = tmp_path / "out"
    assert main([command, str(write_pose_file(tmp_path / "in", image)), "-o", str(out)]) == 0
    written = {path.name for path in out.iterdir()} - {"boxes.json"}
    assert written == {portable if command == "render" else f"{portable[:-4]}_mask.png"}


@pytest.mark.promise("Files stay in their folder")
def test_two_names_that_become_one_on_windows_stay_two(tmp_path: Path) -> None:
    poses = [
        str(write_pose_file(tmp_path / str(number), name))
        for number, name in enumerate(["a?.png", "a*.png"])
    ]
    assert main(["render", *poses, "-o", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a_.png", "a__2.png"}


@pytest.mark.promise("Files stay in their folder")
def test_a_clip_that_becomes_files_of_portable_names(tmp_path: Path) -> None:
    names = ["a?.png", "b.png"]
    canvas = {"width": 8, "height": 8}
    frames = [{"image": name, "canvas": canvas, "instance_info": []} for name in names]
    clip = tmp_path / "clip.json"
    clip.write_text(json.dumps({"clip": "clip.mp4", "frames": frames}))
    assert main(["convert", str(clip), "-o", str(tmp_path / "out"), "--to", "sapiens"]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a_.json", "b.json"}


@pytest.mark.promise("One bad input does not stop the others")
def test_what_cannot_be_used_in_a_folder_is_named_and_the_rest_is_done(
    tmp_path: Path, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    photo = root / "miniature/photos/000000000785.jpg"
    (folder / "b.jpg").write_bytes(photo.read_bytes())
    (folder / "a.jpg").symlink_to("a.jpg")
    (folder / "c.jpg").symlink_to("missing.jpg")
    weights = root / "miniature" / "sapiens_miniature_17.safetensors"
    arguments = [*ESTIMATE, folder, "-o", out, "--weights", weights, "--style", "openpose"]
    assert main([str(each) for each in arguments]) == 1
    error = capfd.readouterr().err
    assert f"{folder / 'a.jpg'} cannot be used: Too many levels of symbolic links." in error
    assert f"{folder / 'c.jpg'} cannot be used: No such file or directory." in error
    assert "2 of 3 images failed; the others are done." in error
    assert {path.name for path in out.iterdir()} == {"b.json", "b.png"}


@pytest.mark.promise("One bad input does not stop the others")
def test_a_list_that_names_a_link_in_a_circle(
    tmp_path: Path, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "list.txt").write_text("loop.jpg\n")
    weights = root / "miniature" / "sapiens_miniature_17.safetensors"
    arguments = [*ESTIMATE, tmp_path / "list.txt", "-o", tmp_path / "out", "--weights", weights]
    assert main([str(each) for each in arguments]) == 1
    error = capfd.readouterr().err
    assert "There is no image" in error
    assert "Traceback" not in error


@pytest.mark.promise("One bad input does not stop the others")
@pytest.mark.parametrize(("stem_bytes", "num_failed"), [(243, 0), (244, 1)])
def test_a_result_whose_name_is_too_long_is_told_before_the_network_runs(
    tmp_path: Path,
    root: Path,
    stem_bytes: int,
    num_failed: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Of its results the longest counts; the rest is done."""
    photo = (root / "miniature/photos/000000000785.jpg").read_bytes()
    (tmp_path / "in").mkdir()
    for stem in ("a" * stem_bytes, "b"):
        (tmp_path / "in" / f"{stem}.jpg").write_bytes(photo)
    read: list[str] = []
    read_image = chunk_worker.read_image
    monkeypatch.setattr(
        chunk_worker, "read_image", lambda path: (read.append(path.stem), read_image(path))[1]
    )
    weights = root / "miniature" / "sapiens_miniature_17.safetensors"
    arguments = [*ESTIMATE, tmp_path / "in", "-o", tmp_path / "out", "--weights", weights]
    assert main([*map(str, arguments), "--overlay"]) == num_failed
    error = capfd.readouterr().err
    assert ("_overlay.png would have a name of 256 bytes" in error) == bool(num_failed)
    assert read == (["b"] if num_failed else ["a" * stem_bytes, "b"])
    assert len(list((tmp_path / "out").iterdir())) == 3 * len(read)
