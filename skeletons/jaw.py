"""The outline of the jaw, which faces of 308 keypoints lack, made up from keypoints that they have.

Each keypoint of the jaw is a weighted mean of four keypoints of its own side: the top of the ear,
where the helix meets the head (at the height of the eyes, where the jaw of iBUG-68 begins), the
outer corner of the eye, the root of the nose, and the chin. The weights sum to 1, and the four lie
in no plane, so that a turned, tilted or stretched head keeps its jaw. An ear that is hidden spoils
its own side only.
"""

from __future__ import annotations

import numpy as np

from .pose import Array

RIGHT = (
    "r_top_connecting_point_of_helix",
    "r_outer_end_of_upper_lash_line",
    "center_of_nose_root",
    "tip_of_chin",
)
"""Joints of GOLIATH_308 that the right side of the jaw is made of."""
LEFT = (
    "l_top_connecting_point_of_helix",
    "l_outer_end_of_upper_lash_line",
    "center_of_nose_root",
    "tip_of_chin",
)
"""Joints of GOLIATH_308 that the left side of the jaw is made of."""

WEIGHTS = np.array(
    (
        (0.661, 0.541, -0.163, -0.039),
        (0.588, 0.639, -0.361, 0.134),
        (0.494, 0.730, -0.516, 0.292),
        (0.407, 0.792, -0.648, 0.449),
        (0.306, 0.783, -0.716, 0.627),
        (0.192, 0.695, -0.671, 0.784),
        (0.039, 0.686, -0.608, 0.883),
        (-0.102, 0.577, -0.434, 0.959),
    )
)
"""(8, 4) shares of the joints of a side in its jaw keypoints, from the ear to beside the chin.

Least squares over 160 scanned heads, turned by up to 45 degrees, and 120 photographed faces, see
*The jaw* in ``benchmarks/README.md``: weights fitted to half of them are as good on the other half.
"""


def jaw_between(right: Array, left: Array, weights: Array = WEIGHTS) -> Array:
    """The jaw of a face, from the right ear by the chin to the left ear.

    Args:
        right, left: (4, 2) keypoints of the joints ``RIGHT`` and ``LEFT``, or (4,) of one
            coordinate.
        weights: (8, 4) for one side.

    Returns:
        (17, 2) or (17,), in the same space.
    """
    return np.concatenate([weights @ right, right[-1:], (weights @ left)[::-1]])
