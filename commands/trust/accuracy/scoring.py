"""Average precision and recall of people, as COCO and COCO-WholeBody define them.

The arithmetic is ``pycocotools``'. ``xtcocotools``, the evaluator of mmpose and of both Sapiens
repositories, was tried in version 1.14.3 with NumPy 2.4: its newest wheels are for Python 3.11 and
stop at import (``numpy.dtype size changed``), and its sources are built only where NumPy, Cython
and a compiler are prepared by hand, because it does not declare them. What it does otherwise is
done here before ``pycocotools`` begins: keypoints are cut to one group, with the sigmas of that
group and the area of the whole person; an annotation without a keypoint in the group is ignored;
so is a detection without a positive score in it; and the area of a detection is that around its
body. The figures of the genuine 1.14.3 are in ``tests/golden/evaluators``; those here are equal.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133, GOLIATH_308, KeypointSet
from ....skeletons.pose import Array
from .truth import Truth

METRICS = (
    *("AP", "AP50", "AP75", "AP-M", "AP-L"),
    *("AR", "AR50", "AR75", "AR-M", "AR-L"),
)
"""COCO's ten figures: mean over thresholds, at 0.5 and 0.75, and for medium and large people."""

_PARTS: dict[str, tuple[str, ...]] = {
    "body": ("body",),
    "feet": ("left_foot", "right_foot"),
    "face": ("face",),
    "left hand": ("left_hand",),
    "right hand": ("right_hand",),
}
_ALL_PARTS = tuple(chain.from_iterable(_PARTS.values()))

GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    COCO_17.name: {"body": _PARTS["body"]},
    COCO_WHOLEBODY_133.name: {**_PARTS, "whole": _ALL_PARTS},
    GOLIATH_308.name: {**_PARTS, "whole": (*_ALL_PARTS, "extra_body")},
}
"""Groups of keypoints with figures of their own, by the body parts that they hold.

For 308 keypoints they are those of ``GoliathMetric`` in ``facebookresearch/sapiens``: 17 of the
body, 6 of the feet, 238 of the face, 20 of each hand without the wrist, and all 308.
"""

MAX_PEOPLE_PER_IMAGE = 20
"""Detections of an image that count, the highest-scoring ones: COCO's rule for keypoints."""

NUM_RESAMPLES = 300
"""How often images are drawn anew for an interval: its ends then vary by a twentieth of its width.
"""

WITHIN = (2.5, 97.5)
"""Percentiles of the interval: 19 of 20 such intervals hold the figure of all images."""


@dataclass(frozen=True, eq=False)
class Detected:
    """A person who was found: (K, 3) x, y, score in image pixels, and the score of the person."""

    image_id: int
    triples: Array
    score: float


@dataclass(frozen=True)
class GroupFigures:
    """The figures of a group of keypoints.

    Attributes:
        metrics: by the names in ``METRICS``, 0 to 1; -1 where no annotated person counts.
        interval: lower and upper end of AP when other images like these are drawn; None where no
            annotated person counts, or nothing was drawn.
    """

    metrics: Mapping[str, float]
    interval: tuple[float, float] | None


def require_pycocotools() -> None:
    """Raises ImportError, with what to install, if ``pycocotools`` is missing."""
    try:
        import pycocotools.cocoeval  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "Average precision needs the package pycocotools: pip install .[evaluate] (or pip "
            f"install pycocotools). {error}"
        ) from error


def compute_figures(
    truth: Truth,
    people: Sequence[Detected],
    *,
    seed: int = 0,
    num_resamples: int = NUM_RESAMPLES,
) -> dict[str, GroupFigures]:
    """The figures of each group of the keypoint set, in the order of ``GROUPS``.

    Args:
        truth: annotated people; images without any count, because whoever is found there is wrong.
        people: who was found, in the keypoint set of ``truth``.
        seed: of the interval.
        num_resamples: how often images are drawn for it; 0 leaves it out.

    Raises:
        ImportError: ``pycocotools`` is missing.
    """
    require_pycocotools()
    figures = {}
    body = truth.keypoint_set.part_indices("body")
    for name, rows in group_indices(truth.keypoint_set).items():
        evaluator = _evaluate(truth, people, rows, body)
        # The first images are those for people of any size.
        images = [image for image in evaluator.evalImgs[: len(truth.images)] if image]
        metrics = dict(zip(METRICS, map(float, evaluator.stats), strict=True))
        interval = _interval(images, evaluator.params.recThrs, seed, num_resamples)
        figures[name] = GroupFigures(metrics, interval)
    return figures


def group_indices(keypoint_set: KeypointSet) -> dict[str, NDArray[np.intp]]:
    """Indices of the keypoints of each group."""
    groups = GROUPS[keypoint_set.name]
    return {name: keypoint_set.part_indices(*parts) for name, parts in groups.items()}


def _evaluate(
    truth: Truth,
    people: Sequence[Detected],
    rows: NDArray[np.intp],
    body: NDArray[np.intp],
) -> Any:
    """A ``COCOeval`` that has done its work on one group of keypoints."""
    from pycocotools.cocoeval import COCOeval

    annotated = [
        {
            "image_id": person.image_id,
            "keypoints": person.triples[rows].ravel().tolist(),
            "num_keypoints": int((person.triples[rows, 2] > 0).sum()),
            "bbox": list(person.box_xywh),
            "area": person.area,
            "iscrowd": int(person.is_crowd),
        }
        for person in truth.people
    ]
    found = [
        {
            "image_id": person.image_id,
            "keypoints": person.triples[rows].ravel().tolist(),
            "area": float(np.prod(np.ptp(person.triples[body, :2], axis=0))),
            "score": person.score,
        }
        for person in people
        if (person.triples[rows, 2] > 0).any()
    ]
    with redirect_stdout(io.StringIO()):  # it prints what it does
        evaluator = COCOeval(_data_set(truth, annotated), _data_set(truth, found), "keypoints")
        evaluator.params.kpt_oks_sigmas = truth.keypoint_set.sigmas[rows]
        evaluator.evaluate()
        evaluator.accumulate()
        evaluator.summarize()
    return evaluator


def _data_set(truth: Truth, entries: list[dict[str, Any]]) -> Any:
    """Entries as ``pycocotools`` keeps them; ids count from 1, because it takes 0 for nobody."""
    from pycocotools.coco import COCO

    data_set = COCO()
    data_set.dataset = {
        "images": [{"id": image.id} for image in truth.images],
        "categories": [{"id": 1, "name": "person"}],
        "annotations": [
            {**entry, "id": number, "category_id": 1} for number, entry in enumerate(entries, 1)
        ],
    }
    data_set.createIndex()
    return data_set


def _interval(
    images: Sequence[Mapping[str, Any]], recalls: Array, seed: int, num_resamples: int
) -> tuple[float, float] | None:
    """Percentiles of AP when as many images are drawn from these, with repeats (a bootstrap)."""
    if not num_resamples or average_precision(images, recalls) is None:
        return None
    random = np.random.default_rng(seed)
    drawn = random.integers(len(images), size=(num_resamples, len(images)))
    values = [average_precision([images[index] for index in row], recalls) for row in drawn]
    low, high = np.percentile([value for value in values if value is not None], WITHIN)
    return float(low), float(high)


def average_precision(images: Sequence[Mapping[str, Any]], recalls: Array) -> float | None:
    """Mean precision over thresholds and recalls, None if no annotated person counts.

    As ``COCOeval.accumulate``, in array arithmetic: an interval needs it hundreds of times.

    Args:
        images: what ``COCOeval`` found in each image, for people of one range of sizes.
        recalls: (R,) at which precision is taken.
    """
    num_people = sum(int((np.asarray(image["gtIgnore"]) == 0).sum()) for image in images)
    if not num_people:
        return None
    scores = np.concatenate([image["dtScores"][:MAX_PEOPLE_PER_IMAGE] for image in images])
    order = np.argsort(-scores, kind="mergesort")
    matches, ignored = (
        np.concatenate([image[key][:, :MAX_PEOPLE_PER_IMAGE] for image in images], axis=1)[:, order]
        for key in ("dtMatches", "dtIgnore")
    )
    counted = ~ignored.astype(bool)
    right = np.cumsum((matches > 0) & counted, axis=1, dtype=np.float64)
    wrong = np.cumsum((matches == 0) & counted, axis=1, dtype=np.float64)
    precisions = right / (right + wrong + np.spacing(1))
    best_after = np.maximum.accumulate(precisions[:, ::-1], axis=1)[:, ::-1]
    padded = np.pad(best_after, ((0, 0), (0, 1)))  # a recall that is not reached has precision 0
    at_recalls = [
        row[np.searchsorted(recall, recalls, side="left")]
        for row, recall in zip(padded, right / num_people, strict=True)
    ]
    return float(np.mean(at_recalls))
