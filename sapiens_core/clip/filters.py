"""Arithmetic on the paths of keypoints: gaps, and two ways to smooth.

All functions take one person's ``keypoints`` (T, K, 2) in pixels over T consecutive frames and
either ``found`` (T, K), which of them can be trusted, or ``weights`` (T, K), how much, where 0
means that the keypoint is missing. None of them looks at one joint to change another.

Libraries that were tried (``benchmarks/clip_peers.py``). ``scipy.signal.savgol_filter`` 1.17.1
gives the numbers of ``local_fit`` where all keypoints count alike, and less noise at the two ends
of a clip. But it has no weights, one missing keypoint spoils its whole window, and a clip may not
be shorter than the window: on walks with 15 % of weak and 10 % of missing keypoints it leaves 6.2
pixels of error, ``local_fit`` 2.4. ``OneEuroFilter`` 0.2.1 takes one number at a time and some
fifty times as long, sees the speed along each axis alone, and after one NaN answers NaN for good.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ...skeletons.pose import Array

Flags = NDArray[np.bool_]
Value = TypeVar("Value", np.bool_, np.float64)

NORMAL_MAD = 1.4826
"""Standard deviation of normal noise over its median absolute deviation."""
SPEED_CUTOFF_HZ = 3.0
"""Cutoff of the One-Euro filter's estimate of a speed."""
SPEED_GAIN, SPEED_POWER = 4.0, 2.5
"""Growth of the One-Euro filter's cutoff in Hz with speed in person sizes per second, and the power
of the speed that it grows with. Chosen by ``benchmarks/smooth.py``: with power 1 and the same
lateness, a still hand keeps twice as much jitter."""


def fill_gaps(
    keypoints: Array, scores: Array | Flags, found: Flags, max_gaps: NDArray[np.intp]
) -> tuple[Array, Array, Flags]:
    """Puts missing keypoints on the straight line between the nearest frames that have them.

    Args:
        keypoints, found: see above.
        scores: (T, K).
        max_gaps: (T,) maximum number of frames of a gap that is filled at this frame.

    Returns:
        Keypoints, scores and what is found now; a filled keypoint has the lower score of the two
        ends.
    """
    times = np.arange(len(keypoints))[:, None]
    before = np.maximum.accumulate(np.where(found, times, -1), axis=0)
    after = np.where(found, times, len(keypoints))[::-1]
    after = np.minimum.accumulate(after, axis=0)[::-1]
    filled = ~found & (before >= 0) & (after < len(keypoints))
    filled &= after - before - 1 <= max_gaps[:, None]
    before, after = np.where(filled, before, times), np.where(filled, after, times)
    share = ((times - before) / np.maximum(after - before, 1))[..., None]
    first, last = (np.take_along_axis(keypoints, t[..., None], axis=0) for t in (before, after))
    end_scores = (np.take_along_axis(scores, t, axis=0) for t in (before, after))
    return first + share * (last - first), np.minimum(*end_scores), found | filled


def local_fit(keypoints: Array, weights: Array, kernel: Array, degree: int) -> Array:
    """Moves each keypoint onto a polynomial in time, fitted to its neighbours by weight.

    With a flat kernel this is the filter of Savitzky and Golay (1964), also at the ends of the
    clip and across missing keypoints. A keypoint without weight stays where it is.

    Args:
        keypoints, weights: see above.
        kernel: (2 * n + 1,) weight of each frame from n before to n after.
        degree: of the polynomial.
    """
    reach = len(kernel) // 2
    moments = np.zeros((2 * degree + 1, *weights.shape))
    targets = np.zeros((degree + 1, *keypoints.shape))
    for offset, frame_weight in zip(range(-reach, reach + 1), kernel.tolist(), strict=True):
        near = frame_weight * shift(weights, offset, 0.0)
        weighted = near[..., None] * shift(keypoints, offset, 0.0)
        for power in range(2 * degree + 1):
            moments[power] += near * (offset / reach) ** power
        for power in range(degree + 1):
            targets[power] += weighted * (offset / reach) ** power
    rows = np.arange(degree + 1)
    system = np.moveaxis(moments[rows[:, None] + rows], (0, 1), (-2, -1))
    # Relative to the keypoint itself: where there are fewer frames than the polynomial has
    # coefficients, it stays as near to the keypoint as possible.
    targets -= moments[: degree + 1, ..., None] * keypoints
    system = system + np.eye(degree + 1) * 1e-9 * np.maximum(moments[0], 1)[..., None, None]
    fitted = np.linalg.solve(system, np.moveaxis(targets, 0, -2))[..., 0, :]
    return np.where(weights[..., None] > 0, keypoints + fitted, keypoints)


def one_euro(
    keypoints: Array, weights: Array, sizes: Array, slow_cutoff_hz: float, fps: float
) -> Array:
    """The One-Euro filter (Casiez, Roussel and Vogel 2012), which only looks back.

    A keypoint at rest is averaged over many frames; the faster it moves, the fewer. Each frame
    counts by its weight. A keypoint without weight stays where it is. The published cutoff is a
    line over speed; here it is a curve, so that noise, which is slow, is averaged over more frames,
    and movement over fewer.

    Args:
        keypoints, weights: see above.
        sizes: (T,) size of the person in pixels, which speeds are relative to.
        slow_cutoff_hz: cutoff at rest.
        fps: frames per second.
    """
    smoothed = keypoints.copy()
    position, velocity = keypoints[0].copy(), np.zeros_like(keypoints[0])
    trust = np.zeros(weights.shape[1])
    speed_share = _share(np.array(SPEED_CUTOFF_HZ / fps))
    for frame, (seen, weight) in enumerate(zip(keypoints, weights, strict=True)):
        here, known = weight > 0, trust > 0
        move = (seen - position) / sizes[frame] * fps
        velocity = np.where((here & known)[:, None], _toward(velocity, move, speed_share), velocity)
        speed = np.linalg.norm(velocity, axis=-1)
        share = _share((slow_cutoff_hz + SPEED_GAIN * speed**SPEED_POWER) / fps)
        kept, added = (1 - share) * trust, np.where(known, share, 1.0) * weight
        way = added / np.maximum(kept + added, np.finfo(float).tiny)
        position = np.where(here[:, None], _toward(position, seen, way[:, None]), position)
        smoothed[frame] = np.where(here[:, None], position, seen)
        trust = kept + added
    return smoothed


def gaussian_kernel(sigma: float) -> Array:
    """Weights of frames up to three ``sigma`` away."""
    reach = max(1, math.ceil(3 * sigma))
    kernel: Array = np.exp(-((np.arange(-reach, reach + 1) / sigma) ** 2) / 2)
    return kernel


def _share(cutoff: Array) -> Array:
    """Share of the way that an exponential filter goes per frame, by cutoff in cycles per frame."""
    return 1 - 1 / (1 + 2 * math.pi * cutoff)


def _toward(start: Array, end: Array, share: Array) -> Array:
    return start + share * (end - start)


def shift(array: NDArray[Value], offset: int, beyond: float) -> NDArray[Value]:
    """The values ``offset`` frames later, and ``beyond`` where there is no such frame."""
    shifted = np.full_like(array, beyond)
    count = len(array) - abs(offset)
    if count > 0:
        shifted[max(0, -offset) :][:count] = array[max(0, offset) :][:count]
    return shifted
