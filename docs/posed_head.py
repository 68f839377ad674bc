"""A head in space: the flat face of ``synthetic_person`` on a rounded head.

Lengths are in head heights. x runs to the person's left, y up, z out of the face; the origin is
between the eyes, on the face.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from synthetic_person import EAR, FACE_HEIGHT, FACE_WIDTH, left_face

Vector = NDArray[np.float64]

ROUNDNESS = 2.1
"""How far the face recedes, per square of the distance from its midline."""

EAR_FRONT = np.array([0.345, -0.01, -0.42])
"""Where the left ear begins, at the height of its top's connection and the front of the tragus."""

EAR_SIZE = (0.17, 0.30)
"""Depth and height of an ear."""

EAR_FLARE = 0.09
"""How far an ear's back edge stands off the head."""

BULGES = {
    "midpoint_2_of_nose_bridge": 0.03,
    "midpoint_1_of_nose_bridge": 0.06,
    "midpoint_3_of_nose_bridge": 0.09,
    "tip_of_nose_bridge": 0.12,
    "tip_of_nose": 0.135,
    "bottom_center_of_nose": 0.07,
    "center_of_nose_root": 0.01,
    "center_of_glabella": 0.025,
    "center_of_labiomental_groove": 0.01,
    "tip_of_chin": 0.035,
    "l_outer_corner_of_nose": 0.035,
    "outer_corner_of_l_nostril": 0.05,
    "upper_corner_of_l_nostril": 0.085,
    "inner_corner_of_l_nostril": 0.075,
}
"""How far joints stand out of the rounded face."""


def _bulge(name: str) -> float:
    if name in BULGES:
        return BULGES[name]
    if "eyebrow" in name:
        return 0.02
    if "lip" in name or "mouth" in name or "cupid" in name:
        return 0.03
    if "iris" in name or "pupil" in name:
        return -0.005
    return -0.01  # lids


def left_head() -> dict[str, Vector]:
    """The left half and the midline of a head that looks straight ahead."""
    ears = {f"l_{name}" for name in EAR}
    points = {}
    for name, (x, y) in left_face().items():
        if name not in ears:
            across, down = FACE_WIDTH * x, FACE_HEIGHT * y
            depth = _bulge(name) - ROUNDNESS * across**2
            points[name] = np.array([across, -down, depth])
    for name, (back, down) in EAR.items():
        shift = (EAR_FLARE * back, -EAR_SIZE[1] * (down - 0.35), -EAR_SIZE[0] * back)
        points[f"l_{name}"] = EAR_FRONT + shift
    points["nose"] = points["tip_of_nose"]
    points["left_eye"] = points["l_center_of_iris"]
    points["left_ear"] = points["l_protruding_point_of_tragus"]
    return points


def is_turned_away(name: str, point: Vector, towards_viewer: Vector) -> bool:
    """Whether the head hides one of its joints.

    Args:
        name: of the joint.
        point: where it is on the head.
        towards_viewer: the direction of the viewer from the head, in the head's own directions.
    """
    if name in ("left_ear", "right_ear"):
        return bool(np.sign(point[0]) * towards_viewer[0] < -0.35)
    if name.split("_", 1)[-1] in EAR:
        outwards = np.sign(point[0])
        return bool(outwards * towards_viewer[0] < -0.35 or towards_viewer[2] < -0.35)
    normal = np.array([2 * ROUNDNESS * point[0], 0, 1])
    return bool(normal @ towards_viewer / np.linalg.norm(normal) < -0.12)
