"""How long the limbs of one person are, by everything that a clip shows.

Three things are unknown: the proportions of the body, its size in each frame (people come closer),
and how far each limb leaves the image plane. The first two are found in turns: given the sizes,
each length is what makes the seen lengths of all frames likeliest (``foreshortening``) and is
still a body (``body_table``); given the lengths, so is the size of each frame, which changes
slowly in a clip. Frames are weighted down to about one look, because a pose lasts: somebody who
sits facing the camera for a hundred frames shows the same foreshortened thigh a hundred times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..pose import Array, is_visible
from . import body_table, foreshortening
from .body_table import LENGTHS, MEAN_LOGS, length_index
from .person_points import LAYOUT, PersonPoints
from .rigid_parts import Heads, measure_feet, measure_palms

ROUNDS = 2
"""Of lengths and sizes in turns. A third changes errors by less than 1 % of themselves."""
LOOKS = {"shoulders": 1.5, "hips": 1.5, "trunk": 1.0, "neck": 1.0}
"""How many independent looks all frames of a clip are worth."""
LIMB_LOOKS = 0.7
"""The same for each side of a limb. From 0.5 to 1 errors stay within 2 %; at 1 the thighs of people
who sit facing the camera are found too short, at 12 all errors grow by a third."""
NOISE = 0.05
"""Standard deviation of a keypoint that scores 0.8, in statures and COCO sigmas: what a small
network (Lite-HRNet, on COCO) errs, halved. Twice as much adds 8 % to errors, half 1 %."""
NOISE_BY_SCORE = ((0.3, 0.5, 0.7, 0.9), (2.2, 1.5, 1.1, 0.8))
"""Scores, and how many times ``NOISE`` keypoints with them err; after the same network."""
LEAST_NOISE = 0.012
"""Of the log of a length: bodies are neither stiff nor without flesh."""
HEAD_SD, FOOT_SD, PALM_SD = 0.05, 0.05, 0.08
"""Standard deviations of the log sizes of parts, after their errors in clips without noise."""
NEARNESS, NEARNESS_SD = 1.0, 0.25
"""How much larger a hand is seen (log) for each stature that it may be closer than the body: a
camera two statures away gives 0.5, one at half that 1.2. With 0 hands are off by 11 % instead of
7 %."""
TAIL = 4.0
"""Degrees of freedom of Student's t, in place of a normal prior: drawn figures may have any
proportions. With 10 errors are 3 % larger."""
STEP_SD = 0.015
"""Change of log size from one frame to the next, where frames are a clip."""
MIN_CLIP = 8
"""Frames; fewer are looks at a person, of any size each."""
_GRID = np.linspace(0.0, 1.0, 60)
_SIZES = np.arange(-0.5, 0.501, 0.04)


@dataclass(frozen=True, eq=False)
class Body:
    """A measured body.

    Attributes:
        log_lengths: (N,) logs of ``LENGTHS``, relative to the body's size.
        variances: (N,) how unsure each is.
        measured: (N,) whether anything was seen of it.
        log_sizes: (T,) log of the size of the body in each frame, in pixels.
    """

    log_lengths: Array
    variances: Array
    measured: NDArray[np.bool_]
    log_sizes: Array


@dataclass(frozen=True, eq=False)
class _Seen:
    """M series of seen lengths over T frames.

    Attributes:
        logs: (M, T) logs in pixels, 0 where nothing is seen.
        seen: (M, T).
        noise: (M, T) of both ends together, in statures.
        length: (M,) positions in ``LENGTHS``.
        kinds: (M, T) for ``log_density``.
    """

    logs: Array
    seen: NDArray[np.bool_]
    noise: Array
    length: NDArray[np.intp]
    kinds: NDArray[np.intp]


def measure_body(
    person: PersonPoints, heads: Heads, steps: Array, score_threshold: float
) -> Body | None:
    """Lengths of a person's body, and its size in each frame.

    Args:
        person: in ``LAYOUT``.
        heads: of the same frames.
        steps: (T - 1,) frames of the clip from each to the next.
        score_threshold: keypoints that score more count.

    Returns:
        None if no length was seen in any frame.
    """
    seen = _see(person, heads, score_threshold)
    if not seen.seen.any() and not np.isfinite(heads.log_sizes).any():
        return None
    palms = measure_palms(person, score_threshold)
    feet = measure_feet(person, score_threshold)
    sizes = _first_sizes(seen, heads, steps)
    covariance = body_table.covariance()
    logs, variances = _longest(seen, sizes), np.diag(covariance).copy()
    measured = np.zeros(len(LENGTHS), dtype=bool)
    for _ in range(ROUNDS):
        levels = _noise_levels(seen, logs)
        grids = _grids(seen, logs, sizes, np.sqrt(np.diag(covariance)))
        likelihoods = _length_likelihoods(seen, levels, grids, sizes)
        part_sizes = _part_lengths(
            heads.log_sizes - sizes, feet - sizes, _hand_size(seen, palms - sizes, logs, sizes)
        )
        measured[seen.length[seen.seen.any(axis=1)]] = True
        measured[list(part_sizes)] = True
        logs, variances = _settle(logs, covariance, measured, grids, likelihoods, part_sizes)
        sizes = _frame_sizes(seen, heads, _noise_levels(seen, logs), logs, sizes, steps)
    return Body(logs, variances, measured, sizes)


def _see(person: PersonPoints, heads: Heads, score_threshold: float) -> _Seen:
    keypoints, scores = person.keypoints, person.scores
    noise = NOISE * LAYOUT.sigmas * np.interp(scores, *NOISE_BY_SCORE)
    visible = is_visible(scores, score_threshold)
    rows: list[tuple[int, Array, NDArray[np.bool_], Array]] = []

    def add(name: str, offset: Array, joints: tuple[str, ...], of_all: float) -> None:
        ends = LAYOUT.indices(joints)
        both = np.sqrt((noise[:, ends] ** 2).sum(axis=1)) * of_all
        row = np.linalg.norm(offset, axis=1)
        rows.append(
            (length_index(name), row, np.logical_and.reduce(visible[:, ends], axis=1), both)
        )

    for length in LENGTHS:
        for link in length.links:
            start, end = LAYOUT.indices(link)
            add(length.name, keypoints[:, end] - keypoints[:, start], link, 1.0)
    shoulders, hips = ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip")
    neck = keypoints[:, LAYOUT.indices(shoulders)].mean(axis=1)
    hip_middle = keypoints[:, LAYOUT.indices(hips)].mean(axis=1)
    add("trunk", neck - hip_middle, shoulders + hips, 0.5)
    add("neck", heads.centers - neck, shoulders, 0.5)
    indices = np.array([row[0] for row in rows], dtype=np.intp)
    pixels = np.array([row[1] for row in rows])
    seen = np.array([row[2] for row in rows]) & (np.nan_to_num(pixels) > 1e-6)
    kinds = np.repeat(indices[:, None], len(person), axis=1)
    below_head = foreshortening.head_kind(heads.widths)
    wide = np.isin(indices, body_table.length_indices("shoulders", "hips"))[:, None]
    kinds = np.where(wide & (below_head >= 0), below_head, kinds)
    logs = np.log(np.where(seen, pixels, 1.0))
    return _Seen(logs, seen, np.array([row[3] for row in rows]), indices, kinds)


def _first_sizes(seen: _Seen, heads: Heads, steps: Array) -> Array:
    """(T,) log sizes by the longer lengths of each frame, as if the body were an average one."""
    logs = np.where(seen.seen, seen.logs - MEAN_LOGS[seen.length][:, None], np.nan)
    logs = np.concatenate([logs, heads.log_sizes[None] - MEAN_LOGS[length_index("head")]])
    counts = np.isfinite(logs).sum(axis=0)
    frames = np.flatnonzero(counts)
    rows = (0.6 * (counts[frames] - 1)).round().astype(np.intp)  # np.nanquantile takes 1 ms a frame
    longer = np.sort(logs, axis=0)[rows, frames]
    sizes = np.interp(np.arange(logs.shape[1]), frames, longer)
    if len(sizes) < MIN_CLIP:
        return sizes
    return _smooth(sizes, np.full(len(sizes), 0.1**2), (2 * STEP_SD) ** 2 * steps)


def _noise_levels(seen: _Seen, logs: Array) -> NDArray[np.intp]:
    relative = seen.noise * np.exp(-logs[seen.length])[:, None]
    return foreshortening.noise_level(np.hypot(relative, LEAST_NOISE))


def _longest(seen: _Seen, sizes: Array) -> Array:
    """(N,) each log length by its longer looks, that of an average body where nothing is seen."""
    longest = MEAN_LOGS.copy()
    for index in np.unique(seen.length):
        rows = seen.length == index
        values = (seen.logs[rows] - sizes)[seen.seen[rows]]
        if len(values):
            longest[index] = _upper_fifth(values)
    return longest


def _upper_fifth(values: Array) -> float:
    """The quantile of 0.8 of (V,) values, which ``np.quantile`` needs ten times as long for."""
    ordered = np.sort(values)
    return float(np.interp(0.8 * (len(ordered) - 1), np.arange(len(ordered)), ordered))


def _grids(seen: _Seen, logs: Array, sizes: Array, spreads: Array) -> Array:
    """(N, G) candidates for each log length: around the present one and the longest seen ones."""
    longest = _longest(seen, sizes)
    low = np.minimum(np.minimum(logs, MEAN_LOGS) - 1.5 * spreads, longest - 0.4)
    high = np.maximum(np.maximum(logs, MEAN_LOGS) + 1.5 * spreads, longest + 0.4)
    grids: Array = low[:, None] + (high - low)[:, None] * _GRID
    return grids


def _length_likelihoods(seen: _Seen, levels: NDArray[np.intp], grids: Array, sizes: Array) -> Array:
    """(N, G) log likelihood of each candidate."""
    excess = (seen.logs - sizes)[:, :, None] - grids[seen.length][:, None, :]
    densities = foreshortening.log_density(seen.kinds[..., None], levels[..., None], excess)
    looks = np.array([LOOKS.get(LENGTHS[index].name, LIMB_LOOKS) for index in seen.length])
    weights = np.minimum(looks / len(sizes), 1.0)
    sums = np.where(seen.seen[..., None], densities, 0.0).sum(axis=1) * weights[:, None]
    likelihoods = np.zeros_like(grids)
    np.add.at(likelihoods, seen.length, sums)
    return likelihoods


def _part_lengths(
    heads: Array, feet: Array, hand: tuple[float, float] | None
) -> dict[int, tuple[float, float]]:
    """Log length and its standard deviation, by position in ``LENGTHS``, of parts that are seen.

    Args:
        heads, feet: (T,) and (2, T) log sizes relative to the body, NaN where not seen.
        hand: as from ``_hand_size``.
    """
    found = {} if hand is None else {length_index("hand"): hand}
    for name, rows, spread in (("head", heads[None], HEAD_SD), ("foot", feet, FOOT_SD)):
        sides = [np.median(row[np.isfinite(row)]) for row in rows if np.isfinite(row).any()]
        if sides:
            found[length_index(name)] = (float(np.mean(sides)), spread)
    return found


def _hand_size(seen: _Seen, palms: Array, logs: Array, sizes: Array) -> tuple[float, float] | None:
    """Log size of a hand as far from the camera as the body is, and its standard deviation.

    An arm that is seen short points to the camera or away from it, mostly to it, and its hand
    looks larger. So the seen sizes are a line over how far the hand may be out of the image plane;
    its start is the size. Robust least squares, with a prior on the slope.
    """
    reach = np.zeros_like(palms)
    for name in ("upper_arm", "forearm"):
        index = length_index(name)
        rows = seen.length == index
        cosine = np.exp(np.minimum(seen.logs[rows] - logs[index] - sizes, 0.0))
        cosine = np.where(seen.seen[rows], cosine, 0.8)
        reach += np.sqrt(1 - cosine**2) * np.exp(logs[index])
    known = np.isfinite(palms)
    values, reach = palms[known], reach[known]
    if not len(values):
        return None
    start, slope, weights = 0.0, NEARNESS, np.ones(len(values))
    for _ in range(4):
        weights /= weights.sum()
        mean_reach, mean_value = float(weights @ reach), float(weights @ values)
        looks = min(len(values), 10) / 0.1**2
        spread = looks * float(weights @ (reach - mean_reach) ** 2) + NEARNESS_SD**-2
        together = looks * float(weights @ ((reach - mean_reach) * (values - mean_value)))
        slope = (together + NEARNESS * NEARNESS_SD**-2) / spread
        start = mean_value - slope * mean_reach
        weights = 1 / (1 + ((values - start - slope * reach) / 0.12) ** 2)
    return start, math.hypot(PALM_SD, mean_reach / math.sqrt(spread))


def _settle(
    logs: Array,
    covariance: Array,
    measured: NDArray[np.bool_],
    grids: Array,
    likelihoods: Array,
    part_sizes: dict[int, tuple[float, float]],
) -> tuple[Array, Array]:
    """(N,) posterior means and variances: each length given all others, a few times round."""
    precision = np.linalg.inv(covariance)
    logs, variances = logs.copy(), np.diag(covariance).copy()
    for _ in range(3):
        for index in range(len(logs)):
            variance = 1 / precision[index, index]
            difference = logs - MEAN_LOGS
            pull = precision[index] @ difference - precision[index, index] * difference[index]
            mean = MEAN_LOGS[index] - variance * pull
            if index in part_sizes:
                value, spread = part_sizes[index]
                wide = variance * (1 + (value - mean) ** 2 / variance / TAIL) / (1 + 1 / TAIL)
                variances[index] = 1 / (1 / wide + spread**-2)
                logs[index] = (mean / wide + value * spread**-2) * variances[index]
            elif measured[index]:
                grid = grids[index]
                prior = -0.5 * (TAIL + 1) * np.log1p((grid - mean) ** 2 / variance / TAIL)
                posterior = likelihoods[index] + prior
                posterior = np.exp(posterior - posterior.max())
                posterior /= posterior.sum()
                logs[index] = np.interp(0.5, np.cumsum(posterior) - posterior / 2, grid)
                variances[index] = posterior @ (grid - logs[index]) ** 2
            else:
                logs[index], variances[index] = mean, variance
    return logs, variances


def _frame_sizes(
    seen: _Seen,
    heads: Heads,
    levels: NDArray[np.intp],
    logs: Array,
    sizes: Array,
    steps: Array,
) -> Array:
    """(T,) log sizes of the body, given its lengths; ``sizes`` are the present ones."""
    excess = (seen.logs - logs[seen.length][:, None] - sizes)[..., None] - _SIZES
    densities = foreshortening.log_density(seen.kinds[..., None], levels[..., None], excess)
    posterior = np.where(seen.seen[..., None], densities, 0.0).sum(axis=0) - 2 * _SIZES**2
    by_head = (heads.log_sizes - logs[length_index("head")] - sizes)[:, None] - _SIZES
    posterior -= 2 * np.log1p((np.nan_to_num(by_head) / 0.07) ** 2 / 3)
    posterior = np.exp(posterior - posterior.max(axis=1, keepdims=True))
    posterior /= posterior.sum(axis=1, keepdims=True)
    change = posterior @ _SIZES
    variances = posterior @ _SIZES**2 - change**2
    if len(sizes) < MIN_CLIP:
        return sizes + change
    return _smooth(sizes + change, variances + 0.02**2, STEP_SD**2 * steps)


def _smooth(values: Array, variances: Array, drifts: Array) -> Array:
    """(T,) a random walk through noisy values (Rauch, Tung and Striebel 1965).

    Args:
        values: (T,) what was seen.
        variances: (T,) of their noise.
        drifts: (T - 1,) variance of each step of the walk.
    """
    means, spreads = values.tolist(), variances.tolist()
    steps = drifts.tolist()
    for t in range(1, len(means)):
        predicted = spreads[t - 1] + steps[t - 1]
        gain = predicted / (predicted + spreads[t])
        means[t] = means[t - 1] + gain * (means[t] - means[t - 1])
        spreads[t] = (1 - gain) * predicted
    for t in range(len(means) - 2, -1, -1):
        gain = spreads[t] / (spreads[t] + steps[t])
        means[t] += gain * (means[t + 1] - means[t])
    return np.array(means)
