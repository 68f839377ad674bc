"""A hand in space, finger by finger, in a shape that has a name.

Lengths are in head heights, as in ``synthetic_person``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from synthetic_person import FINGERS

Vector = NDArray[np.float64]

FINGER_NAMES = tuple(name for name in FINGERS if name != "thumb")

Bends = tuple[float, float, float]
"""Degrees by which the three joints of a finger bend into the palm, from the knuckle on."""


@dataclass(frozen=True)
class Shape:
    """The shape of a hand.

    Attributes:
        spread: how far the fingers are apart, as a share of those in ``FINGERS``.
        bends: of all fingers but those in ``fingers``.
        fingers: of single fingers.
        thumb: of each bone of the thumb, in degrees: away from the fingers in the plane of the
            palm, and out of that plane to the palm's side.
    """

    spread: float = 1.0
    bends: Bends = (0, 0, 0)
    fingers: Mapping[str, Bends] = field(default_factory=dict)
    thumb: tuple[tuple[float, float], ...] = ((45, 15), (32, 12), (24, 12))


FIST: Bends = (72, 98, 58)
FIST_THUMB = ((35, 42), (-8, 38), (-42, 24))
STRAIGHT: Bends = (2, 3, 2)

SHAPES = {
    "relaxed": Shape(
        0.75,
        (30, 34, 18),
        {"forefinger": (18, 26, 14), "middle_finger": (25, 31, 17), "pinky_finger": (34, 36, 18)},
        ((38, 24), (22, 26), (12, 22)),
    ),
    "open": Shape(1.35, (4, 7, 5), {}, ((58, 10), (46, 6), (40, 4))),
    "flat": Shape(0.45, (4, 5, 3), {}, ((34, 12), (16, 10), (8, 6))),
    "fist": Shape(0.6, FIST, {}, FIST_THUMB),
    "point": Shape(0.6, FIST, {"forefinger": STRAIGHT}, FIST_THUMB),
    "victory": Shape(
        1.5,
        FIST,
        {"forefinger": STRAIGHT, "middle_finger": STRAIGHT},
        ((30, 40), (-16, 36), (-50, 20)),
    ),
    "thumbs_up": Shape(0.6, (76, 100, 60), {}, ((62, 18), (84, 4), (92, -4))),
    "ok": Shape(
        1.0,
        (12, 14, 8),
        {"forefinger": (48, 58, 32), "middle_finger": (16, 20, 12)},
        ((40, 42), (22, 46), (4, 34)),
    ),
    "grip": Shape(0.6, (48, 52, 30), {}, ((36, 44), (12, 44), (-8, 30))),
}


def pose_hand(
    wrist: Vector, along: Vector, palm: Vector, side: int, shape: Shape
) -> dict[str, Vector]:
    """The joints of a hand, without the person's side in their names.

    Args:
        wrist: where it begins.
        along: the direction of the straight middle finger.
        palm: where the palm faces; only what is across ``along`` counts.
        side: 1 for the left hand, -1 for the right one.
        shape: of the fingers.
    """
    along = unit(along)
    palm = unit(palm - along * (palm @ along))
    thumbwards = side * np.cross(palm, along)
    joints = {}
    for name in FINGER_NAMES:
        degrees, reach, lengths = FINGERS[name]
        knuckle_angle = math.radians(degrees * 0.9)
        joint = wrist + reach * (
            math.cos(knuckle_angle) * along + math.sin(knuckle_angle) * thumbwards
        )
        angle = math.radians((degrees - 2) * shape.spread)
        outwards = math.cos(angle) * along + math.sin(angle) * thumbwards
        joints[f"{name}_third_joint"] = joint
        bent = 0.0
        bends = shape.fingers.get(name, shape.bends)
        for number, length, bend in zip((2, 3, 4), lengths, bends, strict=True):
            bent += math.radians(bend)
            joint = joint + length * (math.cos(bent) * outwards + math.sin(bent) * palm)
            joints[f"{name}{number}"] = joint
    _, reach, lengths = FINGERS["thumb"]
    angle = math.radians(42)
    joint = wrist + reach * (math.cos(angle) * along + math.sin(angle) * thumbwards + 0.2 * palm)
    joints["thumb_third_joint"] = joint
    for number, length, (away, out) in zip((2, 3, 4), lengths, shape.thumb, strict=True):
        away, out = math.radians(away), math.radians(out)
        in_plane = math.cos(away) * along + math.sin(away) * thumbwards
        joint = joint + length * (math.cos(out) * in_plane + math.sin(out) * palm)
        joints[f"thumb{number}"] = joint
    return joints


def unit(vector: Vector) -> Vector:
    """The vector at length 1."""
    scaled: Vector = vector / np.linalg.norm(vector)
    return scaled
