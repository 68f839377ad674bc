"""Reads the frames of videos, by way of PyAV, which is loaded here when it is needed.

A frame is known by its index in the clip and by its time stamp. The time stamps are gathered once
without decoding; with them any frame is found from the key frame before it, so that several
processes can work on chunks of a clip, and all of them see the same pixels.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ...skeletons.foundation.arrays import Image
from ...skeletons.foundation.limits import MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE

log = logging.getLogger(__name__)

FRAMES_WORTH_DECODING = 100
"""Maximum number of frames ahead that a frame is reached by decoding; beyond, the reader seeks."""
THREADED_PIXELS = 2**25
"""Maximum number of pixels of frames that are decoded several at a time: larger than 8K."""
DECODER_OPTIONS = {"max_pixels": str(MAX_IMAGE_PIXELS + 64 * MAX_IMAGE_SIDE)}
"""With it FFmpeg allocates no memory for larger frames. It counts in rows of whole 64 pixels."""


def load_av() -> Any:
    """The module ``av``.

    Raises:
        ImportError: PyAV is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise ImportError("Videos need the package PyAV: pip install 'av>=14.2'.") from error
    return av


@dataclass(frozen=True)
class ClipFrame:
    """Which frame of a clip.

    Attributes:
        index: from 0, in the order in which frames are shown.
        pts: its time stamp in ticks of the file, or None if it is found by its index alone.
        time_s: seconds from the start of the file.
    """

    index: int
    pts: int | None
    time_s: float


@dataclass(frozen=True)
class VideoInfo:
    """What is known of a clip before its frames are decoded.

    Attributes:
        path: the file.
        size_wh: width and height in pixels, as shown: turned if the file says so.
        rate: frames a second on average.
        time_base: seconds in a tick.
        ticks: when each frame is shown, in order.
        has_pts: whether ``ticks`` are the file's time stamps. They are made up from the rate
            where the file has none, or not one of its own for each frame.
        missing: frames that the file says it has, but that are not in it.
        pixel_aspect: width of a pixel over its height, as shown.
    """

    path: Path
    size_wh: tuple[int, int]
    rate: Fraction
    time_base: Fraction
    ticks: tuple[int, ...]
    has_pts: bool
    missing: int
    pixel_aspect: Fraction

    def frame(self, index: int) -> ClipFrame:
        """The frame at an index."""
        tick = self.ticks[index]
        return ClipFrame(index, tick if self.has_pts else None, float(tick * self.time_base))

    def frames(
        self, every: int = 1, start_s: float = 0.0, end_s: float | None = None
    ) -> list[ClipFrame]:
        """Every n-th frame from ``start_s`` on and before ``end_s``.

        Both count from the first frame, so that 0 is always the beginning.

        Raises:
            ValueError: ``every`` is not positive, or there is no frame between the times.
        """
        if every < 1:
            raise ValueError(f"Every {every}. frame is asked for, expected 1 or more.")
        first = self._first_from(start_s)
        stop = len(self.ticks) if end_s is None else self._first_from(end_s)
        if first >= stop:
            length_s = float((self.ticks[-1] - self.ticks[0]) * self.time_base)
            raise ValueError(
                f"{self.path} has no frame from {start_s:g} s to "
                f"{'its end' if end_s is None else f'{end_s:g} s'}; its last one is at "
                f"{length_s:.2f} s."
            )
        return [self.frame(index) for index in range(first, stop, every)]

    def _first_from(self, time_s: float) -> int:
        # A time such as 0.1 s is meant as written, not as the nearest binary number.
        exact_s = Fraction(time_s).limit_denominator(1_000_000)
        return bisect_left(self.ticks, self.ticks[0] + exact_s / self.time_base)


def read_info(path: Path) -> VideoInfo:
    """Goes through a clip's packets and decodes its first frame.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no video that can be read.
        ImportError: PyAV is not installed.
    """
    with VideoReader(path) as reader:
        first = reader.first_frame()
        stream = reader.stream
        rate = Fraction(stream.average_rate or stream.guessed_rate or 25)
        aspect = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
        time_base, promised = Fraction(stream.time_base), int(stream.frames)
        packets = list(reader.packets())
        # AVI has no time stamps: what PyAV says of its packets is their order, not the frames'.
        has_pts = reader.format_name != "avi"
    shown = [packet_pts for packet_pts, is_shown in packets if is_shown]
    known = sorted({pts for pts in shown if pts is not None})
    has_pts = has_pts and len(known) == len(shown)
    turned = first.rotation % 180 != 0
    return VideoInfo(
        path=path,
        size_wh=(first.height, first.width) if turned else (first.width, first.height),
        rate=rate,
        time_base=time_base if has_pts else 1 / rate,
        ticks=tuple(known if has_pts else range(len(shown))),
        has_pts=has_pts,
        missing=max(0, promised - len(packets)),
        pixel_aspect=1 / aspect if turned else aspect,
    )


class VideoReader:
    """Decodes frames of one clip, one at a time; asked for in order, each is decoded once.

    Args:
        path: the file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no video that can be read.
        ImportError: PyAV is not installed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open()

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        self._frames.close()
        self._container.close()

    def read(self, wanted: ClipFrame) -> Image:
        """A frame as (H, W, 3) uint8 RGB, upright.

        Raises:
            ValueError: the file is damaged there.
        """
        has_pts = wanted.pts is not None
        frame = self._read_by_pts(wanted) if has_pts else self._read_by_index(wanted.index)
        if frame is None:
            raise ValueError(f"{self.path}: the frame at {wanted.time_s:.2f} s cannot be read.")
        # Unless a colour space is named, PyAV 14 takes every video's colours for those of BT.601.
        image_rgb = frame.to_ndarray(format="rgb24", dst_colorspace="DEFAULT")
        # Both count quarter turns against the clock.
        return np.ascontiguousarray(np.rot90(image_rgb, frame.rotation // 90))

    def first_frame(self) -> Any:
        """PyAV's first frame, not turned; then the file is at its start again.

        Raises:
            ValueError: no frame can be decoded.
        """
        frame = next(self._frames, None)
        self._restart()
        if frame is None:
            raise ValueError(
                f"{self.path} holds no frame that can be read: it is damaged, or its frames have "
                f"more than {MAX_IMAGE_PIXELS:,} pixels."
            )
        return frame

    def packets(self) -> Iterator[tuple[int | None, bool]]:
        """Time stamp of every packet from here on, and whether its frame is shown."""
        for packet in self._demux():
            if packet.size:
                yield packet.pts, not packet.is_discard

    def _open(self) -> None:
        av = load_av()
        if not self.path.is_file():
            raise FileNotFoundError(f"There is no video {self.path}.")
        try:
            self._container = av.open(str(self.path), options=DECODER_OPTIONS)
        except av.FFmpegError as error:
            raise ValueError(f"{self.path} is not a video that can be read: {error}") from error
        streams = self._container.streams.video
        context = streams[0].codec_context if streams else None
        if context is None:  # also where the kind of video is unknown
            self._container.close()
            raise ValueError(f"{self.path} has no pictures in it that can be read.")
        self.stream = streams[0]
        context.options = DECODER_OPTIONS
        is_small = context.width * context.height <= THREADED_PIXELS
        context.thread_type = "AUTO" if is_small else "SLICE"
        self.format_name = str(self._container.format.name)
        self._begin()

    def _begin(self) -> None:
        self._frames = self._decode()
        self._index = -1  # of the frame read last
        self._ahead: Any = None  # a frame decoded but not asked for yet
        self._end: int | None = None  # from this index on there are no more frames

    def _restart(self) -> None:
        self.close()
        self._open()

    def _read_by_index(self, index: int) -> Any:
        if index <= self._index:
            self._restart()
        for frame in self._frames:
            self._index += 1
            if self._index == index:
                return frame
        return None

    def _read_by_pts(self, wanted: ClipFrame) -> Any:
        if self._end is not None and wanted.index >= self._end:
            return None
        if not self._index < wanted.index <= self._index + FRAMES_WORTH_DECODING:
            self._seek(wanted)
        self._index = wanted.index
        while True:
            frame = self._ahead or next(self._frames, None)
            self._ahead = None
            if frame is None:
                self._end = wanted.index
                return None
            if frame.pts == wanted.pts:
                return frame
            if frame.pts is not None and frame.pts > (wanted.pts or 0):
                self._ahead = frame  # the wanted one is damaged; this is likely to come next
                return None

    def _seek(self, wanted: ClipFrame) -> None:
        """To the key frame before, or to the start if the container cannot find it."""
        self._frames.close()
        self._container.seek(wanted.pts, stream=self.stream, backward=True)
        self._begin()
        self._ahead = next(self._frames, None)
        if self._ahead is None or self._ahead.pts is None or self._ahead.pts > wanted.pts:
            self._restart()

    def _decode(self) -> Generator[Any]:
        """Every frame from here on; what is damaged is left out."""
        av = load_av()
        for packet in self._demux():
            try:
                frames = packet.decode()
            except av.FFmpegError as error:
                log.debug("%s: %s", self.path, error)
            else:
                yield from frames

    def _demux(self) -> Iterator[Any]:
        """Every packet from here on, as far as the file can be read."""
        try:
            yield from self._container.demux(self.stream)
        except load_av().FFmpegError as error:
            log.debug("%s: %s", self.path, error)
