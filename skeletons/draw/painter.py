"""Painting one person on one canvas: limbs, lines and dots in whole pixels, like OpenPose."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..keypoint_sets import OPENPOSE_136, Color, Joint
from ..pose import Pose
from .options import Canvas, Ink, ink

XY = Sequence[float]
InkedLink = tuple[int, int, Ink]
InkedJoint = tuple[int, Ink]
Shown = Sequence[bool]


def dim(color: Color, brightness: float) -> Color:
    """``color`` times ``brightness``, truncated."""
    red, green, blue = (int(channel * brightness) for channel in color)
    return red, green, blue


def openpose_joints(*parts: str) -> list[InkedJoint]:
    """Index and paint of every joint of these body parts of ``openpose_136``."""
    joints = OPENPOSE_136.joints
    return [(int(i), ink(joints[i].color)) for i in OPENPOSE_136.part_indices(*parts)]


def openpose_links(part: str, brightness: float = 1.0) -> list[InkedLink]:
    """Ends and paint of every link that starts in a body part of ``openpose_136``, in order."""
    index = OPENPOSE_136.index

    def joint(name: str) -> Joint:
        return OPENPOSE_136.joints[index(name)]

    return [
        (index(link.start), index(link.end), ink(dim(link.color, brightness)))
        for link in OPENPOSE_136.links
        if joint(link.start).part == part
    ]


def limb_length(start: XY, end: XY) -> float:
    """Distance in pixels, as comfyui_controlnet_aux computes it, so that it truncates alike."""
    length: float = ((start[1] - end[1]) ** 2 + (start[0] - end[0]) ** 2) ** 0.5
    return length


def limb_polygon(start: XY, end: XY, half_width: int) -> NDArray[np.int32]:
    """(N, 2) outline in pixels of the ellipse between two joints.

    Centre, half length and angle in degrees are truncated to integers, as in the drawings that
    ControlNets were trained on. A limb without length is still as wide as any other.
    """
    center = (int((start[0] + end[0]) / 2), int((start[1] + end[1]) / 2))
    axes = (int(limb_length(start, end) / 2), half_width)
    angle = math.degrees(math.atan2(start[1] - end[1], start[0] - end[0]))
    return np.asarray(cv2.ellipse2Poly(center, axes, int(angle), 0, 360, 1), np.int32)


class Painter:
    """Paints the body parts of one pose onto ``canvas``, opaque and without anti-aliasing.

    Attributes:
        canvas: (H, W, 3 or 4) uint8, painted in place.
        exact: K x (x, y) in pixels of the canvas.
        pixels: the same, truncated.
        own: the person's colour, which replaces those of joints and links; or None.
    """

    def __init__(self, canvas: Canvas, pose: Pose, own: Color | None) -> None:
        self.canvas = canvas
        self.own = own
        self.exact: list[list[float]] = pose.keypoints_image.tolist()
        self.pixels = [(int(x), int(y)) for x, y in self.exact]

    def paint_limbs(
        self,
        links: list[InkedLink],
        shown: Shown,
        half_width: int,
        brightness: float = 1.0,
        shortest: float = 0.0,
    ) -> None:
        """Paint ellipses between shown joints that are at least ``shortest`` pixels apart.

        ``half_width`` is in pixels. ``brightness`` dims the person's own colour; the colours of
        the links are already dimmed.
        """
        own = self.own and ink(dim(self.own, brightness))
        for start, end, color in links:
            if shown[start] and shown[end]:
                ends = self.exact[start], self.exact[end]
                if limb_length(*ends) >= shortest:
                    cv2.fillConvexPoly(self.canvas, limb_polygon(*ends, half_width), own or color)

    def paint_lines(self, links: list[InkedLink], shown: Shown, thickness: int) -> None:
        """Paint straight lines between shown joints; ``thickness`` is in pixels."""
        own = self.own and ink(self.own)
        for start, end, color in links:
            if shown[start] and shown[end]:
                ends = self.pixels[start], self.pixels[end]
                cv2.line(self.canvas, *ends, own or color, thickness)

    def paint_dots(self, joints: list[InkedJoint], shown: Shown, radius: int) -> None:
        """Paint filled circles on shown joints; ``radius`` is in pixels."""
        own = self.own and ink(self.own)
        for joint, color in joints:
            if shown[joint]:
                cv2.circle(self.canvas, self.pixels[joint], radius, own or color, cv2.FILLED)
