"""One line of time for a file whose time stamps jump.

Transport and program streams are often joined: pieces of a recording one after the other, each with
time stamps of its own. The rule is that of FFmpeg's command line (``ts_discontinuity_process``
in ``fftools/ffmpeg_demux.c``): where the stamps of a stream go back, or ahead by more than 10
seconds, another piece begins, and it follows what came before in any stream without a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
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

    def place(self, packet: Any) -> Placed:
        """The packet with its piece; each stream goes from piece to piece by itself."""
        stream = packet.stream.index
        piece = self._pieces.get(stream, 0)
        stamp = packet.pts if packet.dts is None else packet.dts
        if stamp is None:
            return Placed(packet, piece, self._shifts[piece])
        expected = self._next.get(stream, stamp + self._shifts[piece])
        while not -FARTHEST_BACK <= stamp + self._shifts[piece] - expected <= FARTHEST_AHEAD:
            piece += 1
            if piece == len(self._shifts):
                self._shifts.append(max(self._next.values()) - stamp)
                break
        tick = stamp + self._shifts[piece]
        # Streams of MPEG do not say how long a frame lasts; mostly as long as the one before.
        duration = packet.duration or max(0, tick - self._last.get(stream, tick))
        self._pieces[stream], self._last[stream] = piece, tick
        self._next[stream] = tick + duration
        return Placed(packet, piece, self._shifts[piece])


def demux_in_line(container: Any, *streams: Any) -> Iterator[Placed]:
    """The packets of some streams, as far as the file can be read.

    Raises:
        av.FFmpegError: the file is damaged there.
    """
    line = TimeLine() if container.format.name in JOINABLE_FORMATS else None
    for packet in container.demux(*streams):
        if packet.size:
            yield line.place(packet) if line else Placed(packet, 0, 0)
