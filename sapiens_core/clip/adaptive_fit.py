"""Parabolas over windows of time that are as long as the movement allows.

Savitzky and Golay (1964) move a keypoint onto a parabola fitted to the frames around it. A window
of fixed length is too long for a kick and too short for a hand at rest. So every window of several
lengths that holds a frame makes a proposal for it, and they are averaged, each weighted by the
error to expect of it: its variance, which noise and length determine, and what its residuals exceed
the noise by, which is movement that no parabola follows. A frame by itself is one of the proposals.
Weights are exponential in the risk, as in the aggregation of estimators by Leung and Barron (2006).

``benchmarks/smooth.py`` compares it with windows of fixed length.
"""

from __future__ import annotations

import functools

import numpy as np

from ...skeletons.pose import Array

MAX_SECONDS = 0.65
"""Duration of the longest window. With 0.3, 0.65 and 1.2 calm moves of ``benchmarks/README.md``
have errors of 0.57, 0.53 and 0.53 % of the height at 16 frames per second, 0.46, 0.42 and 0.42
% at 30, 0.37, 0.34 and 0.34 % at 60; fast ones at 16 have 0.77 % with all three."""
LENGTHS = (5, 9, 17, 33, 65, 129)
"""Numbers of frames of windows. Steps of half of that size gain less than 1 % and cost twice the
time."""
MIN_FRAMES = 4
"""Minimum number of frames with weight in a window: a parabola fits any three."""
WINDOWS_AT_A_TIME = 32
"""Number of windows that are fitted at a time: what they hold stays in the cache."""
MIN_NOISE_PX = 1e-6
TINY = 1e-9


def adaptive_fit(keypoints: Array, weights: Array, noise_px: Array, fps: float) -> Array:
    """Moves each keypoint to where the windows around it agree that it is.

    A keypoint without weight stays where it is.

    Args:
        keypoints: (T, K, 2) of one person in pixels, over T consecutive frames.
        weights: (T, K) how much each can be trusted; the mean of a joint should be 1.
        noise_px: (K,) standard deviation of the noise on one axis, of a keypoint of weight 1.
            More of it makes more of a movement count as noise.
        fps: frames per second.
    """
    here = weights > 0
    axes = np.ascontiguousarray(np.moveaxis(keypoints, -1, 0))
    variances = np.maximum(noise_px, MIN_NOISE_PX) ** 2
    total = np.where(here, np.exp(-2 / np.where(here, weights, 1.0)), 0.0)
    proposed = total * axes
    for length in LENGTHS:
        if length > max(LENGTHS[0], MAX_SECONDS * fps):
            break
        for start in range(0, len(keypoints) - length + 1, WINDOWS_AT_A_TIME):
            frames = slice(start, start + WINDOWS_AT_A_TIME + length - 1)
            _add_windows(
                *(axes[:, frames], weights[frames], variances, length),
                *(proposed[:, frames], total[frames]),
            )
    fitted = np.moveaxis(proposed / np.maximum(total, np.finfo(float).tiny), 0, -1)
    return np.where(here[..., None], fitted, keypoints)


def _add_windows(
    axes: Array, weights: Array, variances: Array, length: int, proposed: Array, total: Array
) -> None:
    """Adds the proposals of consecutive windows of one length, by weight, and the weights.

    Args:
        axes: (2, T, K) x and y.
        weights: (T, K), 1 on average.
        variances: (K,) of the noise.
        length: number of frames.
        proposed, total: (2, T, K) and (T, K) sums so far.
    """
    powers = _powers(length)
    origins = axes[:, len(weights) // 2, None]
    parabolas, log_shares = _fit_windows(axes - origins, weights, variances, powers)
    parabolas[0] += origins
    shares = _multiply(powers.T, log_shares)
    np.exp(shares, out=shares)
    proposals = _multiply(powers[:3].T, parabolas)
    proposals *= shares[:, None]
    count = len(weights) - length + 1
    for index in range(length):
        frames = slice(index, index + count)
        proposed[:, frames] += proposals[index]
        total[frames] += shares[index]


def _fit_windows(
    ways: Array, weights: Array, variances: Array, powers: Array
) -> tuple[Array, Array]:
    """Weighted least squares, by way of polynomials that are orthogonal under the weights.

    Args:
        ways: (2, T, K) keypoints, relative to one of them, so that their squares stay small.
        weights, variances: as of ``_add_windows``.
        powers: (5, L) of ``_powers``.

    Returns:
        (3, 2, W, K) coefficients of the windows' parabolas in time, and (5, W, K) coefficients of
        the logarithms of their shares: of the expected squared error in variances of the noise,
        times -1.
    """
    sums = _window_sums(len(weights), powers.shape[1])
    weighted = weights * ways
    squares = sums[0] @ (weighted * ways).sum(axis=0)
    frames = sums[0] @ (weights > 0).astype(float)
    moments = sums @ weights
    targets = sums[:3, None] @ weighted
    # The polynomials are 1, time - mean and time^2 - slope * (time - mean) - offset.
    per_norm_0 = 1 / np.maximum(moments[0], TINY)
    mean, offset = moments[1] * per_norm_0, moments[2] * per_norm_0
    per_norm_1 = 1 / np.maximum(moments[2] - mean * moments[1], TINY)
    third = moments[3] - mean * moments[2]
    slope = third * per_norm_1
    norm_2 = moments[4] - slope * third - offset * moments[2]
    is_short = (frames < MIN_FRAMES) | (norm_2 < TINY)
    per_norm_2 = 1 / np.maximum(norm_2, TINY)
    shift = slope * mean - offset
    rises = targets[1] - mean * targets[0]
    curves = targets[2] - slope * rises - offset * targets[0]
    level, rise, curve = targets[0] * per_norm_0, rises * per_norm_1, curves * per_norm_2
    left = squares - (targets[0] * level + rises * rise + curves * curve).sum(axis=0)
    excess = np.maximum(left / variances - 2 * (frames - 3), 0) / np.maximum(frames, 1)
    parabolas = np.empty((3, *rise.shape))
    parabolas[0] = level - mean * rise + shift * curve
    parabolas[1] = rise - slope * curve
    parabolas[2] = curve
    # Minus the sum of the squares of the polynomials, each over its norm, on both axes.
    by_1, by_2 = -2 * per_norm_1, -2 * per_norm_2
    slope_2, shift_2 = slope * by_2, shift * by_2
    log_shares = np.empty((5, *mean.shape))
    log_shares[0] = mean**2 * by_1 + shift * shift_2 - 2 * per_norm_0
    log_shares[0] -= np.where(is_short, np.inf, excess)
    log_shares[1] = -2 * (mean * by_1 + slope * shift_2)
    log_shares[2] = by_1 + slope * slope_2 + 2 * shift_2
    log_shares[3] = -2 * slope_2
    log_shares[4] = by_2
    return parabolas, log_shares


@functools.lru_cache(maxsize=16)
def _window_sums(num_frames: int, length: int) -> Array:
    """(5, W, T) matrices that sum what the frames of each window hold, times a power of its time.

    W windows of ``length`` frames lie in T frames; times go from -1 to 1, powers from 0 to 4.
    """
    count = num_frames - length + 1
    sums = np.zeros((5, count, num_frames))
    starts = np.arange(count)[:, None]
    sums[:, starts, starts + np.arange(length)] = _powers(length)[:, None]
    return sums


def _powers(length: int) -> Array:
    """(5, L) powers 0 to 4 of the times of a window's frames, -1 to 1."""
    powers: Array = np.linspace(-1, 1, length) ** np.arange(5)[:, None]
    return powers


def _multiply(matrix: Array, values: Array) -> Array:
    """``matrix`` (M, N) times ``values`` (N, ...)."""
    product: Array = matrix @ values.reshape(len(values), -1)
    return product.reshape(len(matrix), *values.shape[1:])
