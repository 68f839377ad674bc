"""Pixels, or fractions of the canvas: decided on all numbers of a file, not tipped by one point.

Fractions may lie several canvases outside, and a person is never a few pixels large. So the bodies
of a file decide: if the typical keypoint of nearly all of them is within ``MAX_FRACTION``, the file
is in fractions, and a part of it in pixels if its typical keypoint is beyond. In a file of pixels,
a part is in fractions only if none of its keypoints is beyond 1: some editors scale the body and
leave the hands.

OpenPose's ``--keypoint_scale 4`` counts from -1 to 1. What it did not find lies at -1, -1 there,
and at 0, 0 with every other scale. Where everything was found, negative coordinates tell, because
OpenPose finds nothing outside of an image: in files without a canvas alone, since editors, which
write one, do place keypoints outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...pose import Array
from ..read_options import Units
from .records import BODY, FoundFrame, FoundPerson

MAX_FRACTION = 10.0
"""Maximum coordinate of a typical keypoint in fractions: nine canvases outside."""

MIN_SMALL = 0.75
"""Minimum share of the bodies' keypoints in a file of fractions that belong to small bodies."""

MIN_NEGATIVE = 0.05
"""Minimum share of negative coordinates in a file of ``--keypoint_scale 4``; what little OpenPose
finds outside of an image in other files stays below."""

MIN_KEYPOINTS = 3
"""Minimum number of keypoints that make a part differ from its file."""


def find_units(frames: Sequence[FoundFrame]) -> Units:
    """The unit of the coordinates of a file."""
    parts = list(_deciding_parts(frames))
    num_small = sum(part.num_found for part in parts if part.median <= part.limit)
    if not parts or num_small < MIN_SMALL * sum(part.num_found for part in parts):
        return "pixels"
    return "plus-minus-one" if _is_plus_minus_one(frames) else "fractions"


def unit_of_part(part: Array, units: Units, canvas_wh: tuple[int, int] | None) -> Units:
    """The unit of one part, (N, 3) x, y, score, in a file of ``units``."""
    largest = _largest_coordinates(part)
    if not len(largest):
        return units
    if units == "pixels":
        is_within_one = largest.max() <= 1 and len(largest) >= MIN_KEYPOINTS
        return "fractions" if is_within_one else units
    is_beyond = np.median(largest) > _limit(canvas_wh) and len(largest) >= MIN_KEYPOINTS
    return "pixels" if is_beyond else units


def to_pixels(xy: Array, units: Units, canvas_wh: tuple[int, int]) -> Array:
    """(N, 2) coordinates in pixels."""
    if units == "pixels":
        return xy
    shares = (xy + 1) / 2 if units == "plus-minus-one" else xy
    pixels: Array = shares * canvas_wh
    return pixels


def _people(frames: Sequence[FoundFrame]) -> Iterator[tuple[FoundFrame, FoundPerson]]:
    for frame in frames:
        if frame.units is None and not frame.is_exact:
            yield from ((frame, person) for person in frame.people)


class _Part(NamedTuple):
    """The coordinates of a part: how many keypoints were found, their median, and the limit."""

    is_body: bool
    num_found: int
    median: float
    limit: float


def _deciding_parts(frames: Sequence[FoundFrame]) -> Iterator[_Part]:
    """The bodies, or all parts without any body, of which anything was found."""
    parts = []
    for frame, person in _people(frames):
        for name, part in person.parts.items():
            largest = _largest_coordinates(part)
            if len(largest):
                limit = _limit(frame.canvas_wh)
                parts.append(_Part(name == BODY, len(largest), float(np.median(largest)), limit))
    has_bodies = any(part.is_body and part.num_found >= MIN_KEYPOINTS for part in parts)
    return (part for part in parts if part.is_body or not has_bodies)


def _largest_coordinates(part: Array) -> Array:
    """The larger of x and y of each keypoint that was found and is no placeholder, absolute."""
    seen = (part[:, 2] > 0) & ~is_minus_one(part)
    largest: Array = np.abs(part[seen, :2]).max(axis=1, initial=0.0)
    return largest


def is_minus_one(part: Array) -> NDArray[np.bool_]:
    """(N,) which keypoints lie at -1, -1, which stands for missing."""
    return np.asarray((np.abs(part[:, :2] + 1.0) <= 1e-6).all(axis=1))


def _limit(canvas_wh: tuple[int, int] | None) -> float:
    """Maximum typical coordinate in fractions; smaller on a canvas of a few pixels."""
    return min(MAX_FRACTION, max(1.0, min(canvas_wh) / 8)) if canvas_wh else MAX_FRACTION


def _is_plus_minus_one(frames: Sequence[FoundFrame]) -> bool:
    """Whether fractions count from -1 to 1."""
    parts = [part for _, person in _people(frames) for part in person.parts.values()]
    everything = np.concatenate([np.zeros((0, 3)), *parts])
    missing = everything[everything[:, 2] <= 0]
    at_minus_one = int(is_minus_one(missing).sum())
    at_zero = int((missing[:, :2] == 0).all(axis=1).sum())
    found = everything[(everything[:, 2] > 0) & ~is_minus_one(everything), :2]
    if not len(found) or np.abs(found).max() > 1 + 1e-3:
        return False
    if at_minus_one or at_zero:
        return at_minus_one > at_zero
    has_canvas = any(frame.canvas_wh for frame, _ in _people(frames))
    return bool(not has_canvas and (found < 0).mean() >= MIN_NEGATIVE)
