"""Frames of many codecs and containers are those that FFmpeg itself makes of the files."""

import av
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.video_reader import VideoReader
from helpers.clips import colours, write_clip
from helpers.ffmpeg_images import ffmpeg_images
from helpers.samples import sample

SIZE_WH = (128, 96)
CLIPS = {
    "libx264": ("mp4", "yuv420p"),
    "libx264 of 10 bits": ("mkv", "yuv420p10le"),
    "libx264rgb": ("mkv", "rgb24"),
    "libx265": ("mp4", "yuv420p"),
    "libsvtav1": ("mp4", "yuv420p"),
    "libvpx": ("webm", "yuv420p"),
    "libvpx-vp9": ("webm", "yuv420p"),
    "mpeg1video": ("mpg", "yuv420p"),
    "mpeg2video": ("vob", "yuv420p"),
    "mpeg2video in a stream": ("m2ts", "yuv420p"),
    "mpeg2video for studios": ("mxf", "yuv422p"),
    "mpeg4": ("m4v", "yuv420p"),
    "msmpeg4v2": ("avi", "yuv420p"),
    "msmpeg4": ("avi", "yuv420p"),
    "wmv1": ("wmv", "yuv420p"),
    "wmv2": ("asf", "yuv420p"),
    "h263": ("3gp", "yuv420p"),
    "flv": ("flv", "yuv420p"),
    "mjpeg": ("mov", "yuvj420p"),
    "jpeg2000": ("mov", "yuv420p"),
    "png": ("mov", "rgb24"),
    "gif": ("gif", "rgb8"),
    "qtrle": ("mov", "rgb24"),
    "prores_ks": ("mov", "yuv422p10le"),
    "cfhd": ("mov", "yuv422p10le"),
    "ffv1": ("mkv", "bgr0"),
    "ffvhuff": ("avi", "yuv420p"),
    "huffyuv": ("avi", "yuv422p"),
    "utvideo": ("avi", "yuv420p"),
    "magicyuv": ("avi", "gbrp"),
    "rawvideo": ("avi", "yuv420p"),
    "zmbv": ("nut", "bgr0"),
    "snow": ("nut", "yuv420p"),
}


@pytest.mark.parametrize("name", sample(CLIPS, list(CLIPS)[::2]))
def test_frames_are_those_of_ffmpeg(tmp_path, name):
    codec = name.split()[0]
    if codec not in av.codecs_available:
        pytest.skip(f"this build of FFmpeg does not write {codec}")
    suffix, pixels = CLIPS[name]
    path = write_clip(
        tmp_path / f"a.{suffix}", 5, SIZE_WH, draw=colours, codec=codec, pixels=pixels
    )
    info = read_info(path)
    frames = info.frames()
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.04, 0.08, 0.12, 0.16])
    assert (info.end_tick - info.ticks[0]) * info.time_base == pytest.approx(0.2)
    assert info.missing == 0
    with VideoReader(path) as reader:
        images = [reader.read(frame) for frame in frames]
    for image, expected in zip(images, ffmpeg_images(path), strict=True):
        difference = np.abs(image.astype(int) - expected)
        # Colours of 10 bits at half the resolution are interpolated in two ways at their edges.
        assert difference.max() == 0 or ("10 bits" in name and difference.mean() < 1)
    colour_loss = np.abs(images[2].astype(int) - colours(2, 5, SIZE_WH)).mean()
    assert colour_loss < (25 if codec == "gif" else 12)
