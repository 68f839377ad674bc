"""The path of one person made steadier: mishaps and gaps first, then one of three filters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...skeletons.choices import Method
from ...skeletons.keypoint_sets import KeypointSet
from ...skeletons.options.smoothing import SMOOTHING
from ...skeletons.pose import Array, is_visible
from .adaptive_fit import adaptive_fit
from .filters import Flags, fill_gaps, gaussian_kernel, local_fit, one_euro
from .mend import MIN_SPREAD, anchor_indices, find_spikes, find_swaps, max_bridge
from .noise import limit_noise, measure_noise, relative_sigmas

USUAL_FPS = 30.0
"""Frames per second of a clip whose rate is not known."""
FILLED_WEIGHT = 0.1
"""Weight of a keypoint on a straight line across a gap, relative to a found one. With 0.03,
0.1, 0.3 and 1 every other move of the bench of ``benchmarks/README.md`` has 5.6, 5.7, 6.1 and
6.2 % of the height left of spikes at 16 frames per second, and 2.5, 3.0, 3.1 and 3.1 % across
gaps at 30; gaps at 16 have 4.0 to 4.3 %."""
CORNERS_SIGMA = 3.0
"""Relative sigma of the corners of a box, which jump where another joint becomes the outermost
one. With 1.3, 1.8 and 3 boxes of the same moves have 1.39, 1.30 and 1.12 of their error left
(fast, 16 frames per second), and 0.87, 0.81 and 0.81 (fast, 30), as fewer jumps are taken for
spikes. Calm moves have 0.69 and 0.59 with all three."""
GAUSSIAN_SECONDS = 0.1
"""Standard deviation of the Gaussian at strength 1. With 0.05, 0.1 and 0.2 hands and feet of
the same moves have, at strength 0.5 and 16 frames per second, 0.92, 0.67 and 0.86 of their
error left in calm moves, and 1.0, 2.1 and 5.2 of it in fast ones, which this filter is not for."""
STRENGTH_BASE = 4.0
"""Factor of the noise at strength 1, and its inverse at 0. At 0.25, half of the noise, calm moves
at 30 frames per second keep 78 % of their jitter, at 0.5 55 %."""
JOINTS_AT_A_TIME = 24
"""Number of joints that are filtered at a time, as filters take many times their memory."""
FITTED_BLOCKS = 3
"""Multiple of them that windows are fitted to at a time: ``adaptive_fit`` divides the time too."""


@dataclass(frozen=True)
class SmoothOptions:
    """How poses are made steadier, see the rows of ``skeletons/options/smoothing.py``.

    Raises:
        ValueError: a value is out of range.
    """

    method: Method = SMOOTHING["method"].default
    strength: float = SMOOTHING["strength"].default
    max_gap: int = SMOOTHING["max_gap"].default
    max_person_gap: int = SMOOTHING["max_person_gap"].default
    spike_threshold: float = SMOOTHING["spike_threshold"].default
    score_threshold: float = SMOOTHING["score_threshold"].default
    fps: float = SMOOTHING["fps"].default

    def __post_init__(self) -> None:
        SMOOTHING.check(self)

    @property
    def usual_fps(self) -> float:
        """Frames per second, the usual ones if they are not known."""
        return self.fps or USUAL_FPS


def smooth_path(
    keypoints: Array,
    scores: Array,
    present: Flags,
    sizes: Array,
    keypoint_set: KeypointSet,
    options: SmoothOptions,
) -> None:
    """Smooths one person in place, over T consecutive frames.

    Args:
        keypoints: (T, K + 2, 2) in pixels; the last two are the corners of the box.
        scores: (T, K + 2), 0 where the person is not present.
        present: (T,) whether the person was found.
        sizes: (T,) of the person in pixels.
        keypoint_set: of the K keypoints.
        options: the filter and its strength.
    """
    fps, size_px = options.usual_fps, float(np.median(sizes))
    found = is_visible(scores, options.score_threshold)
    spikes = np.zeros_like(found)
    if options.spike_threshold:
        _swap_back(keypoints, scores, found, keypoint_set, size_px, fps)
        spikes = _find_spikes(keypoints, found, keypoint_set, size_px, options)
    exact = found & ~spikes
    max_gaps = np.where(present, options.max_gap, options.max_person_gap)
    for joints in _joint_blocks(keypoints.shape[1]):
        block = keypoints[:, joints], scores[:, joints], found[:, joints], spikes[:, joints]
        keypoints[:, joints], scores[:, joints] = _fill(*block, max_gaps, fps)
    if options.strength > 0:
        _filter(keypoints, scores, exact, sizes, keypoint_set, options)


def _swap_back(
    keypoints: Array,
    scores: Array,
    found: Flags,
    keypoint_set: KeypointSet,
    size_px: float,
    fps: float,
) -> None:
    """Puts keypoints of swapped sides back in place."""
    swaps = find_swaps(keypoints[:, :-2], found[:, :-2], keypoint_set, size_px, fps)
    times, joints = np.nonzero(swaps)
    mirrors = keypoint_set.flip_indices[joints]
    for array in (keypoints, scores, found):
        array[times, joints] = array[times, mirrors]


def _find_spikes(
    keypoints: Array,
    found: Flags,
    keypoint_set: KeypointSet,
    size_px: float,
    options: SmoothOptions,
) -> Flags:
    """(T, K + 2) which of the found keypoints are spikes."""
    joints, anchor_of = np.unique([*anchor_indices(keypoint_set), -1, -1], return_inverse=True)
    # The first of the joints is -1: no anchor, so never found.
    anchors, anchors_found = keypoints[:, joints], found[:, joints] & (joints >= 0)
    min_spreads_px = MIN_SPREAD * size_px * _sigmas(keypoint_set)
    spikes = np.zeros_like(found)
    for block in _joint_blocks(keypoints.shape[1]):
        of = anchor_of[block]
        spikes[:, block] = find_spikes(
            *(keypoints[:, block], found[:, block], anchors[:, of], anchors_found[:, of]),
            *(min_spreads_px[block], options.spike_threshold, options.usual_fps),
        )
    return spikes


def _fill(
    keypoints: Array,
    scores: Array,
    found: Flags,
    spikes: Flags,
    max_gaps: NDArray[np.intp],
    fps: float,
) -> tuple[Array, Array]:
    """Keypoints and scores without spikes and short gaps."""
    if found.all() and not spikes.any():
        return keypoints, scores
    # A spike at the end of a path has no neighbour on one side, and stays.
    bridges = np.full(len(keypoints), max_bridge(fps))
    moved, _, trusted = fill_gaps(keypoints, scores, found & ~spikes, bridges)
    trusted &= found
    keypoints = np.where((trusted & spikes)[..., None], moved, keypoints)
    moved, new_scores, now_found = fill_gaps(keypoints, scores, trusted, max_gaps)
    scores = np.where(now_found & ~found, new_scores, scores)
    return np.where(now_found[..., None], moved, keypoints), scores


def _filter(
    keypoints: Array,
    scores: Array,
    exact: Flags,
    sizes: Array,
    keypoint_set: KeypointSet,
    options: SmoothOptions,
) -> None:
    """Smooths the keypoints in place; ``exact`` (T, K + 2) are those where they were found."""
    fps = options.usual_fps
    weights = np.clip(scores, 0, 1)
    if options.method == "one-euro":
        slow_cutoff_hz = 7.5 * (1 - options.strength) ** 3 + 0.06
        keypoints[:] = one_euro(keypoints, weights, sizes, slow_cutoff_hz, fps)
    elif options.method == "gaussian":
        kernel = gaussian_kernel(max(GAUSSIAN_SECONDS * options.strength * fps, 1e-2))
        for joints in _joint_blocks(keypoints.shape[1]):
            keypoints[:, joints] = local_fit(keypoints[:, joints], weights[:, joints], kernel, 1)
    elif options.method == "savitzky-golay":
        is_filled = is_visible(scores, options.score_threshold) & ~exact
        weights[is_filled] *= FILLED_WEIGHT
        count = np.count_nonzero(weights > 0, axis=0)
        weights *= count / np.maximum(weights.sum(axis=0), np.finfo(float).tiny)
        noise_px = _tolerated_noise(keypoints, exact, keypoint_set, options.strength)
        for joints in _joint_blocks(keypoints.shape[1], FITTED_BLOCKS * JOINTS_AT_A_TIME):
            keypoints[:, joints] = adaptive_fit(
                keypoints[:, joints], weights[:, joints], noise_px[joints], fps
            )


def _tolerated_noise(
    keypoints: Array, exact: Flags, keypoint_set: KeypointSet, strength: float
) -> Array:
    """(K + 2,) by how much keypoints may differ from a parabola on one axis, in pixels.

    At strength 0.5 that is the noise: by their own movement, but not more than rigid parts of the
    body show.
    """
    limit = limit_noise(keypoints[:, :-2], exact[:, :-2], keypoint_set) * _sigmas(keypoint_set)
    noise = np.concatenate(
        [
            measure_noise(keypoints[:, joints], exact[:, joints])
            for joints in _joint_blocks(keypoints.shape[1])
        ]
    )
    noise = np.fmin(noise, limit)  # NaN, an unknown one, does not speak
    return np.where(np.isfinite(noise), noise, 0.0) * STRENGTH_BASE ** (2 * strength - 1)


def _sigmas(keypoint_set: KeypointSet) -> Array:
    """(K + 2,) how much each keypoint and corner errs, relative to the average joint of a body."""
    return np.append(relative_sigmas(keypoint_set), [CORNERS_SIGMA, CORNERS_SIGMA])


def _joint_blocks(count: int, at_a_time: int | None = None) -> Iterator[slice]:
    """Slices of ``at_a_time``, by default ``JOINTS_AT_A_TIME``, joints that cover ``count``."""
    size = at_a_time or JOINTS_AT_A_TIME
    return (slice(start, start + size) for start in range(0, count, size))
