"""Drawing a frame for a model: at the size the model's makers draw at, then at the size asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...foundation.limits import check_pixels
from ...keypoint_sets import HEAD
from ...options.drawing import SHOWN
from ...pose import Frame
from ..canvas import Placement
from ..options import Canvas, DrawOptions
from .paint import paint
from .people import make_person
from .resizing import fit_onto
from .rows import Look
from .rules import SizeWh


def draw(frame: Frame, look: Look, options: DrawOptions) -> Canvas:
    """(H, W, 4) uint8: the RGB that the model gets, on black, and the skeleton's coverage.

    Args:
        frame: the people; any keypoint set. Empty slots are left out.
        look: a row of ``MODELS``.
        options: the size and the layout of the drawing, and which parts are left out.

    Raises:
        ValueError: the canvas, or the larger one that the model's drawing starts from, has more
            pixels than ``MAX_CANVAS_PIXELS``.
    """
    finished_wh = options.canvas_wh or frame.canvas_wh
    check_pixels(finished_wh, "The canvas")
    fits = look.fits_finished and options.layout == "fit" and finished_wh != frame.canvas_wh
    own_wh = frame.canvas_wh if fits else finished_wh
    canvas = _paint_frame(frame, _without_parts(look, options), options, own_wh)
    return fit_onto(canvas, finished_wh) if fits else canvas


def _paint_frame(frame: Frame, look: Look, options: DrawOptions, size_wh: SizeWh) -> Canvas:
    drawn_wh = look.drawn_at(size_wh)
    check_pixels(drawn_wh, "The large drawing from which the model's image is made")
    placement = Placement.of(frame.canvas_wh, size_wh, options.layout)
    jaw = options.openpose.face_jaw if options.openpose else SHOWN["face_jaw"].default
    scale_xy = np.divide(drawn_wh, size_wh)
    people = [
        make_person(placement.place_pose(pose), look, scale_xy, jaw) for pose in frame.found_poses
    ]
    canvas = paint(people, look, drawn_wh)
    return canvas if drawn_wh == size_wh else look.resize(canvas, size_wh)


def _without_parts(look: Look, options: DrawOptions) -> Look:
    """``look`` without the parts that are switched off."""
    if not options.draw_body:
        look = replace(look, joints=frozenset(), toes=None)
    if not options.draw_head:
        look = replace(look, joints=look.joints.difference(HEAD))
    if not options.draw_hands:
        look = replace(look, hands=())
    return look if options.draw_face else replace(look, face=())
