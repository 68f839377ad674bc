"""What a tracker knew at the end of each batch, so that a clip can be tracked in parts.

A batch starts from what was known at its first frame, and from nothing else: to track it again
gives the same ids, whatever was tracked in between. That is what ComfyUI's cache relies on.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...sapiens_core.clip.tracker import Tracker, TrackOptions, TrackState
from ...skeletons.pose import Frame

NEXT = -1
"""As first frame: where the clip goes on, see ``ClipMemory.track``."""
MAX_CLIPS = 32
"""Clips remembered; the one not used for longest is forgotten first."""


@dataclass(frozen=True)
class _Known:
    """A state, and the version of the clip up to there: equal if all of it was equal."""

    version: str = ""
    state: TrackState = field(default_factory=TrackState)


@dataclass
class _Clip:
    """What is known at each frame where a batch ended, and where each batch began.

    ``last_end`` is where the last tracked batch ended, ``next_frame`` where one goes on that was
    never tracked: going through known batches again does not move it back.
    """

    known: dict[int, _Known] = field(default_factory=lambda: {0: _Known()})
    first_frames: dict[str, int] = field(default_factory=dict)
    last_end: int = 0
    next_frame: int = 0

    def start_of(self, digest: str, anybody: bool) -> int:
        """Where a batch begins that does not say so.

        Batches with nobody are all alike, so that it cannot be told which of them is repeated:
        they follow the last one.
        """
        return self.first_frames.get(digest, self.next_frame) if anybody else self.last_end

    def remember(self, end: int, known: _Known) -> None:
        """Also forgets what came after, if that built on something else."""
        if end not in self.known or self.known[end].version != known.version:
            self.known = {at: each for at, each in self.known.items() if at < end}
            self.first_frames = {d: at for d, at in self.first_frames.items() if at < end}
            self.next_frame = min(self.next_frame, end)
        self.known.setdefault(end, known)


class ClipMemory:
    """Tracks batches of clips, each of which has a name."""

    def __init__(self) -> None:
        self._clips: OrderedDict[str, _Clip] = OrderedDict()

    def version(self, clip: str | None, first_frame: int | None) -> str:
        """Changes whenever tracking from ``first_frame`` on would give other ids.

        None stands for a clip or a frame that is not decided yet: it changes if any would.
        """
        clips = self._clips if clip is None else {clip: self._clips.get(clip, _Clip())}
        if clip is not None and first_frame is not None:
            known = clips[clip].known.get(first_frame)
            return "unknown" if known is None else known.version
        ends = [
            (name, at, each.known[at].version) for name, each in clips.items() for at in each.known
        ]
        return hashlib.sha256(repr(sorted(ends)).encode()).hexdigest()

    def track(
        self,
        clip: str,
        first_frame: int,
        frames: Sequence[Frame],
        options: TrackOptions,
        on_frame: Callable[[int, int], None] | None = None,
    ) -> list[Frame]:
        """The frames of a batch with ids, see ``Tracker.update``.

        Args:
            clip: name of the clip; the empty name is a clip of its own in every batch.
            first_frame: number in the clip of the batch's first frame; 0 begins the clip anew.
                ``NEXT`` repeats a batch that is known; another one goes on where the last batch
                ended that told its first frame or was new.
            frames: the batch.
            options: how people are followed.
            on_frame: called after each frame with the number done and in all.

        Raises:
            ValueError: no batch of the clip ended at ``first_frame``.
        """
        memory = self._clips.setdefault(clip, _Clip()) if clip else _Clip()
        digest = _digest(frames)
        anybody = any(frame.found_poses for frame in frames)
        told = first_frame != NEXT
        if not told:
            first_frame = memory.start_of(digest, anybody)
        if first_frame not in memory.known:
            raise ValueError(
                f"No batch of the clip {clip!r} ended at frame {first_frame}; batches ended at "
                f"{sorted(memory.known)}. Track the batches in order, the first from frame 0."
            )
        before = memory.known[first_frame]
        tracker = Tracker(options, before.state)
        tracked = []
        for frame in frames:
            tracked.append(tracker.update(frame))
            if on_frame:
                on_frame(len(tracked), len(frames))
        version = hashlib.sha256(f"{before.version} {digest} {options}".encode()).hexdigest()
        end = first_frame + len(frames)
        memory.remember(end, _Known(version, tracker.state))
        if anybody:
            memory.first_frames[digest] = first_frame
        memory.last_end = end
        memory.next_frame = end if told else max(memory.next_frame, end)
        if clip:
            self._clips.move_to_end(clip)
        while len(self._clips) > MAX_CLIPS:
            self._clips.popitem(last=False)
        return tracked


def _digest(frames: Sequence[Frame]) -> str:
    """Of everything that tracking depends on."""
    state = hashlib.sha256()
    for frame in frames:
        state.update(f"frame {frame.canvas_wh}".encode())
        for pose in frame.found_poses:
            numbers = np.concatenate(
                [pose.keypoints_image.ravel(), pose.scores, pose.box_xyxy, [pose.box_score]]
            )
            state.update(pose.keypoint_set.name.encode() + numbers.tobytes())
    return state.hexdigest()
