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
        self._start = 0  # the tick of the first frame
        self._delay: int | None = None  # from decoding to showing, in ticks
        self._last: tuple[ClipFrame, Any] | None = None  # written last, and not yet encoded
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
        if kind is None and self._last:
            self._finish(*self._last)
        if self._sound:
            self._sound.close()
        self._container.close()

    def write(self, frame: ClipFrame, image_rgb: Image) -> None:
        """Adds an image, (H, W, 3) uint8 RGB, which is shown when ``frame`` is.

        Images of another size than the video's are resized to it.
        """
        av = load_av()
        tick = self._like.ticks[frame.index]
        if self._last:
            self._mux(self._stream.encode(self._last[1]))
        else:
            self._start = tick
            if self._sound:
                self._sound.begin(tick * self._like.time_base)
        video_frame = av.VideoFrame.from_ndarray(self._fit(image_rgb), format="rgb24")
        video_frame = video_frame.reformat(
            format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
        )
        video_frame.pts = tick - self._start
        video_frame.time_base = self._like.time_base
        self._last = frame, video_frame
        if self._sound:
            self._sound.write_until(tick * self._like.time_base)

    def _finish(self, frame: ClipFrame, video_frame: Any) -> None:
        """Writes what the encoder still holds, and how long the last frame is shown.

        MP4 says how long frames last in the order of decoding, so the last one is made a key frame,
        which is decoded last too. Where frames come unevenly, the times of decoding do not add up
        to the clip's length; then the last frame is decoded when it is shown.
        """
        end_tick = self._like.end_of(frame)
        video_frame.pict_type = load_av().video.frame.PictureType.I
        packets = [*self._stream.encode(video_frame), *self._stream.encode()]
        packet = packets[-1]
        packet.duration = end_tick - self._start - packet.pts
        self._mux(packets[:-1])
        if packet.pts - packet.dts != self._delay:
            packet.dts = packet.pts
        self._mux([packet])
        if self._sound:
            self._sound.write_until(end_tick * self._like.time_base)

    def _mux(self, packets: Sequence[Any]) -> None:
        if packets and self._delay is None:
            self._delay = packets[0].pts - packets[0].dts
        self._container.mux(packets)

    def _fit(self, image_rgb: Image) -> Image:
        if image_rgb.shape[1::-1] != self._size_wh:
            image_rgb = np.asarray(cv2.resize(image_rgb, self._size_wh), dtype=np.uint8)
        height, width = image_rgb.shape[:2]
        return np.pad(image_rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
