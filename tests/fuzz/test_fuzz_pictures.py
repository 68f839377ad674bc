"""Mutated picture files: read, or refused in words; no crash, and no more memory than they need."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from comfyui_sapiens_pose.commands.files.animations import (
    AnimationReader,
    is_clip,
    read_clip_info,
)
from comfyui_sapiens_pose.commands.files.find_inputs import find_inputs
from comfyui_sapiens_pose.commands.files.images import read_image
from helpers import odd_pictures
from helpers.fuzzing import fuzz, mutated_bytes


def test_pictures(cases: int, memory_path: Path) -> None:
    path = memory_path / "photo.png"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        try:
            image_rgb = read_image(path)
        except ValueError as error:
            told(error, path)
            return
        assert image_rgb.dtype == np.uint8
        assert image_rgb.ndim == 3

    valid = [*odd_pictures.kinds().values(), odd_pictures.turned(6), odd_pictures.bmp_of(6, 4)]
    fuzz(check, mutated_bytes(valid), cases)


def test_animations(cases: int, memory_path: Path) -> None:
    path = memory_path / "walk.gif"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        if not is_clip(path):
            return
        try:
            info = read_clip_info(path)
            with AnimationReader(path) as reader:
                for frame in info.frames():
                    assert reader.read(frame).shape[1::-1] == info.size_wh
        except ValueError as error:
            told(error, path)

    fuzz(check, mutated_bytes(odd_pictures.animations()), cases)


def told(error: ValueError, path: Path) -> None:
    """A message names the file."""
    assert str(path) in str(error)


def test_lists_of_pictures(cases: int, memory_path: Path) -> None:
    listing = memory_path / "list.txt"

    def check(content: bytes) -> None:
        listing.write_bytes(content)
        try:
            for found in find_inputs([listing]):
                read_image(found.path)
        except (ValueError, OSError):
            return

    valid = [
        b"a.png\n\nfolder/b.png\n",
        "写真.png\r\n".encode(),
        b"/dev/null\n..\n.\n\0\n",
        b"\xff",
    ]
    fuzz(check, mutated_bytes(valid), cases)
