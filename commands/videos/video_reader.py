"""Decodes the frames of videos, by way of PyAV, which is loaded here when it is needed.

A frame is known by its index in the clip and by its time stamp. The time stamps are gathered once
without decoding; with them any frame is found from the key frame before it, so that several
processes can work on chunks of a clip, and all of them see the same pixels.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from ...skeletons.foundation.arrays import Image
from ...skeletons.foundation.limits import MAX_IMAGE_PIXELS
from .clip_frames import ClipFrame
from .open_video import best_sound, load_av, open_video
from .orientation import read_orientation
from .time_line import JOINABLE_FORMATS, Placed, demux_in_line
from .tone_mapping import read_rgb

log = logging.getLogger(__name__)

FRAMES_WORTH_DECODING = 100
"""Maximum number of frames ahead that a frame is reached by decoding; beyond, the reader seeks."""


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
        self._is_careful = False  # whether frames are decoded one at a time
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
        frame = self._find(wanted)
        if frame is None and not self._is_careful:
            # A damaged frame may have cost those that were decoded beside it.
            self._is_careful = True
            self._restart()
            frame = self._find(wanted)
        if frame is None:
            raise ValueError(f"{self.path}: the frame at {wanted.time_s:.2f} s cannot be read.")
        image_rgb = read_rgb(frame, self.stream.codec_context.color_trc)
        return read_orientation(frame).apply(image_rgb)

    def first_frame(self) -> Any:
        """PyAV's first frame, not turned; then the file is at its start again.

        Raises:
            ValueError: no frame can be decoded.
        """
        frame = next(self._frames, None)
        self._restart()
        if frame is None:
            raise ValueError(
                f"{self.path} has no frame that can be read: it is damaged, or its frames have "
                f"more than {MAX_IMAGE_PIXELS:,} pixels."
            )
        return frame

    def packets(self) -> Iterator[Placed]:
        """Every packet of the picture from here on, as far as the file can be read."""
        sound = None
        if self.format_name in JOINABLE_FORMATS:  # then the sound tells where pieces are joined
            sound = best_sound(self._container, self.stream)
        try:
            for placed in demux_in_line(self._container, self.stream, *([sound] if sound else [])):
                if placed.packet.stream.index == self.stream.index:
                    yield placed
        except load_av().FFmpegError as error:
            log.debug("%s: %s", self.path, error)

    def _open(self) -> None:
        self._container, self.stream = open_video(self.path)
        if self._is_careful:
            self.stream.codec_context.thread_type = "SLICE"
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

    def _find(self, wanted: ClipFrame) -> Any:
        """PyAV's frame, or None."""
        if wanted.pts is not None:
            return self._read_by_pts(wanted)
        return self._read_by_index(wanted.index)

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
