"""The people of each frame of a clip: tracked, smoothed, selected and counted."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...skeletons.pose import Frame
from ..arguments.selection import Selection
from .chunks import Result, Selected

if TYPE_CHECKING:
    from ..arguments.clip import ClipSettings

log = logging.getLogger(__name__)


def select_people(selection: Selection, frame: Frame) -> Selected:
    """The people of a frame that stay, in order."""
    from ...skeletons.poses.select import select

    kept = select(frame, selection.options, selection.region)
    return Selected(kept.canvas_wh, kept.poses, len(frame.found_poses))


def people_of_clip(results: Iterable[Result], settings: ClipSettings) -> Iterator[Result]:
    """The people to write for every frame of a clip, in order.

    A failure stays one; for tracking and smoothing, time goes on and nobody is seen in it.
    Without smoothing, each frame comes out as soon as it has come in.
    """
    from ...sapiens_core.clip.smooth import smooth
    from ...sapiens_core.clip.tracker import Tracker, in_slots, warn_of_ids_without_slot

    tracker = Tracker(settings.tracking) if settings.tracking else None

    def followed() -> Iterator[tuple[Result, Frame]]:
        for result in results:
            frame = result if isinstance(result, Frame) else Frame((1, 1))
            yield result, tracker.update(frame) if tracker else frame

    pairs: Iterable[tuple[Result, Frame]] = followed()
    if settings.smoothing:
        known = list(pairs)
        steady = smooth([frame for _, frame in known], settings.smoothing)
        pairs = ((result, frame) for (result, _), frame in zip(known, steady, strict=True))
    for result, frame in pairs:
        if isinstance(result, Frame):
            frame = in_slots(frame) if settings.slots else frame
            yield select_people(settings.selection, frame)
        else:
            yield result
    if tracker and settings.slots:
        warn_of_ids_without_slot(tracker.state.next_id - 1)


@dataclass
class Tally:
    """How many people were found in the pictures of a run, and how many of them were selected."""

    num_found: int = 0
    num_left: int = 0

    def add(self, result: Result) -> None:
        """Counts the people of a picture from whom was selected."""
        if isinstance(result, Selected):
            self.num_found += result.num_found
            self.num_left += len(result.found_poses)

    def counted(self, results: Iterable[Result]) -> Iterator[Result]:
        """The results as they are, each counted as it goes by."""
        for result in results:
            self.add(result)
            yield result

    def tell(self) -> None:
        """Says so if people were found, and nobody is left of them."""
        if self.num_found and not self.num_left:
            log.warning("None of the %d people found is left by what was selected.", self.num_found)
