"""Clips made of formulas: people who walk, cross, hide, leave and come back, and what a detector
would make of them.

Everybody is a stick figure of 17 joints whose arms and legs swing. Nearer people (further down in
the picture) hide those behind them. Truth and detections are kept apart, so that a tracker's ids
can be counted against the persons they were given to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from comfyui_sapiens_pose.sapiens_core.clip.track import box_overlaps
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Array, Frame, Pose
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment

CANVAS = (1280, 720)
LONG_AWAY = 15
"""Frames."""

# Left half of a body, across and down from the hips, in body heights; the right half mirrors it.
_HALF = {
    **{"eye": (0.02, -0.46), "ear": (0.04, -0.45), "shoulder": (0.11, -0.32)},
    **{"elbow": (0.14, -0.16), "wrist": (0.15, -0.02), "hip": (0.06, 0.0)},
    **{"knee": (0.065, 0.24), "ankle": (0.07, 0.46)},
}
_SWING = {"elbow": -0.04, "wrist": -0.1, "knee": 0.06, "ankle": 0.12}
NOISE_OF_JOINT = COCO_17.sigmas / COCO_17.sigmas.mean()


def figure(center: Sequence[float], height: float, phase: float) -> Array:
    """(17, 2) joints of somebody whose hips are at ``center`` in pixels."""
    points = np.empty((17, 2))
    for row, name in enumerate(COCO_17.names):
        side, _, joint = name.partition("_")
        if not joint:
            points[row] = 0, -0.44  # the nose
            continue
        x, y = _HALF[joint]
        sign = 1 if side == "left" else -1
        points[row] = sign * x + sign * _SWING.get(joint, 0) * np.sin(phase), y
    return points * height + center


@dataclass(frozen=True)
class Walker:
    """One person: (T, 2) hips in pixels, height, and steps; NaN while away."""

    centers: Array
    height: float
    phase: float = 0.0
    pace: float = 0.4

    def joints(self, frame: int) -> Array | None:
        center = self.centers[frame]
        if np.isnan(center).any():
            return None
        return figure(center, self.height, self.phase + self.pace * frame)


@dataclass
class Scene:
    """Detections frame by frame, and who each of them is (-1 for what is nobody)."""

    frames: list[Frame] = field(default_factory=list)
    persons: list[list[int]] = field(default_factory=list)

    def add(self, poses: Sequence[tuple[int, Pose]]) -> None:
        self.frames.append(Frame(CANVAS, [pose for _, pose in poses]))
        self.persons.append([person for person, _ in poses])


def make_pose(points: Array, score: float = 0.9, seen: np.ndarray | bool = True) -> Pose:
    """A pose in the box of the whole body; joints not ``seen`` have a score of 0.1."""
    return Pose(
        points, np.where(seen, np.full(17, score), 0.1), COCO_17, CANVAS, _box(points), score
    )


def noisy(points: Array, noise: float, random: np.random.Generator) -> Array:
    """``noise`` is the mean standard deviation in body heights."""
    height = np.ptp(points[:, 1])
    return points + random.normal(size=points.shape) * noise * height * NOISE_OF_JOINT[:, None]


def _meeting(
    speeds: tuple[float, float], length: int, climb: float, random: np.random.Generator
) -> list[Walker]:
    """Two who meet half way, each rising or sinking by ``climb`` pixels a frame at most."""
    times = np.arange(length) - length // 2
    walkers = []
    for speed in speeds:
        start = np.array([640.0, 400.0 + random.uniform(-15, 15)])
        centers = start + times[:, None] * (speed, random.uniform(-climb, climb))
        walkers.append(Walker(centers, random.uniform(180, 300), random.uniform(0, 6)))
    return walkers


def crossing(speeds: tuple[float, float], missed: int, who: str, seed: int) -> Scene:
    """Two people walk through one another on one line; both meet in the middle of the clip.

    Args:
        speeds: pixels a frame of the one from the left (first) and of the other.
        missed: so many frames around the meeting are not detected,
        who: of ``first``, ``second`` or ``both``.
        seed: of heights, steps and noise.
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
            (person, make_pose(noisy(walker.joints(frame), 0.01, random)))
            for person, walker in enumerate(walkers)
            if not (away and person in hidden)
        ]
        random.shuffle(poses)
        scene.add(poses)
    return scene


def covered_crossing(speeds: tuple[float, float], seed: int) -> Scene:
    """Two people cross, and of the one behind only the joints beside the other are seen."""
    random = np.random.default_rng(seed)
    length = 61
    walkers = _meeting(speeds, length, 0.3, random)
    scene = Scene()
    for frame in range(length):
        front, behind = (noisy(walker.joints(frame), 0.01, random) for walker in walkers)
        seen = ~_within(behind, _box(front))
        poses = [(0, make_pose(front))]
        if seen.any():
            poses.append((1, make_pose(behind, seen=seen)))
        random.shuffle(poses)
        scene.add(poses)
    return scene


def partly_seen_walk(names: Sequence[str], num_frames: int, speed: float = 3.0) -> Scene:
    """Somebody walks alone; from frame 20 on only some joints are seen for ``num_frames``."""
    random = np.random.default_rng(0)
    scene = Scene()
    for frame in range(40 + num_frames):
        points = figure((200 + speed * frame, 400), 300, 0.3 * frame)
        seen = np.isin(COCO_17.names, names) if 20 <= frame < 20 + num_frames else True
        scene.add([(0, make_pose(noisy(points, 0.01, random), seen=seen))])
    return scene


def _stroll(length: int, random: np.random.Generator) -> Array:
    """(T, 2) a path with changing speed and direction, turning back, stopping, leaving."""
    speed = random.uniform(2, 8) * random.choice((-1, 1))
    x, y = random.uniform(100, CANVAS[0] - 100), random.uniform(330, 520)
    path = np.empty((length, 2))
    wish = speed
    for frame in range(length):
        if random.random() < 0.02:
            wish = random.choice((0.0, 1.0, -1.0)) * random.uniform(2, 8)
        speed += np.clip(wish - speed, -0.8, 0.8)
        x += speed
        y = np.clip(y + random.normal(0, 0.6), 320, 530)
        path[frame] = x, y
        if not -400 < x < CANVAS[0] + 400:
            wish = -np.sign(x) * abs(wish or 4)
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
    """The hard set: strollers with everything that goes wrong in a real clip.

    Joints are noisy (2 % of the height), 8 % of detections are dropped, people are hidden while
    others cover 70 % of them, 3 % are doubled, 1 % of frames show somebody who is not there, and
    people leave the picture and come back. Who comes back after more than ``LONG_AWAY`` frames is
    somebody new, because nothing but looks could tell.
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
            poses.append((person, make_pose(noisy(points, 0.02, random))))
            if random.random() < 0.03:
                again = noisy(points, 0.01, random)
                poses.append((person, make_pose(again, 0.7)))
        if random.random() < 0.01:
            place = random.uniform((0, 300), (CANVAS[0], 500))
            poses.append((-1, make_pose(figure(place, random.uniform(80, 300), 0), 0.4)))
        random.shuffle(poses)
        scene.add(poses)
    return scene


def partly_seen_crowd(num_people: int, seed: int, length: int = 200) -> Scene:
    """Strollers as in ``crowd``, but whoever is partly covered is found by the joints that are not.

    Joints are noisy (2 % of the height), 5 % of detections are dropped. Nobody is doubled and
    nobody shows who is not there, so that a tracker by boxes alone has what it needs.
    """
    random = np.random.default_rng(seed)
    walkers = _strollers(num_people, length, random)
    visits = _visits(walkers, length)
    scene = Scene()
    for frame in range(length):
        bodies = [(place, walker.joints(frame)) for place, walker in enumerate(walkers)]
        people = [(place, points) for place, points in bodies if _inside(points)]
        poses = []
        for place, points in people:
            seen = _within(points, np.array([0, 0, *CANVAS]))
            for _, other in people:
                if other[:, 1].max() > points[:, 1].max():
                    seen &= ~_within(points, _box(other))
            if not seen.any() or random.random() < 0.05:
                continue
            pose = make_pose(noisy(points, 0.02, random), seen=seen)
            poses.append((int(visits[place, frame]), pose))
        random.shuffle(poses)
        scene.add(poses)
    return scene


def with_boxes(scene: Scene, box_of: Callable[[Pose], ArrayLike]) -> Scene:
    """The scene as seen through another detector, which gives each person another box."""
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
    """Whether most of a body is in the picture."""
    return bool(((points >= 0) & (points < CANVAS)).all(axis=1).mean() > 0.6)


def _visits(walkers: Sequence[Walker], length: int) -> np.ndarray:
    """(walkers, frames) the number of the person that each walker counts as."""
    visits = np.zeros((len(walkers), length), int)
    number = -1
    for row, walker in zip(visits, walkers, strict=True):
        number, away = number + 1, 0
        for frame in range(length):
            if not _inside(walker.joints(frame)):
                away += 1
            else:
                number, away = number + (away > LONG_AWAY), 0
            row[frame] = number
    return visits


def _seen(walkers: Sequence[Walker], frame: int) -> list[tuple[int, Array]]:
    """Everybody with most of the body in the picture and in front of the others."""
    people = []
    for person, walker in enumerate(walkers):
        points = walker.joints(frame)
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


def ids_given(scene: Scene, tracked: Sequence[Frame]) -> list[tuple[int, int]]:
    """(person, id) of every pose that came out, by its joints; ids None are counted as -1."""
    pairs = []
    for frame, persons, out in zip(scene.frames, scene.persons, tracked, strict=True):
        for pose in out.poses:
            places = [
                place
                for place, original in enumerate(frame.poses)
                if np.array_equal(original.keypoints_image, pose.keypoints_image)
            ]
            pairs.append((persons[places[0]], -1 if pose.person_id is None else pose.person_id))
    return pairs


def switches(scene: Scene, tracked: Sequence[Frame]) -> int:
    """How often a person's id changes."""
    last: dict[int, int] = {}
    count = 0
    for person, person_id in ids_given(scene, tracked):
        if person >= 0:
            count += last.get(person, person_id) != person_id
            last[person] = person_id
    return count


def identity_counts(scene: Scene, tracked: Sequence[Frame]) -> tuple[int, int, int]:
    """Identity matches, poses that came out, and persons that were detected (Ristani et al. 2016).

    Each person is given one id, and each id one person, so that as many poses as possible bear
    the right one. A frame in which a person was detected twice counts it once.
    """
    given = Counter(ids_given(scene, tracked))
    persons = sorted({person for frame in scene.persons for person in frame if person >= 0})
    ids = sorted({person_id for _, person_id in given})
    table = np.array([[given[person, number] for number in ids] for person in persons])
    matched = table[linear_sum_assignment(table, maximize=True)].sum() if table.size else 0
    detected = sum(len({p for p in frame if p >= 0}) for frame in scene.persons)
    return int(matched), sum(given.values()), detected


def identity_f1(pairs: Sequence[tuple[Scene, Sequence[Frame]]]) -> float:
    """2 x matches / (poses that came out + persons that were detected), over several scenes."""
    counts = np.sum([identity_counts(*pair) for pair in pairs], axis=0)
    return float(2 * counts[0] / (counts[1] + counts[2]))


def plain_iou_track(frames: Sequence[Frame], max_gap: int = 15) -> list[Frame]:
    """What is compared with: the overlap of boxes with the last seen ones, optimally assigned."""
    tracks: list[tuple[int, Array, int]] = []
    next_id, tracked = 0, []
    for frame in frames:
        boxes = np.array([pose.box_xyxy for pose in frame.poses]).reshape(-1, 4)
        overlaps = box_overlaps(np.array([t[1] for t in tracks]).reshape(-1, 4), boxes)
        ids: list[int | None] = [None] * len(boxes)
        for row, column in zip(*linear_sum_assignment(overlaps, maximize=True), strict=True):
            if overlaps[row, column] >= 0.3:
                ids[column] = tracks[row][0]
        for place, number in enumerate(ids):
            if number is None:
                ids[place], next_id = next_id, next_id + 1
        tracks = [(n, b, g + 1) for n, b, g in tracks if n not in ids and g < max_gap]
        tracks += [(int(n or 0), box, 0) for n, box in zip(ids, boxes, strict=True)]
        poses = [replace(p, person_id=n) for p, n in zip(frame.poses, ids, strict=True)]
        tracked.append(replace(frame, poses=poses))
    return tracked


def clip(
    xs: Sequence[float], noise: float = 0.0, pace: float = 0.0, seed: int = 0
) -> tuple[Array, list[Frame]]:
    """(T, 17, 2) true joints of one person whose hips are at ``xs``, and the frames found."""
    random = np.random.default_rng(seed)
    centers = np.stack([np.asarray(xs, dtype=float), np.full(len(xs), 400.0)], axis=1)
    walker = Walker(centers, 300, pace=pace)
    truth = np.array([walker.joints(time) for time in range(len(centers))])
    poses = [replace(make_pose(noisy(each, noise, random)), person_id=0) for each in truth]
    return truth, [Frame(CANVAS, [pose]) for pose in poses]


def joints(frames: Sequence[Frame]) -> Array:
    """(T, K, 2) of the only person."""
    return np.array([frame.poses[0].keypoints_image for frame in frames])


def jitter(points: Array) -> float:
    """Mean length of the acceleration from frame to frame, in pixels."""
    return float(np.linalg.norm(np.diff(points, 2, axis=0), axis=-1).mean())


def lag(truth: Array, found: Array) -> float:
    """By how many frames the truth must be delayed to fit best what was found."""
    times = np.arange(len(truth))
    delays = np.arange(-2, 5, 0.05)
    columns = truth.reshape(len(truth), -1).T
    errors = []
    for delay in delays:
        delayed = np.array([np.interp(times - delay, times, column) for column in columns]).T
        errors.append(((delayed - found.reshape(len(found), -1))[5:-5] ** 2).sum())
    return float(delays[np.argmin(errors)])
