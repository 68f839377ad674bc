"""Ids for people who stay: who is seen in a frame or two only is mostly a false detection.

Frames are held back until it is known of everybody in them whether they stay, so that a clip is
read once and little of it is in memory.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ...skeletons.pose import Frame

log = logging.getLogger(__name__)

FULL_CLIP = 10
"""Minimum number of frames of a clip in which somebody may be seen too rarely to count."""


@dataclass(frozen=True)
class IdState:
    """What is known of the people of a clip at one of its frames.

    Attributes:
        num_frames: number of frames so far.
        next_id: the next free id.
        counts: number of frames in which each person was seen, by the tracker's numbers.
        last_frames: the last of them, as a number of frames.
        ids: ids given so far, by the tracker's numbers.
    """

    num_frames: int = 0
    next_id: int = 0
    counts: Mapping[int, int] = field(default_factory=dict)
    last_frames: Mapping[int, int] = field(default_factory=dict)
    ids: Mapping[int, int] = field(default_factory=dict)


class LastingIds:
    """Gives ids from 0 on, in the order in which people appear, to those who stay.

    Args:
        min_frames: minimum number of frames in which somebody must be seen; in clips of less than
            ``FULL_CLIP`` frames everybody counts.
        max_gap: number of frames after which the tracker gives up somebody it misses.
        state: where to go on.
    """

    def __init__(self, min_frames: int, max_gap: int, state: IdState | None = None) -> None:
        state = state or IdState()
        self._min_frames, self._max_gap = min_frames, max_gap
        self._num_frames, self._next_id = state.num_frames, state.next_id
        self._counts, self._last_frames = dict(state.counts), dict(state.last_frames)
        self._ids = dict(state.ids)
        self._waiting: deque[Frame] = deque()
        self._left_out: set[int] = set()

    @property
    def state(self) -> IdState:
        """Where a clip goes on, once all frames so far are given out; without those who left."""
        last = {n: frame for n, frame in self._last_frames.items() if not self._is_gone(n)}
        counts, ids = ({n: of[n] for n in last if n in of} for of in (self._counts, self._ids))
        return IdState(self._num_frames, self._next_id, counts, last, ids)

    def add(self, frame: Frame) -> Iterator[Frame]:
        """Takes the next frame, whose ids are the tracker's numbers; yields those that are done."""
        self._num_frames += 1
        self._waiting.append(frame)
        for number in _numbers(frame):
            self._counts[number] = self._counts.get(number, 0) + 1
            self._last_frames[number] = self._num_frames
        if self._num_frames >= FULL_CLIP:
            yield from self._give_out(lambda n: self._stays(n) or self._is_gone(n), self._stays)

    def end(self, *, goes_on: bool = False) -> Iterator[Frame]:
        """Yields the frames that are left; if the clip goes on, who is in the last one may stay."""
        last = _numbers(self._waiting[-1]) if goes_on and self._waiting else []
        is_short = self._num_frames < FULL_CLIP
        yield from self._give_out(lambda _: True, lambda n: is_short or n in last or self._stays(n))
        if self._left_out:
            log.info(
                "Left out, because seen in fewer than %d frames: %d people.",
                *(self._min_frames, len(self._left_out)),
            )

    def _give_out(
        self, is_decided: Callable[[int], bool], stays: Callable[[int], bool]
    ) -> Iterator[Frame]:
        while self._waiting and all(map(is_decided, _numbers(self._waiting[0]))):
            frame = self._waiting.popleft()
            for number in sorted(_numbers(frame)):
                if number not in self._ids and stays(number):
                    self._ids[number] = self._next_id
                    self._next_id += 1
            self._left_out.update(n for n in _numbers(frame) if n not in self._ids)
            poses = [
                replace(pose, person_id=self._ids[pose.person_id])
                for pose in frame.poses
                if pose.person_id in self._ids
            ]
            yield replace(frame, poses=tuple(poses))

    def _stays(self, number: int) -> bool:
        return number in self._ids or self._counts[number] >= self._min_frames

    def _is_gone(self, number: int) -> bool:
        return self._num_frames - self._last_frames[number] > self._max_gap


def _numbers(frame: Frame) -> list[int]:
    return [pose.person_id for pose in frame.poses if pose.person_id is not None]
