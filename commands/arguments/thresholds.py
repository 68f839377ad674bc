"""From which score on keypoints are shown, part by part, as the command line says it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from ...skeletons.options.drawing import SHOWN
from .from_options import Add, add_option, given_values

if TYPE_CHECKING:
    from ...skeletons.openpose_points import FaceJaw, OpenPoseOptions

PARTS = tuple(SHOWN[f"{part}_threshold"] for part in ("hands", "face", "feet"))


def add_threshold_arguments(add: Add, flag_of_all: str) -> None:
    """Adds an argument for each part, beside that of ``flag_of_all`` for those without one."""
    for row in PARTS:
        add_option(add, replace(row, default=None, none=f"as {flag_of_all}"))


def shown_points(
    options: argparse.Namespace,
    threshold: float,
    face_jaw: FaceJaw = SHOWN["face_jaw"].default,
) -> OpenPoseOptions:
    """Which keypoints are shown; ``threshold`` is for the body, and parts without their own."""
    from ...skeletons.openpose_points import uniform_thresholds

    return replace(uniform_thresholds(threshold, face_jaw), **given_values(options, PARTS))
