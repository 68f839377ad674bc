"""A clip retargeted to the people of a reference image, whoever has ids and whoever has none."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...skeletons.choices import Match
from ...skeletons.pose import Frame, visible_box
from ...skeletons.retarget.matching import match_people
from ...skeletons.retarget.retarget import RetargetOptions, retarget
from .smooth import with_ids

if TYPE_CHECKING:
    from ..batches import OnBatch

log = logging.getLogger(__name__)


def retarget_clip(
    frames: Sequence[Frame],
    reference_frames: Sequence[Frame],
    options: RetargetOptions | None = None,
    match: Match = "order",
    on_person: OnBatch | None = None,
) -> list[Frame]:
    """The clip with the bodies of the reference, see ``skeletons/retarget``.

    If a frame holds several people without id, people are tracked first and get ids. A warning is
    logged if people leave the reference's image.

    Args:
        frames: the clip.
        reference_frames: one image of the reference or more; the first one gives the canvas.
        options: what to take from the reference.
        match: who becomes whom.
        on_person: called after each person with the number done and the number of all. What it
            raises ends the run.

    Raises:
        ValueError: nobody was found in the reference, two people of a frame share an id, or one
            person has poses of different keypoint sets.
    """
    check_reference(reference_frames)
    if any(_count_without_id(frame) > 1 for frame in frames):
        frames = with_ids(frames)
    references = match_people(frames, reference_frames, match)
    retargeted = retarget(frames, references, options, on_person)
    _warn_of_people_who_leave(frames, retargeted)
    return retargeted


def check_reference(reference_frames: Sequence[Frame]) -> None:
    """Raises ValueError if nobody was found in the reference."""
    if not any(frame.found_poses for frame in reference_frames):
        raise ValueError(
            f"Nobody is found in the reference ({len(reference_frames)} images); expected at "
            "least one person. Use a reference image that shows the person to become."
        )


def _warn_of_people_who_leave(frames: Sequence[Frame], retargeted: Sequence[Frame]) -> None:
    """Logs a warning if people leave the image who do not leave the driver's."""
    pairs = zip(frames, retargeted, strict=True)
    count = sum(_count_outside(new) > _count_outside(old) for old, new in pairs)
    if count:
        log.warning(
            "People are outside the reference's image in %d of %d frames: the driver moves "
            "farther than the image allows. Move the person in the reference image, choose "
            "another anchor "
            "frame, or use the placement 'as the driver'.",
            *(count, len(frames)),
        )


def _count_outside(frame: Frame) -> int:
    """Number of people the middle of whose box is not on the canvas."""
    boxes_xyxy = np.array([visible_box(pose) for pose in frame.found_poses]).reshape(-1, 2, 2)
    middles = boxes_xyxy.mean(axis=1)
    return int(((middles < 0) | (middles > frame.canvas_wh)).any(axis=1).sum())


def _count_without_id(frame: Frame) -> int:
    return sum(pose.person_id is None for pose in frame.found_poses)
