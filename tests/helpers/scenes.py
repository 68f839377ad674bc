"""Synthetic clips: people who walk, cross, hide, leave and come back, and how a detector sees them.

Everybody is a stick figure of 17 keypoints whose arms and legs swing. Nearer people (further down
in the image) hide those behind them. The truth is kept beside the detections, so that
``scene_measures`` can compare a tracker's ids with the real persons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Array, Frame, Pose
from numpy.typing import ArrayLike

CANVAS = (1280, 720)
LONG_AWAY = 15
"""Number of frames after which a returning person counts as a new one."""

_LEFT_HALF = {
    **{"eye": (0.02, -0.46), "ear": (0.04, -0.45), "shoulder": (0.11, -0.32)},
    **{"elbow": (0.14, -0.16), "wrist": (0.15, -0.02), "hip": (0.06, 0.0)},
    **{"knee": (0.065, 0.24), "ankle": (0.07, 0.46)},
}
"""Joints of the left half of a body: x, y from the hips in body heights; the right mirrors it."""
_SWING = {"elbow": -0.04, "wrist": -0.1, "knee": 0.06, "ankle": 0.12}
RELATIVE_NOISE = COCO_17.sigmas / COCO_17.sigmas.mean()
"""(17,) noise of each joint relative to the mean."""


def figure(center: Sequence[float], height: float, phase: float) -> Array:
    """(17, 2) keypoints of a person with the hips at ``center``, in pixels."""
    keypoints = np.empty((17, 2))
    for row, name in enumerate(COCO_17.names):
        side, _, joint = name.partition("_")
        if not joint:
            keypoints[row] = 0, -0.44  # the nose
            continue
        x, y = _LEFT_HALF[joint]
        sign = 1 if side == "left" else -1
        keypoints[row] = sign * x + sign * _SWING.get(joint, 0) * np.sin(phase), y
    return keypoints * height + center


@dataclass(frozen=True)
class Walker:
    """One person: (T, 2) hips in pixels, NaN while away; height in pixels; steps in radians."""

    centers: Array
    height: float
    phase: float = 0.0
    pace: float = 0.4

    def keypoints(self, frame: int) -> Array | None:
        """(17, 2) in pixels; None while the person is away."""
        center = self.centers[frame]
        if np.isnan(center).any():
            return None
        return figure(center, self.height, self.phase + self.pace * frame)


@dataclass
class Scene:
    """Detections per frame, and the number of the person of each (-1 for a false detection)."""

    frames: list[Frame] = field(default_factory=list)
    persons: list[list[int]] = field(default_factory=list)

    def add(self, poses: Sequence[tuple[int, Pose]]) -> None:
        """Add a frame; ``poses`` are pairs of a person's number and a pose."""
        self.frames.append(Frame(CANVAS, [pose for _, pose in poses]))
        self.persons.append([person for person, _ in poses])


def make_pose(keypoints: Array, score: float = 0.9, seen: np.ndarray | bool = True) -> Pose:
    """A pose in the box of the whole body; keypoints not ``seen`` have a score of 0.1."""
    scores = np.where(seen, np.full(17, score), 0.1)
    return Pose(keypoints, scores, COCO_17, CANVAS, _box(keypoints), score)


def add_noise(keypoints: Array, noise: float, random: np.random.Generator) -> Array:
    """``keypoints`` with noise of a mean standard deviation of ``noise`` body heights."""
    height = np.ptp(keypoints[:, 1])
    spread = noise * height * RELATIVE_NOISE[:, None]
    return keypoints + random.normal(size=keypoints.shape) * spread


def _meeting(
    speeds: tuple[float, float], length: int, climb: float, random: np.random.Generator
) -> list[Walker]:
    """Two people who meet half way, rising or sinking by ``climb`` pixels per frame at most."""
    times = np.arange(length) - length // 2
    walkers = []
    for speed in speeds:
        start = np.array([640.0, 400.0 + random.uniform(-15, 15)])
        centers = start + times[:, None] * (speed, random.uniform(-climb, climb))
        walkers.append(Walker(centers, random.uniform(180, 300), random.uniform(0, 6)))
    return walkers


def crossing(speeds: tuple[float, float], missed: int, who: str, seed: int) -> Scene:
    """Two people on one line, who pass each other in the middle of the clip.

    Args:
        speeds: of the first and the second person, in pixels per frame.
        missed: number of frames around the meeting in which a person is not detected.
        who: whom that concerns, ``first``, ``second`` or ``both``.
        seed: seed of heights, steps and noise.
    """
    random = np.random.default_rng(seed)
    length = 41
    walkers = _meeting(speeds, length, 0.5, random)
    scene = Scene()
    hidden = {"first": (0,), "second": (1,), "both": (0, 1)}[who]
    for frame in range(length):
        away = abs(frame - length // 2) <= missed // 2 and missed > 0
        away &= frame - length // 2 > -missed / 2
        poses = [
            (person, make_pose(add_noise(walker.keypoints(frame), 0.01, random)))
            for person, walker in enumerate(walkers)
            if not (away and person in hidden)
        ]
        random.shuffle(poses)
        scene.add(poses)
    return scene


def covered_crossing(speeds: tuple[float, float], seed: int) -> Scene:
    """Two people cross, and of the one behind only keypoints beside the other are visible."""
    random = np.random.default_rng(seed)
    length = 61
    walkers = _meeting(speeds, length, 0.3, random)
    scene = Scene()
    for frame in range(length):
        front, behind = (add_noise(walker.keypoints(frame), 0.01, random) for walker in walkers)
        seen = ~_within(behind, _box(front))
        poses = [(0, make_pose(front))]
        if seen.any():
            poses.append((1, make_pose(behind, seen=seen)))
        random.shuffle(poses)
        scene.add(poses)
    return scene


def partly_seen_walk(names: Sequence[str], num_frames: int, speed: float = 3.0) -> Scene:
    """A person alone; from frame 20 on only some joints are visible for ``num_frames``."""
    random = np.random.default_rng(0)
    scene = Scene()
    for frame in range(40 + num_frames):
        points = figure((200 + speed * frame, 400), 300, 0.3 * frame)
        seen = np.isin(COCO_17.names, names) if 20 <= frame < 20 + num_frames else True
        scene.add([(0, make_pose(add_noise(points, 0.01, random), seen=seen))])
    return scene


def _stroll(length: int, random: np.random.Generator) -> Array:
    """(T, 2) path with changing speed and direction, turning back, stopping, leaving."""
    speed = random.uniform(2, 8) * random.choice((-1, 1))
    x, y = random.uniform(100, CANVAS[0] - 100), random.uniform(330, 520)
    path = np.empty((length, 2))
    target = speed
    for frame in range(length):
        if random.random() < 0.02:
            target = random.choice((0.0, 1.0, -1.0)) * random.uniform(2, 8)
        speed += np.clip(target - speed, -0.8, 0.8)
        x += speed
        y = np.clip(y + random.normal(0, 0.6), 320, 530)
        path[frame] = x, y
        if not -400 < x < CANVAS[0] + 400:
            target = -np.sign(x) * abs(target or 4)
    return path


def _strollers(num_people: int, length: int, random: np.random.Generator) -> list[Walker]:
    return [
        Walker(
            _stroll(length, random),
            random.uniform(170, 320),
            random.uniform(0, 6),
            random.uniform(0.25, 0.5),
        )
        for _ in range(num_people)
    ]


def crowd(num_people: int, seed: int, length: int = 200) -> Scene:
    """The hard set: walking people with all faults of a real clip.

    Keypoints are noisy (2 % of the height), 8 % of detections are dropped, people are hidden while
    others cover 70 % of them, 3 % are detected twice, 1 % of frames have a false detection, and
    people leave the image and come back. Who comes back after more than ``LONG_AWAY`` frames is a
    new person, because only the looks could show who it is.
    """
    random = np.random.default_rng(seed)
    walkers = _strollers(num_people, length, random)
    scene = Scene()
    visits = _visits(walkers, length)
    for frame in range(length):
        poses = []
        for walker, points in _seen(walkers, frame):
            person = int(visits[walker, frame])
            if random.random() < 0.08:
                continue
            poses.append((person, make_pose(add_noise(points, 0.02, random))))
            if random.random() < 0.03:
                second = add_noise(points, 0.01, random)
                poses.append((person, make_pose(second, 0.7)))
        if random.random() < 0.01:
            center = random.uniform((0, 300), (CANVAS[0], 500))
            poses.append((-1, make_pose(figure(center, random.uniform(80, 300), 0), 0.4)))
        random.shuffle(poses)
        scene.add(poses)
    return scene


def partly_seen_crowd(num_people: int, seed: int, length: int = 200) -> Scene:
    """People as in ``crowd``, but of those partly covered the uncovered keypoints are detected.

    Keypoints are noisy (2 % of the height), 5 % of detections are dropped. There are no doubles
    and no false detections, so that a tracker by boxes only has what it needs.
    """
    random = np.random.default_rng(seed)
    walkers = _strollers(num_people, length, random)
    visits = _visits(walkers, length)
    scene = Scene()
    for frame in range(length):
        bodies = [(index, walker.keypoints(frame)) for index, walker in enumerate(walkers)]
        people = [(index, points) for index, points in bodies if _inside(points)]
        poses = []
        for index, points in people:
            seen = _within(points, np.array([0, 0, *CANVAS]))
            for _, other in people:
                if other[:, 1].max() > points[:, 1].max():
                    seen &= ~_within(points, _box(other))
            if not seen.any() or random.random() < 0.05:
                continue
            pose = make_pose(add_noise(points, 0.02, random), seen=seen)
            poses.append((int(visits[index, frame]), pose))
        random.shuffle(poses)
        scene.add(poses)
    return scene


def with_boxes(scene: Scene, box_of: Callable[[Pose], ArrayLike]) -> Scene:
    """The scene with other boxes, as another detector would find them."""
    frames = [
        replace(frame, poses=[replace(pose, box_xyxy=box_of(pose)) for pose in frame.poses])
        for frame in scene.frames
    ]
    return Scene(frames, scene.persons)


def _box(points: Array) -> Array:
    """(4,) around (N, 2) points."""
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def _within(points: Array, box: Array) -> np.ndarray:
    """(N,) which of the (N, 2) points lie in the (4,) box."""
    within: np.ndarray = ((points >= box[:2]) & (points <= box[2:])).all(axis=1)
    return within


def _inside(points: Array) -> bool:
    """Whether most of a body is in the image."""
    return bool(((points >= 0) & (points < CANVAS)).all(axis=1).mean() > 0.6)


def _visits(walkers: Sequence[Walker], length: int) -> np.ndarray:
    """(walkers, frames) number of the person that a walker counts as."""
    visits = np.zeros((len(walkers), length), int)
    number = -1
    for row, walker in zip(visits, walkers, strict=True):
        number, away = number + 1, 0
        for frame in range(length):
            if not _inside(walker.keypoints(frame)):
                away += 1
            else:
                number, away = number + (away > LONG_AWAY), 0
            row[frame] = number
    return visits


def _seen(walkers: Sequence[Walker], frame: int) -> list[tuple[int, Array]]:
    """The people whose body is mostly in the image and not covered by others."""
    people = []
    for person, walker in enumerate(walkers):
        points = walker.keypoints(frame)
        if _inside(points):
            people.append((person, points))
    boxes = [_box(points) for _, points in people]
    seen = []
    for (person, points), box in zip(people, boxes, strict=True):
        nearer = [other for other in boxes if other[3] > box[3]]
        if not any(_covered(box, other) > 0.7 for other in nearer):
            seen.append((person, points))
    return seen


def _covered(box: Array, other: Array) -> float:
    shared = np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2])
    return float(np.prod(np.maximum(shared, 0)) / np.prod(box[2:] - box[:2]))


def clip(
    xs: Sequence[float], noise: float = 0.0, pace: float = 0.0, seed: int = 0
) -> tuple[Array, list[Frame]]:
    """(T, 17, 2) true keypoints of one person with the hips at ``xs``, and the noisy frames."""
    random = np.random.default_rng(seed)
    centers = np.stack([np.asarray(xs, dtype=float), np.full(len(xs), 400.0)], axis=1)
    walker = Walker(centers, 300, pace=pace)
    truth = np.array([walker.keypoints(time) for time in range(len(centers))])
    poses = [replace(make_pose(add_noise(body, noise, random)), person_id=0) for body in truth]
    return truth, [Frame(CANVAS, [pose]) for pose in poses]
