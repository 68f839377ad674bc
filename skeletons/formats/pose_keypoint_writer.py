"""Writing POSE_KEYPOINT, the JSON that ComfyUI nodes exchange, so that most of them can read it.

A list of one dict per image, in plain Python types. Its readers disagree about nearly everything;
these rules suit as many as possible, and ``EncodeOptions`` departs from them for readers that need
something else:

1. a list of dicts, whole numbers for the canvas, fractional ones for coordinates;
2. pixels of the image, also outside of it;
3. a confidence of exactly 1 or 0;
4. every part present and of full length;
5. a missing keypoint is 0, 0, 0;
6. but a missing keypoint of a face that was found keeps its coordinates, with confidence 0;
7. nothing else in a person; everything more is in the frame's key ``sapiens`` (``sapiens_key``);
8. everybody with a visible body keypoint, each in lists of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..keypoint_sets import OPENPOSE_136
from ..openpose_points import (
    BODY,
    FACE,
    FEET,
    LEFT_HAND,
    RIGHT_HAND,
    OpenPoseOptions,
    frame_to_openpose,
    synthesised_names,
    to_body_25,
)
from ..options.files import WRITING
from ..pose import Frame, Pose
from . import sapiens_key

_BIG_TOES = {side: OPENPOSE_136.index(f"{side}_big_toe") for side in ("left", "right")}

EMPTY_ROWS = 5
"""Zeros after a body of 20: nodes of ComfyUI-ProportionChanger read 25 rows, of which 18 and 19 are
the right and the left toe (``render_nodes.py``), and the others are not used."""


@dataclass(frozen=True)
class EncodeOptions:
    """How POSE_KEYPOINT is written, see ``WRITING`` in ``skeletons/options/files.py``.

    With ``raw`` confidence, keypoints that are not shown keep their places with score 0. With
    ``null``, a hand or face that was not found is null, the hidden keypoints of a face are zeros,
    and there are no feet, exactly as comfyui_controlnet_aux writes it.

    ``decimals`` is for whole files, see ``table.encode_text``.

    Attributes:
        openpose: which keypoints are shown.
    """

    openpose: OpenPoseOptions = field(default_factory=OpenPoseOptions)
    confidence: Literal["binary", "raw"] = WRITING["confidence"].default
    missing: Literal["zeros", "null"] = WRITING["missing"].default
    coords: Literal["pixels", "normalised"] = WRITING["coords"].default
    body: Literal[18, 20, 25] | None = WRITING["body"].default
    decimals: int | None = WRITING["decimals"].default
    lossless: bool = WRITING["lossless"].default

    def __post_init__(self) -> None:
        WRITING.check(self)


DEFAULT_OPTIONS = EncodeOptions()


def encode(
    frames: Sequence[Frame], options: EncodeOptions = DEFAULT_OPTIONS
) -> list[dict[str, Any]]:
    """POSE_KEYPOINT of ``frames``: one dict per frame, in order, also for frames without people."""
    return [encode_frame(frame, options) for frame in frames]


def encode_frame(frame: Frame, options: EncodeOptions = DEFAULT_OPTIONS) -> dict[str, Any]:
    """One entry of the list; people below ``min_person_keypoints`` are under ``sapiens`` only."""
    people = frame_to_openpose(frame, options.openpose).poses
    document: dict[str, Any] = {
        "people": [_encode_person(pose, options) for pose in people],
        "canvas_height": frame.canvas_wh[1],
        "canvas_width": frame.canvas_wh[0],
    }
    if options.lossless:
        document[sapiens_key.KEY] = {
            **sapiens_key.encode(frame, document["people"]),
            "coords": options.coords,
            "body": options.body or 18,
            "synthesised": _synthesised(frame, options.openpose),
        }
    return document


def _synthesised(frame: Frame, options: OpenPoseOptions) -> list[str]:
    """The joints that are synthesised in any person of the frame: the jaw of 308 keypoints."""
    names = {name: None for pose in frame.poses for name in synthesised_names(pose, options)}
    return list(names)


def _encode_person(pose: Pose, options: EncodeOptions) -> dict[str, Any]:
    """The body parts of an OPENPOSE_136 pose, by their keys."""
    zeros = options.missing == "zeros"
    person: dict[str, Any] = {"pose_keypoints_2d": _encode_body(pose, options)}
    for name, rows in (
        ("face_keypoints_2d", FACE),
        ("hand_left_keypoints_2d", LEFT_HAND),
        ("hand_right_keypoints_2d", RIGHT_HAND),
    ):
        is_found = bool((pose.scores[rows] > 0).any())
        part = _encode_part(pose, rows, options, keep_hidden=is_found and rows is FACE)
        person[name] = part if zeros or is_found else None
    if zeros:
        person["foot_keypoints_2d"] = _encode_part(pose, FEET, options)
    return person


def _encode_body(pose: Pose, options: EncodeOptions) -> list[float]:
    """The body of an OPENPOSE_136 pose in the layout of ``options.body``."""
    if options.body == 25:
        body = to_body_25(pose)
        return _encode_part(body, np.arange(len(body.keypoint_set)), options)
    if options.body == 20:
        rows = np.append(BODY, [_BIG_TOES["right"], _BIG_TOES["left"]])
        return _encode_part(_with_middle_toes(pose), rows, options) + [0.0] * (3 * EMPTY_ROWS)
    return _encode_part(pose, BODY, options)


def _with_middle_toes(pose: Pose) -> Pose:
    """The big toes moved to the middle of big and small toe, where both are shown."""
    keypoints, scores = pose.keypoints_image.copy(), pose.scores.copy()
    for side, big in _BIG_TOES.items():
        both = [big, OPENPOSE_136.index(f"{side}_small_toe")]
        if (scores[both] > 0).all():
            keypoints[big], scores[big] = keypoints[both].mean(axis=0), scores[both].min()
    return replace(pose, keypoints_image=keypoints, scores=scores)


def _encode_part(
    pose: Pose, rows: NDArray[np.intp], options: EncodeOptions, *, keep_hidden: bool = False
) -> list[float]:
    """x, y, confidence of each keypoint, one after the other."""
    keypoints, scores = pose.keypoints_image[rows], pose.scores[rows]
    shown = scores > 0
    keep_hidden = options.missing == "zeros" and (keep_hidden or options.confidence == "raw")
    if options.coords == "normalised":
        keypoints = keypoints / pose.canvas_wh
    triples = np.zeros((len(rows), 3))
    triples[:, :2] = keypoints if keep_hidden else np.where(shown[:, None], keypoints, 0.0)
    triples[:, 2] = np.where(shown, scores, 0.0) if options.confidence == "raw" else shown
    flat: list[float] = triples.ravel().tolist()
    return flat
