"""Mishaps of a few frames, found in the path of one person: swapped sides, and spikes.

A network now and then takes a left wrist for the right one, or finds a joint elsewhere, for a frame
or two. Both show as a short run of frames that does not fit the frames before and after it. Runs
last ``MAX_SECONDS`` at most, so that a body that turns, or a hand that stays where it jumped to, is
no mishap.

Hampel's filter, a median of seven frames, was here before: at 16 frames per second it left half of
the spikes, as a limb in motion spreads as far as a spike jumps. The package ``hampel`` takes one
series at a time. The constants were chosen by ``benchmarks/smooth.py``: runs that are found, and
true movements that are taken for one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...skeletons.keypoint_sets import KeypointSet
from ...skeletons.keypoint_sets.tree import NO_PARENT, parents
from ...skeletons.pose import Array
from .filters import Flags, fill_gaps, shift

MAX_SECONDS = 0.13
"""Duration of the longest run: 1, 2, 4 and 8 frames at 8, 16, 30 and 60 frames per second. At 8
frames per second a run of two frames could be half a step."""
ROUNDS = 2
"""Number of times that runs are looked for: one close to a larger one shows once that is mended."""
SWAP_GAIN, SWAP_SHARE = 0.2, 0.6
"""Two keypoints are swapped if that brings them nearer to where they should be, by this many person
sizes in sum, and to at most this share of the distance."""
MIN_SPREAD, SPREAD_SHARE = 0.04, 0.8
"""Spread of a keypoint, with which a spike is compared: at least this many person sizes, times the
keypoint's relative sigma, and this share of what it deviates by in the surroundings."""
SURROUNDINGS_SECONDS, MIN_SURROUNDINGS = 0.35, 5
"""How far the surroundings of a run reach to either side, and in frames at least."""
ANCHOR_RATIO = 3.0
"""A spike deviates this many times more than its anchor does: in a kick, the knee moves too."""
CALM_SHARE = 0.4
"""Without a spike, the path around it is at most this share as rough as with it. Feet in a
somersault keep half of it."""


def max_run(fps: float) -> int:
    """Number of frames of the longest mishap."""
    return max(1, round(MAX_SECONDS * fps))


def max_bridge(fps: float) -> int:
    """Maximum number of frames of spikes that are mended, missing ones between included."""
    return 2 * max_run(fps) + 1


def find_swaps(
    keypoints: Array, found: Flags, keypoint_set: KeypointSet, size_px: float, fps: float
) -> Flags:
    """(T, K) keypoints that have changed places with those of the other side.

    Each pair of body joints is judged by itself, on straight lines across the run.

    Args:
        keypoints: (T, K, 2) of one person in pixels, over T consecutive frames.
        found: (T, K) which of them can be trusted.
        keypoint_set: of the K keypoints.
        size_px: size of the person.
        fps: frames per second.
    """
    body = keypoint_set.part_indices("body")
    left = body[body < keypoint_set.flip_indices[body]]
    right = keypoint_set.flip_indices[left]
    both = found[:, left] & found[:, right]
    swapped = np.zeros(both.shape, dtype=bool)
    for _ in range(ROUNDS):
        now_left, now_right = (
            np.where(swapped[..., None], keypoints[:, other], keypoints[:, side])
            for side, other in ((left, right), (right, left))
        )
        gains = []
        for length in range(1, max_run(fps) + 1):
            kept, changed = (
                _distances_from_lines(one, now_left, both, length)
                + _distances_from_lines(other, now_right, both, length)
                for one, other in ((now_left, now_right), (now_right, now_left))
            )
            fits = (kept - changed > SWAP_GAIN * size_px) & (changed < SWAP_SHARE * kept)
            gains.append(np.where(fits, length * (kept - changed), 0.0))
        new = _best_runs(gains)
        if not new.any():
            break
        swapped ^= new
    flags = np.zeros(found.shape, dtype=bool)
    flags[:, left] = flags[:, right] = swapped
    above = _parents_of_sides(keypoint_set)
    followers = _followers(keypoint_set, above)
    flags[:, followers] = flags[:, above[followers]]
    return flags


def anchor_indices(keypoint_set: KeypointSet) -> NDArray[np.intp]:
    """(K,) index of the joint that each keypoint is compared with, -1 if there is none.

    That is the joint on which it hangs; a shoulder and the hip of its side are compared with each
    other, and a hand, which hangs on the wrist, with what the wrist is compared with.
    """
    above = _parents_of_sides(keypoint_set)
    anchors = above.copy()
    for side in ("left", "right"):
        pair = keypoint_set.known_indices((f"{side}_shoulder", f"{side}_hip"))
        if len(pair) == 2:
            anchors[pair] = pair[::-1]
    followers = _followers(keypoint_set, above)
    anchors[followers] = anchors[above[followers]]
    return anchors


def find_spikes(
    keypoints: Array,
    found: Flags,
    anchors: Array,
    anchors_found: Flags,
    min_spreads_px: Array,
    threshold: float,
    fps: float,
) -> Flags:
    """(T, K) keypoints that are elsewhere for a moment.

    A spike is farther than ``threshold`` spreads from a cubic through two frames on either side.

    Args:
        keypoints, found: see ``find_swaps``.
        anchors, anchors_found: the same of the joint that each keypoint hangs on.
        min_spreads_px: (K,) minimum spread of each keypoint.
        threshold: as above.
        fps: frames per second.
    """
    spikes = np.zeros(found.shape, dtype=bool)
    max_gaps = np.full(len(keypoints), max_bridge(fps))
    path, known, anchors_known = keypoints, found, anchors_found
    for _ in range(ROUNDS):
        gains = []
        for length in range(1, max_run(fps) + 1):
            off = _distances_from_cubics(path, known, length, threshold * min_spreads_px)
            starts, joints = np.nonzero(off > threshold * min_spreads_px)
            gains.append(np.zeros(found.shape))
            if not len(starts):
                continue
            near = starts[:, None] + np.arange(-2, length + 2)
            _, before, after = _compare(path[near, joints[:, None]], known[near, joints[:, None]])
            fits = after < CALM_SHARE * before
            starts, joints, gained = starts[fits], joints[fits], (before - after)[fits]
            around = near[fits], joints[:, None]
            anchor_off, _, _ = _compare(anchors[around], anchors_known[around])
            usual_px = _usual(off, starts, joints, length, fps)
            limit_px = np.fmax(threshold * SPREAD_SHARE * usual_px, ANCHOR_RATIO * anchor_off)
            fits = off[starts, joints] > limit_px
            gains[-1][starts[fits], joints[fits]] = gained[fits]
        new = _best_runs(gains)
        spikes |= new & found
        if not new.any() and found.all():
            break
        path, _, known = fill_gaps(keypoints, found, found & ~spikes, max_gaps)
        anchors, _, anchors_known = fill_gaps(anchors, anchors_known, anchors_known, max_gaps)
    return spikes


def _parents_of_sides(keypoint_set: KeypointSet) -> NDArray[np.intp]:
    """(K,) index of the left or right joint on which each keypoint hangs, -1 if there is none."""
    above = parents(keypoint_set)
    is_of_a_side = keypoint_set.flip_indices[above] != above
    return np.where((above != NO_PARENT) & is_of_a_side, above, -1)


def _followers(keypoint_set: KeypointSet, above: NDArray[np.intp]) -> NDArray[np.intp]:
    """Indices of what hangs on a joint without being one: hands, feet, skin around an elbow."""
    return np.setdiff1d(np.flatnonzero(above >= 0), keypoint_set.part_indices("body"))


def _distances_from_lines(seen: Array, path: Array, found: Flags, length: int) -> Array:
    """(T, K) mean distance of the runs that begin at each frame from straight lines in ``path``.

    The lines lead from the frame before the run to the frame after it. NaN where a frame is not
    found, or there is none.
    """
    total, known = np.zeros(found.shape), shift(found, -1, False) & shift(found, length, False)
    before, after = shift(path, -1, 0.0), shift(path, length, 0.0)
    for offset in range(length):
        expected = before + (offset + 1) / (length + 1) * (after - before)
        total += _norm(shift(seen, offset, 0.0) - expected)
        known &= shift(found, offset, False)
    return np.where(known, total / length, np.nan)


def _distances_from_cubics(keypoints: Array, found: Flags, length: int, limits_px: Array) -> Array:
    """(T, K) least distance of the runs that begin at each frame from the cubics across them.

    A cubic leads through two frames before and two after the run. Frames of a run that are not
    found do not count. NaN where one of the four is not found, or there is nothing else, and for
    keypoints (K,) whose limit no run reaches: most show that by the middle of their runs alone.
    """
    distances = np.full(found.shape, np.nan)
    count = len(keypoints) - length - 3
    if count < 1:
        return distances
    joints = np.arange(keypoints.shape[1])
    least = np.full((count, len(joints)), np.inf)  # squares, as roots take most of the time
    middle_first = sorted(range(2, length + 2), key=lambda index: abs(2 * index - length - 3))
    for index in middle_first:
        frames = [keypoints[time : time + count] for time in range(length + 4)]
        expected = _cubic(frames, index)
        expected -= frames[index]
        squares = np.square(expected, out=expected)
        known = found[index : index + count]
        np.minimum(least, squares[..., 0] + squares[..., 1], out=least, where=known)
        is_far = (least > np.square(limits_px)).any(axis=0)
        if not is_far.all():
            joints, limits_px, least = joints[is_far], limits_px[is_far], least[:, is_far]
            keypoints, found = keypoints[:, is_far], found[:, is_far]
    ends = (found[time : time + count] for time in (0, 1, length + 2, length + 3))
    is_known = np.logical_and.reduce([*ends]) & (least < np.inf)
    distances[2 : 2 + count, joints] = np.sqrt(np.where(is_known, least, np.nan))
    return distances


def _compare(paths: Array, found: Flags) -> tuple[Array, Array, Array]:
    """Runs and the cubics that lead across them.

    Args:
        paths: (N, 2 + length + 2, 2) keypoints of runs and of two frames before and after each.
        found: (N, 2 + length + 2) which of them can be trusted.

    Returns:
        (N,) the least distance of a found frame of the run from the cubic, NaN where there is
        none or the cubic is not known; and twice the sum of second
        differences: of the path as it is, and of the cubic.
    """
    mended = paths.copy()
    frames = [*paths.swapaxes(0, 1)]
    for index in range(2, len(frames) - 2):
        mended[:, index] = _cubic(frames, index)
    paths = np.where(found[..., None], paths, mended)
    least = np.where(found, _norm(paths - mended), np.inf)[:, 2:-2].min(axis=1)
    is_known = found[:, [0, 1, -2, -1]].all(axis=1) & (least < np.inf)
    before, after = (_norm(np.diff(each, 2, axis=1)).sum(axis=1) for each in (paths, mended))
    return np.where(is_known, least, np.nan), before, after


def _cubic(frames: Sequence[Array], index: int) -> Array:
    """What frame ``index`` would be on the cubic through the first two and the last two frames."""
    first, *others = zip(_cubic_shares(len(frames), index), (0, 1, -2, -1), strict=True)
    expected: Array = first[0] * frames[first[1]]
    for share, end in others:
        expected += share * frames[end]
    return expected


@functools.cache
def _cubic_shares(count: int, index: int) -> tuple[float, ...]:
    """Lagrange's weights of the first two and the last two of ``count`` frames at ``index``."""
    times = [0, 1, count - 2, count - 1]
    return tuple(
        math.prod((index - other) / (each - other) for other in times if other != each)
        for each in times
    )


def _norm(ways: Array) -> Array:
    """Lengths of vectors in the last axis; ``np.linalg.norm`` takes five times as long for two."""
    lengths: Array = np.hypot(ways[..., 0], ways[..., 1])
    return lengths


def _usual(
    off: Array, starts: NDArray[np.intp], joints: NDArray[np.intp], length: int, fps: float
) -> Array:
    """(N,) median deviation of the runs around some, without those that they touch.

    Infinite where there are fewer than three: nothing tells what is usual.
    """
    reach = max(MIN_SURROUNDINGS, round(SURROUNDINGS_SECONDS * fps))
    near = np.array([i for i in range(-reach, reach + 1) if abs(i) > length + 1], dtype=np.intp)
    if not len(starts) or not len(near):
        return np.full(len(starts), np.inf)
    times = starts[:, None] + near
    inside = (times >= 0) & (times < len(off))
    values = np.where(inside, off[times.clip(0, len(off) - 1), joints[:, None]], np.nan)
    values.sort(axis=1)  # NaN comes last
    counts = (~np.isnan(values)).sum(axis=1)
    middle = values[np.arange(len(values)), np.maximum(counts - 1, 0) // 2]
    return np.where(counts >= 3, middle, np.inf)


def _best_runs(gains: list[Array]) -> Flags:
    """(T, K) frames of the runs that gain most among those that they touch.

    Args:
        gains: for each length from 1 on, (T, K) what is gained by the run that begins at a frame.
    """
    best = np.max(gains, axis=0)
    chosen = best > 0
    if not chosen.any():
        return chosen
    for offset in range(1, len(gains) + 3):
        chosen &= (best > shift(best, -offset, 0.0)) & (best >= shift(best, offset, 0.0))
    frames = np.zeros(best.shape, dtype=bool)
    for length, gain in enumerate(gains, start=1):
        begins = chosen & (gain == best)
        for offset in range(length):
            frames |= shift(begins, -offset, False)
    return frames
