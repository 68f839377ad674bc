"""What models derive from the size of a canvas: widths, and the size that is drawn at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

SizeWh = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True)
class Widths:
    """Widths in pixels of the canvas that is drawn on: half a limb's, a hand's lines', radii."""

    limb: int
    dot: int
    hand_line: int
    hand_dot: int
    face_dot: int


def openpose_widths(canvas_wh: SizeWh) -> Widths:
    """Those of OpenPose's drawing, at any size."""
    return Widths(limb=4, dot=4, hand_line=2, hand_dot=4, face_dot=3)


def xinsir_scale(canvas_wh: SizeWh) -> int:
    """Factor for the width of limbs on a canvas of this size for xinsir's SDXL ControlNets.

    Source: the model card of ``xinsir/controlnet-openpose-sdxl-1.0``.
    """
    longest = max(canvas_wh)
    return 1 if longest < 500 else min(2 + longest // 1000, 7)


def xinsir_widths(canvas_wh: SizeWh) -> Widths:
    """Limbs and body dots that grow in steps."""
    scale = xinsir_scale(canvas_wh)
    return Widths(limb=4 * scale, dot=4 * scale, hand_line=2, hand_dot=4, face_dot=3)


def wan_animate_widths(canvas_wh: SizeWh) -> Widths:
    """A 200th of the shorter side, less one; ``human_visualization.py`` of Wan2.2."""
    limb = max(int(min(canvas_wh) / 200) - 1, 1)
    hand = max(limb // 2, 1)
    return Widths(limb=limb, dot=limb, hand_line=hand, hand_dot=hand, face_dot=hand)


def scail_widths(canvas_wh: SizeWh) -> Widths:
    """OpenPose's for the head; hands and faces of 1 or 2 pixels; ``draw_utils.py`` of SCAIL."""
    fine = min(max(int(min(canvas_wh) / 300), 1), 2)
    return Widths(limb=4, dot=4, hand_line=fine, hand_dot=fine, face_dot=fine)


_ONE_TO_ALL_SIDES = (512, 1080, 2160, 3240, 4320, 5400)
_ONE_TO_ALL_RATIOS = (1, 1.5, 2, 2.5, 3.5, 4.5, 4)


def one_to_all_widths(canvas_wh: SizeWh) -> Widths:
    """In steps of the longer side; ``get_stickwidth`` of One-to-All's ``infer_utils.py``."""
    ratio = _ONE_TO_ALL_RATIOS[bisect_right(_ONE_TO_ALL_SIDES, max(canvas_wh))]
    body, fine = int(3 * ratio), int(2 * ratio)
    return Widths(limb=body, dot=body, hand_line=fine, hand_dot=fine, face_dot=fine)


WIDTH_RULES: dict[str, Callable[[SizeWh], Widths]] = {
    "wan_animate": wan_animate_widths,
    "one_to_all": one_to_all_widths,
    "scail": scail_widths,
}
"""Rules that a drawing for no model can choose."""


def own_size(size_wh: SizeWh) -> SizeWh:
    """Drawn at the size of the finished image."""
    return size_wh


def twice(size_wh: SizeWh) -> SizeWh:
    """Drawn at twice the size, as SteadyDancer does."""
    return 2 * size_wh[0], 2 * size_wh[1]


def short_side_2160(size_wh: SizeWh) -> SizeWh:
    """Drawn with a shorter side of 2160 pixels, truncated, as DWPose of MimicMotion does."""
    scale = 2160 / min(size_wh)
    return int(size_wh[0] * scale), int(size_wh[1] * scale)


def short_side_1024(size_wh: SizeWh) -> SizeWh:
    """Drawn with a shorter side of 1024 pixels and sides in steps of 64, as VACE does."""
    scale = 1024 / min(size_wh)
    return round(size_wh[0] * scale / 64) * 64, round(size_wh[1] * scale / 64) * 64


def always_512x768(size_wh: SizeWh) -> SizeWh:
    """Drawn at one size, onto which any image is stretched, as UniAnimate's inference does."""
    return 512, 768


DRAWN_AT: dict[str, Callable[[SizeWh], SizeWh]] = {
    "same": own_size,
    "twice": twice,
    "short_1024": short_side_1024,
    "short_2160": short_side_2160,
    "512x768": always_512x768,
}
"""Sizes that a drawing for no model can be made at."""
