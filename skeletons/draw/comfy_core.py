"""The skeletons of ComfyUI's own ``SDPoseDrawKeypoints`` node, to the pixel.

Close to the ``openpose`` style, but with limbs at full brightness, only limbs drawn where a joint
is outside the canvas, some hand colours that differ by one, and no dots for the eyes in the face.
Facts of ``comfy_extras/nodes_sdpose.py`` (its OpenCV backend) of 2026-06.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

from ..keypoint_sets import OPENPOSE_136
from ..pose import Pose
from .options import (
    Canvas,
    DrawOptions,
    Sizes,
    ink,
    person_color,
    round_to_pixels,
    visible_keypoints,
)
from .painter import InkedLink, Painter, Shown, openpose_joints, openpose_links

SIZES = Sizes(line=4, point=4, face_point=3, hand_line=2)

SHORTEST_LIMB = 1.0
"""Minimum length of a limb, in pixels; shorter ones are left out."""


def _rainbow(links: list[InkedLink]) -> list[InkedLink]:
    """The same links in evenly spaced hues; channels are truncated, where ``openpose`` rounds."""
    hues = [colorsys.hsv_to_rgb(i / len(links), 1.0, 1.0) for i in range(len(links))]
    return [
        (start, end, ink((int(255 * red), int(255 * green), int(255 * blue))))
        for (start, end, _), (red, green, blue) in zip(links, hues, strict=True)
    ]


LIMBS = openpose_links("body")
BODY = openpose_joints("body")
FEET = openpose_joints("left_foot", "right_foot")
HANDS = [
    (_rainbow(openpose_links(hand)), openpose_joints(hand)) for hand in ("right_hand", "left_hand")
]
EYE_DOTS = {OPENPOSE_136.index(name) for name in ("face-68", "face-69")}
FACE = [(joint, color) for joint, color in openpose_joints("face") if joint not in EYE_DOTS]


def draw(canvas: Canvas, poses: Sequence[Pose], options: DrawOptions, sizes: Sizes) -> None:
    """Paint people of ``openpose_136`` onto ``canvas``, later people over earlier ones.

    Keypoints outside the canvas are not drawn, and neither are hand links that end there. For hands
    and faces the first row and column count as outside.
    """
    dot = round_to_pixels(sizes.point)
    for index, pose in enumerate(poses):
        person = Painter(canvas, pose, person_color(pose, index, options))
        shown = visible_keypoints(pose)
        if options.draw_body:
            person.paint_limbs(LIMBS, shown, round_to_pixels(sizes.line), shortest=SHORTEST_LIMB)
            person.paint_dots(BODY, _inside(person, shown, 0), dot)
        if options.draw_feet:
            person.paint_dots(FEET, _inside(person, shown, 0), dot)
        inside = _inside(person, shown, 1)
        if options.draw_hands:
            for links, joints in HANDS:
                person.paint_lines(links, inside, round_to_pixels(sizes.hand_line))
                person.paint_dots(joints, inside, dot)
        if options.draw_face:
            person.paint_dots(FACE, inside, round_to_pixels(sizes.face_point))


def _inside(person: Painter, shown: Shown, first: int) -> list[bool]:
    """Which shown joints are inside the canvas, whose first row and column is ``first``."""
    height, width = person.canvas.shape[:2]
    return [
        is_shown and first <= x < width and first <= y < height
        for is_shown, (x, y) in zip(shown, person.pixels, strict=True)
    ]
