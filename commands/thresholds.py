"""From which score on points are shown, part by part, as the command line says it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .given import given
from .numbers import share

if TYPE_CHECKING:
    from ..skeletons.draw import DrawOptions
    from ..skeletons.openpose import FaceJaw, OpenPoseOptions
    from ..skeletons.pose import Frame, Pose

PARTS = {
    "hands": ("left_hand", "right_hand"),
    "face": ("face",),
    "feet": ("left_foot", "right_foot"),
}
"""What has a threshold of its own, and the parts of a keypoint set that it stands for."""

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
    from ..skeletons.openpose import same_threshold

    own = given(options, {f"--{part}-threshold": f"{part}_threshold" for part in PARTS})
    return replace(same_threshold(threshold, face_jaw), **own)


def lowest_threshold(shown: OpenPoseOptions) -> float:
    """From this score on a point may be shown."""
    return min(shown.body_threshold, *(_threshold(shown, part) for part in PARTS))


def without_hidden(frame: Frame, options: DrawOptions) -> Frame:
    """A frame to draw: points that ``options.openpose`` hides have score 0.

    Where the style draws OpenPose people of others, it hides what is to be hidden itself.
    """
    from ..skeletons.draw import STYLES
    from ..skeletons.keypoint_sets import OPENPOSE_136

    shown = options.openpose
    if shown is None:
        return frame
    converts = STYLES[options.style].wants_openpose
    return replace(
        frame,
        poses=tuple(
            pose if converts and pose.keypoint_set is not OPENPOSE_136 else _shown(pose, shown)
            for pose in frame.poses
        ),
    )


def _shown(pose: Pose, shown: OpenPoseOptions) -> Pose:
    import numpy as np

    thresholds = np.full(len(pose.keypoint_set), shown.body_threshold)
    for part, names in PARTS.items():
        thresholds[pose.keypoint_set.part(*names)] = _threshold(shown, part)
    return replace(pose, scores=np.where(pose.scores >= thresholds, pose.scores, 0))


def _threshold(shown: OpenPoseOptions, part: str) -> float:
    threshold: float = getattr(shown, f"{part}_threshold")
    return threshold
