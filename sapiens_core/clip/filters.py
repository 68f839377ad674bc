"""Arithmetic on the paths of points: spikes, gaps, and three ways to smooth.

All functions take one person's ``points`` (T, K, 2) in pixels over T frames in a row and either
``found`` (T, K), which of them can be trusted, or ``weights`` (T, K), how much, where 0 means that
the point is not there. None of them looks at one joint to change another.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...skeletons.pose import Array

Flags = NDArray[np.bool_]

SPIKE_REACH = 3
"""Frames on either side that a point is compared with."""
NORMAL_MAD = 1.4826
"""Standard deviation of normal noise over its median absolute deviation."""
SPEED_CUTOFF = 0.05
"""One-Euro: how fast the estimate of a speed follows, in cycles a frame."""


def spikes(points: Array, found: Flags, threshold: float, smallest_scale: float) -> Flags:
    """(T, K) points far from where their neighbours in time are (Hampel's filter).

    Far is ``threshold`` times the spread of the neighbours on either axis; the spread counts as
    ``smallest_scale`` pixels at least. A steady move of any speed is none, nor is a jump to a
    place where the point stays.
    """
    reach = range(-SPIKE_REACH, SPIKE_REACH + 1)
    masked = np.where(found[..., None], points, np.nan)
    around = np.stack([_shifted(masked, offset, np.nan) for offset in reach])
    middle = _median(around)
    spread = _median(np.abs(around - middle))
    allowed = threshold * np.maximum(NORMAL_MAD * spread, smallest_scale)
    far: Flags = found & (np.abs(points - middle) > allowed).any(axis=-1)
    return far


def fill_gaps(
    points: Array, scores: Array, found: Flags, longest: NDArray[np.intp]
) -> tuple[Array, Array, Flags]:
    """Points that are not found, on the straight line between the nearest times when they are.

    Args:
        points, found: see above.
        scores: (T, K).
        longest: (T,) how many frames a gap around that frame may have, to be filled there.

    Returns:
        Points, scores and what is found now; a filled point scores as the lower of the two ends.
    """
    times = np.arange(len(points))[:, None]
    before = np.maximum.accumulate(np.where(found, times, -1), axis=0)
    after = np.minimum.accumulate(np.where(found, times, len(points))[::-1], axis=0)[::-1]
    filled = ~found & (before >= 0) & (after < len(points))
    filled &= after - before - 1 <= longest[:, None]
    before, after = np.where(filled, before, times), np.where(filled, after, times)
    share = ((times - before) / np.maximum(after - before, 1))[..., None]
    first, last = (np.take_along_axis(points, each[..., None], axis=0) for each in (before, after))
    ends = (np.take_along_axis(scores, each, axis=0) for each in (before, after))
    return first + share * (last - first), np.minimum(*ends), found | filled


def local_fit(points: Array, weights: Array, kernel: Array, degree: int) -> Array:
    """Each point moved onto a polynomial in time fitted to those around it, weighted.

    With a flat kernel this is the filter of Savitzky and Golay (1964), also at the ends of the
    clip and across missing points. What has no weight stays where it is.

    Args:
        points, weights: see above.
        kernel: (2 * n + 1,) weight of each frame from n before to n after.
        degree: of the polynomial.
    """
    reach = len(kernel) // 2
    moments = np.zeros((2 * degree + 1, *weights.shape))
    targets = np.zeros((degree + 1, *points.shape))
    for offset, share in zip(range(-reach, reach + 1), kernel.tolist(), strict=True):
        near = share * _shifted(weights, offset, 0.0)
        place = near[..., None] * _shifted(points, offset, 0.0)
        for power in range(2 * degree + 1):
            moments[power] += near * (offset / reach) ** power
        for power in range(degree + 1):
            targets[power] += place * (offset / reach) ** power
    rows = np.arange(degree + 1)
    system = np.moveaxis(moments[rows[:, None] + rows], (0, 1), (-2, -1))
    # Counted from the point itself: where fewer frames are there than the polynomial has freedom,
    # it stays as near to the point as it may.
    targets -= moments[: degree + 1, ..., None] * points
    system = system + np.eye(degree + 1) * 1e-9 * np.maximum(moments[0], 1)[..., None, None]
    fitted = np.linalg.solve(system, np.moveaxis(targets, 0, -2))[..., 0, :]
    return np.where(weights[..., None] > 0, points + fitted, points)


def one_euro(
    points: Array, weights: Array, sizes: Array, slow_cutoff: float, speed_gain: float
) -> Array:
    """The One-Euro filter (Casiez, Roussel and Vogel 2012), which only looks back.

    A point at rest is averaged over many frames; the faster it moves, the fewer. Each frame counts
    by its weight. What has no weight stays where it is.

    Args:
        points, weights: see above.
        sizes: (T,) of the person in pixels; speeds are in sizes a frame.
        slow_cutoff: of a point at rest, in cycles a frame.
        speed_gain: by how much the cutoff rises with each size a frame.
    """
    smoothed = points.copy()
    place, velocity = points[0].copy(), np.zeros_like(points[0])
    trust = np.zeros(weights.shape[1])
    speed_share = _share(np.array(SPEED_CUTOFF))
    for frame, (seen, weight) in enumerate(zip(points, weights, strict=True)):
        here, known = weight > 0, trust > 0
        move = (seen - place) / sizes[frame]
        velocity = np.where((here & known)[:, None], _toward(velocity, move, speed_share), velocity)
        speed = np.linalg.norm(velocity, axis=-1)
        share = _share(slow_cutoff + speed_gain * speed)
        kept, added = (1 - share) * trust, np.where(known, share, 1.0) * weight
        portion = added / np.maximum(kept + added, np.finfo(float).tiny)
        place = np.where(here[:, None], _toward(place, seen, portion[:, None]), place)
        smoothed[frame] = np.where(here[:, None], place, seen)
        trust = kept + added
    return smoothed


def gaussian_kernel(sigma: float) -> Array:
    """Weights of frames up to three ``sigma`` away."""
    reach = max(1, math.ceil(3 * sigma))
    kernel: Array = np.exp(-((np.arange(-reach, reach + 1) / sigma) ** 2) / 2)
    return kernel


def _share(cutoff: Array) -> Array:
    """What share of the way an exponential filter goes in a frame, by cutoff in cycles a frame."""
    return 1 - 1 / (1 + 2 * math.pi * cutoff)


def _toward(start: Array, end: Array, share: Array) -> Array:
    return start + share * (end - start)


def _shifted(array: Array, offset: int, beyond: float) -> Array:
    """The values ``offset`` frames later, and ``beyond`` where there is no such frame."""
    moved = np.full_like(array, beyond)
    count = len(array) - abs(offset)
    if count > 0:
        moved[max(0, -offset) :][:count] = array[max(0, offset) :][:count]
    return moved


def _median(values: Array) -> Array:
    """Along the first axis and without NaN; NaN where there is nothing else."""
    ordered = np.sort(values, axis=0)  # NaN comes last
    last = np.maximum((~np.isnan(values)).sum(axis=0, keepdims=True) - 1, 0)
    middles = (np.take_along_axis(ordered, each, axis=0)[0] for each in (last // 2, -(-last // 2)))
    return sum(middles) / 2
