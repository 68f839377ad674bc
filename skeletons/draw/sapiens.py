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
Pixels = dict[int, Pixel]
"""Truncated pixel of every joint that is drawn, by its index; the neck that is made is ``NECK``."""

NECK = -1
"""Index of OpenPose's neck, whatever the set calls a neck itself."""


@dataclass(frozen=True)
class _Look:
    """The links of a set with their paint, and the joints with theirs, in drawing order."""

    links: tuple[tuple[int, int, Ink], ...]
    dots: tuple[tuple[int, Ink], ...]


@cache
def _native_look(set_name: str) -> _Look:
    keypoint_set = KEYPOINT_SETS[set_name]
    ends = keypoint_set.link_indices.tolist()
    return _Look(
        links=tuple(
            (start, end, ink(link.color))
            for (start, end), link in zip(ends, keypoint_set.links, strict=True)
        ),
        dots=tuple((row, ink(joint.color)) for row, joint in enumerate(keypoint_set.joints)),
    )


@cache
def _openpose_look(set_name: str) -> _Look:
    """OpenPose's body first, then the other joints of the set in the set's own colours."""
    keypoint_set, native = KEYPOINT_SETS[set_name], _native_look(set_name)
    rows = {name: row for row, name in enumerate(keypoint_set.names)} | {"neck": NECK}
    body = {joint.name: ink(joint.color) for joint in OPENPOSE_136.joints if joint.part == "body"}
    limbs = [
        (link.start, link.end, ink(OTHER_COLORS.get((link.start, link.end), link.color)))
        for link in OPENPOSE_136.links
        if link.start in body and {link.start, link.end} <= rows.keys()
    ]
    others = [
        (link.start, link.end, ink(link.color))
        for link in keypoint_set.links
        if not {link.start, link.end} <= body.keys()
    ]
    dots = [(rows[name], color) for name, color in body.items() if name in rows]
    names = keypoint_set.names
    return _Look(
        links=tuple((rows[start], rows[end], color) for start, end, color in limbs + others),
        dots=(*dots, *(dot for dot in native.dots if names[dot[0]] not in body)),
    )


def draw_native(canvas: Canvas, poses: Sequence[Pose], options: DrawOptions, sizes: Sizes) -> None:
    """Paint opaque links and blended dots in the colours of each pose's own set."""
    width = round_to_pixels(sizes.line)
    for index, pose in enumerate(poses):
        look = _native_look(pose.keypoint_set.name)
        own = person_color(pose, index, options)
        pixels = _shown_pixels(pose, options)
        for start, end, color in _links_inside(canvas, look, pixels):
            cv2.line(canvas, pixels[start], pixels[end], ink(own) if own else color, width)
        _blend_dots(canvas, look, pixels, round_to_pixels(sizes.point), options.opacity, own)


def draw_openpose(
    canvas: Canvas, poses: Sequence[Pose], options: DrawOptions, sizes: Sizes
) -> None:
    """Paint OpenPose's body and the feet, face and hands of the set, each shape blended in."""
    half_width = round_to_pixels(sizes.line)
    for index, pose in enumerate(poses):
        look = _openpose_look(pose.keypoint_set.name)
        own = person_color(pose, index, options)
        pixels = _with_openpose_neck(pose, options, _shown_pixels(pose, options))
        for start, end, color in _links_inside(canvas, look, pixels):
            polygon = limb_polygon(pixels[start], pixels[end], half_width)
            left, top = polygon.min(axis=0).clip(0).tolist()
            right, bottom = polygon.max(axis=0).tolist()
            below = canvas[top : max(bottom + 1, 0), left : max(right + 1, 0)]
            if not below.size:
                continue
            layer = below.copy()
            cv2.fillConvexPoly(layer, polygon - (left, top), ink(own) if own else color)
            cv2.addWeighted(below, 1 - LIMB_OPACITY, layer, LIMB_OPACITY, 0, dst=below)
        _blend_dots(canvas, look, pixels, round_to_pixels(sizes.point), options.opacity, own)


def _shown_pixels(pose: Pose, options: DrawOptions) -> Pixels:
    wanted = find_joints_to_draw(pose.keypoint_set.name, options, feet=True)
    keypoints = pose.keypoints_image.tolist()
    return {
        row: (int(keypoints[row][0]), int(keypoints[row][1]))
        for row, (name, is_shown) in enumerate(
            zip(pose.keypoint_set.names, visible_keypoints(pose), strict=True)
        )
        if is_shown and name in wanted
    }


def _with_openpose_neck(pose: Pose, options: DrawOptions, pixels: Pixels) -> Pixels:
    """``pixels`` with the neck halfway between the shoulders, if both are above the threshold.

    Above, not at it: the reference compares the shoulders more strictly than other joints.
    """
    shoulders = pose.keypoint_set.indices(("left_shoulder", "right_shoulder"))
    if not pixels.keys() >= {*shoulders.tolist()}:
        return pixels
    if not (pose.scores[shoulders] > options.score_threshold).all():
        return pixels
    x, y = pose.keypoints_image[shoulders].mean(axis=0).tolist()
    return {**pixels, NECK: (int(x), int(y))}


def _links_inside(canvas: Canvas, look: _Look, pixels: Pixels) -> list[tuple[int, int, Ink]]:
    """The links with both ends shown and inside the canvas, without its first row and column."""
    height, width = canvas.shape[:2]
    inside = {row for row, (x, y) in pixels.items() if 0 < x < width and 0 < y < height}
    return [link for link in look.links if link[0] in inside and link[1] in inside]


def _blend_dots(
    canvas: Canvas, look: _Look, pixels: Pixels, radius: int, opacity: float, own: Color | None
) -> None:
    paint = ink(own) if own else None
    for row, color in look.dots:
        if row not in pixels:
            continue
        x, y = pixels[row]
        if opacity == 1:
            cv2.circle(canvas, (x, y), radius, paint or color, cv2.FILLED)
            continue
        left, top = max(x - radius, 0), max(y - radius, 0)
        below = canvas[top : max(y + radius + 1, 0), left : max(x + radius + 1, 0)]
        if not below.size:
            continue
        layer = below.copy()
        cv2.circle(layer, (x - left, y - top), radius, paint or color, cv2.FILLED)
        cv2.addWeighted(below, 1 - opacity, layer, opacity, 0, dst=below)
