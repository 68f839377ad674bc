"""Figures that Meta published of the official files, in percent.

From the page on evaluating poses (``POSE_README.md``) of ``facebookresearch/sapiens``: COCO val2017
and COCO-WholeBody val, with flip test and the boxes of
``COCO_val2017_detections_AP_H_70_person.json``. The figure of all keypoints is that of ``zoo``.
Meta gives one figure for both hands, and none for Sapiens2; of 308 keypoints only what the names
of the files say, for a set that is not public.
"""

from __future__ import annotations

from ....sapiens_core.checkpoints.zoo import PoseCheckpoint, find_checkpoint
from ....skeletons.keypoint_sets import KeypointSet

BOTH_HANDS = "both hands"
"""Name of the mean of the left and the right hand."""

_COCO = {
    "0.3b": (93.0, 85.7, 76.0, 85.6, 83.6, 95.6, 89.0, 79.9, 89.1),
    "0.6b": (93.8, 87.3, 77.6, 87.2, 84.9, 96.0, 90.4, 81.3, 90.3),
    "1b": (94.2, 88.2, 78.4, 88.3, 85.9, 96.6, 91.3, 82.1, 91.4),
    "2b": (94.1, 88.1, 78.5, 88.4, 86.0, 96.6, 91.2, 82.2, 91.5),
}
"""AP50, AP75, AP-M, AP-L, AR, AR50, AR75, AR-M, AR-L of the models with 17 keypoints."""

_WHOLEBODY = {
    "0.3b": ((66.4, 73.4), (67.3, 78.4), (87.1, 91.2), (58.1, 67.1), 69.4),
    "0.6b": ((74.3, 80.2), (79.4, 87.0), (89.5, 92.9), (65.4, 74.0), 76.3),
    "1b": ((77.4, 82.9), (83.0, 89.8), (90.7, 93.6), (69.2, 77.1), 79.2),
    "2b": ((79.2, 84.6), (84.1, 90.9), (91.2, 93.8), (70.4, 78.1), 81.0),
}
"""AP and AR of body, feet, face and hands, and AR of the whole, of those with 133 keypoints."""


def published_figures(size: str, num_keypoints: int) -> dict[tuple[str, str], float]:
    """Percent by group of keypoints and metric, as in ``scoring``; empty if none was published.

    Raises:
        ValueError: there is no such model.
    """
    checkpoint = find_checkpoint(size, num_keypoints)
    precision = checkpoint.average_precision
    if precision is None:
        return {}
    if num_keypoints == 17:
        names = ("AP50", "AP75", "AP-M", "AP-L", "AR", "AR50", "AR75", "AR-M", "AR-L")
        figures = {("body", name): value for name, value in zip(names, _COCO[size], strict=True)}
        return {("body", "AP"): precision, **figures}
    if num_keypoints == 133:
        *parts, recall = _WHOLEBODY[size]
        groups = zip(("body", "feet", "face", BOTH_HANDS), parts, strict=True)
        figures = {
            (group, name): value
            for group, pair in groups
            for name, value in zip(("AP", "AR"), pair, strict=True)
        }
        return {**figures, ("whole", "AP"): precision, ("whole", "AR"): recall}
    return {("whole", "AP"): precision}


def published_for(
    checkpoint: PoseCheckpoint | None, keypoint_set: KeypointSet
) -> dict[tuple[str, str], float]:
    """The figures of a file for annotations of a set; none where the file finds another set."""
    if checkpoint is None or checkpoint.num_keypoints != len(keypoint_set):
        return {}
    return published_figures(checkpoint.size, checkpoint.num_keypoints)
