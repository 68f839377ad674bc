"""What ``estimate`` does with the people of a clip: track, smooth, select."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..skeletons.clip_names import METHOD_SUMMARIES, SORT_SUMMARIES
from .numbers import finite_number

if TYPE_CHECKING:
    from ..sapiens_core.smooth import SmoothOptions
    from ..sapiens_core.track import TrackOptions
    from ..skeletons.select import SelectOptions
    from .units import Result

SORTS = {name.replace(" ", "-"): name for name in SORT_SUMMARIES}


def add_clip_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that ``ClipSettings.of`` reads."""
    group: Any = parser.add_argument_group("people and clips")
    group.add_argument(
        "--clip",
        action="store_true",
        help="the pictures are the frames of one clip, in order; a video always is one",
    )
    group.add_argument(
        "--track",
        action="store_true",
        help="in a clip: the same person has the same person_id in every frame",
    )
    group.add_argument(
        "--smooth",
        choices=list(METHOD_SUMMARIES),
        metavar="METHOD",
        help="in a clip: less jitter; also tracks. "
        + "; ".join(f"{name}: {summary}" for name, summary in METHOD_SUMMARIES.items()),
    )
    group.add_argument(
        "--smooth-strength",
        type=finite_number,
        default=0.5,
        metavar="0..1",
        help="(default: %(default)s)",
    )
    group.add_argument(
        "--select", default="", metavar="LIST", help="places of the people to keep, such as 0,2-3"
    )
    group.add_argument(
        "--select-ids", default="", metavar="LIST", help="their ids, such as 0,2-3; also tracks"
    )
    group.add_argument(
        "--sort",
        choices=list(SORTS),
        default="as-they-come",
        help="the order of the people; track-id also tracks (default: %(default)s)",
    )
    group.add_argument(
        "--max-people", type=int, default=0, metavar="N", help="so many at most (default: all)"
    )


@dataclass(frozen=True)
class ClipSettings:
    """What is done with the people of a clip.

    Attributes:
        tracking: how they get ids, if at all.
        smoothing: what is done once all frames are there, if anything.
        selection: whom to keep.
    """

    tracking: TrackOptions | None
    smoothing: SmoothOptions | None
    selection: SelectOptions

    @classmethod
    def of(cls, options: argparse.Namespace) -> ClipSettings:
        """As the command line asks for.

        Raises:
            ValueError: a value is out of range.
        """
        from ..sapiens_core.smooth import SmoothOptions
        from ..sapiens_core.track import TrackOptions

        threshold = options.score_threshold
        smoothing = None
        if options.smooth:
            strength = options.smooth_strength
            smoothing = SmoothOptions(options.smooth, strength, score_threshold=threshold)
        return cls(
            tracking=TrackOptions(score_threshold=threshold) if needs_ids(options) else None,
            smoothing=smoothing,
            selection=selection(options),
        )


def needs_ids(options: argparse.Namespace) -> bool:
    """Whether the options make sense for a clip alone."""
    by_id = SORTS[options.sort] == "track id"
    return bool(options.track or options.smooth or options.select_ids or by_id)


def selection(options: argparse.Namespace) -> SelectOptions:
    """Whom to keep of a frame; ValueError if a value cannot be read."""
    from ..skeletons.select import SelectOptions

    return SelectOptions(
        sort=SORTS[options.sort],
        places=options.select,
        track_ids=options.select_ids,
        max_people=options.max_people,
        score_threshold=options.score_threshold,
    )


def people_of_clip(results: Iterable[Result], settings: ClipSettings) -> Iterator[Result]:
    """The people to write for every frame of a clip, in order.

    A failure stays one; for tracking and smoothing, time goes on and nobody is seen in it.
    Without smoothing, each frame comes out as soon as it has come in.
    """
    from ..sapiens_core.smooth import smooth
    from ..sapiens_core.track import Tracker
    from ..skeletons.pose import Frame
    from ..skeletons.select import select

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
        yield select(frame, settings.selection) if isinstance(result, Frame) else result
