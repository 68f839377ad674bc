"""What a batch is of: which files are clips, and which are left out."""

from __future__ import annotations

import argparse
from pathlib import Path

import fsspec
import pytest
from comfyui_sapiens_pose.commands.files.endings import LeftOut
from comfyui_sapiens_pose.commands.ray_batch.addresses import find_places
from comfyui_sapiens_pose.commands.ray_batch.inputs import find_sources
from PIL import Image


def animation(path: Path, count: int) -> None:
    frames = [Image.new("L", (6, 4), 40 * number) for number in range(count)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=50)


@pytest.mark.parametrize("scheme", ["", "memory://"])
def test_endings_tell_clips_and_what_is_left_out(tmp_path: Path, scheme: str) -> None:
    """Images are not opened for the plan, so that WebP and PNG are images, animated or not."""
    for name, count in {"a.gif": 3, "b.gif": 1, "c.webp": 2, "d.png": 2, "e.png": 1}.items():
        animation(tmp_path / name, count)
    (tmp_path / "f.gif").write_bytes(b"damaged")
    (tmp_path / "g.psd").touch()
    (tmp_path / "h.json").touch()
    if scheme:
        fsspec.filesystem("memory").put(str(tmp_path), str(tmp_path), recursive=True)
    inputs = [f"{scheme}{tmp_path}"]
    options = argparse.Namespace(
        inputs=inputs, path_column="path", every=2, recursive=False, output=tmp_path / "out"
    )
    left_out = LeftOut()
    sources = find_sources(options, find_places(inputs), left_out)
    found = [[(Path(row.path).name, row.frame) for row in source] for source in sources]
    assert found == [
        [("c.webp", None), ("d.png", None), ("e.png", None)],
        [("a.gif", 0), ("a.gif", 2)],
        [("b.gif", None)],
        [("f.gif", None)],
    ]
    assert left_out.describe() == "1 .json, 1 .psd"
