"""How many times longer each limb of one body is than that of another."""

from __future__ import annotations

import numpy as np

from ..pose import Array
from .limb_lengths import Body

SPREADS: Array = np.array([0.0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.18, 0.27, 0.4])
"""How differently two bodies may be built, as standard deviations of log ratios."""
LEAST_SD = 0.015
"""Of a log ratio, however often both lengths were seen."""
OWN_ERROR = 0.03
"""Share of the variance of a measured length that is an error of its own: the rest is what all
lengths of a body have in common. Chosen on people of one build against people of different ones:
with 0.1 the first are 10 % better off and the second 4 % worse."""


def log_ratios(driver: Body, reference: Body) -> Array:
    """(N,) log of reference over driver for each of ``LENGTHS``, sizes of the bodies apart.

    People of the same build get one ratio for all lengths: measured differences count as much as
    they stand out from what errors alone would give. The spread of true ratios is one of
    ``SPREADS``, each weighed by how well it explains what was measured (empirical Bayes).
    """
    ratios = reference.log_lengths - driver.log_lengths
    variances = OWN_ERROR * (driver.variances + reference.variances) + LEAST_SD**2
    totals = variances + SPREADS[:, None] ** 2
    weights = 1 / totals
    common = (weights @ ratios) / weights.sum(axis=1)
    residuals = ratios - common[:, None]
    evidence = -0.5 * (np.log(totals) + weights * residuals**2).sum(axis=1)
    evidence -= 0.5 * np.log(weights.sum(axis=1))
    likely = np.exp(evidence - evidence.max())
    likely /= likely.sum()
    kept = common[:, None] + SPREADS[:, None] ** 2 * weights * residuals
    return np.asarray(likely @ kept)
