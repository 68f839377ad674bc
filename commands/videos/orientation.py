"""Turns and mirrors decoded frames as their file says that they are shown: by its display matrix.

The rules are those of FFmpeg's own ``-autorotate`` (``fftools/ffmpeg_filter.c``), which this is
tested against: a turn within a degree of a quarter is that quarter, with whatever mirroring the
matrix says; at any other angle the image is turned about its centre, keeps its size and has black
corners. FFmpeg's filters, which PyAV has, do the same, but take a filter graph for each frame size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ...skeletons.foundation.arrays import Image

UNIT = 65536
"""One, in the fixed-point numbers of a display matrix's first two columns."""


@dataclass(frozen=True)
class Orientation:
    """How a decoded frame is shown.

    Attributes:
        matrix: the numbers a, b, c, d of a display matrix. A pixel (x, y) of the decoded frame is
            shown at (a x + c y, b x + d y), moved into the image; in units of ``UNIT``.
    """

    matrix: tuple[int, int, int, int] = (UNIT, 0, 0, UNIT)

    @property
    def degrees(self) -> int:
        """Angle of the turn, clockwise, in whole degrees from 0 to 359; 0 for no matrix at all."""
        a, b, c, d = self.matrix
        scale_x, scale_y = math.hypot(a, c), math.hypot(b, d)
        if not scale_x or not scale_y:
            return 0
        return round(math.degrees(math.atan2(b / scale_y, a / scale_x))) % 360

    @property
    def swaps_sides(self) -> bool:
        """Whether width and height of the decoded frame change places."""
        return self.degrees in (90, 270)

    def apply(self, image: Image) -> Image:
        """A decoded frame, (H, W, 3), as it is shown."""
        a, _, c, d = self.matrix
        degrees = self.degrees
        if degrees == 90:
            shown = image.transpose(1, 0, 2) if c > 0 else np.rot90(image, -1)
        elif degrees == 270:
            shown = image[::-1, ::-1].transpose(1, 0, 2) if c < 0 else np.rot90(image)
        elif degrees == 180:
            shown = image[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]
        elif degrees == 0:
            shown = image[:: -1 if d < 0 else 1]
        else:
            shown = _turn(image, degrees)
        return np.ascontiguousarray(shown)


def read_orientation(frame: Any) -> Orientation:
    """The orientation that a PyAV frame carries."""
    try:
        data = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # PyAV knows not all kinds of side data; the angle it says without them
        radians = math.radians(-frame.rotation)
        cos, sin = round(UNIT * math.cos(radians)), round(UNIT * math.sin(radians))
        return Orientation((cos, sin, -sin, cos))
    if data is None:
        return Orientation()
    rows = np.frombuffer(bytes(data), np.int32, 9).reshape(3, 3)
    return Orientation(tuple(rows[:2, :2].ravel().tolist()))


def _turn(image: Image, degrees: int) -> Image:
    """Turns clockwise about the centre."""
    height, width = image.shape[:2]
    centre = ((width - 1) / 2, (height - 1) / 2)
    turn = cv2.getRotationMatrix2D(centre, -degrees, 1.0)
    return np.asarray(cv2.warpAffine(image, turn, (width, height)), np.uint8)
