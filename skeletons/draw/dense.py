"""Every keypoint of a set with the lines of the face, anti-aliased and coloured, for viewing.

Widths depend on the size of what is drawn: a small face gets finer lines than a large one, so that
lids and irises stay apart. Not meant for ControlNets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from ..keypoint_sets import HEAD, KEYPOINT_SETS, Color
from ..pose import Pose
from .options import (
    FARTHEST_PIXEL,
    Canvas,
    DrawOptions,
    Sizes,
    find_joints_to_draw,
    ink,
    person_color,
    visible_keypoints,
)

SIZES = Sizes(line=4, point=3.5, face_point=1.8, hand_line=2.5)

LIGHTEN_LINES, LIGHTEN_POINTS = 0.3, 0.65
"""How far the colours of the tables are mixed with white, 0 to 1: lines stand out from a dark
background, dots from their lines."""

FRACTION_BITS = 4
"""Number of fractional bits of coordinates passed to OpenCV: sixteenths of a pixel."""

SMALLEST_DOT = 0.6
"""Minimum radius of a dot, in pixels: such a dot is no wider than the line that it is on."""


@dataclass(frozen=True)
class _Region:
    """Body parts drawn with one width: that of the sizes, but at most ``share`` of their extent."""

    parts: tuple[str, ...]
    line: str
    point: str
    share: float


REGIONS = (
    _Region(("body",), line="line", point="point", share=1 / 90),
    _Region(("extra_body",), line="hand_line", point="hand_line", share=1 / 60),
    _Region(("left_foot", "right_foot"), line="hand_line", point="hand_line", share=1 / 25),
    _Region(("face",), line="face_point", point="face_point", share=1 / 140),
    _Region(("left_hand",), line="hand_line", point="hand_line", share=1 / 30),
    _Region(("right_hand",), line="hand_line", point="hand_line", share=1 / 30),
)
"""Regions in drawing order; ``line`` and ``point`` name fields of ``Sizes``, maximum widths."""


@dataclass(frozen=True)
class _Inked:
    """One region of a set: the indices and colours of its links and joints."""

    region: _Region
    links: tuple[tuple[int, int, Color], ...]
    joints: tuple[tuple[int, Color], ...]


def _lighten(color: Color, share: float) -> Color:
    red, green, blue = (round(channel + (255 - channel) * share) for channel in color)
    return red, green, blue


@cache
def _inked_regions(set_name: str) -> tuple[_Inked, ...]:
    """The regions of a set; a link belongs to the region of its end, whose joint has its colour."""
    keypoint_set = KEYPOINT_SETS[set_name]
    joint_colors = {joint.name: joint.color for joint in keypoint_set.joints}
    links = []
    for link in keypoint_set.links + keypoint_set.dense_links:
        joint_colors[link.end] = link.color
        ends = keypoint_set.index(link.start), keypoint_set.index(link.end)
        links.append((*ends, _lighten(link.color, LIGHTEN_LINES)))
    colors = [_lighten(joint_colors[name], LIGHTEN_POINTS) for name in keypoint_set.names]
    # Drawn as finely as the face wherever a face is drawn around them.
    head = keypoint_set.indices(HEAD).tolist() if keypoint_set.dense_links else []
    inked = []
    for region in REGIONS:
        members = [i for i in keypoint_set.part_indices(*region.parts).tolist() if i not in head]
        members += head if region.parts == ("face",) else []
        inked.append(
            _Inked(
                region=region,
                links=tuple(link for link in links if link[1] in members),
                joints=tuple((joint, colors[joint]) for joint in members),
            )
        )
    return tuple(inked)


def draw(canvas: Canvas, poses: Sequence[Pose], options: DrawOptions, sizes: Sizes) -> None:
    """Paint every keypoint of each pose's own set, anti-aliased, with the links of its face."""
    for index, pose in enumerate(poses):
        set_name = pose.keypoint_set.name
        wanted = find_joints_to_draw(set_name, options, feet=True)
        shown = [
            visible and name in wanted
            for visible, name in zip(visible_keypoints(pose), pose.keypoint_set.names, strict=True)
        ]
        own = person_color(pose, index, options)
        for inked in _inked_regions(set_name):
            _draw_region(canvas, pose, inked, shown, sizes, own)


def _draw_region(
    canvas: Canvas, pose: Pose, inked: _Inked, shown: list[bool], sizes: Sizes, own: Color | None
) -> None:
    joints = [joint for joint, _ in inked.joints if shown[joint]]
    if not joints:
        return
    extent = float(np.ptp(pose.keypoints_image[joints], axis=0).max()) or np.inf
    widest = inked.region.share * extent
    line = max(1, round(min(getattr(sizes, inked.region.line), widest)))
    radius = max(SMALLEST_DOT, min(getattr(sizes, inked.region.point), 0.9 * widest))
    near = np.clip(pose.keypoints_image, -FARTHEST_PIXEL, FARTHEST_PIXEL)
    points = np.rint(near * 2**FRACTION_BITS).astype(int).tolist()
    for start, end, color in inked.links:
        if shown[start] and shown[end]:
            paint = ink(own or color)
            cv2.line(canvas, points[start], points[end], paint, line, cv2.LINE_AA, FRACTION_BITS)
    for joint, color in inked.joints:
        if shown[joint]:
            paint, fine_radius = ink(own or color), round(radius * 2**FRACTION_BITS)
            cv2.circle(
                canvas, points[joint], fine_radius, paint, cv2.FILLED, cv2.LINE_AA, FRACTION_BITS
            )
