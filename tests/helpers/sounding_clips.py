"""Small videos with sound of a chosen kind: a tone that gets louder from the start to the end."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 48_000
VIDEO_CODECS = {".flv": "flv", ".webm": "libvpx", ".mpg": "mpeg2video"}
"""By file ending; for others it is MPEG-4."""


def write_sounding_clip(
    path: Path,
    sound_codec: str,
    times_ms: Sequence[int],
    end_ms: int,
    *,
    layout: str = "stereo",
    sound_ms: int | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """A clip of 25 frames a second with sound; the last frame is shown until the end.

    The sound lasts as long, or ``sound_ms``.
    """
    with av.open(str(path), "w", options={"strict": "-2", **(options or {})}) as container:
        video = container.add_stream(VIDEO_CODECS.get(path.suffix, "mpeg4"), rate=25)
        video.width = video.height = 32
        video.pix_fmt = "yuv420p"
        sound = container.add_stream(sound_codec, rate=RATE, options={"strict": "-2"})
        sound.layout = layout
        packets = [
            *_encode_frames(video, times_ms, end_ms),
            *_encode_sound(sound, sound_ms or end_ms),
        ]
        for packet in sorted(packets, key=lambda packet: (packet.dts or 0) * packet.time_base):
            container.mux(packet)
    return path


def _encode_frames(stream, times_ms: Sequence[int], end_ms: int) -> list[av.Packet]:
    packets = []
    for number, time_ms in enumerate(times_ms):
        grey = np.full((32, 32, 3), number * 9 % 256, np.uint8)
        frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
        frame.pts, frame.time_base = time_ms // 40, Fraction(1, 25)
        packets += stream.encode(frame)
    packets += stream.encode()
    packets[-1].duration = (end_ms - times_ms[-1]) // 40
    return packets


def _encode_sound(stream, end_ms: int) -> list[av.Packet]:
    num_samples = RATE * end_ms // 1000
    wave = np.sin(np.arange(num_samples) * 0.05) * np.linspace(0.1, 0.9, num_samples)
    channels = np.tile((wave * 32767).astype(np.int16), (stream.layout.nb_channels, 1))
    frame = av.AudioFrame.from_ndarray(channels.T.reshape(1, -1).copy(), "s16", stream.layout.name)
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    resampler = av.AudioResampler(stream.format, stream.layout, RATE)
    fifo = av.AudioFifo()
    for resampled in resampler.resample(frame):
        fifo.write(resampled)
    if not stream.codec_context.is_open:
        stream.codec_context.open()
    packets = []
    for piece in fifo.read_many(stream.codec_context.frame_size or 1024, partial=True):
        packets += stream.encode(piece)
    return packets + stream.encode()
