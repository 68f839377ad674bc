"""Small videos whose frames tell their number: a white bar grows from the left."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.video_reader import VideoReader
from comfyui_sapiens_pose.skeletons.foundation.arrays import Image

MILLISECONDS = Fraction(1, 1000)
FIXED_RATE_SUFFIXES = {".avi", ".mpg", ".vob", ".m2ts", ".mxf", ".dv"}
UNEVEN_MS = np.cumsum(np.random.default_rng(0).integers(10, 120, 30)).tolist()
"""Times of 30 frames."""
KINDS = {
    "a.mp4": {},
    "uneven.mp4": {"times_ms": UNEVEN_MS},
    "uneven.mkv": {"times_ms": UNEVEN_MS},
    "vp9.webm": {"codec": "libvpx-vp9"},
    "a.ts": {},
    "mpeg4.avi": {"codec": "mpeg4"},
    "h264.avi": {},
    "one.mp4": {"count": 1},
}
"""Clips by file name, as arguments of ``write_clip``."""
PHOTO = Path(__file__).resolve().parents[2] / "miniature/photos/000000000785.jpg"


def bar(number: int, count: int, size_wh: tuple[int, int]) -> Image:
    """(H, W, 3) the frame of a number among so many."""
    width, height = size_wh
    image_rgb = np.zeros((height, width, 3), np.uint8)
    image_rgb[:, : bar_length(number, count, width)] = 255
    return image_rgb


def bar_length(number: int, count: int, width: int) -> int:
    """In pixels."""
    return (number + 1) * width // count


def bar_lengths(images: Sequence[Image]) -> list[int]:
    """Length of the white bar of each image, in pixels."""
    return [int((image[image.shape[0] // 2, :, 0] > 128).sum()) for image in images]


def read_images(path: Path) -> list[Image]:
    """All frames of a clip, as our reader reads them."""
    with VideoReader(path) as reader:
        return [reader.read(frame) for frame in read_info(path).frames()]


def pan(number: int, count: int, size_wh: tuple[int, int] = (480, 400)) -> Image:
    """(H, W, 3) a frame of a slow way over the bundled photo, along its diagonal."""
    photo = read_image(PHOTO)
    width, height = size_wh
    top = (photo.shape[0] - height) * number // count
    left = (photo.shape[1] - width) * number // count
    return np.ascontiguousarray(photo[top : top + height, left : left + width])


def colours(number: int, count: int, size_wh: tuple[int, int]) -> Image:
    """(H, W, 3) soft colours that move, and differ in every quarter and along both diagonals."""
    width, height = size_wh
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    planes = (across, down**2, (across * down + number / count) % 1)
    return np.stack([40 + 175 * plane for plane in planes], axis=2).astype(np.uint8)


def write_clip(
    path: Path,
    count: int = 30,
    size_wh: tuple[int, int] = (128, 96),
    *,
    times_ms: Sequence[int] | None = None,
    draw=bar,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    sound: bool = False,
    gop: int = 12,
    options: dict[str, str] | None = None,
) -> Path:
    """A clip of 25 frames a second, or a frame at each of the times; a key frame in ``gop``."""
    times_ms = times_ms or [40 * number for number in range(count)]
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = size_wh
        stream.pix_fmt = pixels
        stream.codec_context.gop_size = gop
        base = Fraction(1, 25) if path.suffix in FIXED_RATE_SUFFIXES else MILLISECONDS
        stream.time_base = stream.codec_context.time_base = base
        audio = container.add_stream("aac", rate=48000, layout="mono") if sound else None
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(draw(number, count, size_wh), format="rgb24")
            frame.pts, frame.time_base = int(times_ms[number] * MILLISECONDS / base), base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if audio:
            container.mux(_tone(audio, times_ms[-1] / 1000))
    return path


def write_png_clip(path: Path, png: bytes, size_wh: tuple[int, int]) -> Path:
    """A clip whose three frames are a PNG file, whatever size it has itself."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("png", rate=25)
        stream.width, stream.height = size_wh
        stream.pix_fmt = "monob"
        for number in range(3):
            packet = av.Packet(png)
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, 25), True
            packet.pts = packet.dts = number
            container.mux(packet)
    return path


def _tone(stream, seconds: float):
    packets = []
    waves = np.sin(np.arange(int(48000 * seconds)) * 0.05).astype(np.float32)
    for start in range(0, len(waves) - 1023, 1024):
        frame = av.AudioFrame.from_ndarray(waves[None, start : start + 1024], "fltp", "mono")
        frame.sample_rate, frame.pts = 48000, start
        frame.time_base = Fraction(1, 48000)
        packets += stream.encode(frame)
    return packets + stream.encode()


def turn_clockwise(path: Path) -> Path:
    """Has an MP4 shown turned by a quarter, as a phone does that was held upright."""
    return set_matrix(path, (0, 1, -1, 0))


def set_matrix(path: Path, matrix: tuple[float, float, float, float]) -> Path:
    """Has an MP4 shown turned or mirrored: (x, y) at (a x + c y, b x + d y)."""
    a, b, c, d = (round(number * 65536) for number in matrix)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # version 0: the matrix comes after 40 bytes
    data[at : at + 20] = struct.pack(">5i", a, b, 0, c, d)
    path.write_bytes(data)
    return path
