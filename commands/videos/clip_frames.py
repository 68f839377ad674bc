"""What is known of a clip before its frames are decoded: when each of them is shown."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path


@dataclass(frozen=True)
class ClipFrame:
    """Which frame of a clip.

    Attributes:
        index: from 0, in the order in which frames are shown.
        pts: its time stamp in ticks of the file, or None if it is found by its index alone.
        time_s: seconds from the clip's first frame on.
        stop: index of the frame that is shown next of those that were chosen, or the number of
            frames if it is shown to the clip's end; None if that is unknown.
    """

    index: int
    pts: int | None
    time_s: float
    stop: int | None = None


@dataclass(frozen=True)
class VideoInfo:
    """What is known of a clip before its frames are decoded.

    Attributes:
        path: the file.
        size_wh: width and height in pixels, as shown: turned if the file says so.
        rate: frames a second on average.
        time_base: seconds in a tick.
        ticks: when each frame is shown, in order, on the file's line of time.
        end_tick: when the last one is shown no more.
        has_pts: whether ``ticks`` are the file's time stamps. They are not where the file has none,
            or not one of its own for each frame, or was joined of pieces with stamps of their own.
        missing: frames that the file says it has, but that are not in it.
        pixel_aspect: width of a pixel over its height, as shown.
    """

    path: Path
    size_wh: tuple[int, int]
    rate: Fraction
    time_base: Fraction
    ticks: tuple[int, ...]
    end_tick: int
    has_pts: bool
    missing: int
    pixel_aspect: Fraction

    def frames(
        self, every: int = 1, start_s: float = 0.0, end_s: float | None = None
    ) -> list[ClipFrame]:
        """Every n-th frame from ``start_s`` on and before ``end_s``.

        Both count from the first frame, so that 0 is always the beginning.

        Raises:
            ValueError: ``every`` is not positive, or there is no frame between the times.
        """
        if every < 1:
            raise ValueError(f"--every is {every}; expected 1 or more.")
        first = self._first_from(start_s)
        stop = len(self.ticks) if end_s is None else self._first_from(end_s)
        if first >= stop:
            raise ValueError(
                f"{self.path} has no frame from {start_s:g} s to "
                f"{'its end' if end_s is None else f'{end_s:g} s'}; its last one is at "
                f"{self._time_s(len(self.ticks) - 1):.2f} s."
            )
        return [
            ClipFrame(
                index,
                self.ticks[index] if self.has_pts else None,
                self._time_s(index),
                min(index + every, stop),
            )
            for index in range(first, stop, every)
        ]

    def end_of(self, frame: ClipFrame) -> int:
        """The tick at which a frame is shown no more."""
        stop = frame.index + 1 if frame.stop is None else frame.stop
        return self.ticks[stop] if stop < len(self.ticks) else self.end_tick

    def _time_s(self, index: int) -> float:
        return float((self.ticks[index] - self.ticks[0]) * self.time_base)

    def _first_from(self, time_s: float) -> int:
        # A time such as 0.1 s is meant as written, not as the nearest binary number.
        exact_s = Fraction(time_s).limit_denominator(1_000_000)
        return bisect_left(self.ticks, self.ticks[0] + exact_s / self.time_base)
