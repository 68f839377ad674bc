"""OpenPose skeletons, exact to the pixel, as ControlNets were trained on.

Draws the same as ``comfyui_controlnet_aux`` (``dwpose/util.py`` and ``open_pose/util.py``, which
agree): no anti-aliasing, every coordinate truncated, opaque paint. Joints, links and their colours
are those of the ``openpose_136`` tables. What video models were trained on differs in single
things, each an option.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ..choices import OFF
from ..keypoint_sets import HEAD, OPENPOSE_136, Color
from ..pose import Pose
from .options import Canvas, DrawOptions, Sizes, person_color, round_to_pixels, visible_keypoints
from .trained.paint import paint_onto
from .trained.people import HANDS_AND_FACE, NECK, Person, with_toes
from .trained.rows import BODY, FACES, HANDS, TOES, Look
from .trained.rules import WIDTH_RULES, SizeWh, Widths, xinsir_scale

SIZES = Sizes(line=4, point=4, face_point=3, hand_line=2)

_FEET = frozenset(OPENPOSE_136.part_names("left_foot", "right_foot"))


def draw(canvas: Canvas, poses: Sequence[Pose], options: DrawOptions, sizes: Sizes) -> None:
    """Paint people of ``openpose_136`` onto ``canvas``, later people over earlier ones.

    Hand and face keypoints left of x = 1 or above y = 1 are not drawn; body keypoints are. The dots
    of feet are an addition: no model was trained on them.
    """
    people = [
        _make_person(pose, options, person_color(pose, index, options))
        for index, pose in enumerate(poses)
    ]
    widths = _choose_widths(options, sizes, (canvas.shape[1], canvas.shape[0]))
    paint_onto(canvas, people, _choose_look(options), widths)


def _make_person(pose: Pose, options: DrawOptions, own: Color | None) -> Person:
    """What is shown of a pose of ``openpose_136``, in which hidden keypoints have score 0."""
    keypoints, scores = pose.keypoints_image, pose.scores
    shown = visible_keypoints(pose)
    for joint in np.flatnonzero((keypoints[HANDS_AND_FACE] < 1).any(axis=1)).tolist():
        shown[HANDS_AND_FACE[joint]] = False
    if options.toe_limbs != OFF:
        keypoints, scores = with_toes(keypoints, scores, mean_scores=False)
        shown += (scores[len(shown) :] > 0).tolist()
    shares = [1.0] * len(scores)
    if options.dim_by_score:
        shares = scores.clip(0, 1).tolist()
        shares[NECK] = 1.0  # as in DWPose, whose neck is found or not
    exact: list[list[float]] = keypoints.tolist()
    return Person(exact, [(int(x), int(y)) for x, y in exact], shares, shown, own)


def _choose_widths(options: DrawOptions, sizes: Sizes, canvas_wh: SizeWh) -> Widths:
    if options.width_rule != OFF:
        return WIDTH_RULES[options.width_rule](canvas_wh)
    scale = 1 if options.xinsir == OFF else xinsir_scale(canvas_wh)
    dots = scale if options.xinsir == "sticks_and_dots" else 1
    return Widths(
        limb=round_to_pixels(sizes.line * scale),
        dot=round_to_pixels(sizes.point * dots),
        hand_line=round_to_pixels(sizes.hand_line),
        hand_dot=round_to_pixels(sizes.point),
        face_dot=round_to_pixels(sizes.face_point),
    )


@lru_cache(maxsize=16)
def _choose_look(options: DrawOptions) -> Look:
    joints = BODY if options.draw_body else frozenset()
    if not options.draw_head:
        joints = joints.difference(HEAD)
    if options.draw_feet:
        joints |= _FEET
    return Look(
        joints=joints,
        toes=TOES.get(options.toe_limbs) if options.draw_body else None,
        hands=HANDS if options.draw_hands else (),
        face=FACES[options.face_points] if options.draw_face else (),
        dims=options.dim_by_score,
        order="by layer" if options.paint_order == "by_layer" else "by person",
    )
