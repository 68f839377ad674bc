"""The table of models: how the skeletons look that each of them was trained on.

Facts of the makers' own code: ``Wan-Video/Wan2.2`` (``wan/modules/animate/preprocess``),
``ali-vilab/VACE`` (``vace/annotators``), ``ali-vilab/UniAnimate-DiT``, ``Tencent/MimicMotion``
(``mimicmotion/dwpose``), ``ssj9596/One-to-All-Animation`` (``video-generation``),
``MCG-NJU/SteadyDancer`` (``preprocess``), ``zai-org/SCAIL-Pose`` and ``aigc-apps/VideoX-Fun``
(``comfyui/annotator``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from ...keypoint_sets import HEAD, OPENPOSE_136, Color
from ..options import Canvas
from . import pillow_resize, resizing, rules
from .rules import SizeWh, Widths

BODY = frozenset(OPENPOSE_136.part_names("body"))
LANDMARKS = tuple(range(68))
"""The numbers of a face's 68 landmarks; OpenPose adds the eyes of the body as 68 and 69."""
WITH_EYE_DOTS = tuple(range(70))
BROWS_EYES_MOUTH = (*range(17, 27), *range(36, 68))
HANDS = ("left_hand", "right_hand")
FACES = {"all": WITH_EYE_DOTS, "landmarks": LANDMARKS, "brows_eyes_mouth": BROWS_EYES_MOUTH}
"""Points of a face that a drawing for no model can choose."""


@dataclass(frozen=True)
class Toes:
    """Colours of limbs from ankle to toe, which are dimmed as all limbs are, and of their dots."""

    right_limb: Color
    left_dot: Color
    right_dot: Color
    left_limb: Color = (255, 0, 85)


TOES = {
    "wan_animate": Toes(right_limb=(200, 200, 0), left_dot=(200, 200, 0), right_dot=(100, 100, 0)),
    "unianimate": Toes(
        right_limb=(170, 255, 255), left_dot=(170, 255, 255), right_dot=(255, 255, 0)
    ),
}

RESIZES: dict[str, Callable[[Canvas, SizeWh], Canvas]] = {
    "bilinear": resizing.bilinear,
    "area": resizing.lanczos_or_area,
    "pillow_bicubic": pillow_resize.bicubic,
    "pillow_bilinear": pillow_resize.bilinear,
}
"""Ways to resize that a drawing for no model can choose."""


@dataclass(frozen=True)
class Look:
    """How one model's skeletons are drawn; the defaults are OpenPose's.

    Attributes:
        joints: of the body; limbs between two of them are drawn.
        toes: None: none are drawn.
        hands: which, in the order in which they are painted.
        face: numbers of the face's points.
        body_threshold: body joints with a higher score are shown.
        body_at_least: those that reach it are shown as well.
        part_threshold: hand and face points that reach it are shown.
        mean_scores: neck and toes have the mean of their two keypoints' scores. Otherwise the neck
            scores 1 or 0, as both shoulders are found or not, and a toe the lower of the two.
        dims: colours are multiplied by scores.
        head_limbs, face_dots: further brightness, 0 to 1, by which One-to-All is told not to
            follow head or face; where the limbs of the head are dimmed, its dots are black.
        order: what is painted first: all of a person, or a limb of everybody. ``added``: each
            person on black, and their colours added, which wraps round at 255; hands are dealt out
            to people two by two, from all left ones and then all right ones.
        exchanged: red and blue, in the finished image.
        widths: by the size of the canvas that is drawn on.
        drawn_at: the size of that canvas, by the size of the finished image.
        resize: from the one to the other, where they differ.
        fits_finished: drawn at the size of the source, and resized from there (layout ``fit``).
        parts_vary: the model was also trained on skeletons without hands and without faces.
        one_person: the model was trained on one person per image.
        sides: whole multiples of it, in pixels, are the only sides the model takes.
        sizes_wh: sizes it was trained on, lying or standing; empty: any.
    """

    joints: frozenset[str] = BODY
    toes: Toes | None = None
    hands: tuple[str, ...] = HANDS
    face: tuple[int, ...] = ()
    body_threshold: float = 0.3
    body_at_least: bool = False
    part_threshold: float = 0.3
    mean_scores: bool = False
    dims: bool = False
    head_limbs: float = 1.0
    face_dots: float = 1.0
    order: Literal["by person", "by layer", "added"] = "by layer"
    exchanged: bool = False
    widths: Callable[[SizeWh], Widths] = rules.openpose_widths
    drawn_at: Callable[[SizeWh], SizeWh] = rules.own_size
    resize: Callable[[Canvas, SizeWh], Canvas] = resizing.bilinear
    fits_finished: bool = False
    parts_vary: bool = False
    one_person: bool = False
    sides: int = 1
    sizes_wh: tuple[SizeWh, ...] = ()


OPENPOSE = Look(face=WITH_EYE_DOTS, body_at_least=True, order="by person", parts_vary=True, sides=8)

ONE_TO_ALL = Look(
    face=BROWS_EYES_MOUTH,
    dims=True,
    widths=rules.one_to_all_widths,
    drawn_at=rules.short_side_2160,
    one_person=True,
    sides=16,
)
ONE_TO_ALL_INFER = replace(
    ONE_TO_ALL, body_threshold=0.0, mean_scores=True, hands=("right_hand", "left_hand")
)

UNIANIMATE = Look(
    toes=TOES["unianimate"],
    exchanged=True,
    one_person=True,
    sizes_wh=((832, 480), (1280, 720)),
)

MODELS: dict[str, Look] = {
    "openpose": OPENPOSE,
    "xinsir": replace(OPENPOSE, widths=rules.xinsir_widths),
    "fun": replace(OPENPOSE, sides=16),
    "ltx2": replace(OPENPOSE, sides=32),
    "wan_animate": Look(
        toes=TOES["wan_animate"],
        body_threshold=0.5,
        body_at_least=True,
        part_threshold=0.5,
        mean_scores=True,
        order="by person",
        widths=rules.wan_animate_widths,
        fits_finished=True,
        one_person=True,
        sides=16,
    ),
    "vace": Look(
        hands=(),
        face=LANDMARKS,
        exchanged=True,
        drawn_at=rules.short_side_1024,
        resize=resizing.lanczos_or_area,
        sides=16,
    ),
    "steady_dancer": Look(
        body_threshold=0.35,
        part_threshold=0.35,
        exchanged=True,
        drawn_at=rules.twice,
        resize=pillow_resize.bicubic,
        one_person=True,
        sides=16,
    ),
    "unianimate": UNIANIMATE,
    "unianimate_infer": replace(
        UNIANIMATE, drawn_at=rules.always_512x768, resize=pillow_resize.bilinear
    ),
    "mimicmotion": Look(
        face=LANDMARKS,
        part_threshold=-math.inf,
        dims=True,
        exchanged=True,
        drawn_at=rules.short_side_2160,
        sizes_wh=((1024, 576),),
    ),
    "one_to_all": ONE_TO_ALL,
    "one_to_all_infer": ONE_TO_ALL_INFER,
    "one_to_all_weak_face": replace(ONE_TO_ALL_INFER, face_dots=0.35),
    "one_to_all_weak_head": replace(ONE_TO_ALL_INFER, face_dots=0.35, head_limbs=0.35),
    "scail_overlay": Look(
        joints=frozenset(HEAD),
        face=BROWS_EYES_MOUTH,
        order="added",
        widths=rules.scail_widths,
        sizes_wh=((896, 512),),
    ),
}
"""Every model by its name; ``choices.MODEL_SUMMARIES`` says what each is."""
