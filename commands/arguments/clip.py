"""What ``estimate`` does with the people of a clip: track, smooth, select."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...skeletons.choices import METHOD_SUMMARIES
from .cli_overrides import built, refuse_given
from .selection import SORTS, Selection, add_selection_arguments
from .types import finite_number, whole_number

if TYPE_CHECKING:
    from ...sapiens_core.clip.smooth import SmoothOptions
    from ...sapiens_core.clip.tracker import TrackOptions

TRACKING = {
    "--track-gap": "max_gap",
    "--track-similarity": "min_similarity",
    "--track-duplicates": "duplicate_similarity",
}
"""The arguments for fields of ``TrackOptions``."""

SMOOTHING = {
    "--smooth-strength": "strength",
    "--smooth-gap": "max_gap",
    "--smooth-person-gap": "max_person_gap",
    "--smooth-spikes": "spike_threshold",
}
"""The arguments for fields of ``SmoothOptions``."""


def add_clip_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that ``ClipSettings.of`` reads."""
    group: Any = parser.add_argument_group("people and clips")
    group.add_argument(
        "--clip",
        action="store_true",
        help="the pictures are the frames of one clip, in order; a video always is one",
    )
    _add_tracking_arguments(group)
    _add_smoothing_arguments(group)
    add_selection_arguments(group)


def _add_tracking_arguments(group: Any) -> None:
    group.add_argument(
        "--track",
        action="store_true",
        help="in a clip: the same person has the same person_id in every frame",
    )
    group.add_argument(
        "--track-gap",
        type=whole_number,
        metavar="FRAMES",
        help="somebody who is missing for so many frames is still known again (default: 20)",
    )
    group.add_argument(
        "--track-similarity",
        type=finite_number,
        metavar="0..1",
        help="people less like everybody known are new; higher: fewer mix-ups, more ids "
        "(default: 0.2)",
    )
    group.add_argument(
        "--track-duplicates",
        type=finite_number,
        metavar="0..1",
        help="of two poses so much alike in one frame only the surer one stays; above 1: all stay "
        "(default: 0.8)",
    )
    group.add_argument(
        "--track-slots",
        action="store_true",
        help="keep an empty place for people who are not there, so that each person has the same "
        "place in the list of every frame",
    )


def _add_smoothing_arguments(group: Any) -> None:
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
        metavar="0..1",
        help="0 leaves every point where it is; more is steadier, and softens quick moves "
        "(default: 0.5)",
    )
    group.add_argument(
        "--smooth-gap",
        type=whole_number,
        metavar="FRAMES",
        help="a point that is missing for so many frames or fewer is filled in; 0: never "
        "(default: 5)",
    )
    group.add_argument(
        "--smooth-person-gap",
        type=whole_number,
        metavar="FRAMES",
        help="the same for a person who is missing as a whole; 0: nobody is ever added to a frame "
        "(default: 0)",
    )
    group.add_argument(
        "--smooth-spikes",
        type=finite_number,
        metavar="SPREADS",
        help="a point that jumps so many times farther than its neighbours in time spread, and "
        "back, is put between them; 0: never (default: 5)",
    )


@dataclass(frozen=True)
class ClipSettings:
    """What is done with the people of a clip.

    Attributes:
        tracking: how they get ids, if at all.
        slots: whether people who are not there keep an empty place.
        smoothing: what is done once all frames are there, if anything.
        selection: whom to keep.
    """

    tracking: TrackOptions | None
    slots: bool
    smoothing: SmoothOptions | None
    selection: Selection

    @classmethod
    def of(cls, options: argparse.Namespace) -> ClipSettings:
        """As the command line asks for.

        Raises:
            ValueError, FileNotFoundError: a value is out of range, a mask cannot be read, or an
                argument would change nothing.
        """
        from ...sapiens_core.clip.smooth import SmoothOptions
        from ...sapiens_core.clip.tracker import TrackOptions

        tracking = smoothing = None
        threshold = options.score_threshold
        if needs_ids(options):
            tracking = built(TrackOptions, options, TRACKING, score_threshold=threshold)
        else:
            arguments = [*TRACKING, "--track-slots"]
            refuse_given(options, arguments, "Nobody is followed: add --track.")
        if options.smooth:
            method = {"method": options.smooth, "score_threshold": threshold}
            smoothing = built(SmoothOptions, options, SMOOTHING, **method)
            if options.smooth == "none":
                missing = "'none' mends spikes and gaps alone: take another --smooth METHOD."
                refuse_given(options, ["--smooth-strength"], missing)
        else:
            refuse_given(options, SMOOTHING, "Nothing is smoothed: add --smooth METHOD.")
        return cls(tracking, options.track_slots, smoothing, Selection.of(options))


def needs_ids(options: argparse.Namespace) -> bool:
    """Whether the options make sense for a clip alone."""
    by_id = SORTS[options.sort] == "track id"
    return bool(options.track or options.smooth or options.select_ids or by_id)
