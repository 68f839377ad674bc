"""Options of a drawing, and what every style has in common: sizes, colours, what is shown."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import cache
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from ..choices import STYLE_SUMMARIES, Background, Layout, Xinsir
from ..foundation.checks import FLAG, SCORE, SIZE, check_options, one_of, whole, within
from ..foundation.limits import MAX_RESOLUTION_PX, MAX_WIDTH_PX
from ..keypoint_sets import KEYPOINT_SETS, Color
from ..openpose_points import OpenPoseOptions
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
    """How to draw a frame; a style ignores what it has no use for.

    Attributes:
        style: a name in ``STYLES``.
        draw_body, draw_hands, draw_face: which parts to draw.
        draw_feet: toes and heels; None draws them in the styles that show a network's own set,
            and leaves them out of ``openpose`` and ``core``, whose ControlNets never saw them.
        score_threshold: keypoints with a lower score are not drawn.
        openpose: thresholds by part, and how people of other sets become OpenPose people in the
            styles that draw those: whole hands and faces, the jaw. None applies
            ``score_threshold`` to every part.
        canvas_wh: width and height of the drawing in pixels; None takes the frame's.
        layout: how the frame's canvas is laid onto ``canvas_wh``: ``fit`` inside it, ``fill`` it
            and lose the edges, or ``stretch`` both axes apart.
        background: what lies under the skeleton.
        image_opacity: 0 to 1, how much of the source image shows when it is the background.
        line_width, point_radius, face_point_radius: pixels, or None for the style's own.
        relative_size: multiply every width and radius by the canvas's short side / 512.
        xinsir: scale limbs, or limbs and body dots, as xinsir's SDXL ControlNets expect.
        detect_resolution: shrink or enlarge the finished drawing until its short side is this, as
            DWPose does; 0 keeps it. ControlNets do best without.
        opacity: of points and links in the styles that blend (``sapiens_openpose``, ``sapiens``).
        color_by_person: one colour a person, by ``person_id``, or by order where there is none.

    Raises:
        ValueError: a value is out of range; the message names it.
    """

    style: str = "openpose"
    draw_body: bool = True
    draw_hands: bool = True
    draw_face: bool = True
    draw_feet: bool | None = None
    score_threshold: float = 0.3
    openpose: OpenPoseOptions | None = None
    canvas_wh: tuple[int, int] | None = None
    layout: Layout = "fit"
    background: Background = "black"
    image_opacity: float = 1.0
    line_width: float | None = None
    point_radius: float | None = None
    face_point_radius: float | None = None
    relative_size: bool = False
    xinsir: Xinsir = "off"
    detect_resolution: int = 0
    opacity: float = 0.8
    color_by_person: bool = False

    def __post_init__(self) -> None:
        width_px = within(0, MAX_WIDTH_PX).or_none()
        check_options(
            self,
            style=one_of(STYLE_SUMMARIES),
            draw_body=FLAG,
            draw_hands=FLAG,
            draw_face=FLAG,
            draw_feet=FLAG.or_none(),
            score_threshold=SCORE,
            canvas_wh=SIZE.or_none(),
            layout=one_of(get_args(Layout)),
            background=one_of(get_args(Background)),
            image_opacity=within(0, 1),
            line_width=width_px,
            point_radius=width_px,
            face_point_radius=width_px,
            relative_size=FLAG,
            xinsir=one_of(get_args(Xinsir)),
            detect_resolution=whole(0, MAX_RESOLUTION_PX),
            opacity=within(0, 1),
            color_by_person=FLAG,
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
        hand_line=resolve(sizes.hand_line, None),
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
