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

import numpy as np

from ...skeletons.pose import Array

MAX_SECONDS = 0.65
"""Duration of the longest window: beyond, nothing is gained at 30 frames per second and below. At
60, windows of 33 frames instead of 17 leave calm moves 4 % less of their errors."""
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
    powers = np.linspace(-1, 1, length) ** np.arange(5)[:, None]
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
        powers: (5, L) powers 0 to 4 of the times of a window's frames, -1 to 1.

    Returns:
        (3, 2, W, K) coefficients of the windows' parabolas in time, and (5, W, K) coefficients of
        the logarithms of their shares: of the expected squared error in variances of the noise,
        times -1.
    """
    length = powers.shape[1]
    count = len(weights) - length + 1
    # Matrices that sum what the frames of each window hold, times a power of their time.
    sums = np.zeros((5, count, len(weights)))
    starts = np.arange(count)[:, None]
    sums[:, starts, starts + np.arange(length)] = powers[:, None]
    weighted = weights * ways
    squares = sums[0] @ (weighted * ways).sum(axis=0)
    frames = sums[0] @ (weights > 0)
    moments = sums @ weights
    targets = sums[:3, None] @ weighted
    # The polynomials are 1, time - mean and time^2 - slope * (time - mean) - offset.
    norm_0 = np.maximum(moments[0], TINY)
    mean, offset = moments[1] / norm_0, moments[2] / norm_0
    norm_1 = np.maximum(moments[2] - mean * moments[1], TINY)
    third = moments[3] - mean * moments[2]
    slope = third / norm_1
    norm_2 = moments[4] - slope * third - offset * moments[2]
    is_short = (frames < MIN_FRAMES) | (norm_2 < TINY)
    norm_2 = np.maximum(norm_2, TINY)
    level = targets[0] / norm_0
    rise = (targets[1] - mean * targets[0]) / norm_1
    curve = (targets[2] - slope * rise * norm_1 - offset * targets[0]) / norm_2
    left = squares - (level**2 * norm_0 + rise**2 * norm_1 + curve**2 * norm_2).sum(axis=0)
    excess = np.maximum(left / variances - 2 * (frames - 3), 0) / np.maximum(frames, 1)
    shift = slope * mean - offset
    parabolas = np.stack([level - mean * rise + shift * curve, rise - slope * curve, curve])
    risks = np.stack(
        [
            1 / norm_0 + mean**2 / norm_1 + shift**2 / norm_2,
            -2 * mean / norm_1 - 2 * slope * shift / norm_2,
            1 / norm_1 + (slope**2 + 2 * shift) / norm_2,
            -2 * slope / norm_2,
            1 / norm_2,
        ]
    )
    risks *= -2
    risks[0] -= np.where(is_short, np.inf, excess)
    return parabolas, risks


def _multiply(matrix: Array, values: Array) -> Array:
    """``matrix`` (M, N) times ``values`` (N, ...)."""
    product: Array = matrix @ values.reshape(len(values), -1)
    return product.reshape(len(matrix), *values.shape[1:])
