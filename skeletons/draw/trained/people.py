"""People as a model's drawing takes them: OpenPose's joints, with toes, and which are shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...convert_sets import gather, source_indices, synthesised_indices
from ...keypoint_sets import OPENPOSE_136, Color
from ...openpose_points import FaceJaw
from ...pose import Array, Pose
from ..options import FARTHEST_PIXEL
from .rows import Look

LEFT_TOE, RIGHT_TOE = len(OPENPOSE_136), len(OPENPOSE_136) + 1
"""Indices of the toes, each the middle of big and small toe, after the joints of OPENPOSE_136."""

SURE_SHOULDER = 0.3
"""Score above which DWPose takes a shoulder as found, whatever the model's own threshold."""

NECK = OPENPOSE_136.index("neck")
_TOES = [
    OPENPOSE_136.indices((f"{side}_big_toe", f"{side}_small_toe")) for side in ("left", "right")
]
_FACE = OPENPOSE_136.part_indices("face")
_LANDMARKS, _EYE_DOTS = _FACE[:68], _FACE[68:]
HANDS_AND_FACE = OPENPOSE_136.part_indices("left_hand", "right_hand", "face")


@dataclass(frozen=True)
class Person:
    """One person, each list with the joints of OPENPOSE_136, then the toes if they are drawn.

    Attributes:
        exact: x, y in pixels of the canvas that is drawn on.
        pixels: the same, truncated.
        shares: brightness, 0 to 1: the scores, or 1 where scores do not dim.
        shown: whether the joint is drawn.
        own: the person's colour, which replaces those of limbs and joints; or None.
    """

    exact: list[list[float]]
    pixels: list[tuple[int, int]]
    shares: list[float]
    shown: list[bool]
    own: Color | None = None


def make_person(pose: Pose, look: Look, scale_xy: Array, face_jaw: FaceJaw) -> Person:
    """A person on the canvas that is drawn on.

    Args:
        pose: of any keypoint set, in pixels of the finished image.
        look: says what is shown.
        scale_xy: pixels of the canvas that is drawn on per pixel of the finished image.
        face_jaw: what becomes of a jaw that no network has seen; only ``drawn`` shows it.
    """
    keypoints, scores = gather(pose, OPENPOSE_136)
    if face_jaw != "drawn":
        synthesised = synthesised_indices(pose.keypoint_set, OPENPOSE_136)
        keypoints[synthesised], scores[synthesised] = 0.0, 0.0
    scores[NECK] = _neck_score(pose, look)
    if look.toes:
        keypoints, scores = with_toes(keypoints, scores, mean_scores=look.mean_scores)
    keypoints = keypoints * scale_xy
    exact: list[list[float]] = keypoints.tolist()
    return Person(
        exact,
        [(int(x), int(y)) for x, y in exact],
        scores.tolist() if look.dims else [1.0] * len(scores),
        _shown(keypoints, scores, look).tolist(),
    )


def with_toes(keypoints: Array, scores: Array, *, mean_scores: bool) -> tuple[Array, Array]:
    """(138, 2) keypoints and (138,) scores: the joints of OPENPOSE_136, and the toes after them.

    A toe scores the mean of its two keypoints' scores, or the lower of them.
    """
    known = (scores > 0) | keypoints.any(axis=1)
    combine = np.mean if mean_scores else np.min
    toes = [combine(scores[pair]) if known[pair].all() else 0.0 for pair in _TOES]
    middles = [keypoints[pair].mean(axis=0) for pair in _TOES]
    return np.concatenate([keypoints, middles]), np.concatenate([scores, toes])


def _neck_score(pose: Pose, look: Look) -> float:
    """The mean of the shoulders' scores, or as in DWPose 1 or 0: whether both are found."""
    shoulders = pose.scores[source_indices(pose.keypoint_set, OPENPOSE_136)[NECK]]
    if look.mean_scores:
        return float(shoulders.mean())
    return float((shoulders > SURE_SHOULDER).all())


def _shown(keypoints: Array, scores: Array, look: Look) -> NDArray[np.bool_]:
    """(136,), or with toes (138,): which joints are drawn.

    Hands and faces neither left of x = 1 nor above y = 1, and the dots of the eyes in no face that
    is hidden as a whole.
    """
    shown = np.asarray(scores > look.body_threshold, np.bool_)
    if look.body_at_least:
        shown |= scores == look.body_threshold
    inside = (keypoints[HANDS_AND_FACE] >= 1).all(axis=1)
    shown[HANDS_AND_FACE] = inside & (scores[HANDS_AND_FACE] >= look.part_threshold)
    if not (scores[_LANDMARKS] >= look.part_threshold).any():
        shown[_EYE_DOTS] = False
    shown &= (np.abs(keypoints) < FARTHEST_PIXEL).all(axis=1)
    return shown
