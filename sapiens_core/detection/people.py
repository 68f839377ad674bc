"""Where the people of one picture are: what a detector, a mask or a user says of it."""

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
"""In pixels from 0: beyond, a crop's float32 numbers tell no pixels apart."""
Labels = NDArray[np.uint16]
"""(H, W) whose pixel it is: 0 nobody's, n the n-th person's, counted from 1; what is beyond the
number of people stands for several of them."""


@dataclass(frozen=True, eq=False)
class People:
    """The boxes of one picture.

    Attributes:
        boxes_xyxy: (N, 4) left, top, right, bottom in image pixels; N may be 0.
        scores: (N,) confidence of each box; None counts every box as certain.
        labels: (H, W) whose pixel each one is, 0 or 1 more than the position of the box; None if
            nobody knows.
        shared: labels of pixels that several people claim, with the numbers of these people.
    """

    boxes_xyxy: ArrayLike
    scores: ArrayLike | None = None
    labels: Labels | None = None
    shared: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def whole_image(cls, image_rgb: Image) -> People:
        """One person that fills the picture."""
        height, width = image_rgb.shape[:2]
        return cls([[0, 0, width, height]])

    def __len__(self) -> int:
        return np.size(self.boxes_xyxy) // 4

    def own_labels(self, number: int) -> tuple[int, ...]:
        """All that ``labels`` has where the person of that number is."""
        return (number, *(label for label, owners in self.shared.items() if number in owners))

    def pairs(self) -> list[tuple[NDArray[np.float64], float]]:
        """Each box with its score.

        Raises:
            ValueError: the boxes are not (N, 4), or there is not one score a box.
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
        """The people whose box shows something of a picture, each box from top left on.

        Corners in the wrong order are exchanged. Boxes with a number that is not finite or beyond
        ``FARTHEST_CORNER``, without area, or wholly outside the picture are left out, which is
        logged; boxes partly outside stay as they are. The number of people is not limited.

        Args:
            canvas_wh: width and height of the picture in pixels.

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
                "%d of %d boxes show nothing of the picture of %d x %d pixels and are left out, "
                "the first being %s.",
                *((~kept).sum(), len(boxes), *canvas_wh, first),
            )
        labels, shared = self._labels_of(kept)
        return People(corners[kept].reshape(-1, 4), scores[kept], labels, shared)

    def _labels_of(
        self, kept: NDArray[np.bool_]
    ) -> tuple[Labels | None, Mapping[int, tuple[int, ...]]]:
        """Labels, and who shares them, counted anew among the people that stay."""
        if self.labels is None or kept.all():
            return self.labels, self.shared
        new_labels = np.zeros(1 + max(len(kept), *self.shared, 0), np.uint16)
        new_labels[1 : len(kept) + 1] = np.where(kept, np.cumsum(kept), 0)
        shared: dict[int, tuple[int, ...]] = {}
        for label, owners in self.shared.items():
            left = tuple(new_labels[[owner for owner in owners if kept[owner - 1]]].tolist())
            new_labels[label] = left[0] if left else 0
            if len(left) > 1:
                new_labels[label] = kept.sum() + 1 + len(shared)
                shared[int(new_labels[label])] = left
        return new_labels[self.labels], shared
