"""The pictures that the models' makers draw, for the tests that compare with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from comfyui_sapiens_pose.skeletons.draw.trained import MODELS, Look
from comfyui_sapiens_pose.skeletons.draw.trained.rows import BODY, HANDS, LANDMARKS
from comfyui_sapiens_pose.skeletons.draw.trained.rules import Widths, own_size
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_WHOLEBODY_133, HEAD
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose

FOLDER = Path(__file__).parent.parent / "golden" / "models"
PICTURES: list[dict[str, Any]] = json.loads((FOLDER / "manifest.json").read_text())


def older_wan_widths(canvas_wh: tuple[int, int]) -> Widths:
    width = max(int(min(canvas_wh) / 200), 1)
    return Widths(limb=width, dot=width, hand_line=width, hand_dot=width, face_dot=width)


CHANGES: dict[tuple[str, str], Callable[[], Look]] = {
    ("wan_animate", "nohead"): lambda: replace(MODELS["wan_animate"], joints=BODY - set(HEAD)),
    ("wan_animate", "v1"): lambda: replace(MODELS["wan_animate"], widths=older_wan_widths),
    ("vace", "handbodyface"): lambda: replace(MODELS["vace"], hands=HANDS),
    ("unianimate", "face"): lambda: replace(MODELS["unianimate"], face=LANDMARKS),
    ("unianimate", "fixed_480x832"): lambda: MODELS["unianimate_infer"],
    ("steady_dancer", "x2"): lambda: replace(MODELS["steady_dancer"], drawn_at=own_size),
    ("one_to_all", "infer"): lambda: MODELS["one_to_all_infer"],
    ("one_to_all", "weakface"): lambda: replace(MODELS["one_to_all"], face_dots=0.35),
    ("one_to_all", "weakhead"): lambda: replace(MODELS["one_to_all"], head_limbs=0.35),
    ("options", "feet"): lambda: replace(MODELS["unianimate"], exchanged=False),
    ("options", "noeyedots"): lambda: Look(face=LANDMARKS),
    ("options", "dimmed"): lambda: replace(
        MODELS["mimicmotion"], drawn_at=own_size, exchanged=False
    ),
    ("options", "exchanged"): lambda: replace(MODELS["steady_dancer"], drawn_at=own_size),
}
"""Rows that differ from the model's own, by model and variant."""

WITHOUT_PARTS = {
    "nohand": {"draw_hands": False},
    "body": {"draw_face": False},
    "noface": {"draw_face": False},
}
"""Options by variant."""


@cache
def golden_frame(path: str, people: int | None = None) -> Frame:
    """What the network found."""
    raw = json.loads((FOLDER / path).read_text())
    canvas_wh = raw["width"], raw["height"]
    poses = [
        Pose(
            person["keypoints"],
            person["scores"],
            COCO_WHOLEBODY_133,
            canvas_wh,
            np.array([0, 0, *canvas_wh]),
        )
        for person in raw["persons"][:people]
    ]
    return Frame(canvas_wh, poses)
