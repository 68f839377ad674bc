"""The skeletons of ComfyUI's own ``SDPoseDrawKeypoints`` node, to the pixel.

Close to the ``openpose`` style, with limbs at full brightness, nothing outside the canvas but
limbs, hand colours one off here and there, and no dots for the eyes in the face. Facts of
``comfy_extras/nodes_sdpose.py`` (its OpenCV backend) of 2026-06.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

from ..keypoint_sets import OPENPOSE_136
from ..pose import Pose
from .options import Canvas, DrawOptions, Sizes, ink, person_color, visible_keypoints, whole_pixels
from .painter import InkedLink, Painter, Shown, openpose_joints, openpose_links

SIZES = Sizes(line=4, point=4, face_point=3, hand_line=2)

SHORTEST_LIMB = 1.0
"""Limbs shorter than this many pixels are left out."""


def _rainbow(links: list[InkedLink]) -> list[InkedLink]:
    """The same links in evenly spaced hues, each channel truncated, where ``openpose`` rounds."""
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

    Points outside the canvas are not drawn, and neither are hand links that end there. For hands
    and faces the first row and column count as outside.
    """
    dot = whole_pixels(sizes.point)
    for position, pose in enumerate(poses):
        person = Painter(canvas, pose, person_color(pose, position, options))
        shown = visible_keypoints(pose)
        if options.draw_body:
            person.limbs(LIMBS, shown, whole_pixels(sizes.line), shortest=SHORTEST_LIMB)
            person.dots(BODY, _inside(person, shown, 0), dot)
        if options.draw_feet:
            person.dots(FEET, _inside(person, shown, 0), dot)
        fine = _inside(person, shown, 1)
        if options.draw_hands:
            for links, joints in HANDS:
                person.lines(links, fine, whole_pixels(sizes.hand_line))
                person.dots(joints, fine, dot)
        if options.draw_face:
            person.dots(FACE, fine, whole_pixels(sizes.face_point))


def _inside(person: Painter, shown: Shown, first: int) -> list[bool]:
    """Which of the shown joints lie on the canvas, from its row and column ``first`` on."""
    height, width = person.canvas.shape[:2]
    return [
        found and first <= x < width and first <= y < height
        for found, (x, y) in zip(shown, person.pixels, strict=True)
    ]
