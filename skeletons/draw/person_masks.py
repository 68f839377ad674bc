"""Masks of people by who they are: one for each person, and all of them in the colours of SCAIL-2.

SCAIL-2 (facts of ComfyUI's ``comfy_extras/nodes_scail.py``) knows people by six pure colours, in
the order of ``SCAIL2_COLORS``; others, and blends of them, belong to nobody. Where masks overlap,
the earlier person is shown. The background is black for the driving video and white for the
reference image where a character is animated, and the other way round where one is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..convert_sets import convert_pose
from ..foundation.arrays import Image
from ..keypoint_sets import OPENPOSE_136, Color
from ..options.option import SCORE_THRESHOLD
from ..pose import Array, Frame, Pose, is_visible, visible_box
from .options import FARTHEST_PIXEL

SCAIL2_COLORS: tuple[Color, ...] = (
    (0, 0, 255),
    (255, 0, 0),
    (0, 255, 0),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 0),
)
"""Blue, red, green, magenta, cyan and yellow; a seventh person is blue again."""

BACKGROUNDS: dict[str, Color] = {"black": (0, 0, 0), "white": (255, 255, 255)}

Mask = NDArray[np.uint8]
"""(H, W) 255 where the person is, 0 elsewhere."""

TORSO = ("left_shoulder", "right_shoulder", "right_hip", "left_hip")
HEAD = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
LIMBS = (
    *((("shoulder", "elbow"), 0.24), (("elbow", "wrist"), 0.2)),
    *((("hip", "knee"), 0.36), (("knee", "ankle"), 0.26)),
)
"""Joints of each side with the width of the limb between them, in torso lengths.

A torso goes from the neck to the middle of the hips. All widths are those of a person in clothes,
chosen by eye on the packaged poses."""
TORSO_ROOM, HAND_ROOM, FOOT_ROOM, FACE_ROOM = 0.24, 0.16, 0.16, 0.12
"""How much wider a part is than its keypoints, in torso lengths."""
HEAD_WIDTH, HEAD_ENDS = 0.42, (-0.06, 0.12)
"""Width of a head, and how far the middles of its round ends are above the middle of nose, eyes and
ears, in torso lengths."""
TORSO_OF_HEIGHT = 0.3
"""Torso lengths in the longer side of the box around a person of whom no torso is visible."""
TORSO_OF_SHOULDERS = 1.3
"""Torso length by the width of the shoulders, for somebody whose hips are not visible."""


def draw_person_mask(
    pose: Pose, size_wh: tuple[int, int], score_threshold: float = SCORE_THRESHOLD.default
) -> Mask:
    """The outline of a body around the visible keypoints of a pose, which is of the size.

    Every visible keypoint near the canvas is inside. It is as wide as a body in clothes; hair and
    wide clothes are not known.
    """
    mask = np.zeros(size_wh[::-1], np.uint8)
    body = convert_pose(pose, OPENPOSE_136)
    visible = is_visible(body.scores, score_threshold)
    visible &= (np.abs(body.keypoints_image) < FARTHEST_PIXEL).all(axis=1)
    keypoints = body.keypoints_image
    if not visible.any():
        return mask
    torso_px = _torso_length(pose, keypoints, visible, score_threshold)

    def rows(names: tuple[str, ...]) -> list[int]:
        return [row for row in map(OPENPOSE_136.index, names) if visible[row]]

    def paint(some: list[int], width: float) -> None:
        if some:
            _paint_hull(mask, keypoints[some], width * torso_px)

    paint(rows((*TORSO, "neck")), TORSO_ROOM)
    _paint_head(mask, keypoints, visible, torso_px)
    for side in ("left", "right"):
        for joints, width in LIMBS:
            paint(rows(tuple(f"{side}_{joint}" for joint in joints)), width)
        hand = [row for row in OPENPOSE_136.part_indices(f"{side}_hand") if visible[row]]
        foot = [row for row in OPENPOSE_136.part_indices(f"{side}_foot") if visible[row]]
        paint(hand + rows((f"{side}_wrist",)), HAND_ROOM)
        paint(foot + rows((f"{side}_ankle",)), FOOT_ROOM)
    return mask


def _paint_head(mask: Mask, keypoints: Array, visible: NDArray[np.bool_], torso_px: float) -> None:
    """Paints the face, and the head and the throat where the neck says where up is."""
    head = [row for row in map(OPENPOSE_136.index, HEAD) if visible[row]]
    face = [row for row in OPENPOSE_136.part_indices("face") if visible[row]]
    if not head + face:
        return
    _paint_hull(mask, keypoints[head + face], FACE_ROOM * torso_px)
    neck = OPENPOSE_136.index("neck")
    if head and visible[neck]:
        middle = keypoints[head].mean(axis=0)
        upwards = middle - keypoints[neck]
        upwards *= torso_px / max(1.0, float(np.hypot(*upwards)))
        ends = middle + np.outer(HEAD_ENDS, upwards)
        _paint_hull(mask, ends, HEAD_WIDTH * torso_px)
        _paint_hull(mask, np.stack([middle, keypoints[neck]]), TORSO_ROOM * torso_px)


def _torso_length(
    pose: Pose, keypoints: Array, visible: NDArray[np.bool_], score_threshold: float
) -> float:
    """Pixels from the neck to the hips, or what other parts say of it."""
    left, right, right_hip, left_hip = (OPENPOSE_136.index(name) for name in TORSO)
    lengths = []
    if visible[[left, right]].all():
        lengths.append(np.hypot(*(keypoints[left] - keypoints[right])) * TORSO_OF_SHOULDERS)
        hips = [row for row in (left_hip, right_hip) if visible[row]]
        if hips:
            neck = keypoints[[left, right]].mean(axis=0)
            lengths.append(np.hypot(*(keypoints[hips].mean(axis=0) - neck)))
    if not lengths:
        box = visible_box(pose, score_threshold)
        lengths.append(max(box[2:] - box[:2]) * TORSO_OF_HEIGHT)
    return float(max(lengths))


def _paint_hull(mask: Mask, keypoints: Array, width_px: float) -> None:
    """Paints the convex hull of (N, 2) keypoints, with half of ``width_px`` of room around it."""
    corners = np.rint(keypoints).astype(np.int32).reshape(-1, 1, 2)
    hull = cv2.convexHull(corners)
    cv2.fillConvexPoly(mask, hull, 255)
    # Thick lines have round ends, also a line from a point to itself.
    cv2.polylines(mask, [hull], True, 255, max(1, min(round(width_px), FARTHEST_PIXEL // 4)))


def color_people(
    masks: Mapping[int, Mask], size_wh: tuple[int, int], background: str = "black"
) -> Image:
    """(H, W, 3) people in the colours of SCAIL-2.

    Args:
        masks: (H, W) by the number of a person, of whom the lowest is in front.
        size_wh: width and height of the image.
        background: a key of ``BACKGROUNDS``.
    """
    image_rgb = np.full((size_wh[1], size_wh[0], 3), BACKGROUNDS[background], np.uint8)
    for number in sorted(masks, reverse=True):
        image_rgb[masks[number] > 0] = SCAIL2_COLORS[number % len(SCAIL2_COLORS)]
    return image_rgb


def draw_outlines(
    frames: Sequence[Frame], numbers: Sequence[Sequence[int]], score_threshold: float
) -> list[dict[int, Mask]]:
    """By the number of a person in each frame, the outline of the body, see ``draw_person_mask``.

    ``numbers`` has one for each pose of each frame.
    """
    return [
        {
            number: draw_person_mask(pose, frame.canvas_wh, score_threshold)
            for number, pose in zip(some, frame.poses, strict=True)
        }
        for frame, some in zip(frames, numbers, strict=True)
    ]


def resize_masks(
    matches: Sequence[Mapping[int, int]],
    masks_of: Callable[[int], NDArray[np.bool_]],
    size_wh: tuple[int, int],
) -> list[dict[int, Mask]]:
    """By the number of a person in each frame, somebody else's mask of them.

    Args:
        matches: the index of the mask by the number of the person, for each frame.
        masks_of: the (N, h, w) masks of the frame with an index.
        size_wh: width and height that the masks are stretched to, by the nearest pixel.
    """
    resized = []
    for frame, some in enumerate(matches):
        masks = masks_of(frame).astype(np.uint8) * 255
        resized.append({number: _resize(masks[index], size_wh) for number, index in some.items()})
    return resized


def _resize(mask: Mask, size_wh: tuple[int, int]) -> Mask:
    return np.asarray(cv2.resize(mask, size_wh, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def one_by_one(
    masks: Sequence[Mapping[int, Mask]], people: int, size_wh: tuple[int, int]
) -> list[Mask]:
    """All frames of person 0, then those of person 1, ...; black where somebody is not.

    Without anybody, as many black masks as frames.
    """
    black = np.zeros(size_wh[::-1], np.uint8)
    return [of.get(number, black) for number in range(max(1, people)) for of in masks]
