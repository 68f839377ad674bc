"""Copies the sound of a video into another one, as it is: it is never decoded."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from .open_video import best_sound, load_av, open_video
from .time_line import JOINABLE_FORMATS, Placed, demux_in_line

log = logging.getLogger(__name__)


class SoundCopy:
    """The sound that players play with a video; what is damaged of it is left out.

    Args:
        output: PyAV's container that is written, before its first packet. What it cannot hold is
            left out, and the log says so.
        path: the video whose sound it is.
    """

    def __init__(self, output: Any, path: Path) -> None:
        self._input, video = open_video(path)
        self._output = output
        self._path = path
        self._packets: Iterator[Placed] = iter(())
        self._next: Placed | None = None
        self._has_warned = False
        self._stream = None
        sound = best_sound(self._input, video)
        if sound is None:
            return
        if not _is_held(output, sound):
            codec = sound.codec_context and sound.codec_context.codec.canonical_name
            name = codec or "of a kind that is not known here"
            log.warning("%s: its sound (%s) is left out: MP4 cannot hold it.", path, name)
            return
        self._stream = output.add_stream_from_template(sound)
        # Where files were joined, the picture tells as well which piece the sound is of.
        others = [video] if self._input.format.name in JOINABLE_FORMATS else []
        packets = demux_in_line(self._input, *others, sound)
        self._packets = (each for each in packets if each.packet.stream.index == sound.index)

    def begin(self, start_s: Fraction) -> None:
        """Leaves out what sounds before, on the file's line of time."""
        self._start_s = start_s
        self._read_next()
        while self._next is not None and _time_s(self._next) < start_s:
            self._read_next()

    def write_until(self, end_s: Fraction) -> None:
        """Adds what begins to sound before then."""
        while self._next is not None and _time_s(self._next) < end_s:
            packet = self._next.packet
            packet.pts = _stamp(self._next) - round(self._start_s / packet.time_base)
            packet.dts = packet.pts
            packet.stream = self._stream
            try:
                self._output.mux(packet)
            except load_av().FFmpegError as error:
                self._warn_once(error)
            self._read_next()

    def close(self) -> None:
        """Lets go of the other file."""
        self._input.close()

    def _read_next(self) -> None:
        """The next packet that says when it sounds."""
        self._next = None
        try:
            self._next = next((each for each in self._packets if _has_stamp(each)), None)
        except load_av().FFmpegError as error:
            self._warn_once(error)

    def _warn_once(self, error: Exception) -> None:
        """Logs a warning, once; raises what is no fault of the sound, such as a full disk."""
        if isinstance(error, OSError):
            raise error
        if not self._has_warned:
            log.warning("%s: its sound is damaged, and left out where it is: %s", self._path, error)
        self._has_warned = True


def _is_held(output: Any, sound: Any) -> bool:
    """Whether a container holds a kind of sound, whatever decodes it."""
    context = sound.codec_context  # None if nothing here decodes it
    return context is not None and context.codec.canonical_name in output.supported_codecs


def _has_stamp(placed: Placed) -> bool:
    return placed.packet.pts is not None or placed.packet.dts is not None


def _stamp(placed: Placed) -> int:
    """When a packet sounds, in its ticks, on the file's line of time."""
    packet = placed.packet
    return int(packet.dts if packet.pts is None else packet.pts) + placed.shift


def _time_s(placed: Placed) -> Fraction:
    return Fraction(_stamp(placed) * placed.packet.time_base)
