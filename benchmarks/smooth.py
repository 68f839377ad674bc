"""What smoothing does to moves: to exact ones, to noise, to mishaps, and how late it is.

    python benchmarks/smooth.py [MOVES.npz]

MOVES.npz holds an array of (T, 17, 3) joints of COCO in metres for each move, 30 a second, y up,
called ``kind/name``; moves of the kind ``walk`` are calm, the others fast. Those of
``benchmarks/README.md`` are 17 motions of ``xbpeng/DeepMimic`` (MIT). Without a file, a walk and a
kick made of formulas are measured.

A camera stands in front and sees the moves at 8 to 60 frames per second. Keypoints err by normal
noise of the size that Lite-HRNet-18 has on COCO, times 0.6. Once a second arms or legs change sides
and one hand or foot is elsewhere, by 30 % of the height, for one or two frames. Errors are those of
wrists and ankles in % of the body's height.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from comfyui_sapiens_pose.sapiens_core.clip.smooth import SmoothOptions, smooth
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Array, Frame, Pose

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from helpers import scenes

RATES = (8, 12, 16, 24, 30, 60)
SOURCE_RATE = 30
HEIGHT_PX = 400.0
NOISE = 0.01 * np.array(
    [
        *(0.36, 0.38, 0.36, 0.41, 0.38, 0.50, 0.48, 0.53, 0.59),
        *(0.73, 0.73, 0.83, 0.85, 0.59, 0.60, 0.64, 0.65),
    ]
)
"""Standard deviation of each joint on one axis, in heights."""
HANDS_AND_FEET = COCO_17.indices(("left_wrist", "right_wrist", "left_ankle", "right_ankle"))
SIDES = ([5, 7, 9], [11, 13, 15])
"""Left joints of arms and of legs; each right one follows its left one."""
Moves = dict[str, Array]


def made_up_moves() -> Moves:
    """(T, 17, 3) of a walk and of kicks, by formulas."""
    walk, _ = scenes.clip(np.arange(200, 900, 5), pace=0.25)
    kick, _ = scenes.clip(np.full(150, 640))
    way = np.cos(np.arange(150) / SOURCE_RATE * 2 * np.pi).clip(0) ** 4
    for joint, share in ((16, 1.0), (14, 0.5)):
        kick[:, joint] += way[:, None] * np.array([180.0, -120.0]) * share
    flat = {"walk/made up": walk, "kick/made up": kick}
    return {
        name: np.concatenate([move * (1, -1), np.zeros((*move.shape[:2], 1))], axis=-1)
        for name, move in flat.items()
    }


def film(move: Array, fps: float) -> Array:
    """(T, 17, 2) pixels of a move at another rate, on cubics through the frames around."""
    times = np.arange(0, (len(move) - 1) / SOURCE_RATE, 1 / fps) * SOURCE_RATE
    base = np.clip(times.astype(int), 1, len(move) - 3)
    share = (times - base)[:, None, None]
    a, b, c, d = (move[base + offset, :, :2] for offset in (-1, 0, 1, 2))
    keypoints = b + share / 2 * (
        c - a + share * (2 * a - 5 * b + 4 * c - d + share * (3 * (b - c) + d - a))
    )
    keypoints = keypoints * (1, -1)
    height = np.median(np.ptp(keypoints[..., 1], axis=1))
    scaled: Array = (keypoints - keypoints.min(axis=(0, 1))) / height * HEIGHT_PX + 200
    return scaled


def smoothed(keypoints: Array, fps: float, options: SmoothOptions) -> Array:
    """The keypoints of one person as smoothing leaves them."""
    low, high = keypoints.min(axis=1), keypoints.max(axis=1)
    wh = tuple(np.ceil(high.max(axis=0) + 200).astype(int).tolist())
    boxes = np.concatenate([low, high], axis=1)
    frames = [
        Frame(wh, (Pose(body, np.full(17, 0.9), COCO_17, wh, box, 1.0, 0),))
        for body, box in zip(keypoints, boxes, strict=True)
    ]
    return np.array([frame.poses[0].keypoints_image for frame in smooth(frames, options)])


def error(found: Array, truth: Array) -> Array:
    """(T, 17) distances in % of the height."""
    distances: Array = 100 * np.linalg.norm(found - truth, axis=-1) / HEIGHT_PX
    return distances


def liveliness(keypoints: Array) -> float:
    """Mean acceleration in pixels per frame squared."""
    return float(np.linalg.norm(np.diff(keypoints, 2, axis=0), axis=-1).mean())


def clips(moves: Moves, fps: float, kind: str) -> Iterator[tuple[Array, np.random.Generator]]:
    """The moves of a kind that last twelve frames or more, each with a generator of its own."""
    for number, name in enumerate(sorted(moves)):
        truth = film(moves[name].astype(float), fps)
        if name.startswith("walk/") == (kind == "calm") and len(truth) >= 12:
            yield truth, np.random.default_rng([int(fps), number])


def noisy(truth: Array, random: np.random.Generator) -> Array:
    """The keypoints as a network finds them."""
    return truth + random.normal(size=truth.shape) * NOISE[:, None] * HEIGHT_PX


def mean_over(moves: Moves, fps: float, kind: str, figure: Callable[..., list[float]]) -> Array:
    """(F,) means over clips of the figures of each."""
    rows = [figure(truth, random, fps) for truth, random in clips(moves, fps, kind)]
    return np.mean(rows, axis=0)


def by_rate(truth: Array, random: np.random.Generator, fps: float) -> list[float]:
    """Harm to the exact move, errors before and after, liveliness after over the true one."""
    options = SmoothOptions(fps=fps)
    found = noisy(truth, random)
    steady, exact = smoothed(found, fps, options), smoothed(truth, fps, options)
    harm, before, after = (
        error(each, truth)[:, HANDS_AND_FEET].mean() for each in (exact, found, steady)
    )
    return [harm, before, after, liveliness(steady) / liveliness(truth)]


def mishaps(truth: Array, random: np.random.Generator, fps: float) -> list[float]:
    """Errors after smoothing where sides were swapped, and where a joint was elsewhere."""
    found = noisy(truth, random)
    swapped, spiked = np.zeros((2, *truth.shape[:2]), dtype=bool)
    for second in range(int(fps) // 4, len(truth) - int(fps), int(fps)):
        left = np.array(SIDES[random.integers(2)])
        frames = slice(second, second + random.integers(1, 3))
        found[frames, left], found[frames, left + 1] = (
            found[frames, left + 1].copy(),
            found[frames, left].copy(),
        )
        swapped[frames, [left[-1], left[-1] + 1]] = True
        start = second + int(fps) // 3
        spiked[start : start + random.integers(1, 3), random.choice(HANDS_AND_FEET)] = True
    angles = random.uniform(0, 2 * np.pi, np.count_nonzero(spiked))
    found[spiked] += 0.3 * HEIGHT_PX * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    swapped &= error(found, truth) > 10  # crossed legs are nearly where they were
    left_over = error(smoothed(found, fps, SmoothOptions(fps=fps)), truth)
    return [left_over[flags].mean() if flags.any() else 0.0 for flags in (swapped, spiked)]


def backward(truth: Array, random: np.random.Generator, fps: float) -> list[float]:
    """Frames by which One-Euro is late, and its error."""
    steady = smoothed(noisy(truth, random), fps, SmoothOptions("one-euro", fps=fps))
    speed = np.gradient(truth, axis=0)
    late = ((truth - steady) * speed)[4:-4].sum() / (speed**2)[4:-4].sum()
    return [float(late), error(steady, truth)[:, HANDS_AND_FEET].mean()]


def main() -> int:
    """Prints all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("moves", nargs="?", help="file of recorded moves")
    path = parser.parse_args().moves
    moves = dict(np.load(path)) if path else made_up_moves()
    print("fps moves: exact moved by | error before, after, share | acceleration over true")
    for fps in RATES:
        for kind in ("calm", "fast"):
            harm, before, after, life = mean_over(moves, fps, kind, by_rate)
            figures = (
                f"{harm:5.2f} | {before:4.2f} {after:5.2f} {after / before:5.2f} | {life:4.2f}"
            )
            print(f"{fps:3} {kind}: {figures}")
    for fps in (16, 30):
        for kind in ("calm", "fast"):
            swap, spike = mean_over(moves, fps, kind, mishaps)
            print(f"{fps:3} {kind}: left of swapped sides {swap:5.2f}, of spikes {spike:5.2f}")
        late, off = mean_over(moves, fps, "fast", backward)
        print(f"{fps:3} one-euro: late by {late:4.2f} frames, error {off:4.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
