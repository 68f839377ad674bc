"""Frames that were decoded once are there to be drawn on, as far as memory goes."""

from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose.commands.run.chunks import make_clip_items
from comfyui_sapiens_pose.commands.run.clip_outputs import ClipOutputs
from comfyui_sapiens_pose.commands.run.outputs import Outputs
from comfyui_sapiens_pose.commands.videos.frame_store import FrameStore
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.video_reader import VideoReader
from comfyui_sapiens_pose.skeletons.openpose_points import OpenPoseOptions
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.clips import colours, write_clip

A, B = Path("a.mp4"), Path("b.mp4")
SIZE_WH = (64, 48)
NUM_FRAMES = 4
FRAME_BYTES = SIZE_WH[0] * SIZE_WH[1] * 3


@pytest.fixture(scope="module")
def info(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "a.mp4"
    return read_info(write_clip(path, NUM_FRAMES, SIZE_WH, draw=colours))


def test_frames_beyond_the_limit_are_not_held(info):
    store, image_rgb = FrameStore(2 * FRAME_BYTES), np.zeros((*SIZE_WH, 3), np.uint8)
    first, second, third, _ = info.frames()
    store.put(A, first, image_rgb)
    store.put(A, first, image_rgb + 1)
    store.put(A, second, image_rgb)
    store.put(B, third, image_rgb)
    assert store.take(B, third) is None
    assert store.take(A, first).max() == 1
    assert store.take(A, first) is None
    store.put(B, third, image_rgb)
    store.drop(A)
    assert store.take(A, second) is None
    assert store.take(B, third) is not None


def test_a_clip_is_drawn_the_same_whatever_is_held(info, tmp_path):
    contents = [drawn(info, tmp_path / str(held), held) for held in (NUM_FRAMES, 2, 0)]
    assert contents[0] == contents[1] == contents[2]


def drawn(info, folder, num_held):
    """The bytes of the overlay that is drawn with so many frames in memory."""
    store = FrameStore(num_held * FRAME_BYTES)
    with VideoReader(info.path) as reader:
        for frame in info.frames():
            store.put(info.path, frame, reader.read(frame))
    outputs = Outputs((), ("openpose",), overlay=True, shown=OpenPoseOptions())
    clip = ClipOutputs(outputs, ("overlay",), json_each_frame=False)
    items = make_clip_items(info.path, "a", info.frames())
    pairs = [(item, Frame(SIZE_WH)) for item in items]
    clip.write(folder / "a", info, pairs, folder, store)
    assert all(store.take(info.path, frame) is None for frame in info.frames())
    return (folder / "a_overlay.mp4").read_bytes()
