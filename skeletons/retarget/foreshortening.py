"""How long a limb looks: the density of its seen length, given the true one.

A limb that leaves the image plane by an angle looks shorter by the angle's cosine, and noise
spreads what is seen. Most looks are near the true length, hardly any is above it, and a few are
far below: so a limb is about as long as it is ever seen.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..pose import Array
from .body_table import LENGTHS

NOISE_LEVELS: Array = np.array([0.015, 0.025, 0.035, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4])
"""Standard deviations of the log of a seen length, of which the nearest above is taken."""
HEAD_BINS = 6
"""Steps of the head's angle of view, 0 to 90 degrees, by which shoulders and hips are judged."""
HEAD_SPREAD = 0.2
"""Radians that shoulders and hips are usually turned against the head, in ``HEAD_TRUST`` of the
frames. The two lower the mean error of clips by a tenth against not looking at the head; 0.12 and
0.85 would by a little more on motions whose heads rarely turn."""
HEAD_TRUST = 0.8
OUTLIERS = 0.02
"""Share of seen lengths that mean nothing, spread evenly over about three log units."""

_LOWEST, _STEP, _COUNT = -2.4, 0.01, 380
_ANGLES: Array = np.linspace(0.0, np.pi / 2 * 0.985, 300)


def noise_level(sigmas: Array) -> NDArray[np.intp]:
    """Positions in ``NOISE_LEVELS`` of standard deviations of any shape."""
    return np.minimum(np.searchsorted(NOISE_LEVELS, sigmas), len(NOISE_LEVELS) - 1)


def head_kind(head_width: Array) -> NDArray[np.intp]:
    """The kind for ``log_density`` of shoulders and hips below a head of this seen width.

    Args:
        head_width: (T,) 0 in profile to 1 from the front or behind, NaN where no head is seen.

    Returns:
        (T,) kinds, or -1 where no head is seen.
    """
    angles = np.arccos(np.clip(np.nan_to_num(head_width), 0.0, 1.0))
    bins = np.minimum((angles / (np.pi / 2) * HEAD_BINS).astype(np.intp), HEAD_BINS - 1)
    return np.where(np.isfinite(head_width), len(LENGTHS) + bins, -1)


def log_density(kinds: NDArray[np.intp], levels: NDArray[np.intp], excess: Array) -> Array:
    """Log density of seen lengths.

    Args:
        kinds: positions in ``LENGTHS``, or what ``head_kind`` gives.
        levels: positions in ``NOISE_LEVELS``.
        excess: log of seen over true length. All three broadcast together.
    """
    table = _table()
    columns = np.clip((excess - _LOWEST) / _STEP, 0, _COUNT - 1).astype(np.intp)
    rows = kinds * len(NOISE_LEVELS) + levels
    return table.ravel()[rows * _COUNT + columns]


@cache
def _table() -> Array:
    """(kinds, noise levels, columns) of log densities."""
    excess = _LOWEST + _STEP * np.arange(_COUNT)
    sigmas = NOISE_LEVELS[:, None, None]
    standard = (excess[:, None] - np.log(np.cos(_ANGLES))) / sigmas
    spread = np.exp(-0.5 * standard**2) / sigmas / np.sqrt(2 * np.pi)

    def density(weights: Array) -> Array:
        return np.asarray(np.log((1 - OUTLIERS) * (spread @ weights) + OUTLIERS * 0.3))

    own = [_mixed(_bell(0.0, max(length.tilt, 0.1)), length.turned) for length in LENGTHS]
    wide = own[0]
    centers = (np.arange(HEAD_BINS) + 0.5) / HEAD_BINS * np.pi / 2
    below_head = [HEAD_TRUST * _bell(a, HEAD_SPREAD) + (1 - HEAD_TRUST) * wide for a in centers]
    return np.ascontiguousarray([density(weights) for weights in own + below_head])


def _bell(center: float, spread: float) -> Array:
    """Shares of ``_ANGLES`` for angles about ``center``, folded into 0 to 90 degrees."""
    weights = sum(
        np.exp(-0.5 * ((angles - center) / spread) ** 2)
        for angles in (_ANGLES, -_ANGLES, np.pi - _ANGLES)
    )
    return np.asarray(weights / np.sum(weights))


def _mixed(usual: Array, turned: float) -> Array:
    """The usual angles, and a share of directions spread evenly over all."""
    anywhere = np.cos(_ANGLES) / np.cos(_ANGLES).sum()
    return (1 - turned) * usual + turned * anywhere
