"""Writes videos that any player and browser shows: H.264 in MP4."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np

from ...skeletons.foundation.arrays import Image
from .video import ClipFrame, VideoInfo, load_av

log = logging.getLogger(__name__)

QUALITY = "17"
"""x264's constant rate factor; at 17 nothing is seen to be lost."""
AUDIO_CODECS = ("aac", "mp3", "opus", "ac3", "alac")
"""Sound that MP4 holds as it is."""


class VideoWriter:
    """A clip with the rate and times of another one, written frame by frame.

    The first frame is shown at 0 s, the others as long after it as in the other clip. As H.264
    with a quarter of the colours, which is what players know, has even sides only, an odd side
    grows by a pixel, a copy of the outermost one.

    Args:
        path: the file; MP4, whatever its ending is.
        like: the other clip.
        size_wh: width and height in pixels; the other clip's if None.
        with_audio: whether its sound is kept, for the frames that are written.

    Raises:
        OSError: the file cannot be written.
        ImportError: PyAV is not installed.
    """

    def __init__(
        self,
        path: Path,
        like: VideoInfo,
        *,
        size_wh: tuple[int, int] | None = None,
        with_audio: bool = False,
    ) -> None:
        av = load_av()
        self._like = like
        self._size_wh = size_wh or like.size_wh
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        width, height = (side + side % 2 for side in self._size_wh)
        stream = self._container.add_stream(
            "libx264", rate=like.rate, options={"crf": QUALITY, "preset": "fast"}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = like.time_base
        if self._size_wh == like.size_wh:
            stream.codec_context.sample_aspect_ratio = like.pixel_aspect
        # ITU-R BT.709, limited range: said, and not left to the player's guess.
        stream.codec_context.color_primaries = stream.codec_context.color_trc = 1
        stream.codec_context.colorspace = stream.codec_context.color_range = 1
        self._stream = stream
        self._first_tick: int | None = None
        self._audio = _Audio(self._container, like.path) if with_audio else None

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None and self._first_tick is not None:
            self._container.mux(self._stream.encode())
        if self._audio:
            self._audio.close()
        self._container.close()

    def write(self, frame: ClipFrame, image_rgb: Image) -> None:
        """Adds an image, (H, W, 3) uint8 RGB, which is shown when ``frame`` is.

        Images of another size than the video's are resized to it.
        """
        av = load_av()
        ticks = self._like.ticks
        if self._first_tick is None:
            self._first_tick = ticks[frame.index]
            if self._audio:
                self._audio.begin(self._first_tick * self._like.time_base)
        video_frame = av.VideoFrame.from_ndarray(self._fit(image_rgb), format="rgb24")
        video_frame = video_frame.reformat(
            format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
        )
        video_frame.pts = ticks[frame.index] - self._first_tick
        video_frame.time_base = self._like.time_base
        self._container.mux(self._stream.encode(video_frame))
        if self._audio:
            self._audio.write_until(ticks[frame.index] * self._like.time_base)

    def _fit(self, image_rgb: Image) -> Image:
        if image_rgb.shape[1::-1] != self._size_wh:
            image_rgb = np.asarray(cv2.resize(image_rgb, self._size_wh), dtype=np.uint8)
        height, width = image_rgb.shape[:2]
        return np.pad(image_rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


class _Audio:
    """The sound of another file, copied as it is; what is damaged of it is left out."""

    def __init__(self, output: Any, path: Path) -> None:
        self._input = load_av().open(str(path))
        self._output = output
        self._path = path
        self._packets: Iterator[Any] = iter(())
        self._next: Any = None
        self._has_warned = False
        self._stream = None
        streams = self._input.streams.audio
        codec = streams[0].codec_context if streams else None
        if streams and (codec is None or codec.name not in AUDIO_CODECS):
            name = codec.name if codec else "of a kind that is not known here"
            log.warning("%s: its sound (%s) is left out.", path, name)
        elif streams:
            self._stream = output.add_stream_from_template(streams[0])
            self._packets = self._input.demux(streams[0])

    def begin(self, start_s: Fraction) -> None:
        """Leaves out what sounds before."""
        self._start_s = start_s
        self._read_next()
        while self._next is not None and self._time_s() < start_s:
            self._read_next()

    def write_until(self, end_s: Fraction) -> None:
        """Adds what sounds up to then."""
        while self._next is not None and self._next.pts is not None and self._time_s() <= end_s:
            packet, base = self._next, self._next.time_base
            shift = round(self._start_s / base)
            packet.pts -= shift
            packet.dts = packet.pts
            packet.stream = self._stream
            try:
                self._output.mux(packet)
            except load_av().FFmpegError as error:
                self._warn_once(error)
            self._read_next()

    def _read_next(self) -> None:
        try:
            self._next = next(self._packets, None)
        except load_av().FFmpegError as error:
            self._warn_once(error)
            self._next = None

    def _warn_once(self, error: Exception) -> None:
        """Logs a warning, once; raises what is no fault of the sound, such as a full disk."""
        if isinstance(error, OSError):
            raise error
        if not self._has_warned:
            log.warning("%s: its sound is damaged, and left out where it is: %s", self._path, error)
        self._has_warned = True

    def _time_s(self) -> Fraction:
        pts = self._next.pts
        return Fraction(pts * self._next.time_base) if pts is not None else Fraction(0)

    def close(self) -> None:
        """Lets go of the other file."""
        self._input.close()
