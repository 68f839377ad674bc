"""The reference's own two styles, exact to the pixel: lines and dots, and blended OpenPose.

Facts of ``facebookresearch/sapiens``, ``pose/mmpose/visualization/local_visualizer.py``. Both draw
people of a network's own set, 17, 133 or 308 joints, with the network's scores. The reference has
no OpenPose look for 308 joints; ours follows the same rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2

from ..keypoint_sets import KEYPOINT_SETS, OPENPOSE_136, Color
from ..pose import Pose
from .options import (
    Canvas,
    DrawOptions,
    Ink,
    Sizes,
    find_joints_to_draw,
    ink,
    person_color,
    round_to_pixels,
    visible_keypoints,
)
from .painter import limb_polygon

SIZES = Sizes(line=3, point=3)
"""Default sizes of the reference's scripts; they use 15 and 15 for 308 joints on large photos."""

LIMB_OPACITY = 0.6
"""Opacity of the limbs of the OpenPose look, whatever the opacity of the dots, 0 to 1."""

OTHER_COLORS: dict[tuple[str, str], Color] = {
    ("neck", "left_hip"): (0, 255, 225),
    ("nose", "right_eye"): (255, 0, 170),
}
"""Colours of the two limbs that the reference does not paint in OpenPose's colours."""

Pixel = tuple[int, int]
Box = tuple[slice, slice]


@dataclass(frozen=True)
class _Look:
    """The links of a set with their paint, and the joints with theirs, in drawing order."""

    links: tuple[tuple[str, str, Ink], ...]
    dots: tuple[tuple[str, Ink], ...]


@cache
def _native_look(set_name: str) -> _Look:
    keypoint_set = KEYPOINT_SETS[set_name]
    return _Look(
        links=tuple((link.start, link.end, ink(link.color)) for link in keypoint_set.links),
        dots=tuple((joint.name, ink(joint.color)) for joint in keypoint_set.joints),
    )


@cache
def _openpose_look(set_name: str) -> _Look:
    """OpenPose's body first, then the other joints of the set in the set's own colours."""
    native = _native_look(set_name)
    body = {joint.name: ink(joint.color) for joint in OPENPOSE_136.joints if joint.part == "body"}
    limbs = tuple(
        (link.start, link.end, ink(OTHER_COLORS.get((link.start, link.end), link.color)))
        for link in OPENPOSE_136.links
        if link.start in body
    )
    return _Look(
        links=limbs + tuple(link for link in native.links if not {*link[:2]} <= body.keys()),
        dots=tuple(body.items()) + tuple(dot for dot in native.dots if dot[0] not in body),
    )


def draw_native(canvas: Canvas, poses: Sequence[Pose], options: DrawOptions, sizes: Sizes) -> None:
    """Paint opaque links and blended dots in the colours of each pose's own set."""
    width = round_to_pixels(sizes.line)
    layer = canvas.copy()
    for index, pose in enumerate(poses):
        look = _native_look(pose.keypoint_set.name)
        own = person_color(pose, index, options)
        pixels = _shown_pixels(pose, options)
        for start, end, color in _links_inside(canvas, look, pixels):
            cv2.line(canvas, pixels[start], pixels[end], ink(own) if own else color, width)
        layer[...] = canvas
        _blend_dots(canvas, layer, look, pixels, round_to_pixels(sizes.point), options.opacity, own)


def draw_openpose(
    canvas: Canvas, poses: Sequence[Pose], options: DrawOptions, sizes: Sizes
) -> None:
    """Paint OpenPose's body and the feet, face and hands of the set, each shape blended in."""
    half_width = round_to_pixels(sizes.line)
    layer = canvas.copy()
    for index, pose in enumerate(poses):
        look = _openpose_look(pose.keypoint_set.name)
        own = person_color(pose, index, options)
        pixels = _with_openpose_neck(pose, options, _shown_pixels(pose, options))
        for start, end, color in _links_inside(canvas, look, pixels):
            polygon = limb_polygon(pixels[start], pixels[end], half_width)
            cv2.fillConvexPoly(layer, polygon, ink(own) if own else color)
            left, top = polygon.min(axis=0)
            right, bottom = polygon.max(axis=0)
            _blend(canvas, layer, _box(left, top, right, bottom), LIMB_OPACITY)
        _blend_dots(canvas, layer, look, pixels, round_to_pixels(sizes.point), options.opacity, own)


def _shown_pixels(pose: Pose, options: DrawOptions) -> dict[str, Pixel]:
    """Truncated pixel of every joint that is drawn, by name."""
    shown = visible_keypoints(pose)
    wanted = find_joints_to_draw(pose.keypoint_set.name, options, feet=True)
    return {
        name: (int(x), int(y))
        for name, is_shown, (x, y) in zip(
            pose.keypoint_set.names, shown, pose.keypoints_image.tolist(), strict=True
        )
        if is_shown and name in wanted
    }


def _with_openpose_neck(
    pose: Pose, options: DrawOptions, pixels: dict[str, Pixel]
) -> dict[str, Pixel]:
    """``pixels`` with the neck halfway between the shoulders, if both are above the threshold.

    Above, not at it: the reference compares the shoulders more strictly than other joints.
    """
    shoulders = pose.keypoint_set.indices(("left_shoulder", "right_shoulder"))
    others = {name: pixel for name, pixel in pixels.items() if name != "neck"}
    if not {"left_shoulder", "right_shoulder"} <= others.keys():
        return others
    if not (pose.scores[shoulders] > options.score_threshold).all():
        return others
    x, y = pose.keypoints_image[shoulders].mean(axis=0).tolist()
    return {**others, "neck": (int(x), int(y))}


def _links_inside(
    canvas: Canvas, look: _Look, pixels: dict[str, Pixel]
) -> list[tuple[str, str, Ink]]:
    """The links with both ends shown and inside the canvas, without its first row and column."""
    height, width = canvas.shape[:2]
    inside = {name for name, (x, y) in pixels.items() if 0 < x < width and 0 < y < height}
    return [link for link in look.links if link[0] in inside and link[1] in inside]


def _blend_dots(
    canvas: Canvas,
    layer: Canvas,
    look: _Look,
    pixels: dict[str, Pixel],
    radius: int,
    opacity: float,
    own: Color | None,
) -> None:
    for name, color in look.dots:
        if name in pixels:
            x, y = pixels[name]
            cv2.circle(layer, (x, y), radius, ink(own) if own else color, cv2.FILLED)
            _blend(canvas, layer, _box(x - radius, y - radius, x + radius, y + radius), opacity)


def _box(left: int, top: int, right: int, bottom: int) -> Box:
    """Rows and columns of a rectangle, both ends included, clipped at the canvas's top and left."""
    return slice(max(top, 0), max(bottom + 1, 0)), slice(max(left, 0), max(right + 1, 0))


def _blend(canvas: Canvas, layer: Canvas, box: Box, opacity: float) -> None:
    """Blend ``layer`` into ``canvas`` within ``box``; both are equal there afterwards."""
    if canvas[box].size:
        canvas[box] = cv2.addWeighted(canvas[box], 1 - opacity, layer[box], opacity, 0)
        layer[box] = canvas[box]
