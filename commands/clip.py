"""What ``estimate`` does with the people of a clip: track, smooth, select."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..skeletons.clip_names import METHOD_SUMMARIES, SORT_SUMMARIES
from .numbers import finite_number

if TYPE_CHECKING:
    from ..sapiens_core.smooth import SmoothOptions
    from ..sapiens_core.track import Tracker
    from ..skeletons.pose import Frame
    from ..skeletons.select import SelectOptions

SORTS = {name.replace(" ", "-"): name for name in SORT_SUMMARIES}


def add_clip_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that ``Clip.of`` reads."""
    group: Any = parser.add_argument_group("people and clips")
    group.add_argument(
        "--clip", action="store_true", help="the pictures are the frames of one clip, in order"
    )
    group.add_argument(
        "--track",
        action="store_true",
        help="with --clip: the same person has the same person_id in every frame",
    )
    group.add_argument(
        "--smooth",
        choices=list(METHOD_SUMMARIES),
        metavar="METHOD",
        help="with --clip: less jitter; also tracks. "
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
        "--select-ids", default="", metavar="LIST", help="with --track: their ids, such as 0,2-3"
    )
    group.add_argument(
        "--sort", choices=list(SORTS), default="as-they-come", help="the order of the people"
    )
    group.add_argument(
        "--max-people", type=int, default=0, metavar="N", help="so many at most (default: all)"
    )


@dataclass
class Clip:
    """The people of frames in order; without tracking and smoothing each frame is by itself.

    Attributes:
        tracker: gives ids, if they are wanted.
        smoothing: what is done once all frames are there, if anything.
        selection: whom to keep.
    """

    tracker: Tracker | None
    smoothing: SmoothOptions | None
    selection: SelectOptions
    _count: int = 0
    _paths: list[tuple[Path, Path] | None] = field(default_factory=list)
    _frames: list[Frame] = field(default_factory=list)

    @classmethod
    def of(cls, options: argparse.Namespace) -> Clip:
        """As the command line asks for.

        Raises:
            ValueError: tracking or smoothing is asked for, but there is no clip; or a value is out
                of range.
        """
        from ..sapiens_core.smooth import SmoothOptions
        from ..sapiens_core.track import Tracker, TrackOptions
        from ..skeletons.select import SelectOptions

        threshold = options.score_threshold
        needs_ids = options.track or options.smooth or options.select_ids
        if needs_ids and not options.clip:
            raise ValueError(
                "--track, --smooth and --select-ids are for the frames of a clip; add --clip if "
                "the pictures are that."
            )
        return cls(
            tracker=Tracker(TrackOptions(score_threshold=threshold)) if needs_ids else None,
            smoothing=SmoothOptions(
                options.smooth, options.smooth_strength, score_threshold=threshold
            )
            if options.smooth
            else None,
            selection=SelectOptions(
                sort=SORTS[options.sort],
                places=options.select,
                track_ids=options.select_ids,
                max_people=options.max_people,
                score_threshold=threshold,
            ),
        )

    def add(self, number: int, image_path: Path, base: Path, frame: Frame) -> Frame:
        """The people to write for a frame, as far as they are known by now.

        Args:
            number: of the frame in the clip. Those before it that were never added could not be
                read: nobody is seen in them, and time goes on.
            image_path: its picture.
            base: path without ending of what is written.
            frame: the people that were found.
        """
        from ..skeletons.pose import Frame
        from ..skeletons.select import select

        while self._count < number:
            self._step(None, Frame(frame.canvas_wh))
        frame = self._step((image_path, base), frame)
        return select(frame, self.selection)

    def _step(self, paths: tuple[Path, Path] | None, frame: Frame) -> Frame:
        self._count += 1
        if self.tracker:
            frame = self.tracker.update(frame)
        if self.smoothing:
            self._paths.append(paths)
            self._frames.append(frame)
        return frame

    def smoothed(self) -> Iterator[tuple[Path, Path, Frame]]:
        """Picture, path without ending, and people of every frame, once all were added.

        Nothing if there is no smoothing: what ``add`` gave was final.
        """
        from ..sapiens_core.smooth import smooth
        from ..skeletons.select import select

        if not self.smoothing:
            return
        for paths, frame in zip(self._paths, smooth(self._frames, self.smoothing), strict=True):
            if paths:
                yield *paths, select(frame, self.selection)
