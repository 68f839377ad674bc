"""The style ``sapiens`` in plain cv2 calls: each dot blended in a part, or in the whole image.

Written for comparison only. The reference blends whole images
(``facebookresearch/sapiens``, ``pose/mmpose/visualization/local_visualizer.py``).
"""

from __future__ import annotations

import cv2
import numpy as np
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose

WIDTH, RADIUS, OPACITY = 3, 3, 0.8


def draw_in_parts(frame: Frame, image_rgb: np.ndarray) -> np.ndarray:
    """The links, then each dot in a copy of the few pixels around it."""
    image = image_rgb.copy()
    for pose in frame.poses:
        pixels = _draw_links(image, pose)
        for (x, y), joint in zip(pixels, pose.keypoint_set.joints, strict=True):
            left, top = max(x - RADIUS, 0), max(y - RADIUS, 0)
            part = image[top : max(y + RADIUS + 1, 0), left : max(x + RADIUS + 1, 0)]
            if part.size:
                copy = part.copy()
                cv2.circle(copy, (x - left, y - top), RADIUS, joint.color, cv2.FILLED)
                cv2.addWeighted(part, 1 - OPACITY, copy, OPACITY, 0, dst=part)
    return image


def draw_as_the_reference(frame: Frame, image_rgb: np.ndarray) -> np.ndarray:
    """The same, each dot in a copy of the whole image."""
    image = image_rgb.copy()
    for pose in frame.poses:
        pixels = _draw_links(image, pose)
        for pixel, joint in zip(pixels, pose.keypoint_set.joints, strict=True):
            copy = image.copy()
            cv2.circle(copy, pixel, RADIUS, joint.color, cv2.FILLED)
            image = cv2.addWeighted(image, 1 - OPACITY, copy, OPACITY, 0)
    return image


def _draw_links(image: np.ndarray, pose: Pose) -> list[tuple[int, int]]:
    """Draws the links, and gives the pixels of all keypoints, which are all to be shown."""
    height, width = image.shape[:2]
    pixels = [(int(x), int(y)) for x, y in pose.keypoints_image.tolist()]
    inside = [0 < x < width and 0 < y < height for x, y in pixels]
    ends = pose.keypoint_set.link_indices.tolist()
    for (start, end), link in zip(ends, pose.keypoint_set.links, strict=True):
        if inside[start] and inside[end]:
            cv2.line(image, pixels[start], pixels[end], link.color, WIDTH)
    return pixels
