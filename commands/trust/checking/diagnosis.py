"""From what a network finds in the bundled photos to a verdict, with the likely cause of a fault.

The thresholds follow from the annotations of the photos. COCO's constants say how far annotators
differ about a joint; a second annotator would reach a mean similarity of 0.8
(``SECOND_ANNOTATOR``). Half of the median distance from a joint to that of the other side, 6.8 %
of a box's diagonal, is the limit for all that should agree (``agreement_limit``): beyond it, a
keypoint is as near to the wrong side as to the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ....sapiens_core.estimator import PoseEstimator
from ....skeletons.keypoint_sets import COCO_17
from .photos import AnnotatedPhoto, TruePeople
from .probe import INPUTS, Look, best_naming, find_exchanged_layers, fit, look, other_inputs
from .random_weights import random_share

SECOND_ANNOTATOR = 0.8
"""Mean similarity that a second annotator reaches: with errors of COCO's deviation s in x and in y,
the mean of exp(-d^2 / (2 (2 s)^2)) is 1 / (1 + 1 / 4). The photos' annotations have 0.28 with
themselves if left and right are exchanged."""

BETTER = 1.1
"""How many times better a changed network must find people to be thought right. Measured on the
miniature: changed inputs reach at most 0.90 of the right fit; where the change undoes a fault, at
least 1.39 times that of the wrong one."""

SEARCH_S = 120.0
"""Maximum time for the search for two exchanged layers, in seconds: all 780 pairs of a network of
40 layers at 0.15 s each, as on a GPU."""

RANDOM_SHARE = 0.9
"""Share of matrices that look like random numbers from which on a network counts as random."""


class Outcome(Enum):
    """What came out."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """An outcome, and sentences that explain it to the owner of the file."""

    outcome: Outcome
    text: str

    @property
    def is_right(self) -> bool:
        return self.outcome is Outcome.RIGHT


def agreement_limit(people: TruePeople) -> float:
    """Largest median distance of what should agree, as a share of the box's diagonal."""
    return people.side_distance / 2


def diagnose(
    estimator: PoseEstimator,
    photos: Sequence[AnnotatedPhoto],
    found: Look,
    *,
    search_s: float = SEARCH_S,
) -> Verdict:
    """Whether a network finds the people of the photos; if not, why.

    Args:
        estimator: the network, whose weights are finite.
        photos: the photos.
        found: what it found in them.
        search_s: maximum time for the search for exchanged layers.
    """
    people = TruePeople.of(photos)
    similarity = people.mean_similarity(found.body_keypoints)
    value = fit(people, found)
    if cause := _find_wrong_input(estimator, photos[0], found):
        return Verdict(Outcome.WRONG, cause)
    if similarity >= SECOND_ANNOTATOR:
        return Verdict(
            Outcome.RIGHT,
            "The weights are right: the people of the bundled photos are found where they are, "
            f"with a mean similarity of {similarity:.2f} (a second annotator would reach "
            f"{SECOND_ANNOTATOR}).",
        )
    start = (
        "The weights are not right: the people of the bundled photos are not found where they are "
        f"(mean similarity {similarity:.2f}, expected {SECOND_ANNOTATOR} or more). "
    )
    for cause in (
        _find_random(estimator),
        _find_other_names(people, found),
        _find_exchanged(estimator, photos, value, search_s),
    ):
        if cause:
            return Verdict(Outcome.WRONG, start + cause)
    return Verdict(
        Outcome.UNKNOWN,
        f"The people of the bundled photos are not found where they are (mean similarity "
        f"{similarity:.2f}, expected {SECOND_ANNOTATOR} or more). The numbers are those of a "
        "trained network, no joints are exchanged, and no other input helps. If you trained the "
        "file yourself, for other images or other joints, nothing more can be said; a file of Meta "
        "should be downloaded again.",
    )


def _find_wrong_input(estimator: PoseEstimator, photo: AnnotatedPhoto, found: Look) -> str:
    """What is wrong with the input, told by the people of the first photo."""
    people, count = TruePeople.of([photo]), len(photo.boxes_xyxy)
    value = fit(people, Look(found.keypoints[:count], found.scores[:count], found.body))
    fits = {}
    for name, change in INPUTS.items():
        with other_inputs(estimator, change):
            changed = look(estimator, [photo])
        if people.mean_similarity(changed.body_keypoints) >= SECOND_ANNOTATOR:
            fits[name] = fit(people, changed)
    best = max(fits, key=lambda name: fits[name], default=None)
    if best is None or fits[best] < BETTER * value:
        return ""
    return (
        f"The weights are not right: they expect another input. With {best}, people are found "
        f"{fits[best] / max(value, 1e-9):.1f} times as well as with normalised red, green and "
        "blue, which Sapiens takes. Likely cause: they were trained or converted with another "
        "mean, deviation or order of colours."
    )


def _find_random(estimator: PoseEstimator) -> str:
    parts = {
        "whole network": estimator.model.state_dict(),
        "head": estimator.model.head.state_dict(),
    }
    for name, tensors in parts.items():
        if random_share(tensors) >= RANDOM_SHARE:
            return (
                f"The numbers of the {name} are random. Likely cause: it was never trained, or its "
                "weights were not found in the file that this one was made of."
            )
    return ""


def _find_other_names(people: TruePeople, found: Look) -> str:
    exchanged = people.mean_similarity(found.body_keypoints[:, COCO_17.flip_indices])
    if exchanged >= SECOND_ANNOTATOR:
        return (
            f"With left and right exchanged they are (similarity {exchanged:.2f}). Likely cause: "
            "the joints of the left and the right side have changed places in the last layer, or "
            "the network was trained on mirrored images without renaming them."
        )
    if best_naming(people, found) >= SECOND_ANNOTATOR:
        return (
            "The right positions are found, but under other names. Likely cause: the last layer "
            "gives the joints in another order than that of COCO, COCO-WholeBody or Goliath."
        )
    return ""


def _find_exchanged(
    estimator: PoseEstimator, photos: Sequence[AnnotatedPhoto], value: float, search_s: float
) -> str:
    pair, best, is_complete = find_exchanged_layers(estimator, photos, search_s)
    if pair and best >= BETTER * value and best >= SECOND_ANNOTATOR * SECOND_ANNOTATOR:
        return (
            f"With layers {pair[0]} and {pair[1]} exchanged they are. Likely cause: these two have "
            "changed places when the file was converted."
        )
    if not is_complete:
        return (
            "The numbers are those of a trained network. Likely cause: layers or tensors have "
            "changed places when the file was converted; there was no time to try which ones. A "
            "file of Meta should be downloaded again."
        )
    return ""
