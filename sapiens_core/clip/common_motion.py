"""What all people of a frame do together, because the camera turns, and no image shows how.

A turn of the camera moves everybody alike, whatever their distance. It is seen in three ways: the
known velocities agree, which a newcomer then shares; everybody is off the foreseen position by the
same way, because the turn became faster or slower; or so far off that hardly anybody is where they
were foreseen, and a vote has to find out by which way.

The constants were chosen by the table of moving cameras in ``benchmarks/README.md``. They must do
nothing where the camera stands still: runners all go one way, and newcomers may come from the other
side (with the velocity of any two others, 40 ids in place of 25).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...skeletons.pose import Array
from .track import Sightings, Track

MIN_PEOPLE = 4
"""Minimum number of people whose motion tells something of the camera; a pair walks together."""
AGREEMENT = 2.0
"""Minimum length of a common motion as a multiple of its spread, the median distance from it."""
MIN_LENGTH = 0.07
"""Minimum length of a common motion per frame, in person sizes: strollers agree by chance on less,
and ten of them have 12 switches in place of 6 in the hard set of ``benchmarks/track.py``. Pans by
hand in ``benchmarks/README.md``, with 0.05, 0.07 and 0.1: 1.11, 1.11 and 1.07 ids per person at 25
degrees a second, 1.26, 1.24 and 1.31 at 60."""
TURN_KEPT = 0.5
"""Share of a change of the common velocity that is expected to last: 1 is that of a camera on a
tripod, 0 that of a hand that trembles. Pans of 60 degrees a second: 1.46 ids per person; with 1,
1.53; with 0.25, 1.59."""
WELL_FORESEEN = 0.4
"""Minimum similarity of people to their prediction who are where they were foreseen."""
MIN_VOTERS = 3
"""Minimum number of people who vote."""
MAX_UNFORESEEN = 1 / 3
"""Share of the people who may be elsewhere before there is a vote."""
SAME_WAY = 0.2
"""Maximum distance, in person sizes, of two ways that count as the same."""
SAME_SIZE = 1.6
"""Maximum ratio of the sizes of one person in two frames."""
LONGEST_WAY = 3.0
"""Maximum length of a common way, in person sizes."""
MAX_VOTERS = 32
"""Maximum number of people on each side of a vote: its time grows with the fourth power."""


def agreed_motion(motions: Sequence[Array], size_px: float) -> Array:
    """(2,) median of (N, 2) motions in pixels; 0 if they are few, small or do not agree.

    ``size_px`` is the size of a person, the square root of the area of the box.
    """
    if len(motions) < MIN_PEOPLE:
        return np.zeros(2)
    median = np.median(motions, axis=0)
    spread = np.median(np.linalg.norm(np.array(motions) - median, axis=1))
    least = max(AGREEMENT * spread, MIN_LENGTH * size_px)
    return median if np.linalg.norm(median) > least else np.zeros(2)


def vote_for_shift(tracks: Sequence[Track], sightings: Sightings) -> Array:
    """(2,) pixels by which most of the tracks are off in the same way; 0 if nobody can tell.

    Every pair of a track and a person of about its size proposes the way between them, and all
    other such pairs of about the same way support it. Of two ways with the same support the shorter
    one wins.
    """
    before = np.array([track.extent_xyxy + np.tile(track.shift, 2) for track in tracks])
    before, after = (_largest(boxes) for boxes in (before, sightings.extents_xyxy))
    sizes, new_sizes = (np.sqrt(np.prod(b[:, 2:] - b[:, :2], axis=1)) for b in (before, after))
    ways = (after[None] - before[:, None]).reshape(len(before), len(after), 2, 2).mean(axis=2)
    lengths, scales = np.linalg.norm(ways, axis=2), np.sqrt(np.outer(sizes, new_sizes))
    larger, smaller = (f(sizes[:, None], new_sizes) for f in (np.maximum, np.minimum))
    possible = (larger <= SAME_SIZE * smaller) & (lengths <= LONGEST_WAY * scales) & (scales > 0)
    if not possible.any():
        return np.zeros(2)
    proposed = ways[possible]
    apart = np.linalg.norm(ways - proposed[:, None, None], axis=3)
    supports = possible & (apart <= SAME_WAY * scales)
    votes = supports.any(axis=2).sum(axis=1) - lengths[possible] / (1 + lengths[possible].max())
    shift: Array = np.median(ways[supports[np.argmax(votes)]], axis=0)
    return shift


def _largest(boxes: Array) -> Array:
    """The ``MAX_VOTERS`` highest ones."""
    return boxes[np.argsort(boxes[:, 1] - boxes[:, 3], kind="stable")[:MAX_VOTERS]]
