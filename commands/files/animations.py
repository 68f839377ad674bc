"""Animated images as clips: GIF, APNG, WebP and AVIF, whose frames Pillow composes."""

from __future__ import annotations

import os
import struct
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...skeletons.foundation.arrays import Image
from ..videos.clip_frames import ClipFrame, VideoInfo
from ..videos.read_info import read_info
from ..videos.video_reader import VideoReader
from .endings import ANIMATED_SUFFIXES, VIDEO_SUFFIXES, suffix_of
from .images import (
    DECODER_ERRORS,
    decode_frame,
    find_orientation,
    open_image,
    quiet_decoders,
    read_content,
    turn_upright,
    unreadable_error,
)

MAX_ANIMATION_PIXELS = 2**33
"""Maximum size of all frames of an animated image, in pixels: 4,000 Full HD frames. A frame may
take 20 bytes of the file, and the whole canvas to compose."""

_SHORTEST_MS, _USUAL_MS = 10, 100
"""Browsers show frames that last 10 ms or less for 100: most such files say 0, and mean nothing."""

_HEAD_BYTES = 32
_WEBP_ANIMATED = 0x02
"""The flag in byte 20 of a WebP file that begins with VP8X."""
_PNG_MAGIC_BYTES = 8
_MAX_PNG_CHUNKS = 1000
"""Maximum number of chunks that are looked at before the pixels of a PNG; files have some ten."""


def is_clip(path: Path) -> bool:
    """Whether a file is a video, by its name, or an image with several frames, by its header.

    What cannot be opened is none: reading it as an image says why.
    """
    suffix = suffix_of(path.name)
    if suffix in VIDEO_SUFFIXES:
        return True
    try:
        if suffix not in ANIMATED_SUFFIXES or not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as file:
            if not _may_be_animated(file):
                return False
        with quiet_decoders(), open_image(path, read_content(path)) as opened:
            return _num_frames(opened) - _first_frame(opened) > 1
    except (*DECODER_ERRORS, ValueError, OSError):
        return False


def _may_be_animated(file: BinaryIO) -> bool:
    """Whether it is worth while to read the rest: few of the many thousands of a folder are."""
    head = file.read(_HEAD_BYTES)
    if head[8:12] == b"WEBP":
        return head[12:16] == b"VP8X" and bool(head[20] & _WEBP_ANIMATED)
    if head[4:8] == b"ftyp":
        return b"avis" in head[8:]
    if head[1:4] != b"PNG":
        return True
    file.seek(_PNG_MAGIC_BYTES)
    for _ in range(_MAX_PNG_CHUNKS):
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind in (b"acTL", b"IDAT"):
            return bool(kind == b"acTL")
        file.seek(length + 4, os.SEEK_CUR)
    return False


def read_clip_info(path: Path) -> VideoInfo:
    """What is known of a clip before its frames are decoded; an animated image is gone through.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is neither a video nor an image that can be read.
        ImportError: it is a video, and PyAV is not installed.
    """
    if suffix_of(path.name) not in ANIMATED_SUFFIXES:
        return read_info(path)
    with AnimationReader(path) as reader:
        durations_ms = reader.durations_ms()
        size_wh = reader.size_wh
        promised = reader.num_frames
    starts = [0.0, *accumulate(durations_ms)]
    rate = Fraction(len(durations_ms) * 1000 / starts[-1]).limit_denominator(1000)
    return VideoInfo(
        path=path,
        size_wh=size_wh,
        rate=rate,
        time_base=Fraction(1, 1000),
        ticks=tuple(round(start) for start in starts[:-1]),
        end_tick=round(starts[-1]),
        has_pts=False,
        missing=max(0, promised - len(durations_ms)),
        pixel_aspect=Fraction(1),
    )


def open_clip(path: Path) -> VideoReader | AnimationReader:
    """A reader of the frames of a video or animated image.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is neither that can be read.
        ImportError: it is a video, and PyAV is not installed.
    """
    is_image = suffix_of(path.name) in ANIMATED_SUFFIXES
    return AnimationReader(path) if is_image else VideoReader(path)


class AnimationReader:
    """Decodes frames of one animated image, one at a time; asked for in order, each once.

    Args:
        path: the file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no image that can be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._content = read_content(path)
        with quiet_decoders():
            self._open()
            try:
                self._first = _first_frame(self._opened)
                self.num_frames = _num_frames(self._opened) - self._first
            except DECODER_ERRORS as error:
                raise unreadable_error(path) from error
            self._canvas_wh: tuple[int, int] = self._opened.size
            self._orientation = find_orientation(self._opened)

    def _open(self) -> None:
        self._opened = open_image(self.path, self._content)
        self._index = -1  # of the frame decoded last

    def __enter__(self) -> AnimationReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        self._opened.close()

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels, as shown."""
        width, height = self._canvas_wh
        return (height, width) if self._orientation >= 5 else (width, height)

    def read(self, wanted: ClipFrame) -> Image:
        """A frame as (H, W, 3) uint8 RGB, upright, as Pillow composes it.

        Raises:
            ValueError: the file is damaged there.
        """
        try:
            image_rgb = self._decode(wanted.index)
        except (*DECODER_ERRORS, ValueError) as error:
            raise ValueError(
                f"{self.path}: the frame at {wanted.time_s:.2f} s cannot be read."
            ) from error
        return turn_upright(image_rgb, self._orientation)

    def durations_ms(self) -> list[float]:
        """How long each frame is shown, up to the end or the first damaged one.

        Raises:
            ValueError: no frame can be read, or they have more than ``MAX_ANIMATION_PIXELS``
                together.
        """
        durations: list[float] = []
        width, height = self._canvas_wh
        for index in range(self.num_frames):
            if (index + 1) * width * height > MAX_ANIMATION_PIXELS:
                raise ValueError(
                    f"{self.path} has {self.num_frames:,} frames of {width} x {height} pixels; at "
                    f"most {MAX_ANIMATION_PIXELS:,} pixels can be read. Convert it to a video "
                    "first."
                )
            try:
                self._decode(index)
            except (*DECODER_ERRORS, ValueError):
                break
            duration = float(self._opened.info.get("duration") or 0)
            durations.append(duration if duration > _SHORTEST_MS else _USUAL_MS)
        if not durations:
            raise unreadable_error(self.path)
        return durations

    def _decode(self, index: int) -> Image:
        with quiet_decoders():
            if index <= self._index:  # Pillow 13 cannot go back in an APNG, other than to its start
                self.close()
                self._open()
            while self._index < index:
                self._index += 1
                self._opened.seek(self._first + self._index)
                self._opened.load()
            image_rgb = decode_frame(self.path, self._opened)
        width, height = self._canvas_wh
        if image_rgb.shape[:2] == (height, width):
            return image_rgb
        # A frame of a GIF may be larger than the canvas: what is beyond is not shown.
        canvas = np.zeros((height, width, 3), np.uint8)
        shown = image_rgb[:height, :width]
        canvas[: shown.shape[0], : shown.shape[1]] = shown
        return canvas


def _num_frames(opened: Any) -> int:
    return int(getattr(opened, "n_frames", 1))


def _first_frame(opened: Any) -> int:
    """1 for an APNG whose first image is none of its frames, but for those who know no APNG."""
    return int(bool(getattr(opened, "default_image", False)))
