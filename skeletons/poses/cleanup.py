"""Cleaning up estimated people: merging duplicates, and hiding what the network only guessed.

The functions take frames and return frames, and change only what an option says. A hidden keypoint
keeps its coordinates and gets score 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..foundation.checks import FLAG, SCORE, check_options, within
from ..pose import Frame
from .body_parts import MOST_AROUND
from .duplicates import merge_duplicates
from .hidden_parts import hide_face_from_behind, hide_low_scoring_parts


@dataclass(frozen=True)
class CleanupOptions:
    """What is cleaned away.

    Attributes:
        same_person: object keypoint similarity, 0 to 1, from which on two skeletons are one
            person's; None leaves all. See ``duplicates``.
        join_halves: one person found in two pieces, such as a lying one, becomes one.
        guessed_part: a hand or face with a smaller share of its points at ``score_threshold`` or
            above is hidden as a whole; 0 hides none.
        outside_crop: hide points that lie outside what the network has seen of the person.
        mask_reach: hide points farther outside the person's own mask than this share of the
            longer side of the box; None hides none.
        face_from_behind: hide the face of people who turn their back. See ``guesses``.
        score_threshold: score from which on a point counts as seen.

    Raises:
        ValueError: a value is out of range.
    """

    same_person: float | None = 0.85
    join_halves: bool = True
    guessed_part: float = 0.2
    outside_crop: bool = True
    mask_reach: float | None = None
    face_from_behind: bool = False
    score_threshold: float = 0.3

    def __post_init__(self) -> None:
        check_options(
            self,
            same_person=within(0, 1).or_none(),
            join_halves=FLAG,
            guessed_part=within(0, 1),
            outside_crop=FLAG,
            mask_reach=within(0, MOST_AROUND).or_none(),
            face_from_behind=FLAG,
            score_threshold=SCORE,
        )

    @classmethod
    def from_switches(cls, *, duplicates: bool, guesses: bool, **others: Any) -> CleanupOptions:
        """Options with two switches for what is on by default; ``others`` are fields."""
        if not duplicates:
            others["same_person"] = None
        if not guesses:
            others |= {"guessed_part": 0.0, "outside_crop": False}
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
