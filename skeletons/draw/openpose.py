"""OpenPose skeletons, exact to the pixel, as ControlNets were trained on.

Draws the same as ``comfyui_controlnet_aux`` (``dwpose/util.py`` and ``open_pose/util.py``, which
agree): no anti-aliasing, every coordinate truncated, opaque paint. Joints, links and their colours
are those of the ``openpose_136`` tables.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..pose import Pose
from .options import Canvas, DrawOptions, Sizes, person_color, round_to_pixels, visible_keypoints
from .painter import Painter, openpose_joints, openpose_links

SIZES = Sizes(line=4, point=4, face_point=3, hand_line=2)

LIMB_BRIGHTNESS = 0.6
"""Brightness of limbs, as a fraction of their colour; joints have the full colour."""

LIMBS = openpose_links("body", LIMB_BRIGHTNESS)
BODY = openpose_joints("body")
FEET = openpose_joints("left_foot", "right_foot")
HANDS = [(openpose_links(hand), openpose_joints(hand)) for hand in ("left_hand", "right_hand")]
FACE = openpose_joints("face")


def xinsir_scale(canvas_wh: tuple[int, int]) -> int:
    """Factor for the width of limbs on a canvas of this size for xinsir's SDXL ControlNets.

    Source: the model card of ``xinsir/controlnet-openpose-sdxl-1.0``.
    """
    longest = max(canvas_wh)
    return 1 if longest < 500 else min(2 + longest // 1000, 7)


def draw(canvas: Canvas, poses: Sequence[Pose], options: DrawOptions, sizes: Sizes) -> None:
    """Paint people of ``openpose_136`` onto ``canvas``, later people over earlier ones.

    Hand and face keypoints left of x = 1 or above y = 1 are not drawn; body keypoints are. The feet
    are an addition: the ControlNets were not trained on them.
    """
    scale = 1 if options.xinsir == "off" else xinsir_scale((canvas.shape[1], canvas.shape[0]))
    limb = round_to_pixels(sizes.line * scale)
    body_dot = round_to_pixels(sizes.point * (scale if options.xinsir == "sticks_and_dots" else 1))
    for index, pose in enumerate(poses):
        person = Painter(canvas, pose, person_color(pose, index, options))
        shown = visible_keypoints(pose)
        inside = [
            is_shown and x >= 1 and y >= 1
            for is_shown, (x, y) in zip(shown, person.pixels, strict=True)
        ]
        if options.draw_body:
            person.paint_limbs(LIMBS, shown, limb, LIMB_BRIGHTNESS)
            person.paint_dots(BODY, shown, body_dot)
        if options.draw_feet:
            person.paint_dots(FEET, shown, body_dot)
        if options.draw_hands:
            for links, joints in HANDS:
                person.paint_lines(links, inside, round_to_pixels(sizes.hand_line))
                person.paint_dots(joints, inside, round_to_pixels(sizes.point))
        if options.draw_face:
            person.paint_dots(FACE, inside, round_to_pixels(sizes.face_point))
