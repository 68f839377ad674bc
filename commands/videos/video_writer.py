"""Writes videos that any player and browser shows: H.264 in MP4."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np

from ...skeletons.foundation.arrays import Image
from .clip_frames import ClipFrame, VideoInfo
from .open_video import load_av
from .sound import SOUND_OPTIONS, SoundCopy

QUALITY = "17"
"""x264's constant rate factor; at 17 nothing is seen to be lost."""
CONTAINER_OPTIONS = {"movflags": "+faststart", **SOUND_OPTIONS}
"""With the first, the file begins with what players need."""


class VideoWriter:
    """A clip with the rate and times of another one, written frame by frame.

    The first frame is shown at 0 s, the others as long after it as in the other clip, and the last
    one as long as ``VideoInfo.end_of`` says; the sound ends with it. As H.264 with a quarter of the
    colours, which is what players know, has even sides only, an odd side grows by a pixel, a copy
    of the outermost one.

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
        self._frames: list[ClipFrame] = []  # the first one and the last one
        self._first_dts: int | None = None
        self._container = av.open(str(path), "w", format="mp4", options=CONTAINER_OPTIONS)
        self._stream = self._add_stream()
        self._sound = SoundCopy(self._container, like.path) if with_audio else None

    def _add_stream(self) -> Any:
        """PyAV's stream of images."""
        like = self._like
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
        return stream

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None and self._frames:
            self._finish()
        if self._sound:
            self._sound.close()
        self._container.close()

    def write(self, frame: ClipFrame, image_rgb: Image) -> None:
        """Adds an image, (H, W, 3) uint8 RGB, which is shown when ``frame`` is.

        Images of another size than the video's are resized to it.
        """
        av = load_av()
        tick = self._like.ticks[frame.index]
        if not self._frames and self._sound:
            self._sound.begin(tick * self._like.time_base)
        self._frames = [*self._frames[:1], frame]
        video_frame = av.VideoFrame.from_ndarray(self._fit(image_rgb), format="rgb24")
        video_frame = video_frame.reformat(
            format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
        )
        video_frame.pts = tick - self._start
        video_frame.time_base = self._like.time_base
        self._mux(self._stream.encode(video_frame))
        if self._sound:
            self._sound.write_until(tick * self._like.time_base)

    @property
    def _start(self) -> int:
        """The tick of the first frame."""
        return self._like.ticks[self._frames[0].index]

    def _finish(self) -> None:
        """Writes what the encoder still holds, and how long the last frame is shown.

        MP4 has the lengths of its samples in the order of decoding, where another frame may come
        last; then that one's makes up the whole length, which all players go by.
        """
        last = self._frames[-1]
        last_pts = self._like.ticks[last.index] - self._start
        length = self._like.end_of(last) - self._start
        packets = self._stream.encode()
        first_dts = packets[0].dts if self._first_dts is None else self._first_dts
        for packet in packets:
            if packet.pts == last_pts:
                packet.duration = length - last_pts
            elif packet is packets[-1]:
                rest = length - (packet.dts - first_dts)
                packet.duration = max(1, min(rest, length - packet.pts))
        self._mux(packets)
        if self._sound:
            self._sound.write_until(self._like.end_of(last) * self._like.time_base)

    def _mux(self, packets: Sequence[Any]) -> None:
        if packets and self._first_dts is None:
            self._first_dts = packets[0].dts
        self._container.mux(packets)

    def _fit(self, image_rgb: Image) -> Image:
        if image_rgb.shape[1::-1] != self._size_wh:
            image_rgb = np.asarray(cv2.resize(image_rgb, self._size_wh), dtype=np.uint8)
        height, width = image_rgb.shape[:2]
        return np.pad(image_rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
