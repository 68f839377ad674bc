"""OpenPose skeletons to the pixel: what ControlNets were trained on.

Draws what ``comfyui_controlnet_aux`` draws (``dwpose/util.py`` and ``open_pose/util.py``, which
agree): no anti-aliasing, every coordinate truncated, opaque paint. Joints, links and their colours
are the ``openpose_136`` tables.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..pose import Pose
from .options import Canvas, DrawOptions, Sizes, person_color, visible_keypoints, whole_pixels
from .painter import Painter, openpose_joints, openpose_links

SIZES = Sizes(line=4, point=4, face_point=3, hand_line=2)

LIMB_BRIGHTNESS = 0.6
"""Limbs are painted at this share of their colour, joints at full."""

LIMBS = openpose_links("body", LIMB_BRIGHTNESS)
BODY = openpose_joints("body")
FEET = openpose_joints("left_foot", "right_foot")
HANDS = [(openpose_links(hand), openpose_joints(hand)) for hand in ("left_hand", "right_hand")]
FACE = openpose_joints("face")


def xinsir_scale(canvas_wh: tuple[int, int]) -> int:
    """How much wider xinsir's SDXL OpenPose ControlNets want the limbs on a canvas of this size.

    Source: the model card of ``xinsir/controlnet-openpose-sdxl-1.0``.
    """
    longest = max(canvas_wh)
    return 1 if longest < 500 else min(2 + longest // 1000, 7)


def draw(canvas: Canvas, poses: Sequence[Pose], options: DrawOptions, sizes: Sizes) -> None:
    """Paint people of ``openpose_136`` onto ``canvas``, later people over earlier ones.

    Hand and face points left of x = 1 or above y = 1 are not drawn; body points are. The feet are
    an addition: the ControlNets have not seen them.
    """
    scale = 1 if options.xinsir == "off" else xinsir_scale((canvas.shape[1], canvas.shape[0]))
    limb = whole_pixels(sizes.line * scale)
    body_dot = whole_pixels(sizes.point * (scale if options.xinsir == "sticks_and_dots" else 1))
    for position, pose in enumerate(poses):
        person = Painter(canvas, pose, person_color(pose, position, options))
        shown = visible_keypoints(pose)
        inside = [
            found and x >= 1 and y >= 1 for found, (x, y) in zip(shown, person.pixels, strict=True)
        ]
        if options.draw_body:
            person.limbs(LIMBS, shown, limb, LIMB_BRIGHTNESS)
            person.dots(BODY, shown, body_dot)
        if options.draw_feet:
            person.dots(FEET, shown, body_dot)
        if options.draw_hands:
            for links, joints in HANDS:
                person.lines(links, inside, whole_pixels(sizes.hand_line))
                person.dots(joints, inside, whole_pixels(sizes.point))
        if options.draw_face:
            person.dots(FACE, inside, whole_pixels(sizes.face_point))
