"""How long a limb looks."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.retarget.body_table import LENGTHS, length_index
from comfyui_sapiens_pose.skeletons.retarget.foreshortening import (
    HEAD_BINS,
    NOISE_LEVELS,
    head_kind,
    log_density,
    noise_level,
)

EXCESS = np.arange(-2.35, 1.3, 0.01)
KINDS = np.arange(len(LENGTHS) + HEAD_BINS)


@pytest.mark.parametrize("kind", KINDS)
def test_densities_add_up_to_about_one(kind):
    """What is seen in full profile lies below the table."""
    levels = np.arange(len(NOISE_LEVELS))[:, None]
    total = np.exp(log_density(np.array(kind), levels, EXCESS)).sum(axis=1) * 0.01
    assert np.all((total > 0.75) & (total < 1.1))


def test_a_limb_is_hardly_ever_seen_longer_than_it_is():
    arm = np.array(length_index("upper_arm"))
    density = log_density(arm, np.array(0), np.array([-0.7, -0.2, 0.0, 0.2, 50.0, -50.0]))
    assert density[0] < density[1] < density[2]
    assert density[3] < density[2] - 3
    assert np.isfinite(density).all()


def test_a_head_in_profile_excuses_narrow_shoulders():
    narrow = np.array(np.log(0.3))
    profile, front, unknown = head_kind(np.array([0.2, 1.0, np.nan]))
    assert unknown == -1
    assert log_density(profile, np.array(2), narrow) > log_density(front, np.array(2), narrow) + 1


def test_noise_levels_are_the_nearest_above():
    assert noise_level(np.array([0.0, 0.015, 0.016, 9.0])).tolist() == [0, 0, 1, 9]
