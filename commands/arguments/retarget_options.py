"""How people get other bodies, as the command line says it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...skeletons.options.option import Option
from ...skeletons.options.retargeting import RETARGETING
from .from_options import Add, add_option, add_options, make_options, refuse_given
from .reading import reading_options

if TYPE_CHECKING:
    from ...skeletons.choices import Match
    from ...skeletons.formats.read_options import ReadOptions
    from ...skeletons.pose import Frame
    from ...skeletons.retarget.retarget import RetargetOptions


def _own_name(placement: str) -> str:
    """The name on the command line, where spaces would need quotation marks."""
    return placement.replace(" ", "-")


PLACEMENTS = {_own_name(name): name for name in RETARGETING["placement"].choices}
"""The placements by their names on the command line."""


def add_retarget_arguments(add: Add) -> None:
    """Adds the arguments of ``retarget``, which ``Retargeting.of`` reads."""
    add_option(add, RETARGETING["reference"], required=True)
    add_options(add, *_rows(), given_only=True)
    add_option(add, replace(RETARGETING["score_threshold"], flag="--score-threshold"))


def add_estimate_retarget_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of ``estimate``, which ``Retargeting.of_estimate`` reads."""
    add = parser.add_argument_group("other bodies").add_argument
    add_option(add, RETARGETING["retarget"])
    add_options(add, *_rows(), given_only=True)


@dataclass(frozen=True)
class Retargeting:
    """Whose bodies people get.

    Attributes:
        references: pose files.
        options: what to take from them.
        match: who becomes whom.
        reading: what the pose files do not say of themselves.
    """

    references: tuple[Path, ...]
    options: RetargetOptions
    match: Match
    reading: ReadOptions

    @classmethod
    def of(cls, args: argparse.Namespace) -> Retargeting:
        """As the command line of ``retarget`` asks for.

        Raises:
            ValueError, OSError: a value is out of range, or a reference cannot be used.
        """
        return cls._of(args, args.reference, reading_options(args))

    @classmethod
    def of_estimate(cls, args: argparse.Namespace) -> Retargeting | None:
        """As the command line of ``estimate`` asks for, if it does.

        Raises:
            ValueError, OSError: a value is out of range, a reference cannot be used, or an argument
                would have no effect.
        """
        from ...skeletons.formats.read_options import ReadOptions

        if not args.retarget:
            refuse_given(args, _rows(), "Nobody is retargeted: add --retarget REF.json.")
            return None
        retargeting = cls._of(args, args.retarget, ReadOptions())
        if retargeting.moves_canvas and (args.overlay or "overlay" in (args.video or ())):
            raise ValueError(
                "People who stand on the reference's image cannot be drawn over the driver's; "
                "add --placement as-the-driver, or omit --overlay."
            )
        return retargeting

    @classmethod
    def _of(
        cls, args: argparse.Namespace, references: Sequence[Path], reading: ReadOptions
    ) -> Retargeting:
        from ...sapiens_core.clip.retarget_clip import check_reference
        from ...skeletons.retarget.retarget import RetargetOptions

        placement: Any = PLACEMENTS[args.placement or _own_name(RETARGETING["placement"].default)]
        options = make_options(
            RetargetOptions,
            args,
            [row for row in _rows() if row.name != "placement"],
            placement=placement,
            score_threshold=args.score_threshold,
        )
        match = args.match or RETARGETING["match"].default
        retargeting = cls(tuple(references), options, match, reading)
        check_reference(retargeting.reference_frames)
        return retargeting

    @property
    def moves_canvas(self) -> bool:
        """Whether people come onto the reference's canvas."""
        return self.options.placement == "as the reference"

    @cached_property
    def reference_frames(self) -> tuple[Frame, ...]:
        """The frames of all references."""
        from ...skeletons.formats.table import read_poses

        return tuple(frame for path in self.references for frame in read_poses(path, self.reading))

    def retarget(self, frames: Sequence[Frame]) -> list[Frame]:
        """A clip with other bodies, see ``retarget_clip``."""
        from ...sapiens_core.clip.retarget_clip import retarget_clip

        return retarget_clip(frames, self.reference_frames, self.options, self.match)


def _rows() -> list[Option]:
    """The options that ``retarget`` and ``estimate`` share, by their words on a command line."""
    placement = RETARGETING["placement"]
    choices = dict(zip(PLACEMENTS, placement.choices.values(), strict=True))
    changed = ("reference", "retarget", "placement", "score_threshold")
    return [
        replace(placement, choices=choices, default=_own_name(placement.default)),
        *(row for row in RETARGETING if row.name not in changed),
    ]
