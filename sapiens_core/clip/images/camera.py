"""How the camera moves from image to image, by what stands still around the people.

OpenCV's sparse optical flow (Lucas and Kanade in a pyramid) follows corners outside of people from
one small grey image to the next and back again, and RANSAC finds the homography that most of them
agree with. A camera that turns or zooms moves everything by a homography, whatever its distance.

The numbers below were chosen by errors at the places of people, as shares of their sizes, in the
clips of moving cameras of ``benchmarks/README.md``: 160 pairs of images that were made for them,
with noise, motion blur and people, of a room (*rich*) and of a snowy slope (*poor*). The median
error in pans of 60 degrees a second, the share of pairs above 0.15 there, and without an answer:

==========================  ==================  ======================
fit, tolerance in pixels    rich                poor
==========================  ==================  ======================
homography, 2               0.024, 0 %, 0 %     0.022, 1.3 %, 0.6 %
homography, 1               0.023, 1.3 %, 0 %   0.023, 1.3 %, 0.6 %
affine, 3                   0.059, 1.3 %, 0 %   0.084, 23 %, 0.6 %
similarity, 3               0.059, 0 %, 0 %     0.068, 11 %, 0.6 %
similarity, 1               0.060, 3.7 %, 0 %   0.073, 14 %, 1.9 %
median of all corners       0.051, 0 %, 0 %     0.057, 2.5 %, 1.3 %
homography, 2, 128 wide     0.028, 0 %, 0 %     0.025, 0 %, 12 %
==========================  ==================  ======================

Of a real clip, crops that shift by 8 to 60 of 300 pixels per frame: 0.6 pixels off, of which the
hand that held the camera is 0.5; at 60 a fifth of the pairs have no answer, at 20 all have one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ....skeletons.foundation.arrays import Image
from ....skeletons.pose import Array, Frame, visible_box

Grey = NDArray[np.uint8]
"""(H, W) grey levels of an image, its longer side ``SIDE``."""

SIDE = 160
"""Longer side of a grey image in pixels: with 96 and 128 a fourth and an eighth of the pairs of
*poor* have no answer, with 240 errors are the same."""
MAX_CORNERS, MIN_DISTANCE = 100, 4
"""Maximum number of corners, and pixels between them: 80 and 150 are as good."""
MIN_QUALITY = 0.01
"""Least strength of a corner, as a share of the strongest, as in OpenCV's examples."""
MIN_CORNERS = 12
"""Minimum number of corners that agree: in *poor* 15 or more do in 95 % of the pairs; on an even
wall, where corners are limbs of people, 7 of 160 pairs had an answer with 8 or more, half of them
with 13 at most."""
MIN_AREA = 0.15
"""Minimum share of the image that those corners surround: 0.12 to 0.18 in half of the pairs of an
even wall, 0.19 or more in 95 % of *poor*, of which 3.8 % then have no answer (the table is without
this limit), 0.35 or more in all of *rich*."""
MIN_SHARE = 0.5
"""Minimum share of the corners that agree; 0.86 in all pairs of *rich*."""
WINDOW, LEVELS = 15, 3
"""Side of the window in which a corner is looked for, and halvings of the image: windows of 9 and
21 pixels, 2 and 4 levels are as good."""
MAX_RETURN_PX = 0.5
"""Maximum distance of a corner that is followed there and back from where it was; with 0.2 two in a
hundred pairs of *poor* less have an answer."""
TOLERANCE_PX = 2.0
"""Maximum distance of a corner from where the homography puts it, see the table."""
MAX_ZOOM = 1.6
"""Maximum change of size anywhere in the image: a turn of 60 degrees a second at 8 frames per
second is 1.3 at the edges of an angle of 85 degrees, a quick zoom 1.2; more is a wrong answer."""
STILL_PX = 0.15
"""Maximum shift of an image's corners that counts as none, so that a camera that stands still
changes no number."""
MARGIN = 0.15
"""By how much the box of somebody's keypoints is widened on each side, for hair, hands and feet."""


def make_grey(image_rgb: Image) -> Grey:
    """The grey image of an image, (H, W, 3) uint8 RGB."""
    height, width = image_rgb.shape[:2]
    scale = SIDE / max(height, width)
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(image_rgb, size_wh, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def find_motions(
    images: Iterable[tuple[Grey | None, Frame]], before: tuple[Grey, Frame] | None = None
) -> Iterator[Array | None]:
    """How the camera moved before each frame, see ``find_motion``; None where nobody can tell.

    Args:
        images: of all frames in order, with their people; None where an image is not known.
        before: of the frame before the first, where the clip began earlier.
    """
    for grey, frame in images:
        motion = None
        if before is not None and grey is not None:
            motion = find_motion(before[0], grey, before[1])
        yield motion
        before = None if grey is None else (grey, frame)


def find_motion(before: Grey, after: Grey, people: Frame) -> Array | None:
    """(3, 3) homography of points from one image to the next, in pixels of the full image.

    Args:
        before: one image.
        after: the next one.
        people: those of the image before; what is near them does not count.

    Returns:
        The identity if the camera stands still; None if the images do not show enough that
        moves alike.
    """
    if before.shape != after.shape or min(before.shape) < WINDOW:
        return None
    corners: Any = cv2.goodFeaturesToTrack(
        before, MAX_CORNERS, MIN_QUALITY, MIN_DISTANCE, mask=_around_people(before, people)
    )
    if corners is None or len(corners) < MIN_CORNERS:
        return None
    moved, good = _follow(before, after, corners)
    if good.sum() < MIN_CORNERS:
        return None
    corners, moved = corners[good, 0], moved[good, 0]
    motion, agree = cv2.findHomography(corners, moved, cv2.RANSAC, TOLERANCE_PX)
    if motion is None or not _is_plausible(motion, corners[agree.ravel() > 0], good.sum(), before):
        return None
    ends = _ends(before)
    if np.abs([local_motion(motion, end)[0] - end for end in ends]).max() < STILL_PX:
        return np.eye(3)
    scale = np.diag([*np.divide(people.canvas_wh, before.shape[::-1]), 1])
    scaled: Array = scale @ motion @ np.linalg.inv(scale)
    return scaled


def local_motion(motion: Array, point: Array) -> tuple[Array, Array]:
    """Where a (3, 3) homography moves a (2,) point, and its (2, 2) derivative there."""
    x, y, w = motion @ (*point, 1.0)
    moved = np.array([x, y]) / w
    return moved, (motion[:2, :2] - np.outer(moved, motion[2, :2])) / w


def _around_people(grey: Grey, people: Frame) -> NDArray[np.uint8]:
    """255 where nobody is, else 0."""
    mask = np.full(grey.shape, 255, np.uint8)
    scale = np.divide(grey.shape[::-1], people.canvas_wh)
    for pose in people.found_poses:
        box = visible_box(pose).reshape(2, 2)
        margin = MARGIN * (box[1] - box[0])
        low, high = box[0] - margin, box[1] + margin
        left, top = np.floor(np.maximum(low * scale, 0)).astype(int)
        right, bottom = np.ceil(np.maximum(high * scale, 0)).astype(int)
        mask[top:bottom, left:right] = 0
    return mask


def _follow(before: Grey, after: Grey, corners: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Where (N, 1, 2) corners are in the next image, and (N,) which of them lead back again."""
    moved, found = _flow(before, after, corners)
    back, found_back = _flow(after, before, moved)
    off = np.linalg.norm(back - corners, axis=2).ravel()
    return moved, found & found_back & (off <= MAX_RETURN_PX)


def _flow(before: Grey, after: Grey, corners: Array) -> tuple[Array, NDArray[np.bool_]]:
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        before,
        after,
        corners,
        None,  # type: ignore[call-overload]  # OpenCV's types want an array; None is documented
        winSize=(WINDOW, WINDOW),
        maxLevel=LEVELS,
    )
    return moved, found.ravel().astype(bool)


def _is_plausible(motion: Array, corners: Array, num_followed: int, grey: Grey) -> bool:
    """Whether the (N, 2) corners that agree are enough, and nothing is distorted."""
    if len(corners) < max(MIN_CORNERS, MIN_SHARE * num_followed):
        return False
    if cv2.contourArea(cv2.convexHull(corners)) < MIN_AREA * grey.size:
        return False
    turns = np.array([local_motion(motion, end)[1] for end in _ends(grey)])
    areas = np.linalg.det(turns)
    return bool((areas > MAX_ZOOM**-2).all() and (areas < MAX_ZOOM**2).all())


def _ends(grey: Grey) -> Array:
    height, width = grey.shape
    return np.array([(0, 0), (width, 0), (0, height), (width, height)], dtype=float)
