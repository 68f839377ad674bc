"""Options of a drawing, and what every style has in common: sizes, colours, what is shown."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, fields
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..choices import CUSTOM, OFF, Background, Layout, Xinsir
from ..keypoint_sets import KEYPOINT_SETS, Color
from ..openpose_points import OpenPoseOptions
from ..options.drawing import DRAWING
from ..pose import Pose

Canvas = NDArray[np.uint8]
"""(H, W, 3) uint8 RGB, or (H, W, 4) with the skeleton's coverage, 0 to 255; painted in place."""

Ink = tuple[int, int, int, int]
"""Red, green, blue and coverage 255, as OpenCV paints it; a 3-channel canvas ignores the last."""


FARTHEST_PIXEL = 2**16
"""Maximum absolute coordinate of a drawn keypoint, in pixels: OpenCV's integers would overflow."""

RELATIVE_SHORT_SIDE = 512
"""Shorter side of the canvas, in pixels, at which ``relative_size`` changes nothing."""

_GOLDEN_RATIO = 0.618033988749895  # of the hue circle: successive ids get hues far apart


FREE_FOR_MODELS = frozenset(
    {"for_model", "canvas_wh", "layout", "openpose", "image_opacity"}
    | {f"draw_{part}" for part in ("body", "head", "hands", "face", "feet")}
)
"""Attributes of ``DrawOptions`` that a drawing for a model may have as it likes."""


SET_WIDTHS = frozenset(
    {"line_width", "hand_line_width", "point_radius", "face_point_radius"}
    | {"relative_size", "xinsir"}
)
"""Attributes of ``DrawOptions`` that say how wide lines and dots are."""


@dataclass(frozen=True)
class Sizes:
    """Widths and radii in pixels of the canvas.

    ``line`` is half the thickness of a limb in the styles that draw limbs as ellipses
    (``openpose``, ``core``, ``sapiens_openpose``) and the thickness in the others.
    """

    line: float
    point: float
    face_point: float = 3
    hand_line: float = 2


@dataclass(frozen=True)
class DrawOptions:
    """How to draw a frame, see the rows of ``skeletons/options/drawing.py``.

    A style ignores what it has no use for. ``draw_feet`` None draws feet in the styles that show a
    network's own set, and leaves them out of ``openpose`` and ``core``, whose ControlNets never saw
    them. ``relative_size`` multiplies widths and radii by the canvas's short side / 512.
    ``color_by_person`` follows ``person_id``, or the order where there is none.

    Attributes:
        openpose: thresholds by part, and how people of other sets become OpenPose people in the
            styles that draw those: whole hands and faces, the jaw. None applies
            ``score_threshold`` to every part.

    Raises:
        ValueError: a value is out of range; the message names it.
    """

    style: str = DRAWING["style"].default
    draw_body: bool = DRAWING["body"].default
    draw_hands: bool = DRAWING["hands"].default
    draw_face: bool = DRAWING["face"].default
    draw_feet: bool | None = DRAWING["feet"].default
    score_threshold: float = DRAWING["score_threshold"].default
    openpose: OpenPoseOptions | None = None
    canvas_wh: tuple[int, int] | None = DRAWING["canvas_wh"].default
    layout: Layout = DRAWING["layout"].default
    background: Background = DRAWING["background"].default
    image_opacity: float = DRAWING["image_opacity"].default
    line_width: float | None = DRAWING["line_width"].default
    point_radius: float | None = DRAWING["point_radius"].default
    face_point_radius: float | None = DRAWING["face_point_radius"].default
    relative_size: bool = DRAWING["relative_size"].default
    xinsir: Xinsir = DRAWING["xinsir"].default
    detect_resolution: int = DRAWING["detect_resolution"].default
    opacity: float = DRAWING["opacity"].default
    color_by_person: bool = DRAWING["color_by_person"].default
    for_model: str = DRAWING["for_model"].default
    hand_line_width: float | None = DRAWING["hand_line_width"].default
    width_rule: str = DRAWING["width_rule"].default
    draw_head: bool = DRAWING["head"].default
    toe_limbs: str = DRAWING["toe_limbs"].default
    face_points: str = DRAWING["face_points"].default
    dim_by_score: bool = DRAWING["dim_by_score"].default
    exchange_red_blue: bool = DRAWING["exchange_red_blue"].default
    paint_order: str = DRAWING["paint_order"].default
    draw_at: str = DRAWING["draw_at"].default
    resize_by: str = DRAWING["resize_by"].default

    def __post_init__(self) -> None:
        DRAWING.check(self)
        if self.for_model != CUSTOM:
            self._check_for_model()
        if self.width_rule != OFF:
            self._check_widths()

    def _check_widths(self) -> None:
        """Refuses widths that would have no effect beside a rule for them."""
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name in SET_WIDTHS and value != each.default:
                raise ValueError(
                    f"{each.name} is {value}, but width_rule {self.width_rule} sets all widths. "
                    f"Do not set {each.name}, or set width_rule to {OFF}."
                )

    def _check_for_model(self) -> None:
        """Refuses what would have no effect, or spoil the drawing, for the chosen model."""
        fixed = [each for each in fields(self) if each.name not in FREE_FOR_MODELS]
        values = {each.name: (getattr(self, each.name), each.default) for each in fixed}
        shown, default = self.openpose or OpenPoseOptions(), OpenPoseOptions()
        for each in fields(default):
            if each.name != "face_jaw":  # a jaw that is not seen may be drawn for any model
                values[each.name] = getattr(shown, each.name), getattr(default, each.name)
        for name, (value, usual) in values.items():
            if value != usual:
                raise ValueError(
                    f"{name} is {value}, but drawings for {self.for_model} use their own value. "
                    "Leave "
                    f"{name} at {usual}, or set for_model to {CUSTOM}."
                )


def resolve_sizes(sizes: Sizes, options: DrawOptions, canvas_wh: tuple[int, int]) -> Sizes:
    """A style's own ``sizes``, or those in the options, in pixels of a canvas of ``canvas_wh``."""
    scale = min(canvas_wh) / RELATIVE_SHORT_SIDE if options.relative_size else 1

    def resolve(own: float, chosen: float | None) -> float:
        return scale * (own if chosen is None else chosen)

    return Sizes(
        line=resolve(sizes.line, options.line_width),
        point=resolve(sizes.point, options.point_radius),
        face_point=resolve(sizes.face_point, options.face_point_radius),
        hand_line=resolve(sizes.hand_line, options.hand_line_width),
    )


def round_to_pixels(size: float) -> int:
    """``size`` rounded to whole pixels, at least 1."""
    return max(1, round(size))


def visible_keypoints(pose: Pose) -> list[bool]:
    """Whether each keypoint is drawn: it has a score above 0 and is within ``FARTHEST_PIXEL``."""
    near = (np.abs(pose.keypoints_image) < FARTHEST_PIXEL).all(axis=1)
    visible: list[bool] = ((pose.scores > 0) & near).tolist()
    return visible


@cache
def _joints_of(set_name: str, parts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(KEYPOINT_SETS[set_name].part_names(*parts))


def find_joints_to_draw(set_name: str, options: DrawOptions, feet: bool) -> frozenset[str]:
    """Names of the joints of a set whose body part is to be drawn; ``feet`` is the default."""
    switches = {
        ("body", "extra_body"): options.draw_body,
        ("left_foot", "right_foot"): feet if options.draw_feet is None else options.draw_feet,
        ("left_hand", "right_hand"): options.draw_hands,
        ("face",): options.draw_face,
    }
    return _joints_of(set_name, sum((parts for parts, is_on in switches.items() if is_on), ()))


def ink(color: Color) -> Ink:
    """``color`` as OpenCV paints it, opaque."""
    return (*color, 255)


def person_color(pose: Pose, index: int, options: DrawOptions) -> Color | None:
    """A vivid colour for a person in all frames, or None if people are not coloured.

    Chosen by the person's id, or by ``index``, the person's index in the frame, without an id.
    """
    if not options.color_by_person:
        return None
    number = index if pose.person_id is None else pose.person_id
    red, green, blue = colorsys.hsv_to_rgb(number * _GOLDEN_RATIO % 1, 0.85, 1)
    return round(255 * red), round(255 * green), round(255 * blue)
