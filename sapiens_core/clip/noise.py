"""How much a network errs from frame to frame, measured in the clip itself.

The third difference in time of a keypoint is noise where it hardly moves within four frames, but
movement in a quick dance of few frames per second. Two keypoints of one rigid piece, such as an
eye and an ear, move together, and their difference changes slowly. Of hands and feet in the fast
moves of ``benchmarks/README.md`` at 8 frames per second, their own differences say 2.8 times too
much noise, 8.6 times in the worst move; rigid pieces say 0.94 of it, 1.3 times in the worst.
"""

from __future__ import annotations

import numpy as np

from ...skeletons.keypoint_sets import KeypointSet
from ...skeletons.pose import Array
from .filters import NORMAL_MAD, Flags

ORDER = 3
DIFFERENCE_VARIANCE = 20.0
"""Variance of a third difference of unit noise: 1 + 9 + 9 + 1."""
RIGID_PAIRS = (
    ("nose", "left_eye"),
    ("nose", "right_eye"),
    ("nose", "left_ear"),
    ("nose", "right_ear"),
    ("left_eye", "right_eye"),
    ("left_eye", "left_ear"),
    ("right_eye", "right_ear"),
    ("left_shoulder", "right_shoulder"),
    ("left_hip", "right_hip"),
)
"""Joints of a head, a chest and a pelvis."""
MIN_DIFFERENCES = 4
"""Number of third differences from which on a pair or a keypoint tells its noise."""
RIGID_FACTOR = 1.2
"""Largest noise of a keypoint, as a multiple of what the rigid pairs and its sigma let expect.
With 1.0, 1.2 and 1.5 the moves of ``benchmarks/README.md`` have errors of 0.88, 0.89 and 0.92 %
of the height (fast, 8 frames per second), 0.44, 0.42 and 0.42 % (calm, 30) and 0.35, 0.34 and
0.34 % (calm, 60)."""


def relative_sigmas(keypoint_set: KeypointSet) -> Array:
    """(K,) how much each keypoint errs by, relative to the average joint of a body.

    It is the square root of the COCO constants, which differ more than a network's errors: those
    of Lite-HRNet-18 on COCO grow 2.3 times from eyes to hips, the constants 4 times.
    """
    sigmas = keypoint_set.sigmas
    body = sigmas[keypoint_set.part_indices("body")]
    return np.sqrt(sigmas / body.mean())


def measure_noise(keypoints: Array, found: Flags) -> Array:
    """(K,) standard deviation of the noise on one axis, in pixels; at most, where joints move.

    NaN where there are too few frames.

    Args:
        keypoints: (T, K, 2) over T consecutive frames.
        found: (T, K) which of them can be trusted.
    """
    if len(keypoints) < ORDER + MIN_DIFFERENCES:
        return np.full(keypoints.shape[1], np.nan)
    known = found[:-3] & found[1:-2] & found[2:-1] & found[3:]
    steps = np.abs(np.diff(keypoints, ORDER, axis=0)).transpose(1, 0, 2)
    steps = np.where(known.T[..., None], steps, np.nan).reshape(len(steps), -1)
    steps.sort(axis=1)  # NaN comes last
    counts = 2 * known.sum(axis=0)
    medians = steps[np.arange(len(steps)), np.maximum(counts - 1, 0) // 2]
    noise = NORMAL_MAD * medians / DIFFERENCE_VARIANCE**0.5
    return np.where(counts >= 2 * MIN_DIFFERENCES, noise, np.nan)


def limit_noise(keypoints: Array, found: Flags, keypoint_set: KeypointSet) -> float:
    """The most noise that a keypoint of relative sigma 1 may have, by what rigid pairs show.

    In pixels; infinite if no pair is seen for long enough. Arguments as of ``measure_noise``.
    """
    names = set(keypoint_set.names)
    pairs = [pair for pair in RIGID_PAIRS if names.issuperset(pair)]
    if not pairs:
        return np.inf
    one, other = (keypoint_set.indices(ends) for ends in zip(*pairs, strict=True))
    between = measure_noise(
        keypoints[:, one] - keypoints[:, other], found[:, one] & found[:, other]
    )
    sigmas = relative_sigmas(keypoint_set)
    relative = between / np.hypot(sigmas[one], sigmas[other])
    relative = relative[~np.isnan(relative)]
    return RIGID_FACTOR * float(np.median(relative)) if len(relative) else np.inf
