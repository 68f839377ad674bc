"""The lengths of a body: between which joints, how long in an adult, and how bodies differ.

All of it is used as logarithms: a body is a size times proportions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..pose import Array


@dataclass(frozen=True)
class Length:
    """One length of a body; both sides of a body share it.

    Attributes:
        name: what ``length_index`` knows it by.
        share: of the stature of an adult.
        links: the pairs of joints that it is measured between, a pair for each side. Empty for
            the lengths between middles of joints and for whole parts, see ``limb_lengths``.
        tilt: usual angle out of the image plane, in radians.
        turned: share of looks at which the length points anywhere instead.
    """

    name: str
    share: float
    links: tuple[tuple[str, str], ...] = ()
    tilt: float = 0.0
    turned: float = 0.0


def _both_sides(start: str, end: str) -> tuple[tuple[str, str], ...]:
    return tuple((f"{side}_{start}", f"{side}_{end}") for side in ("left", "right"))


LENGTHS = (
    Length("shoulders", 0.215, (("left_shoulder", "right_shoulder"),), 0.45, 0.3),
    Length("hips", 0.100, (("left_hip", "right_hip"),), 0.45, 0.3),
    Length("trunk", 0.285, (), 0.2, 0.1),
    Length("upper_arm", 0.160, _both_sides("shoulder", "elbow"), 0.5, 0.3),
    Length("forearm", 0.150, _both_sides("elbow", "wrist"), 0.6, 0.3),
    Length("thigh", 0.245, _both_sides("hip", "knee"), 0.35, 0.3),
    Length("shin", 0.240, _both_sides("knee", "ankle"), 0.4, 0.3),
    Length("neck", 0.085, (), 0.3, 0.1),
    Length("head", 1 / 1.7),
    Length("hand", 1 / 1.7),
    Length("foot", 1 / 1.7),
)
"""Shares of stature after Drillis and Contini (Winter, Biomechanics, figure 4.1), at the joint
centres that keypoints mark. Trunk: middle of the hips to middle of the shoulders; neck: from there
to the middle of the ears; head, hand and foot: the scale of a template in metres, see
``rigid_parts``, for a stature of 1.7 m. Tilts are rounded from the quartiles of eight recorded
motions before eight cameras; results move by 1 % if they are
halved. With fewer turned looks than 0.3, clips of people who sit facing the camera or are seen
from the side alone get limbs too short: 1.34 instead of 1.32 % of height on average."""

_DIFFERENCES: tuple[tuple[float, dict[str, float]], ...] = (
    (0.20, {"thigh": 1, "shin": 1, "foot": 0.5}),
    (0.18, {"upper_arm": 1, "forearm": 1, "hand": 1}),
    (0.12, {"upper_arm": 1, "forearm": 1, "thigh": 1, "shin": 1, "hand": 0.5, "foot": 0.5}),
    (0.12, {"trunk": 1}),
    (0.15, {"shoulders": 1, "hips": 1}),
    (0.12, {"shoulders": 1}),
    (0.12, {"hips": 1}),
    (0.05, {"thigh": 1}),
    (0.05, {"shin": 1}),
    (0.06, {"upper_arm": 1}),
    (0.06, {"forearm": 1}),
    (0.20, {"neck": 1, "head": 0.5}),
    (0.20, {"head": 1}),
    (0.15, {"hand": 1}),
    (0.15, {"foot": 1}),
)
"""How bodies differ, adults, children and drawn figures: standard deviation of the logarithm, and
the lengths that change together. Thigh and shin, or upper arm and forearm, keep their ratio within
8 %; legs and arms as a whole do not. Doubling or halving all variances changes errors by less
than 1 % of themselves."""

NAMES = tuple(length.name for length in LENGTHS)
MEAN_LOGS: Array = np.log([length.share for length in LENGTHS])


def length_index(name: str) -> int:
    """Position of a length in ``LENGTHS``."""
    return NAMES.index(name)


def length_indices(*names: str) -> NDArray[np.intp]:
    """Positions of several lengths in ``LENGTHS``."""
    return np.array([NAMES.index(name) for name in names], dtype=np.intp)


def covariance() -> Array:
    """(N, N) of the log lengths, relative to body size, that ``_DIFFERENCES`` adds up to."""
    rows = np.array([[sd * moved.get(name, 0.0) for name in NAMES] for sd, moved in _DIFFERENCES])
    return rows.T @ rows + 1e-6 * np.eye(len(NAMES))
