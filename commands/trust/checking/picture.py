"""``check.png``: the photo, the skeleton that was found, and the annotated joints."""

from __future__ import annotations

import cv2
import numpy as np

from ....skeletons.draw import DrawOptions, render
from ....skeletons.foundation.arrays import Image
from ....skeletons.keypoint_sets import KeypointSet
from ....skeletons.pose import Frame, Pose
from .photos import AnnotatedPhoto
from .probe import Look

RING_PX = 5
"""Radius of the ring around an annotated joint, in pixels: wider than the dot of a keypoint."""
WHITE = (255, 255, 255)


def draw_check(photo: AnnotatedPhoto, found: Look, keypoint_set: KeypointSet) -> Image:
    """(H, W, 3) uint8 RGB: the people of the photo, and a white ring for each true joint."""
    height, width = photo.image_rgb.shape[:2]
    rows = zip(photo.boxes_xyxy, found.keypoints, found.scores, strict=False)
    poses = [
        Pose(keypoints, scores, keypoint_set, (width, height), box)
        for box, keypoints, scores in rows
    ]
    options = DrawOptions(style="sapiens", background="image")
    image = np.ascontiguousarray(
        render(Frame((width, height), tuple(poses)), options, photo.image_rgb).image_rgb
    )
    for x, y in photo.keypoints_image.reshape(-1, 2):
        cv2.circle(image, (round(x), round(y)), RING_PX, WHITE, 1, cv2.LINE_AA)
    return image
