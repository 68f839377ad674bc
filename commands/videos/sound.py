"""Copies the sound of a video into another one, as it is: it is never decoded."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from .open_video import best_sound, load_av, open_video
from .time_line import JOINABLE_FORMATS, Placed, demux_in_line

log = logging.getLogger(__name__)

SOUND_OPTIONS = {"strict": "experimental"}
"""With it MP4 holds all sound that FFmpeg has a name for in it, TrueHD too."""

PACKETS_TO_TRY = 8
"""Number of packets that may be damaged at the beginning of sound that is kept for its rest."""

LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""What so many channels are where a file does not say it, as FFmpeg has it."""


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
        fault = _find_fault(path)
        if fault:
            log.warning("%s: its sound is left out: %s", path, fault)
            return
        self._stream = output.add_stream_from_template(sound)
        _name_layout(self._stream)
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


def _find_fault(path: Path) -> str:
    """Why MP4 cannot hold the sound of a video; empty if it can.

    What is wrong with it may show only when the file is finished, so one is written in memory.
    """
    av = load_av()
    container, video = open_video(path)
    fault = ""
    try:
        with container, av.open(io.BytesIO(), "w", format="mp4", options=SOUND_OPTIONS) as output:
            sound = best_sound(container, video)
            if sound.codec_context is None:
                return "its kind is not known."
            codec = sound.codec_context.codec
            # PyAV lists the names of all encoders and decoders of what a container holds.
            if codec.name not in output.supported_codecs:
                return f"MP4 cannot hold {codec.canonical_name}."
            stream = output.add_stream_from_template(sound)
            _name_layout(stream)
            for packet in islice(container.demux(sound), PACKETS_TO_TRY):
                packet.stream = stream
                try:
                    output.mux(packet)
                    return ""
                except av.FFmpegError as error:
                    fault = f"it is damaged: {error.strerror}."
    except av.FFmpegError as error:
        fault = f"it is damaged: {error.strerror}."
    return fault


def _name_layout(stream: Any) -> None:
    """Says which channel is which where AVI or Matroska do not: MP4 has to say it of PCM."""
    context = stream.codec_context
    if "channels" in context.layout.name:
        context.layout = LAYOUTS.get(context.layout.nb_channels, context.layout)


def _has_stamp(placed: Placed) -> bool:
    return placed.packet.pts is not None or placed.packet.dts is not None


def _stamp(placed: Placed) -> int:
    """When a packet sounds, in its ticks, on the file's line of time."""
    packet = placed.packet
    return int(packet.dts if packet.pts is None else packet.pts) + placed.shift


def _time_s(placed: Placed) -> Fraction:
    return Fraction(_stamp(placed) * placed.packet.time_base)
