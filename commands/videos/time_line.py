"""One line of time for a file whose time stamps jump.

Transport and program streams are often joined: pieces of a recording one after the other, each with
time stamps of its own. The rule is that of FFmpeg's command line (``ts_discontinuity_process``
in ``fftools/ffmpeg_demux.c``): where the stamps of a stream go back, or ahead by more than 10
seconds, another piece begins, and it follows what came before in any stream without a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

JOINABLE_FORMATS = frozenset({"mpegts", "mpeg"})
"""FFmpeg's names of the containers that files are joined in by writing one after the other. All
their streams count in the same ticks."""
TICKS_PER_S = 90_000
FARTHEST_AHEAD = 10 * TICKS_PER_S
"""Largest jump ahead that is a gap in the piece, in ticks: FFmpeg's ``dts_delta_threshold``."""
FARTHEST_BACK = TICKS_PER_S // 10
"""Largest jump back that is no other piece, in ticks: FFmpeg allows a tenth of a second."""
PACKETS_TO_WAIT = 256
"""Maximum number of packets after one stream's jump in which another one's is looked for: some
seconds. Beyond, only the one was interrupted."""


@dataclass(frozen=True)
class Placed:
    """A packet, and where it is on the line of time.

    Attributes:
        packet: PyAV's packet.
        piece: index of the joined piece that it belongs to.
        shift: what its time stamps become by, in its ticks.
    """

    packet: Any
    piece: int
    shift: int


class TimeLine:
    """Finds the pieces of a joined file, packet by packet in the file's order."""

    def __init__(self) -> None:
        self._shifts = [0]  # of each piece
        self._pieces: dict[int, int] = {}  # by stream: the piece that it is in
        self._next: dict[int, int] = {}  # by stream: the tick on the line that is expected next
        self._last: dict[int, int] = {}  # by stream: the tick on the line of its last packet

    def place_all(self, packets: Iterable[Any]) -> Iterator[Placed]:
        """The packets with their pieces; each stream goes from piece to piece by itself.

        Where one stream jumps, the others are waited for: only then is known how long the piece
        before is, and which stream begins first in the new one.
        """
        waiting: list[Any] = []
        jumped: dict[int, int] = {}  # by stream: its first stamp in the new piece
        ends: dict[int, int] = {}  # by stream: where the piece before ends
        for packet in packets:
            stream, stamp = packet.stream.index, _stamp(packet)
            piece = self._find_piece(stream, stamp)
            if not waiting and piece is not None:
                yield self._place(packet)
                continue
            waiting.append(packet)
            if piece is None and stamp is not None:
                jumped.setdefault(stream, stamp)
            elif stamp is not None and stream not in jumped:
                ends[stream] = stamp + self._shifts[piece or 0] + int(packet.duration or 0)
            has_all = jumped.keys() >= self._next.keys()
            if has_all or len(waiting) == PACKETS_TO_WAIT:
                self._begin_piece(jumped, ends if has_all else {})
                yield from map(self._place, waiting)
                waiting, jumped, ends = [], {}, {}
        if waiting:
            self._begin_piece(jumped, {})
            yield from map(self._place, waiting)

    def _begin_piece(self, first_stamps: dict[int, int], ends: dict[int, int]) -> None:
        end = max((self._next | ends).values())
        self._shifts.append(end - min(first_stamps.values()))

    def _find_piece(self, stream: int, stamp: int | None) -> int | None:
        """The first known piece that a stamp can be in; None if it is of another one."""
        first = self._pieces.get(stream, max(self._pieces.values(), default=0))
        expected = self._next.get(stream)
        if stamp is None or expected is None:
            return first
        for piece in range(first, len(self._shifts)):
            if -FARTHEST_BACK <= stamp + self._shifts[piece] - expected <= FARTHEST_AHEAD:
                return piece
        return None

    def _place(self, packet: Any) -> Placed:
        stream, stamp = packet.stream.index, _stamp(packet)
        piece = self._find_piece(stream, stamp)
        if piece is None:
            piece = len(self._shifts) - 1
        if stamp is not None:
            tick = stamp + self._shifts[piece]
            # Streams of MPEG do not say how long a frame lasts; mostly as long as the one before.
            duration = packet.duration or max(0, tick - self._last.get(stream, tick))
            self._pieces[stream], self._last[stream] = piece, tick
            self._next[stream] = tick + duration
        return Placed(packet, piece, self._shifts[piece])


def _stamp(packet: Any) -> int | None:
    stamp: int | None = packet.pts if packet.dts is None else packet.dts
    return stamp


def demux_in_line(container: Any, *streams: Any) -> Iterator[Placed]:
    """The packets of some streams, as far as the file can be read.

    Raises:
        av.FFmpegError: the file is damaged there.
    """
    packets = (packet for packet in container.demux(*streams) if packet.size)
    if container.format.name in JOINABLE_FORMATS:
        yield from TimeLine().place_all(packets)
    else:
        yield from (Placed(packet, 0, 0) for packet in packets)
