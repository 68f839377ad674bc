"""A person in space, posed by the angles of the joints, and seen by a camera.

Lengths are in head heights; a grown person is 7.6 heads tall. x runs to the right of the image,
which is the left of a person who looks at the viewer, y up, and z towards the viewer.

The direction of a limb is two angles in degrees: how far it swings forward from hanging down (90 is
straight ahead, 180 up), and how far outward from the person's middle plane (90 is straight to the
side, negative is across the body).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Pose
from numpy.typing import NDArray
from posed_hand import SHAPES, pose_hand, unit
from posed_head import is_turned_away, left_head

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Angles = tuple[float, float, float]

SHOULDER = np.array([0.74, 0, 0])
ACROMION = np.array([0.07, 0.1, -0.02])
"""From the shoulder's joint."""

HIP_WIDTH, SPINE = 0.4, 2.15
NECK_BASE = np.array([0, 0.06, 0.02])
"""From between the shoulders, as everything of the neck."""

NECK_PIVOT = np.array([0, 0.42, 0.06])
EYES = np.array([0, 0.5, 0.42])
"""From the neck's pivot."""

UPPER_ARM, FOREARM = 1.4, 1.15
THIGH, SHIN = 1.86, 1.84
ELBOW_HALF = 0.13
FOOT = {"heel": (0, -0.24, -0.24), "big_toe": (0.02, -0.27, 0.78), "small_toe": (0.27, -0.27, 0.58)}
"""From the ankle; the first number is outward."""

PALMS = {
    "in": (-1, 0, 0),
    "out": (1, 0, 0),
    "front": (0, 0, 1),
    "back": (0, 0, -1),
    "up": (0, 1, 0),
    "down": (0, -1, 0),
}
"""Where a left palm faces, in the directions of the chest."""

CAMERA_DISTANCE, CAMERA_DOWN = 26.0, 5.0
"""How far away the camera is, and the degrees by which it looks down."""


@dataclass(frozen=True)
class Arm:
    """An arm, in the directions of the chest.

    Attributes:
        upper, fore: directions of upper arm and forearm.
        reach: where the wrist is, from between the shoulders, outward, up and forward; then
            ``upper`` is only where the elbow points, and ``fore`` does not count.
        hand: a name in ``SHAPES``.
        palm: a name in ``PALMS``, or two with a space between, for what is between them.
        along: direction of the hand; None: that of the forearm.
    """

    upper: tuple[float, float] = (2, 12)
    fore: tuple[float, float] = (14, 6)
    reach: Angles | None = None
    hand: str = "relaxed"
    palm: str = "in"
    along: tuple[float, float] | None = None


@dataclass(frozen=True)
class Leg:
    """A leg, in the directions of a person who stands upright and is turned.

    Attributes:
        thigh, shin: directions.
        foot: degrees by which the toes point up, and outward.
    """

    thigh: tuple[float, float] = (0, 4)
    shin: tuple[float, float] = (-2, 3)
    foot: tuple[float, float] = (0, 14)


@dataclass(frozen=True)
class Figure:
    """How somebody stands, sits or moves.

    Attributes:
        turn: degrees by which the whole person is turned to their left.
        hips, chest, head: degrees of bending forward, turning left and leaning left, each upon
            the one before.
        left_arm, right_arm, left_leg, right_leg: the limbs.
        at: where the hips are: to the right of the image, up, and towards the viewer.
        size: of the whole person, 1 for a grown one.
        limbs: length of arms, legs and trunk for the head's; children have less.
    """

    turn: float = 0.0
    hips: Angles = (0, 0, 0)
    chest: Angles = (0, 0, 0)
    head: Angles = (0, 0, 0)
    left_arm: Arm = Arm()
    right_arm: Arm = Arm()
    left_leg: Leg = Leg()
    right_leg: Leg = Leg()
    at: Angles = (0, 0, 0)
    size: float = 1.0
    limbs: float = 1.0


@dataclass(frozen=True)
class Posed:
    """A figure as joints in space.

    Attributes:
        joints: by name.
        hidden: names of joints that the head hides.
    """

    joints: dict[str, Vector]
    hidden: frozenset[str]


def rotation(bend: float, turn: float, lean: float) -> Matrix:
    """Leaning left, then bending forward, then turning left."""
    b, t, n = (math.radians(angle) for angle in (bend, turn, lean))
    turned = [[math.cos(t), 0, math.sin(t)], [0, 1, 0], [-math.sin(t), 0, math.cos(t)]]
    bent = [[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]]
    leant = [[math.cos(n), math.sin(n), 0], [-math.sin(n), math.cos(n), 0], [0, 0, 1]]
    matrix: Matrix = np.array(turned) @ np.array(bent) @ np.array(leant)
    return matrix


def direction(angles: tuple[float, float], side: int) -> Vector:
    """Of a limb; ``side`` is 1 for the left, -1 for the right."""
    swing, out = (math.radians(angle) for angle in angles)
    down, forward = -math.cos(swing), math.sin(swing)
    return np.array([side * math.sin(out), down * math.cos(out), forward * math.cos(out)])


def bend_towards(
    start: Vector, target: Vector, pole: Vector, lengths: tuple[float, float]
) -> Vector:
    """The middle joint of a limb that reaches from ``start`` to ``target``, on the pole's side."""
    first, second = lengths
    way = target - start
    distance = min(float(np.linalg.norm(way)), 0.999 * (first + second))
    along = unit(way)
    share = (first**2 - second**2 + distance**2) / (2 * distance)
    height = math.sqrt(max(first**2 - share**2, 0))
    middle: Vector = start + share * along + height * unit(pole - along * (pole @ along))
    return middle


def _named(side: int, names: dict[str, Vector]) -> dict[str, Vector]:
    return {f"{'left' if side > 0 else 'right'}_{name}": point for name, point in names.items()}


def _pose_arm(
    arm: Arm, side: int, chest: Matrix, middle: Vector, limbs: float
) -> dict[str, Vector]:
    lengths = (UPPER_ARM * limbs, FOREARM * limbs)
    outward = np.array([side, 1, 1])
    upper = direction(arm.upper, side)
    lift = max(0.0, upper[1]) if arm.reach is None else 0.0
    shoulder = SHOULDER * outward * limbs + np.array([-side * 0.14, 0.26, 0]) * lift
    if arm.reach is None:
        elbow = shoulder + lengths[0] * upper
        wrist = elbow + lengths[1] * direction(arm.fore, side)
    else:
        wrist = np.array(arm.reach) * outward
        elbow = bend_towards(shoulder, wrist, upper, lengths)
    fore = unit(wrist - elbow)
    along = fore if arm.along is None else direction(arm.along, side)
    palm = sum(np.array(PALMS[name]) * outward for name in arm.palm.split())
    hand = pose_hand(np.zeros(3), along, palm, side, SHAPES[arm.hand])
    bent = unit(elbow - shoulder) - fore
    inner = unit(-bent if np.linalg.norm(bent) > 0.05 else np.array([0, 0, 1.0]))
    size = limbs**0.5
    joints = {
        "shoulder": shoulder,
        "acromion": shoulder + ACROMION * outward,
        "elbow": elbow,
        "wrist": wrist,
        "olecranon": elbow - inner * ELBOW_HALF,
        "cubital_fossa": elbow + inner * ELBOW_HALF,
        **{name: wrist + size * point for name, point in hand.items()},
    }
    return _named(side, {name: middle + chest @ point for name, point in joints.items()})


def _pose_leg(leg: Leg, side: int, hip: Vector, turned: Matrix, limbs: float) -> dict[str, Vector]:
    knee = hip + THIGH * limbs * (turned @ direction(leg.thigh, side))
    ankle = knee + SHIN * limbs * (turned @ direction(leg.shin, side))
    up, out = leg.foot
    foot = turned @ rotation(-up, side * out, 0)
    points = {
        name: ankle + limbs**0.5 * (foot @ (np.array(at) * (side, 1, 1)))
        for name, at in FOOT.items()
    }
    return _named(side, {"hip": hip, "knee": knee, "ankle": ankle, **points})


def _pose_head(head: Matrix, pivot: Vector, towards_viewer: Vector) -> Posed:
    left = left_head()
    joints, hidden = {}, set()
    viewer = head.T @ towards_viewer
    for joint in GOLIATH_308.joints:
        if joint.name in left:
            point = left[joint.name]
        elif joint.mirror in left:
            point = left[joint.mirror] * (-1, 1, 1)
        else:
            continue
        joints[joint.name] = pivot + head @ (EYES + point)
        if is_turned_away(joint.name, point, viewer):
            hidden.add(joint.name)
    return Posed(joints, frozenset(hidden))


def pose_figure(figure: Figure) -> Posed:
    """All 308 joints of a figure in space."""
    turned = rotation(0, figure.turn, 0)
    hips = turned @ rotation(*figure.hips)
    chest = hips @ rotation(*figure.chest)
    head = chest @ rotation(*figure.head)
    limbs = figure.limbs
    spine = SPINE * limbs / 2
    middle = (hips[:, 1] + chest[:, 1]) * spine
    joints: dict[str, Vector] = {"neck": middle + chest @ NECK_BASE}
    for side, arm, leg in (
        (1, figure.left_arm, figure.left_leg),
        (-1, figure.right_arm, figure.right_leg),
    ):
        joints |= _pose_arm(arm, side, chest, middle, limbs)
        hip = hips @ np.array([side * HIP_WIDTH * limbs, 0, 0])
        joints |= _pose_leg(leg, side, hip, turned, limbs)
    face = _pose_head(head, middle + chest @ NECK_PIVOT, np.array([0, 0, 1.0]))
    joints |= face.joints
    moved = {name: figure.size * point + figure.at for name, point in joints.items()}
    return Posed(moved, face.hidden)


def look(
    people: list[Posed], canvas_wh: tuple[int, int], margin: float, zoom_to: str = ""
) -> list[Pose]:
    """The people as a camera sees them that has them in the middle of its image.

    Args:
        people: in space.
        canvas_wh: of the image, in pixels.
        margin: room around the people, as a share of the canvas.
        zoom_to: joints from this one up fill the image, and the legs lie outside;
            empty: all do.
    """
    points = [
        np.array([person.joints[joint.name] for joint in GOLIATH_308.joints]) for person in people
    ]
    middle = np.mean([each.mean(axis=0) for each in points], axis=0)
    flat = []
    for each in points:
        x, y, z = rotation(CAMERA_DOWN, 0, 0) @ (each - middle).T
        scale = CAMERA_DISTANCE / (CAMERA_DISTANCE - z)
        flat.append(np.stack([x * scale, -y * scale], axis=1))
    seen = np.concatenate(flat)
    low, high = seen.min(axis=0) - (0, 0.45), seen.max(axis=0)  # the crown is above the brows
    if zoom_to:
        high[1] = max(each[GOLIATH_308.index(zoom_to), 1] for each in flat)
    room = np.array(canvas_wh) * (1 - 2 * margin)
    scale = float((room / (high - low)).min())
    shift = np.array(canvas_wh) / 2 - scale * (low + high) / 2
    poses = []
    for each, person in zip(flat, people, strict=True):
        keypoints = np.round(each * scale + shift, 1)
        inside = ((keypoints >= 0) & (keypoints < canvas_wh)).all(axis=1)
        shown = np.array([joint.name not in person.hidden for joint in GOLIATH_308.joints])
        scores = shown.astype(float)
        box = [*keypoints[inside].min(axis=0), *keypoints[inside].max(axis=0)]
        poses.append(Pose(keypoints, scores, GOLIATH_308, canvas_wh, box))
    return poses
