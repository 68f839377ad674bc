"""What ``estimate`` does with the people of a clip: track, smooth, select, retarget."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...skeletons.options.files import SOURCES
from ...skeletons.options.smoothing import SMOOTHING
from ...skeletons.options.tracking import TRACKING
from .from_options import add_option, add_options, make_options, refuse_given
from .retarget_options import Retargeting, add_estimate_retarget_arguments
from .selection import SORTS, Selection, add_selection_arguments

if TYPE_CHECKING:
    from ...sapiens_core.clip.smooth import SmoothOptions
    from ...sapiens_core.clip.tracker import TrackOptions


def add_clip_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that ``ClipSettings.of`` reads."""
    group: Any = parser.add_argument_group("people and clips")
    add = group.add_argument
    add_option(add, SOURCES["one_clip"])
    add_options(add, *TRACKING, given_only=True)
    add_option(add, replace(SMOOTHING["method"], default=None))
    others = (row for row in SMOOTHING if row.name != "method")
    add_options(add, *others, given_only=True)
    add_selection_arguments(group)
    add_estimate_retarget_arguments(parser)


@dataclass(frozen=True)
class ClipSettings:
    """What is done with the people of a clip.

    Attributes:
        tracking: how they get ids, if at all.
        slots: whether people who are not there keep an empty place.
        smoothing: what is done once all frames are there, if anything.
        selection: whom to keep.
        retargeting: whose bodies those who are kept get, if others'. Images that are no clip get
            them too, each by itself.
    """

    tracking: TrackOptions | None
    slots: bool
    smoothing: SmoothOptions | None
    selection: Selection
    retargeting: Retargeting | None

    @classmethod
    def of(cls, options: argparse.Namespace) -> ClipSettings:
        """As the command line asks for.

        Raises:
            ValueError, OSError: a value is out of range, a mask or reference cannot be read, or an
                argument would have no effect.
        """
        from ...sapiens_core.clip.smooth import SmoothOptions
        from ...sapiens_core.clip.tracker import TrackOptions

        tracking = smoothing = None
        threshold = {"score_threshold": options.score_threshold}
        if needs_ids(options):
            tracking = make_options(TrackOptions, options, TRACKING, **threshold)
        else:
            refuse_given(options, TRACKING, "Nobody is tracked: add --track.")
        if options.smooth:
            smoothing = make_options(SmoothOptions, options, SMOOTHING, **threshold)
            if options.smooth == "none":
                missing = "'none' only fills gaps and corrects spikes: choose another METHOD."
                refuse_given(options, [SMOOTHING["strength"]], missing)
        else:
            refuse_given(options, SMOOTHING, "Nothing is smoothed: add --smooth METHOD.")
        return cls(
            tracking=tracking,
            slots=options.track_slots,
            smoothing=smoothing,
            selection=Selection.of(options),
            retargeting=Retargeting.of_estimate(options),
        )


def needs_ids(options: argparse.Namespace) -> bool:
    """Whether the options make sense for a clip alone."""
    by_id = SORTS[options.sort] == "track id"
    return bool(options.track or options.smooth or options.select_ids or by_id)
