"""Where the people of one image are, by a detector, masks or a user."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...skeletons.foundation.arrays import Image
from ...skeletons.pose import is_within_limits, number_array

log = logging.getLogger(__name__)

FARTHEST_CORNER = 1e7
"""Largest coordinate of a box, in pixels; beyond it, float32 cannot tell a crop's pixels apart."""
Labels = NDArray[np.uint16]
"""(H, W) owner of each pixel: 0 nobody, n the n-th person, counted from 1; a label beyond the
number of people stands for several of them."""


@dataclass(frozen=True, eq=False)
class OwnPixels:
    """The pixels of one person among those of others.

    Attributes:
        labels: (H, W) owners of the image's pixels, see ``Labels``.
        own_labels: all labels that this person has, alone or with others.
    """

    labels: Labels
    own_labels: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class People:
    """The people of one image: their boxes and, where masks tell it, their pixels.

    A person's number is the index of the box plus 1.

    Attributes:
        boxes_xyxy: (N, 4) left, top, right, bottom in image pixels; N may be 0.
        scores: (N,) confidence of each box, 0 to 1; None counts every box as 1.
        labels: (H, W) owner of each pixel; None if unknown.
        shared: labels of pixels that several people claim, with the numbers of these people.
        best_left_out: highest score of a detection that was below the threshold; 0 without one.
        ids: N numbers of the people, the same in all images of a clip; None if unknown.
    """

    boxes_xyxy: ArrayLike
    scores: ArrayLike | None = None
    labels: Labels | None = None
    shared: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    best_left_out: float = 0.0
    ids: tuple[int, ...] | None = None

    @classmethod
    def whole_image(cls, image_rgb: Image) -> People:
        """One person who fills the image."""
        height, width = image_rgb.shape[:2]
        return cls([[0, 0, width, height]])

    def __len__(self) -> int:
        return np.size(self.boxes_xyxy) // 4

    def own_pixels(self, number: int) -> OwnPixels | None:
        """The pixels of the person of that number; None for number 0, or without labels."""
        if self.labels is None or not number:
            return None
        shared = (label for label, owners in self.shared.items() if number in owners)
        return OwnPixels(self.labels, (number, *shared))

    def pairs(self) -> list[tuple[NDArray[np.float64], float]]:
        """Each box with its score.

        Raises:
            ValueError: the boxes are not (N, 4), or there is not one score per box.
        """
        boxes = number_array(self.boxes_xyxy)
        if boxes.size == 0:
            return []
        if boxes.ndim != 2 or boxes.shape[1] != 4:
            raise ValueError(
                f"Boxes have shape {boxes.shape}, expected (people, 4): left, top, right, bottom."
            )
        scores = np.ones(len(boxes)) if self.scores is None else number_array(self.scores)
        if scores.shape != (len(boxes),):
            raise ValueError(f"There are {len(boxes)} boxes but {scores.size} box scores.")
        return [(box, float(score)) for box, score in zip(boxes, scores, strict=True)]

    def usable(self, canvas_wh: tuple[int, int]) -> People:
        """The people whose box shows something of an image, with the corners in order.

        Boxes with a coordinate that is not finite or beyond ``FARTHEST_CORNER``, without area, or
        wholly outside the image are removed, which is logged; boxes partly outside stay as they
        are. The number of people is not limited.

        Args:
            canvas_wh: width and height of the image in pixels.

        Raises:
            ValueError: as ``pairs``.
        """
        pairs = self.pairs()
        if not pairs:
            return People([])
        boxes, scores = (np.array(column) for column in zip(*pairs, strict=True))
        corners = np.sort(boxes.reshape(-1, 2, 2), axis=1)
        low, high = corners[:, 0], corners[:, 1]
        # Comparisons with NaN are false, so that such boxes go too.
        kept = (high > low).all(1) & (high > 0).all(1) & (low < canvas_wh).all(1)
        kept &= (np.abs(boxes) <= FARTHEST_CORNER).all(1) & is_within_limits(scores)
        if not kept.all():
            first = boxes[~kept][0].tolist()
            log.warning(
                "%d of %d boxes show nothing of the image of %d x %d pixels and are skipped; the "
                "first is %s.",
                *((~kept).sum(), len(boxes), *canvas_wh, first),
            )
        labels, shared = self._labels_of(kept)
        ids = self.ids and tuple(np.array(self.ids)[kept].tolist())
        return People(corners[kept].reshape(-1, 4), scores[kept], labels, shared, ids=ids)

    def _labels_of(
        self, kept: NDArray[np.bool_]
    ) -> tuple[Labels | None, Mapping[int, tuple[int, ...]]]:
        """Labels, and who shares them, numbered anew for the people who stay."""
        if self.labels is None or kept.all():
            return self.labels, self.shared
        new_labels = np.zeros(1 + max(len(kept), *self.shared, 0), np.uint16)
        new_labels[1 : len(kept) + 1] = np.where(kept, np.cumsum(kept), 0)
        shared: dict[int, tuple[int, ...]] = {}
        for label, owners in self.shared.items():
            remaining = [owner for owner in owners if kept[owner - 1]]
            new_owners = tuple(new_labels[remaining].tolist())
            new_labels[label] = new_owners[0] if new_owners else 0
            if len(new_owners) > 1:
                new_labels[label] = kept.sum() + 1 + len(shared)
                shared[int(new_labels[label])] = new_owners
        return new_labels[self.labels], shared
