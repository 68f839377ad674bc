"""From which score on points are shown, part by part, as the command line says it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .cli_overrides import given
from .types import share

if TYPE_CHECKING:
    from ...skeletons.openpose_points import FaceJaw, OpenPoseOptions

_HELP = {"hands": "points of hands", "face": "points of faces", "feet": "toes and heels"}


def add_threshold_arguments(add: Callable[..., Any], of_all: str) -> None:
    """Adds an argument for each part, beside ``of_all``, the argument for those without one."""
    for part, what in _HELP.items():
        add(
            f"--{part}-threshold",
            type=share,
            metavar="0..1",
            help=f"the same for {what} (default: as {of_all})",
        )


def shown_points(
    options: argparse.Namespace, threshold: float, face_jaw: FaceJaw = "hidden"
) -> OpenPoseOptions:
    """Which points are shown; ``threshold`` is for the body, and for parts without their own."""
    from ...skeletons.openpose_points import uniform_thresholds

    own = given(options, {f"--{part}-threshold": f"{part}_threshold" for part in _HELP})
    return replace(uniform_thresholds(threshold, face_jaw), **own)
