"""Mutated videos: frames, or a refusal in words; no crash, and no more memory than they need."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.video_reader import VideoReader
from helpers.clips import write_clip
from helpers.fuzzing import fuzz, mutated_bytes

KINDS = {"a.mp4": {}, "a.mkv": {}, "a.ts": {}, "a.avi": {"codec": "mpeg4"}}
MOST_FRAMES = 20


@pytest.fixture
def clips(tmp_path: Path) -> list[bytes]:
    """A few small frames in each kind of file."""
    options = {"count": 4, "size_wh": (64, 48)}
    written = [write_clip(tmp_path / name, **options, **kind) for name, kind in KINDS.items()]
    return [path.read_bytes() for path in written]


def test_videos(cases: int, clips: list[bytes], memory_path: Path) -> None:
    path = memory_path / "clip.mp4"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        try:
            info = read_info(path)
            frames = info.frames()
        except ValueError:
            return
        with VideoReader(path) as reader:
            for frame in frames[:MOST_FRAMES]:
                try:
                    image_rgb = reader.read(frame)
                except ValueError:
                    continue
                assert image_rgb.dtype == np.uint8
                assert image_rgb.ndim == 3

    fuzz(check, mutated_bytes(clips), cases)
