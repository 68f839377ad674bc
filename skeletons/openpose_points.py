"""Converting people to OpenPose's keypoints, and which of these are shown: drawn and written.

The rules are those of ``comfyui_controlnet_aux`` (``src/custom_controlnet_aux/dwpose``), whose
images ControlNets are used with: the neck is the middle of the shoulders and shown only if both
score above the threshold; every other keypoint is shown at or above it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .convert_sets import convert_pose, gather, source_indices, synthesised_indices
from .keypoint_sets import BODY_25, KEYPOINT_SETS, OPENPOSE_136, KeypointSet
from .options.drawing import SHOWN
from .pose import Array, Frame, Pose, is_visible

BODY = OPENPOSE_136.part_indices("body")
FEET = OPENPOSE_136.part_indices("left_foot", "right_foot")
FACE = OPENPOSE_136.part_indices("face")
LEFT_HAND = OPENPOSE_136.part_indices("left_hand")
RIGHT_HAND = OPENPOSE_136.part_indices("right_hand")

_NECK = OPENPOSE_136.index("neck")
_EYES = OPENPOSE_136.indices(("right_eye", "left_eye"))
_FACE_EYES = OPENPOSE_136.indices(("face-68", "face-69"))

FaceJaw = Literal["hidden", "drawn", "none"]

PARTS_WITH_THRESHOLD = {
    "hands": ("left_hand", "right_hand"),
    "face": ("face",),
    "feet": ("left_foot", "right_foot"),
}
"""Groups of body parts with a threshold of their own, and the parts in each."""


@dataclass(frozen=True)
class OpenPoseOptions:
    """Which keypoints of a person are shown, see the rows of ``skeletons/options/drawing.py``.

    ``face_jaw`` is about a jaw that no network has seen (308 keypoints have none): ``hidden`` keeps
    its place, for readers that mask faces, but does not show it; ``drawn`` shows it, as DWPose
    faces do; ``none`` leaves it out.

    Raises:
        ValueError: a value is out of range.
    """

    feet: bool = SHOWN["feet"].default
    hands: bool = SHOWN["hands"].default
    face: bool = SHOWN["face"].default
    body_threshold: float = SHOWN["score_threshold"].default
    feet_threshold: float = SHOWN["feet_threshold"].default
    hands_threshold: float = SHOWN["hands_threshold"].default
    face_threshold: float = SHOWN["face_threshold"].default
    neck_threshold: float | None = SHOWN["neck_threshold"].default
    min_hand_keypoints: int = SHOWN["min_hand_keypoints"].default
    min_face_keypoints: int = SHOWN["min_face_keypoints"].default
    min_person_keypoints: int = SHOWN["min_person_keypoints"].default
    face_jaw: FaceJaw = SHOWN["face_jaw"].default

    def __post_init__(self) -> None:
        SHOWN.check(self)


DEFAULT_OPTIONS = OpenPoseOptions()


def uniform_thresholds(
    threshold: float, face_jaw: FaceJaw = SHOWN["face_jaw"].default
) -> OpenPoseOptions:
    """Options with one threshold for body, feet, hands and face."""
    return OpenPoseOptions(
        body_threshold=threshold,
        feet_threshold=threshold,
        hands_threshold=threshold,
        face_threshold=threshold,
        face_jaw=face_jaw,
    )


def to_openpose(pose: Pose, options: OpenPoseOptions = DEFAULT_OPTIONS) -> Pose:
    """A person of any keypoint set as OPENPOSE_136.

    Hidden keypoints get score 0 and keep their coordinates; those that the set does not have are at
    0, 0.
    """
    synthesised = synthesised_indices(pose.keypoint_set, OPENPOSE_136)
    keypoints, scores = gather(pose, OPENPOSE_136)
    if options.face_jaw == "none":
        keypoints[synthesised] = 0.0
    if options.face_jaw != "drawn":
        scores[synthesised] = 0.0
    for part, is_wanted in (
        (FEET, options.feet),
        (LEFT_HAND, options.hands),
        (RIGHT_HAND, options.hands),
        (FACE, options.face),
    ):
        if not is_wanted:
            keypoints[part], scores[part] = 0.0, 0.0
    shown = _reach_threshold(scores, pose, options)
    _hide_whole_parts(shown, _landmarks(pose.keypoint_set.name), options)
    return replace(
        pose,
        keypoints_image=keypoints,
        scores=np.where(shown, scores, 0.0),
        keypoint_set=OPENPOSE_136,
    )


def frame_to_openpose(frame: Frame, options: OpenPoseOptions = DEFAULT_OPTIONS) -> Frame:
    """The people of ``frame`` as OPENPOSE_136, without those with too few body keypoints shown."""
    poses = (to_openpose(pose, options) for pose in frame.poses)
    minimum = options.min_person_keypoints
    return replace(
        frame, poses=tuple(pose for pose in poses if (pose.scores[BODY] > 0).sum() >= minimum)
    )


def synthesised_names(pose: Pose, options: OpenPoseOptions) -> tuple[str, ...]:
    """The joints of ``to_openpose(pose, options)`` that are synthesised rather than seen."""
    if options.face_jaw == "none":
        return ()
    rows = synthesised_indices(pose.keypoint_set, OPENPOSE_136)
    return tuple(OPENPOSE_136.names[row] for row in rows)


def to_body_25(pose: Pose) -> Pose:
    """The body and feet of an OPENPOSE_136 pose as BODY_25."""
    return convert_pose(pose, BODY_25)


def keypoint_thresholds(keypoint_set: KeypointSet, options: OpenPoseOptions) -> Array:
    """(K,) minimum score with which each keypoint of a set is shown."""
    thresholds = np.full(len(keypoint_set), options.body_threshold)
    for part, names in PARTS_WITH_THRESHOLD.items():
        thresholds[keypoint_set.part_indices(*names)] = getattr(options, f"{part}_threshold")
    return thresholds


def _reach_threshold(scores: Array, pose: Pose, options: OpenPoseOptions) -> NDArray[np.bool_]:
    """(136,) whether the score of each keypoint reaches its threshold."""
    shown = is_visible(scores, keypoint_thresholds(OPENPOSE_136, options))
    pairs = source_indices(pose.keypoint_set, OPENPOSE_136)
    if pairs[_NECK, 0] != pairs[_NECK, 1]:
        threshold = options.neck_threshold
        shown[_NECK] = scores[_NECK] > (options.body_threshold if threshold is None else threshold)
    if (pairs[_FACE_EYES] == pairs[_EYES]).all():
        shown[_FACE_EYES] = shown[_EYES]
    return shown


def _hide_whole_parts(
    shown: NDArray[np.bool_], landmarks: NDArray[np.intp], options: OpenPoseOptions
) -> None:
    """Clear each hand and the face in ``shown`` if too few of their own keypoints are shown."""
    for part, counted, minimum in (
        (LEFT_HAND, LEFT_HAND, options.min_hand_keypoints),
        (RIGHT_HAND, RIGHT_HAND, options.min_hand_keypoints),
        (FACE, landmarks, max(options.min_face_keypoints, 1)),
    ):
        if shown[counted].sum() < minimum:
            shown[part] = False


@cache
def _landmarks(set_name: str) -> NDArray[np.intp]:
    """Joints of the face that a network with this set sees: without eyes and a made-up jaw."""
    synthesised = synthesised_indices(KEYPOINT_SETS[set_name], OPENPOSE_136)
    return np.setdiff1d(FACE, np.concatenate([synthesised, _FACE_EYES]))
