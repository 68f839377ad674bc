"""Which differences between two bodies count."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.retarget.body_table import MEAN_LOGS, NAMES
from comfyui_sapiens_pose.skeletons.retarget.limb_lengths import Body
from comfyui_sapiens_pose.skeletons.retarget.placement import height_change, path_change
from comfyui_sapiens_pose.skeletons.retarget.proportions import log_ratios

COUNT = len(NAMES)
ERRORS = np.random.default_rng(0).normal(size=COUNT)


def body(logs, variance: float = 0.01, unseen: tuple[str, ...] = ()) -> Body:
    measured = np.array([name not in unseen for name in NAMES])
    return Body(MEAN_LOGS + logs, np.full(COUNT, variance), measured, np.zeros(1))


@pytest.mark.parametrize("common", [0.0, -0.4])
def test_small_differences_are_errors_of_measurement(common):
    ratios = log_ratios(body(0), body(common + 0.01 * ERRORS))
    assert np.ptp(ratios) < 0.4 * np.ptp(0.01 * ERRORS)
    assert abs(ratios.mean() - common) < 0.02


def test_large_differences_stay():
    ratios = log_ratios(body(0), body(0.3 * ERRORS))
    assert np.abs(ratios - 0.3 * ERRORS).max() < 0.02


def test_the_same_body_has_no_ratios():
    assert np.array_equal(log_ratios(body(ERRORS), body(ERRORS)), np.zeros(COUNT))


def test_back_is_the_opposite_of_there():
    there, back = (
        log_ratios(*pair) for pair in ((body(0), body(0.1 * ERRORS)), (body(0.1 * ERRORS), body(0)))
    )
    assert np.allclose(there, -back)


def test_height_and_path_change_with_the_whole_body():
    for change in (
        height_change(body(0), np.full(COUNT, 0.3)),
        path_change(body(0), body(0), np.full(COUNT, 0.3)),
    ):
        assert np.isclose(change, 0.3)


def test_the_path_follows_the_legs_or_the_trunk():
    ratios = np.zeros(COUNT)
    ratios[[NAMES.index("thigh"), NAMES.index("shin")]] = 0.4
    ratios[NAMES.index("trunk")] = -0.2
    assert np.isclose(path_change(body(0), body(0), ratios), 0.4)
    assert np.isclose(path_change(body(0), body(0, unseen=("shin",)), ratios), -0.2)
