"""How large the figure becomes, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..pose import Array
from .body_table import length_indices
from .limb_lengths import Body
from .rebuild import HIPS, NECK, AnchorPoints, anchor_index

ANKLES = np.array([anchor_index("left_ankle"), anchor_index("right_ankle")])
HIP_JOINTS = np.array([anchor_index("left_hip"), anchor_index("right_hip")])
SHOULDERS = np.array([anchor_index("left_shoulder"), anchor_index("right_shoulder")])

_METRES = {"shin": 1.0, "thigh": 1.0, "trunk": 1.0, "neck": 1.0, "head": 0.13, "foot": 0.07}
"""The lengths that add up to a standing height: of head and foot, the metres of the template that
are above the ears and below the ankle."""


def height_change(body: Body, log_ratios: Array, without: Sequence[str] = ()) -> float:
    """Log of how much higher a standing body becomes with other lengths.

    Args:
        body: as it is.
        log_ratios: (N,) of new over old lengths.
        without: lengths that do not count.
    """
    names = [name for name in _METRES if name not in without]
    metres = np.array([_METRES[name] for name in names])
    before = body.log_lengths[length_indices(*names)]
    after = before + log_ratios[length_indices(*names)]
    return float(np.log(np.exp(after) @ metres) - np.log(np.exp(before) @ metres))


def path_change(driver: Body, reference: Body, log_ratios: Array) -> float:
    """Log of how much longer the way of the hips becomes: as much as the legs.

    If the legs of one of the two were never seen, as much as the trunk.
    """
    legs = length_indices("thigh", "shin")
    if not (driver.measured[legs] & reference.measured[legs]).all():
        return float(log_ratios[length_indices("trunk")[0]])
    before = driver.log_lengths[legs]
    change = np.log(np.exp(before + log_ratios[legs]).sum() / np.exp(before).sum())
    return float(change)


def shift_to_reference(figure: AnchorPoints, reference: AnchorPoints, frame: int) -> Array:
    """(2,) what takes the figure to the reference's place.

    In ``frame`` the middle of its hips gets the reference's x and its lower ankle the y; if hips
    or ankles are not seen in both, the middle of the shoulders takes the reference's place, and if
    those are not, the middle of whatever is seen in both.

    Args:
        figure: as moved.
        reference: its first frame is the place.
        frame: of the figure, 0 for the first in which the person is seen.
    """
    seen = figure.seen[frame] & reference.seen[0]
    old, new = figure.points[frame], reference.points[0]
    if seen[HIP_JOINTS].all() and seen[ANKLES].all():
        return _standing_point(new) - _standing_point(old)
    if seen[SHOULDERS].all():
        neck = anchor_index(NECK)
        return np.asarray(new[neck] - old[neck])
    both = seen if seen.any() else np.ones_like(seen)
    return np.asarray((new[both] - old[both]).mean(axis=0))


def shifts_to_driver(figure: AnchorPoints, driver: AnchorPoints) -> Array:
    """(T, 2) what leaves the figure, frame by frame, on the ground point of the driver.

    That is the x of the middle of the hips and the y of the lower ankle. Where ankles are not
    seen, the shift is that of the frames before and after; if they never are, the shoulders keep
    their place instead.
    """
    shifts = _standing_point(driver.points) - _standing_point(figure.points)
    frames = np.flatnonzero(driver.seen[:, ANKLES].all(axis=1))
    if not len(frames):
        neck = anchor_index(NECK)
        return np.asarray(driver.points[:, neck] - figure.points[:, neck])
    hips = anchor_index(HIPS)
    from_hips = shifts - (driver.points[:, hips] - figure.points[:, hips])
    times = np.arange(len(shifts))
    drop = np.interp(times, frames, from_hips[frames, 1])
    shifts[:, 1] = driver.points[:, hips, 1] - figure.points[:, hips, 1] + drop
    return shifts


def _standing_point(points: Array) -> Array:
    """(..., 2) x of the middle of the hips and y of the lower ankle, of (..., A, 2) anchors."""
    hips = points[..., anchor_index(HIPS), 0]
    return np.stack([hips, points[..., ANKLES, 1].max(axis=-1)], axis=-1)
