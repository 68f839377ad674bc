"""Head, palms and feet as rigid templates: their size does not change with the angle of view.

The template is fitted to the keypoints of each frame as a camera far away sees it (scaled
orthographic projection). For a head that also tells where it faces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..pose import Array, is_visible
from .person_points import LAYOUT, PersonPoints


@dataclass(frozen=True, eq=False)
class Template:
    """Joints of one part in metres of an adult: (N, 3) forward, up, to the own right."""

    joints: NDArray[np.intp]
    points: Array


def _template(rows: dict[str, tuple[float, ...]]) -> Template:
    return Template(LAYOUT.indices(tuple(rows)), np.array(list(rows.values())) / 1000)


HEAD = _template(
    {
        "nose": (110, -5, 0),
        "left_eye": (80, 18, -32),
        "right_eye": (80, 18, 32),
        "left_ear": (0, 0, -75),
        "right_ear": (0, 0, 75),
        "face-8": (85, -92, 0),
        "face-27": (88, 25, 0),
        "face-36": (75, 18, 45),
        "face-39": (75, 18, 16),
        "face-42": (75, 18, -16),
        "face-45": (75, 18, -45),
        "face-48": (90, -48, 26),
        "face-54": (90, -48, -26),
    }
)
"""Millimetres from the middle of the ears: the usual six points of head pose estimation (tip of the
nose, chin, corners of eyes and mouth) with eyes and ears after mean adult anthropometry."""

FEET = {
    side: _template(
        {
            f"{side}_ankle": (0, 0, 0),
            f"{side}_big_toe": (155, -65, -15 * own_right),
            f"{side}_small_toe": (130, -65, 45 * own_right),
            f"{side}_heel": (-45, -60, 0),
        }
    )
    for side, own_right in (("left", -1), ("right", 1))
}
"""Millimetres from the ankle, of a foot of 26 cm."""

PALMS = {
    side: _template(
        {
            f"{side}_hand_root": (0, 0),
            f"{side}_thumb1": (31, 28),
            f"{side}_forefinger1": (28, 89),
            f"{side}_middle_finger1": (6, 93),
            f"{side}_ring_finger1": (-17, 87),
            f"{side}_pinky_finger1": (-37, 78),
        }
    )
    for side in ("left", "right")
}
"""Millimetres from the wrist in the plane of the palm, of a hand of 185 mm."""

MIN_HEAD, MIN_PALM, MIN_FOOT = 4, 5, 4
"""Keypoints without which a part is not measured."""
STEPS = 2
"""Of the fit. Sizes change by less than 0.1 % in the next one."""
STIFFNESS = 1e-4
"""Of the first guess, against templates that are seen edge on."""


@dataclass(frozen=True, eq=False)
class Heads:
    """A head in T frames; NaN where it is not seen.

    Attributes:
        log_sizes: (T,) log of pixels per metre of the template.
        centers: (T, 2) the middle of the ears, in pixels, also if no ear is seen.
        widths: (T,) how wide the head is seen, 0 in profile to 1 from the front or behind.
    """

    log_sizes: Array
    centers: Array
    widths: Array

    def at_frames(self, frames: NDArray[np.intp]) -> Heads:
        """The head in some of the frames."""
        return Heads(self.log_sizes[frames], self.centers[frames], self.widths[frames])


def measure_heads(person: PersonPoints, score_threshold: float) -> Heads:
    """Size, place and angle of the head of a person in ``LAYOUT``."""
    count = len(person)
    heads = Heads(np.full(count, np.nan), np.full((count, 2), np.nan), np.full(count, np.nan))
    frames, keypoints, weights = _seen(person, HEAD, MIN_HEAD, score_threshold)
    if len(frames):
        scale, rotation, origin = fit_rigid(keypoints, weights, HEAD.points)
        heads.log_sizes[frames], heads.centers[frames] = np.log(scale), origin * (1, -1)
        heads.widths[frames] = np.linalg.norm(rotation[:, :2, 2], axis=1)
    return heads


def measure_palms(person: PersonPoints, score_threshold: float) -> Array:
    """(2, T) log size of left and right palm in template metres, of a person in ``LAYOUT``.

    NaN where one is not seen. A plane is seen in its true length along one direction, however it
    tilts.
    """
    sizes = np.full((2, len(person)), np.nan)
    for row, template in zip(sizes, PALMS.values(), strict=True):
        frames, keypoints, weights = _seen(person, template, MIN_PALM, score_threshold)
        if len(frames):
            affine = _affine_fit(keypoints, weights, template.points, 10 * STIFFNESS)[0]
            row[frames] = np.log(np.maximum(np.linalg.norm(affine, 2, axis=(1, 2)), 1e-9))
    return sizes


def measure_feet(person: PersonPoints, score_threshold: float) -> Array:
    """(2, T) log size of left and right foot, as ``measure_palms``."""
    sizes = np.full((2, len(person)), np.nan)
    for row, template in zip(sizes, FEET.values(), strict=True):
        frames, keypoints, weights = _seen(person, template, MIN_FOOT, score_threshold)
        if len(frames):
            row[frames] = np.log(fit_rigid(keypoints, weights, template.points)[0])
    return sizes


def _seen(
    person: PersonPoints, template: Template, least: int, score_threshold: float
) -> tuple[NDArray[np.intp], Array, Array]:
    """Frames in which enough is seen; there (T, N, 2) keypoints, y up, and (T, N) weights."""
    scores = person.scores[:, template.joints]
    weights = np.where(is_visible(scores, score_threshold), np.clip(scores, 0.01, 1.0), 0.0)
    frames = np.flatnonzero((weights > 0).sum(axis=1) >= least)
    return frames, person.keypoints[frames][:, template.joints] * (1, -1), weights[frames]


def _affine_fit(
    keypoints: Array, weights: Array, points: Array, stiffness: float
) -> tuple[Array, Array, Array, Array, Array]:
    """The affine map from template to image of each frame, by weighted least squares.

    Returns:
        (T, 2, D) map; (T, N, D) template and (T, N, 2) keypoints about their means; the means.
    """
    weights = weights / weights.sum(axis=1, keepdims=True)
    template_mean, mean = weights @ points, np.einsum("tn,tnk->tk", weights, keypoints)
    template, centered = points - template_mean[:, None], keypoints - mean[:, None]
    weighted = template * weights[..., None]
    square = np.swapaxes(template, 1, 2) @ weighted
    spread = stiffness * (points**2).sum() / len(points)
    mixed = np.swapaxes(weighted, 1, 2) @ centered
    affine = np.linalg.solve(square + spread * np.eye(points.shape[1]), mixed)
    return np.swapaxes(affine, 1, 2), template, centered, template_mean, mean


def fit_rigid(keypoints: Array, weights: Array, points: Array) -> tuple[Array, Array, Array]:
    """Where a rigid template is, as a camera far away sees it.

    The affine fit is the first guess. Then the depth of each keypoint is taken from the rotation,
    and the rotation from all three coordinates (Kabsch 1976), in turns.

    Args:
        keypoints: (T, N, 2) x to the right, y up, in pixels.
        weights: (T, N) of the keypoints, some above 0 in each frame.
        points: (N, 3) the template.

    Returns:
        (T,) pixels per unit of the template, above 0; (T, 3, 3) rotation; (T, 2) the template's
        origin in the image.
    """
    affine, template, centered, template_mean, mean = _affine_fit(
        keypoints, weights, points, STIFFNESS
    )
    left, _, right = np.linalg.svd(affine, full_matrices=False)
    rows = left @ right
    weighted = template * weights[..., None]
    for _ in range(STEPS):
        third = np.cross(rows[:, 0], rows[:, 1])
        depth = (template @ third[..., None])[..., 0] * _scale(rows, weighted, template, centered)[
            :, None
        ]
        lifted = np.concatenate([centered, depth[..., None]], axis=-1)
        left, _, right = np.linalg.svd(np.swapaxes(lifted, 1, 2) @ weighted)
        left[:, :, 2] *= np.where(np.linalg.det(left @ right) < 0, -1.0, 1.0)[:, None]
        rotation = left @ right
        rows = rotation[:, :2]
    scale = _scale(rows, weighted, template, centered)
    origin = mean - scale[:, None] * (rows @ template_mean[..., None])[..., 0]
    return scale, rotation, origin


def _scale(rows: Array, weighted: Array, template: Array, centered: Array) -> Array:
    """(T,) least-squares scale between the projected template and the keypoints."""
    turned = np.swapaxes(rows, 1, 2)
    projected_weighted, projected = weighted @ turned, template @ turned
    agreement = (projected_weighted * centered).sum(axis=(1, 2))
    extent = (projected_weighted * projected).sum(axis=(1, 2))
    return np.maximum(agreement, 1e-9) / np.maximum(extent, 1e-9)
