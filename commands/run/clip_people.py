"""The people of each frame of a clip: tracked, smoothed, selected, retargeted and counted."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import tee

from ...sapiens_core.clip.images.camera import Grey, find_motions
from ...sapiens_core.clip.images.cuts import find_cuts
from ...sapiens_core.clip.images.small_image import SmallImage
from ...sapiens_core.clip.smooth import smooth
from ...sapiens_core.clip.smooth_path import USUAL_FPS, SmoothOptions
from ...sapiens_core.clip.tracker import follow, in_slots, warn_of_ids_without_slot
from ...skeletons.options.smoothing import SMOOTHING
from ...skeletons.pose import Frame
from ...skeletons.poses.select import select
from ..arguments.clip import ClipSettings
from ..arguments.retarget_options import Retargeting
from ..arguments.selection import Selection
from .chunks import ClipPoses, Failure, Result, Selected

log = logging.getLogger(__name__)


def select_people(selection: Selection, frame: Frame) -> Selected:
    """The people of a frame that are kept, in the order asked for."""
    kept = select(frame, selection.options, selection.region)
    return Selected(kept.canvas_wh, kept.poses, len(frame.found_poses))


def process_clip(
    results: Iterable[Result], settings: ClipSettings, fps: float = 0.0
) -> Iterator[Result]:
    """Tracks, smooths, selects and retargets the people of a clip, frame by frame, in order.

    A frame that failed stays a failure; tracking and smoothing take it for a frame without people.
    Smoothing and retargeting hold the poses of the whole clip; without them, each frame is yielded
    as soon as it was read, and with tracking as soon as it is known who in it stays. Tracks end at
    cuts.

    Args:
        results: of the clip's frames.
        settings: what is done.
        fps: frames per second by the clip's file, 0 if it says none; then those of the settings
            count.
    """
    if settings.smoothing:
        settings = replace(settings, smoothing=_at_rate(settings.smoothing, fps))
    selected = _select_people_of_clip(results, settings)
    if not settings.retargeting:
        return selected
    whole_clip = list(selected)
    frames = [result for result in whole_clip if isinstance(result, Frame)]
    retargeted = iter(retarget_frames(frames, settings.retargeting))
    return (next(retargeted) if isinstance(result, Frame) else result for result in whole_clip)


def _at_rate(smoothing: SmoothOptions, fps: float) -> SmoothOptions:
    """The options for a clip of a known rate; says so if it is not known."""
    if fps:
        return replace(smoothing, fps=min(fps, SMOOTHING["fps"].most or fps))
    if not smoothing.fps:
        log.info("The frame rate is not known: smoothing uses %g. Set it with --fps.", USUAL_FPS)
    return smoothing


def retarget_frames(frames: Sequence[Frame], retargeting: Retargeting) -> list[Frame]:
    """The frames of a clip with other bodies; how many people were found in them stays.

    Raises:
        ValueError: two people of a frame share an id.
    """
    return [
        replace(frame, canvas_wh=other.canvas_wh, poses=other.poses)
        for frame, other in zip(frames, retargeting.retarget(frames), strict=True)
    ]


def _select_people_of_clip(results: Iterable[Result], settings: ClipSettings) -> Iterator[Result]:
    results, again, *images = tee(results, 4)
    frames: Iterable[Frame] = map(_people_of, again)
    if settings.tracking:
        motions = find_motions((_grey_of(result), _people_of(result)) for result in images[1])
        frames = follow(frames, settings.tracking, _cuts_of(images[0]), motions)
    # Not the images: smoothing holds all of these.
    failures = (result if isinstance(result, Failure) else None for result in results)
    pairs: Iterable[tuple[Failure | None, Frame]] = zip(failures, frames, strict=True)
    if settings.smoothing:
        tracked = list(pairs)
        smoothed = smooth([frame for _, frame in tracked], settings.smoothing)
        pairs = ((failure, frame) for (failure, _), frame in zip(tracked, smoothed, strict=True))
    last_id = -1
    for failure, frame in pairs:
        last_id = max([last_id, *(pose.person_id or 0 for pose in frame.poses)])
        if failure is None:
            frame = in_slots(frame) if settings.slots else frame
            yield select_people(settings.selection, frame)
        else:
            yield failure
    if settings.slots:
        warn_of_ids_without_slot(last_id)


def _people_of(result: Result) -> Frame:
    return result if isinstance(result, Frame) else Frame((1, 1))


def _image_of(result: Result) -> SmallImage | None:
    return result.small_image if isinstance(result, ClipPoses) else None


def _grey_of(result: Result) -> Grey | None:
    image = _image_of(result)
    return None if image is None else image.grey


def _cuts_of(results: Iterable[Result]) -> Iterator[bool]:
    """Whether there is a cut before each frame of a clip; the log says before which."""
    images = map(_image_of, results)
    thumbnails = (None if image is None else image.thumbnail for image in images)
    for number, is_cut in enumerate(find_cuts(thumbnails)):
        if is_cut:
            log.info("Cut before frame %d: everybody gets a new id.", number)
        yield is_cut


@dataclass
class Tally:
    """How many people were found in the images of a run, and how many of them were selected.

    Attributes:
        num_found: people before the selection.
        num_left: people after it.
    """

    num_found: int = 0
    num_left: int = 0

    def add(self, result: Result) -> None:
        """Counts the people of an image, once they are selected."""
        if isinstance(result, Selected):
            self.num_found += result.num_found
            self.num_left += len(result.found_poses)

    def add_all(self, other: Tally) -> None:
        """Counts what another one counted."""
        self.num_found += other.num_found
        self.num_left += other.num_left

    def count(self, results: Iterable[Result]) -> Iterator[Result]:
        """Yields the results as they are, each counted."""
        for result in results:
            self.add(result)
            yield result

    def warn_if_nobody_is_left(self) -> None:
        """Logs a warning if people were found and none of them was selected."""
        if self.num_found and not self.num_left:
            log.warning("The selection left none of the %d people found.", self.num_found)
