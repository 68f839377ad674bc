"""Trackers of the package ``trackers``, which this project does not need, on the poses of a clip.

They look at boxes alone: keypoints come and go with the box that they belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from comfyui_sapiens_pose.skeletons.pose import Frame

try:
    import supervision
    import trackers
except ImportError:
    trackers = None

Track = Callable[[Sequence[Frame]], list[Frame]]

MISSING = "`pip install trackers` measures BoT-SORT, ByteTrack and others as well."


def peers(**settings: Any) -> dict[str, Track]:
    """Each peer as a function of a clip; none where the package is not installed.

    Args:
        settings: of all of them, in place of their defaults.
    """
    if trackers is None:
        print(MISSING)
        return {}
    makers: dict[str, Callable[[], Any]] = {
        "SORT": partial(trackers.SORTTracker, **settings),
        "OC-SORT": partial(trackers.OCSORTTracker, **settings),
        "ByteTrack": partial(trackers.ByteTrackTracker, **settings),
        # Without its search for camera motion, which needs images.
        "BoT-SORT": partial(trackers.BoTSORTTracker, enable_cmc=False, **settings),
    }
    return {name: partial(_track, make) for name, make in makers.items()}


def _track(make: Callable[[], Any], frames: Sequence[Frame]) -> list[Frame]:
    """The frames with a peer's ids; None where it gives none."""
    tracker = make()
    tracked = []
    for frame in frames:
        detections = supervision.Detections(
            xyxy=np.array([pose.box_xyxy for pose in frame.poses]).reshape(-1, 4),
            confidence=np.array([pose.box_score for pose in frame.poses]),
            class_id=np.arange(len(frame.poses)),  # comes back, so tells who is who
        )
        out = tracker.update(detections)
        ids = dict(zip(out.class_id.tolist(), out.tracker_id.tolist(), strict=True))
        poses = [
            replace(pose, person_id=ids[index] if ids.get(index, -1) >= 0 else None)
            for index, pose in enumerate(frame.poses)
        ]
        tracked.append(replace(frame, poses=poses))
    return tracked
