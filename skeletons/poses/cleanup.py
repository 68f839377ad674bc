"""Cleaning up estimated people: merging duplicates, and hiding what the network only guessed.

The functions take frames and return frames, and change only what an option says. A hidden keypoint
keeps its coordinates and gets score 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..options.cleaning import CLEANING, MASK_REACH
from ..pose import Frame
from .duplicates import merge_duplicates
from .hidden_parts import hide_face_from_behind, hide_low_scoring_parts


@dataclass(frozen=True)
class CleanupOptions:
    """What is cleaned away, see the rows of ``skeletons/options/cleaning.py``.

    Raises:
        ValueError: a value is out of range.
    """

    same_person: float | None = CLEANING["same_person"].default
    join_halves: bool = CLEANING["join_halves"].default
    guessed_part: float = CLEANING["guessed_part"].default
    outside_crop: bool = CLEANING["outside_crop"].default
    mask_reach: float | None = CLEANING["mask_reach"].default
    face_from_behind: bool = CLEANING["hide_face_from_behind"].default
    score_threshold: float = CLEANING["score_threshold"].default

    def __post_init__(self) -> None:
        CLEANING.check(self)

    @classmethod
    def from_switches(
        cls, *, duplicates: bool, guesses: bool, outside_mask: bool = False, **others: Any
    ) -> CleanupOptions:
        """Options with a switch for each group of attributes; ``others`` are attributes."""
        if not duplicates:
            others["same_person"] = None
        if not guesses:
            others |= {"guessed_part": 0.0, "outside_crop": False}
        if outside_mask:
            others["mask_reach"] = MASK_REACH
        return cls(**others)


def remove_duplicates(frame: Frame, options: CleanupOptions) -> Frame:
    """The frame with one skeleton per person, see ``duplicates``."""
    if options.same_person is None:
        return frame
    poses = merge_duplicates(
        frame.poses,
        same_person=options.same_person,
        join_halves=options.join_halves,
        score_threshold=options.score_threshold,
    )
    return replace(frame, poses=poses)


def hide_unseen_parts(frame: Frame, options: CleanupOptions) -> Frame:
    """The frame without parts that the network can only have guessed, see ``hidden_parts``."""
    poses = frame.poses
    if options.guessed_part > 0:
        poses = tuple(
            hide_low_scoring_parts(pose, options.guessed_part, options.score_threshold)
            for pose in poses
        )
    if options.face_from_behind:
        poses = tuple(hide_face_from_behind(pose, options.score_threshold) for pose in poses)
    return replace(frame, poses=poses)
