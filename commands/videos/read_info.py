"""Reads when each frame of a clip is shown, from its packets alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from .clip_frames import VideoInfo
from .orientation import read_orientation
from .time_line import Placed
from .video_reader import VideoReader

HAS_LENGTH_IN_HEADER = frozenset({"mov,mp4,m4a,3gp,3g2,mj2"})
"""FFmpeg's names of the containers that say how long their picture is, down to the tick."""


@dataclass(frozen=True)
class _Times:
    """When the frames of a clip are shown; see ``VideoInfo``."""

    time_base: Fraction
    ticks: Sequence[int]
    end_tick: int
    has_pts: bool = False


def read_info(path: Path) -> VideoInfo:
    """Goes through a clip's packets and decodes its first frame.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no video that can be read.
        ImportError: PyAV is not installed.
    """
    with VideoReader(path) as reader:
        first = reader.first_frame()
        stream, format_name = reader.stream, reader.format_name
        rate = Fraction(stream.average_rate or stream.guessed_rate or 25)
        aspect = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
        packets = list(reader.packets())
        missing = _count_missing(path, stream, format_name, packets, rate)
        codec = stream.codec_context.codec.canonical_name
        shown = [placed for placed in packets if _is_shown(placed.packet, codec)]
        times = _read_times(stream, format_name, shown, first, rate, is_whole=not missing)
    is_turned = read_orientation(first).swaps_sides
    return VideoInfo(
        path=path,
        size_wh=(first.height, first.width) if is_turned else (first.width, first.height),
        rate=rate,
        time_base=times.time_base,
        ticks=tuple(times.ticks),
        end_tick=times.end_tick,
        has_pts=times.has_pts,
        missing=missing,
        pixel_aspect=1 / aspect if is_turned else aspect,
    )


def _is_shown(packet: Any, codec: str) -> bool:
    """Whether the decoder makes a frame of a packet that is shown.

    An edit list may trim it off. VP8 and VP9 have frames that only others refer to, as packets of
    their own; the bit that says so is in RFC 6386, section 9.1, and in the VP9 bitstream
    specification, section 6.2, which packs such a frame with a shown one too (annex B).
    """
    head, tail = bytes(memoryview(packet)[:1])[0], bytes(memoryview(packet)[-1:])[0]
    is_hidden = False
    if codec == "vp8":
        is_hidden = not head & 0b00010000
    elif codec == "vp9" and tail & 0b11100000 != 0b11000000 and head & 0b00110000 != 0b00110000:
        is_hidden = head & 0b00001010 == 0  # neither an older frame is shown, nor this one
    return not packet.is_discard and not is_hidden


def _read_times(
    stream: Any,
    format_name: str,
    shown: list[Placed],
    first_frame: Any,
    rate: Fraction,
    *,
    is_whole: bool,
) -> _Times:
    base = Fraction(stream.time_base)
    chunks = [placed.packet.dts for placed in shown]
    stamps = {placed.packet.pts for placed in shown}
    if format_name == "avi" and None not in chunks:
        num_chunks = (stream.duration or 0) if is_whole else 0
        return _read_times_of_avi(base, sorted(chunks), first_frame.dts, num_chunks)
    if None in stamps:
        return _Times(1 / rate, range(len(shown)), len(shown))
    shown = sorted(shown, key=lambda placed: (placed.piece, placed.packet.pts))
    ticks: list[int] = []
    for placed in shown:
        tick = placed.packet.pts + placed.shift
        ticks.append(max(tick, ticks[-1] + 1) if ticks else tick)
    end_tick = ticks[-1] + (_last_duration(shown, ticks) or max(1, round(1 / rate / base)))
    if format_name in HAS_LENGTH_IN_HEADER and is_whole and stream.duration:
        # The length of a sample is that of its turn in decoding, which is not that of showing.
        end_tick = max((stream.start_time or 0) + stream.duration, ticks[-1] + 1)
    has_pts = len(stamps) == len(shown) and shown[-1].piece == 0
    return _Times(base, ticks, end_tick, has_pts)


def _last_duration(shown: Sequence[Placed], ticks: Sequence[int]) -> int:
    """For how many ticks the last frame is shown; 0 if nothing says so.

    Where a file does not say it, FFmpeg guesses from a rate, which others of its frames belie; then
    it is that of most frames.
    """
    durations = [int(placed.packet.duration or 0) for placed in shown[-2:]]
    if len(ticks) == 1:
        return durations[0]
    spacings = sorted(after - tick for tick, after in pairwise(ticks))
    is_said = abs(durations[0] - (ticks[-1] - ticks[-2])) <= max(1, durations[0] // 10)
    return durations[-1] if is_said else spacings[len(spacings) // 2]


def _read_times_of_avi(
    base: Fraction, chunks: list[int], first_dts: int | None, num_chunks: int
) -> _Times:
    """Times of AVI, which has no time stamps.

    Its chunks come at an even rate, in the order of decoding; an empty one, which FFmpeg leaves
    out, is no frame, and the one before is shown on. A frame comes out of the decoder ``delay``
    chunks after it went in, and is shown then.
    """
    delay = chunks.index(first_dts) if first_dts in chunks else 0
    ticks = chunks[delay:] + [chunks[-1] + count for count in range(1, delay + 1)]
    return _Times(base, ticks, max(ticks[0] - chunks[0] + num_chunks, ticks[-1] + 1))


def _count_missing(
    path: Path, stream: Any, format_name: str, packets: Sequence[Placed], rate: Fraction
) -> int:
    """Number of frames by which a file ends before it says that it does.

    What it says is an upper bound: frames may be trimmed off by an edit list, and AVI counts its
    empty chunks too.
    """
    promised = max(0, int(stream.frames) - len(packets))
    timed = [placed.packet for placed in packets if placed.packet.dts is not None]
    if not promised or not timed or not stream.duration:
        return promised
    last = max(timed, key=lambda packet: packet.dts)
    if format_name == "avi":
        return max(0, int(stream.frames) - 1 - last.dts) if _is_cut_riff(path) else 0
    num_ticks = last.dts + (last.duration or 0) - min(packet.dts for packet in timed)
    return min(promised, max(0, round((stream.duration - num_ticks) * stream.time_base * rate)))


def _is_cut_riff(path: Path) -> bool:
    """Whether an AVI file is shorter than its first eight bytes say."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8)[4:], "little")
    return path.stat().st_size < 8 + size
