"""``estimate`` on a folder of everything: photos, an animation, and files that are neither."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from helpers.command_lines import ESTIMATE
from PIL import Image


@pytest.fixture
def estimate(tmp_path, root, capsys):
    """Runs ``estimate`` into ``out``: the exit code, the names there, and the lines said."""
    weights = root / "miniature/sapiens_miniature_17.safetensors"

    def run(*arguments):
        out = tmp_path / "out"
        command = [*ESTIMATE, *arguments, "-o", out, "--weights", weights, "--no-flip"]
        code = main([str(each) for each in command])
        names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*"))
        return code, names, capsys.readouterr().err.splitlines()

    return run


def save_animation(path: Path, count: int = 3) -> Path:
    frames = [Image.new("L", (48, 40), 80 * number) for number in range(count)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[40, 200, 60])
    return path


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    Image.fromarray(np.full((40, 30, 3), 90, np.uint8)).save(folder / "grey.bmp")
    save_animation(folder / "pan.gif")
    for name in ("IMG_0001.HEIC", "poster.psd", "grey.xmp"):
        (folder / name).touch()
    return folder


def test_an_animation_is_a_clip_and_what_is_left_out_is_named(
    estimate, folder, monkeypatch, tmp_path
):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    code, names, messages = estimate(folder, "--overlay")
    assert code == 0
    assert names == [
        *("grey.json", "grey.png", "grey_overlay.png"),
        *("pan.json", "pan_overlay.mp4", "pan_skeleton.mp4"),
    ]
    assert messages[-1] == (
        "Left out: 1 .heic, 1 .psd, 1 .xmp. HEIC and HEIF need a package: pip install pillow-heif."
    )
    frames = json.loads((tmp_path / "out/pan.json").read_text())["frames"]
    assert [frame["time_s"] for frame in frames] == [0, 0.04, 0.24]
    drawn = read_info(tmp_path / "out/pan_overlay.mp4")
    assert [float(tick * drawn.time_base) for tick in drawn.ticks] == [0, 0.04, 0.24]


def test_heic_that_is_named_fails_alone(estimate, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (folder / "IMG_0001.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    code, names, messages = estimate(folder / "IMG_0001.HEIC", folder / "grey.bmp")
    assert code == 1
    assert "grey.json" in names
    assert any("cannot be read: HEIC and HEIF need a package" in each for each in messages)
    assert not any("Left out" in each for each in messages)


def test_an_animation_without_pyav_is_told_before_any_work(estimate, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    code, names, messages = estimate(folder / "pan.gif")
    assert (code, names) == (1, [])
    assert "Videos need the package PyAV" in messages[-1]
    code, names, _ = estimate(folder / "pan.gif", "--video", "none")
    assert (code, names) == (0, ["pan.json"])
