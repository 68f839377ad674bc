"""States of the tracker at the end of each batch, so that a clip can be tracked batch by batch.

A batch starts from the state at its first frame, and from nothing else: tracking it again gives the
same ids, whatever was tracked in between. ComfyUI's cache relies on that.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np

from ...sapiens_core.clip.images.camera import find_motions
from ...sapiens_core.clip.images.cuts import NEIGHBOURS, find_cuts
from ...sapiens_core.clip.images.small_image import SmallImage
from ...sapiens_core.clip.lasting_ids import IdState, LastingIds
from ...sapiens_core.clip.tracker import Tracker, TrackOptions, TrackState
from ...skeletons.pose import Array, Frame

NEXT = -1
"""First frame that stands for "where the clip goes on", see ``TrackCache.track``."""
MAX_CLIPS = 32
"""Maximum number of clips in the cache; the least recently used one is removed first."""


@dataclass(frozen=True)
class _Known:
    """States of the tracker and of ids, the last images, and a hash of the clip up to there.

    ``frame`` holds the people of the last image.
    """

    version: str = ""
    state: TrackState = field(default_factory=TrackState)
    ids: IdState = field(default_factory=IdState)
    images: tuple[SmallImage, ...] = ()
    frame: Frame | None = None


@dataclass
class _Clip:
    """The state at each frame where a batch ended, and the frame where each batch began.

    ``last_end`` is where the last tracked batch ended, ``next_frame`` where a batch starts that was
    never tracked: tracking known batches again does not move it back.
    """

    known: dict[int, _Known] = field(default_factory=lambda: {0: _Known()})
    first_frames: dict[str, int] = field(default_factory=dict)
    last_end: int = 0
    next_frame: int = 0

    def start_of(self, digest: str, anybody: bool) -> int:
        """The first frame of a batch that does not name it.

        Batches without people are all equal, so it is unknown which of them is repeated: they
        follow the last one.
        """
        return self.first_frames.get(digest, self.next_frame) if anybody else self.last_end

    def remember(self, end: int, known: _Known) -> None:
        """Stores a state, and removes later ones if they followed from another."""
        if end not in self.known or self.known[end].version != known.version:
            self.known = {frame: state for frame, state in self.known.items() if frame < end}
            self.first_frames = {d: frame for d, frame in self.first_frames.items() if frame < end}
            self.next_frame = min(self.next_frame, end)
        self.known.setdefault(end, known)


class TrackCache:
    """Tracks batches of named clips."""

    def __init__(self) -> None:
        self._clips: OrderedDict[str, _Clip] = OrderedDict()

    def version(self, clip: str | None, first_frame: int | None) -> str:
        """Changes whenever tracking from ``first_frame`` on would give other ids.

        None stands for a clip or a frame that is not known yet: it changes if any would.
        """
        clips = self._clips if clip is None else {clip: self._clips.get(clip, _Clip())}
        if clip is not None and first_frame is not None:
            known = clips[clip].known.get(first_frame)
            return "unknown" if known is None else known.version
        ends = [
            (name, frame, known.version)
            for name, memory in clips.items()
            for frame, known in memory.known.items()
        ]
        return hashlib.sha256(repr(sorted(ends)).encode()).hexdigest()

    def track(
        self,
        clip: str,
        first_frame: int,
        frames: Sequence[Frame],
        options: TrackOptions,
        on_frame: Callable[[int, int], None] | None = None,
        images: Sequence[SmallImage] = (),
        on_cut: Callable[[int], None] | None = None,
    ) -> list[Frame]:
        """The frames of a batch with ids, see ``Tracker.update`` and ``LastingIds``.

        Of a named clip nobody knows the end: who is in the last frame of a batch has an id.

        Args:
            clip: name of the clip; with the empty name, every batch is a clip of its own.
            first_frame: index in the clip of the batch's first frame; 0 starts the clip again.
                ``NEXT`` finds the frame of a known batch; a new one goes on where the last batch
                ended that named its first frame or was new.
            frames: the batch.
            options: how people are tracked.
            on_frame: called after each frame with the number done and in total.
            images: of the frames, which show cuts and the way of the camera; none: there are no
                cuts, and people alone show the camera.
            on_cut: called with the index in the clip of each frame before which there is a cut.

        Raises:
            ValueError: no batch of the clip ended at ``first_frame``.
        """
        memory = self._clips.setdefault(clip, _Clip()) if clip else _Clip()
        digest = _digest(frames, images)
        anybody = any(frame.found_poses for frame in frames)
        is_named = first_frame != NEXT
        if not is_named:
            first_frame = memory.start_of(digest, anybody)
        if first_frame not in memory.known:
            raise ValueError(
                f"No batch of the clip {clip!r} ended at frame {first_frame}; batches ended at "
                f"{sorted(memory.known)}. Track the batches in order, the first from frame 0."
            )
        before = memory.known[first_frame]
        tracker = Tracker(options, before.state)
        lasting = LastingIds(options.min_frames, options.max_gap, before.ids)
        cuts, motions = _look_at(images, frames, before)
        tracked: list[Frame] = []
        for number, frame in enumerate(frames, start=1):
            is_cut = next(cuts)
            tracked += lasting.add(tracker.update(frame, is_cut, next(motions)))
            if is_cut and on_cut:
                on_cut(first_frame + number - 1)
            if on_frame:
                on_frame(number, len(frames))
        tracked += lasting.end(goes_on=bool(clip))
        version = hashlib.sha256(f"{before.version} {digest} {options}".encode()).hexdigest()
        end = first_frame + len(frames)
        last = (*before.images, *images)[-NEIGHBOURS:] if images else ()
        last_frame = frames[-1] if images else None
        memory.remember(end, _Known(version, tracker.state, lasting.state, last, last_frame))
        if anybody:
            memory.first_frames[digest] = first_frame
        memory.last_end = end
        memory.next_frame = end if is_named else max(memory.next_frame, end)
        if clip:
            self._clips.move_to_end(clip)
        while len(self._clips) > MAX_CLIPS:
            self._clips.popitem(last=False)
        return tracked


def _look_at(
    images: Sequence[SmallImage], frames: Sequence[Frame], before: _Known
) -> tuple[Iterator[bool], Iterator[Array | None]]:
    """Whether there is a cut before each frame, and how the camera moved there."""
    if not images:
        return repeat(False), repeat(None)
    greys = [image.grey for image in images]
    last = (before.images[-1].grey, before.frame) if before.images and before.frame else None
    cuts = find_cuts(
        (image.thumbnail for image in images), [image.thumbnail for image in before.images]
    )
    return cuts, find_motions(zip(greys, frames, strict=True), last)


def _digest(frames: Sequence[Frame], images: Sequence[SmallImage]) -> str:
    """A hash of everything that tracking depends on."""
    digest = hashlib.sha256()
    for image in images:
        digest.update(image.thumbnail.tobytes() + image.grey.tobytes())
    for frame in frames:
        digest.update(f"frame {frame.canvas_wh}".encode())
        for pose in frame.found_poses:
            numbers = np.concatenate(
                [pose.keypoints_image.ravel(), pose.scores, pose.box_xyxy, [pose.box_score]]
            )
            digest.update(pose.keypoint_set.name.encode() + numbers.tobytes())
    return digest.hexdigest()
