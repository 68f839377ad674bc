"""Bodies of any proportions that move before a camera: what a clip of them shows, and the truth.

A puppet is twelve lengths; a motion is the directions of its limbs. Two puppets that do the same
motion before the same camera are a driver and what retargeting should make of it. Metres; x to the
image's right, y up, z to the camera; a puppet faces the camera.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_WHOLEBODY_133 as SET
from comfyui_sapiens_pose.skeletons.pose import Array, Frame, Pose, box_around

CANVAS = (720, 1280)
FOCAL = 1400.0
"""Pixels; with a distance of four metres an adult fills half of the canvas."""


@dataclass(frozen=True)
class Puppet:
    """Lengths in metres; head, hand and foot are scales of an adult's."""

    shoulders: float = 0.36
    hips: float = 0.18
    trunk: float = 0.48
    upper_arm: float = 0.28
    forearm: float = 0.25
    thigh: float = 0.42
    shin: float = 0.41
    neck: float = 0.15
    head: float = 1.0
    hand: float = 1.0
    foot: float = 1.0

    def scaled(self, scale: float) -> Puppet:
        """The same proportions in another size."""
        return Puppet(**{name: value * scale for name, value in vars(self).items()})

    @property
    def legs(self) -> float:
        return self.thigh + self.shin

    @property
    def height(self) -> float:
        return self.legs + self.trunk + self.neck + 0.13 * self.head + 0.07 * self.foot


ADULT = Puppet()
BODIES = {
    "child": Puppet(0.24, 0.13, 0.33, 0.17, 0.15, 0.23, 0.21, 0.14, 0.9, 0.65, 0.68),
    "long legs": Puppet(0.33, 0.17, 0.44, 0.29, 0.27, 0.54, 0.53, 0.15, 0.93, 0.95, 1.05),
    "broad": Puppet(0.52, 0.2, 0.52, 0.3, 0.26, 0.39, 0.38, 0.15, 1.0, 1.15, 1.05),
    "cartoon": Puppet(0.28, 0.15, 0.31, 0.18, 0.16, 0.2, 0.2, 0.22, 1.8, 0.95, 0.8),
    "long arms": Puppet(0.4, 0.2, 0.52, 0.36, 0.35, 0.34, 0.32, 0.15, 1.0, 1.25, 1.0),
}

FACE_CURVES = {
    (0, 16): ((-72, -10, 10), (0, -105, 85), (72, -10, 10)),
    (17, 21): ((-58, 32, 62), (-38, 44, 80), (-16, 38, 88)),
    (22, 26): ((16, 38, 88), (38, 44, 80), (58, 32, 62)),
    (27, 30): ((0, 25, 88), (0, 10, 98), (0, -5, 110)),
    (31, 35): ((-15, -20, 90), (0, -22, 98), (15, -20, 90)),
    (36, 39): ((-45, 18, 75), (-30, 26, 82), (-16, 18, 75)),
    (40, 41): ((-25, 14, 79), (-30, 13, 79), (-36, 14, 79)),
    (42, 45): ((16, 18, 75), (30, 26, 82), (45, 18, 75)),
    (46, 47): ((36, 14, 79), (30, 13, 79), (25, 14, 79)),
    (48, 54): ((-26, -48, 88), (0, -42, 100), (26, -48, 88)),
    (55, 59): ((18, -56, 92), (0, -60, 96), (-18, -56, 92)),
    (60, 64): ((-20, -48, 90), (0, -46, 97), (20, -48, 90)),
    (65, 67): ((10, -51, 94), (0, -52, 96), (-10, -51, 94)),
}
"""First and last landmark of each curve of the face; its ends and middle in millimetres."""
HEAD_POINTS = {
    "nose": (0, -5, 110),
    "left_eye": (32, 18, 80),
    "right_eye": (-32, 18, 80),
    "left_ear": (75, 0, 0),
    "right_ear": (-75, 0, 0),
}
FINGERS = (("thumb", 55), ("forefinger", 14), ("middle", 2), ("ring", -9), ("pinky", -20))
"""Degrees from the middle of the palm, to the front."""
FOOT = {
    "big_toe": (-0.015, -0.065, 0.155),
    "small_toe": (0.045, -0.065, 0.13),
    "heel": (0, -0.06, -0.045),
}
"""Metres from the ankle of an adult's left foot."""


@dataclass(frozen=True, eq=False)
class Motion:
    """Directions over T frames, in radians.

    Attributes:
        forward: for each of upper_arm, forearm, thigh, shin: (T, 2), left and right, away from
            hanging down, to the front.
        sideways: the same, away from the body.
        turn: (T,) about the vertical; 0 faces the camera, more shows the left side.
        lean: (T,) of the trunk, to the front.
        near: (T,) metres nearer to the camera.
    """

    forward: dict[str, Array]
    sideways: dict[str, Array]
    turn: Array
    lean: Array
    near: Array

    def __len__(self) -> int:
        return len(self.turn)

    def turned(self, angle: float) -> Motion:
        """The same, seen from another side."""
        return replace(self, turn=self.turn + angle)


def make_motion(kind: str, frames: int = 48) -> Motion:
    """stand, wave, squat, march, turn, reach, sit, closer."""
    time = np.linspace(0, 1, frames)
    up = 0.5 - 0.5 * np.cos(2 * np.pi * time)
    still = np.zeros(frames)
    both = np.zeros((frames, 2))
    forward = {name: both.copy() for name in ("upper_arm", "forearm", "thigh", "shin")}
    sideways = dict.fromkeys(forward, both + 0.05)
    sideways["upper_arm"] = sideways["forearm"] = both + 0.3
    turn, lean, near = still, still, still
    if kind == "wave":
        sideways["upper_arm"] = np.stack([0.3 + 0.6 * up, 0.3 + 1.7 * up], 1)
        sideways["forearm"] = np.stack([0.3 + 0.2 * up, 0.3 + 2.5 * up], 1)
    elif kind == "squat":
        forward["thigh"], forward["shin"] = both + 1.3 * up[:, None], both - 0.6 * up[:, None]
        forward["upper_arm"] = forward["forearm"] = both + 1.2 * up[:, None]
        lean = 0.4 * up
    elif kind == "march":
        swing = np.sin(4 * np.pi * time)[:, None] * (1, -1)
        forward["thigh"] = np.maximum(swing, 0) * 1.1
        forward["shin"] = np.minimum(-swing, 0) * 0.5
        forward["upper_arm"], forward["forearm"] = -0.7 * swing, -0.7 * swing + 0.6
    elif kind == "turn":
        turn = 2 * np.pi * time
        sideways["upper_arm"] = sideways["forearm"] = both + 0.3 + 1.1 * up[:, None]
    elif kind == "reach":
        forward["upper_arm"] = forward["forearm"] = both + 1.4 * up[:, None]
        sideways["upper_arm"] = sideways["forearm"] = (
            both + 0.3 + 0.9 * up[::-1, None] * up[:, None]
        )
        lean = 0.15 * up
    elif kind == "sit":
        forward["thigh"] = both + 1.45
        forward["forearm"] = both + 0.9 + 0.3 * up[:, None]
    elif kind == "closer":
        near = 1.3 * time
        sideways["upper_arm"] = both + 0.3 + 0.9 * up[:, None]
    elif kind != "stand":
        raise ValueError(kind)
    return Motion(forward, sideways, turn, lean, near)


MOTIONS = ("wave", "squat", "march", "turn", "reach", "closer")


def film(puppet: Puppet, motion: Motion, distance: float = 4.0) -> Array:
    """(T, 133, 2) pixels of a puppet that stands on the ground before a camera."""
    points = _points(puppet, motion)
    body = np.r_[SET.part_indices("body"), SET.part_indices("left_foot", "right_foot")]
    points[..., 1] -= points[:, body, 1].min(axis=1)[:, None]
    depth = distance - points[..., 2] - motion.near[:, None]
    width, height = CANVAS
    x = width / 2 + FOCAL * points[..., 0] / depth
    y = height / 2 - FOCAL * (points[..., 1] - 0.85) / depth
    return np.stack([x, y], axis=-1)


def true_result(
    driver: Puppet, body: Puppet, motion: Motion, place: Array, distance: float = 4.0
) -> Array:
    """(T, 133, 2) what the driver's motion looks like with the other body.

    The body is as large as the driver by its legs, before the same camera. Then it is brought to
    the size and place that it has in ``place``, (133, 2), where it stands upright at the same
    distance: hips' x and lower ankle's y of the first frame.
    """
    same_legs = driver.legs / body.legs
    film_of_body = film(body.scaled(same_legs), motion, distance) / same_legs
    film_of_body *= (distance - motion.near[0]) / distance
    return film_of_body + (_ground(place) - _ground(film_of_body[0]))


def _ground(keypoints: Array) -> Array:
    hips, ankles = (
        keypoints[SET.indices((f"left_{joint}", f"right_{joint}"))] for joint in ("hip", "ankle")
    )
    return np.array([hips[:, 0].mean(), ankles[:, 1].max()])


def frames_of(
    keypoints: Array, scores: Array | None = None, person_id: int | None = None
) -> list[Frame]:
    """Frames of one person, all of it seen unless (T, 133) scores say otherwise."""
    scores = np.ones(keypoints.shape[:2]) if scores is None else scores
    return [
        Frame(CANVAS, (_pose(points, row, person_id),))
        for points, row in zip(keypoints, scores, strict=True)
    ]


def portrait(puppet: Puppet, kind: str = "stand", angle: float = 0.0) -> Pose:
    """One look at a puppet."""
    return frames_of(film(puppet, make_motion(kind, 2).turned(angle)))[0].poses[0]


def _pose(keypoints: Array, scores: Array, person_id: int | None) -> Pose:
    box = box_around(keypoints, scores > 0, otherwise=(0, 0, *CANVAS))
    return Pose(keypoints, scores, SET, CANVAS, box, person_id=person_id)


def noisy(keypoints: Array, share: float, seed: int = 0) -> Array:
    """With errors of this share of the height; three quarters of each lasts for some frames."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=keypoints.shape)
    for frame in range(1, len(noise)):
        noise[frame] = 0.75 * noise[frame - 1] + 0.66 * noise[frame]
    height = np.ptp(keypoints[:, :, 1], axis=1)[:, None, None]
    parts = np.ones(len(SET))
    parts[SET.part_indices("face", "left_hand", "right_hand")] = 0.15
    return keypoints + noise * share * height * parts[:, None]


def _points(puppet: Puppet, motion: Motion) -> Array:
    """(T, 133, 3) about the middle of the hips."""
    points = np.zeros((len(motion), len(SET), 3))
    upright = np.stack([0 * motion.lean, np.cos(motion.lean), np.sin(motion.lean)], axis=-1)
    neck = puppet.trunk * upright
    for side in (0, 1):
        _put_limbs(points, puppet, motion, side, neck)
    _put_head(points, neck + np.array((0, puppet.neck, 0)), puppet.head)
    cos, sin = np.cos(motion.turn)[:, None], np.sin(motion.turn)[:, None]
    x, z = points[..., 0].copy(), points[..., 2].copy()
    points[..., 0], points[..., 2] = cos * x - sin * z, sin * x + cos * z
    return points


def _put_limbs(points: Array, puppet: Puppet, motion: Motion, side: int, neck: Array) -> None:
    """Arm, hand, leg and foot of the left (0) or right (1) side."""
    name, out = ("left", 1.0) if side == 0 else ("right", -1.0)
    across = np.array((out / 2, 0, 0))
    at = {"shoulder": neck + puppet.shoulders * across, "hip": 0 * neck + puppet.hips * across}
    for base, joint, limb in (
        ("shoulder", "elbow", "upper_arm"),
        ("elbow", "wrist", "forearm"),
        ("hip", "knee", "thigh"),
        ("knee", "ankle", "shin"),
    ):
        forward, sideways = motion.forward[limb][:, side], out * motion.sideways[limb][:, side]
        at[joint] = at[base] + getattr(puppet, limb) * _direction(forward, sideways)
    for joint, place in at.items():
        points[:, SET.index(f"{name}_{joint}")] = place
    forward = motion.forward["forearm"][:, side]
    down = _direction(forward, out * motion.sideways["forearm"][:, side])
    front = _direction(forward + np.pi / 2, 0 * forward)
    points[:, SET.part_indices(f"{name}_hand")] = _hand(at["wrist"], down, front, puppet.hand)
    for toe, offset in FOOT.items():
        toe_offset = puppet.foot * np.array(offset) * (out, 1, 1)
        points[:, SET.index(f"{name}_{toe}")] = at["ankle"] + toe_offset


def _put_head(points: Array, center: Array, scale: float) -> None:
    for name, place in HEAD_POINTS.items():
        points[:, SET.index(name)] = center + scale * np.array(place) / 1000
    for (first, last), ends in FACE_CURVES.items():
        start, middle, end = np.array(ends) / 1000
        share = np.linspace(-1, 1, last - first + 1)[:, None]
        curve = middle + share * (end - start) / 2 + share**2 * ((start + end) / 2 - middle)
        rows = SET.indices(tuple(f"face-{number}" for number in range(first, last + 1)))
        points[:, rows] = center[:, None] + scale * curve


def _direction(forward: Array, sideways: Array) -> Array:
    """(T, 3) hanging down, turned to the front and then to the image's right."""
    return np.stack(
        [
            np.sin(sideways) * np.cos(forward),
            -np.cos(sideways) * np.cos(forward),
            np.sin(forward),
        ],
        axis=-1,
    )


def _hand(wrist: Array, down: Array, front: Array, scale: float) -> Array:
    """(T, 21, 3) a flat hand along the forearm."""
    points = [wrist]
    for finger, degrees in FINGERS:
        angle = np.radians(degrees)
        direction = np.cos(angle) * down + np.sin(angle) * front
        for reach in (42, 70, 95, 115) if finger == "thumb" else (92, 130, 158, 180):
            points.append(wrist + scale * reach / 1000 * direction)
    return np.stack(points, axis=1)
