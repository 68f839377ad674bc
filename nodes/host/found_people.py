"""What was found, as a sentence: no result that is empty is silent."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ...sapiens_core.broken_tracks import BrokenTrack
from ...sapiens_core.detection.people import People
from ...skeletons.pose import Frame, is_visible
from .managed_model import ManagedModel
from .page_text import tell, tell_all

FOUND = {
    (False, False): "1 person found.",
    (True, False): "{people} people found.",
    (False, True): "1 person in {frames} frames.",
    (True, True): "Up to {people} people in each of {frames} frames.",
}
"""By whether there are several people, and several frames."""
RAN = "{keypoints} keypoints, {precision} on {device}."
EMPTY = "Nobody in {empty} of {frames} frames."
NOBODY = {
    "mask": "Nobody found: the mask is black. Connect one that is white where people are.",
    "bboxes": "Nobody found: bboxes has no box in the image. Check the node that makes them.",
    "track_data": "Nobody found: track_data shows nobody. Check it with SAM3 Track Preview.",
    "below": "Nobody found: best {best:.2f} is below person_threshold {threshold:.2f}. Lower it, "
    "or set detector to 'whole image'.",
    "detector": "Nobody found: the detector sees no person. Connect a mask, or set detector to "
    "'whole image'.",
    "unseen": "Nobody found: the best keypoint scores {best:.2f}, {threshold:.2f} is needed. "
    "Choose an image that shows a person.",
}
"""By where people were looked for; ``unseen``: the model sees nothing where they should be."""

ONE_BROKEN = (
    "The track of person {old} seems to break at frame {frame}: from there on it is person {new}. "
    "Connect Track Sapiens People, which follows people by their poses."
)
BROKEN = (
    "{count} tracks seem to break, the first at frame {frame}: person {old} is person {new} from "
    "there on. Connect Track Sapiens People, which follows people by their poses."
)


def tell_found(
    frames: Sequence[Frame],
    people: Sequence[People],
    model: ManagedModel,
    source: str,
    person_threshold: float,
    keypoint_threshold: float,
    broken: Sequence[BrokenTrack] = (),
) -> str:
    """Shows how many people were found, and why if there are none.

    Args:
        frames: what was found.
        people: where people were looked for, one for each frame.
        model: what was run.
        source: ``track_data``, ``mask``, ``bboxes``, ``detector`` or ``whole image``, which is
            somebody always.
        person_threshold: score from which on a detection counts as a person.
        keypoint_threshold: score from which on a keypoint is visible; found are those who have one.
        broken: tracks that came from elsewhere and that the poses speak against.

    Returns:
        What is shown.
    """
    counts = [
        sum(bool(is_visible(pose.scores, keypoint_threshold).any()) for pose in frame.poses)
        for frame in frames
    ]
    if not any(counts):
        scores = [pose.scores.max() for frame in frames for pose in frame.poses]
        if scores:
            return tell(NOBODY["unseen"], best=max(scores), threshold=keypoint_threshold)
        best = max((each.best_left_out for each in people), default=0.0)
        if source == "detector" and best > 0:
            source = "below"
        return tell(NOBODY[source], best=best, threshold=person_threshold)
    sentences = [FOUND[max(counts) > 1, len(counts) > 1], RAN]
    if not all(counts):
        sentences.append(EMPTY)
    values = {
        "people": max(counts),
        "frames": len(counts),
        "empty": counts.count(0),
        "keypoints": len(model.keypoint_set),
        "precision": str(model.dtype).removeprefix("torch."),
        "device": model.device,
    }
    if broken:
        first, sentence = broken[0], ONE_BROKEN if len(broken) == 1 else BROKEN
        values |= {"old": first.old_id, "new": first.new_id, "frame": first.frame}
        return tell_all(
            [(text, values | {"count": len(broken)}) for text in [*sentences, sentence]],
            logging.WARNING,
        )
    return tell(*sentences, **values)
