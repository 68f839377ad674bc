"""Where the people of one picture are: what a detector, a mask or a user says of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..skeletons.pose import is_believable, number_array

log = logging.getLogger(__name__)

Image = NDArray[np.uint8]
"""(H, W, 3) RGB picture, 0 to 255."""
FARTHEST_CORNER = 1e7
"""In pixels from 0: beyond, a crop's float32 numbers tell no pixels apart."""
Labels = NDArray[np.uint16]
"""(H, W) whose pixel it is: 0 nobody's, n the n-th person's, counted from 1."""


@dataclass(frozen=True, eq=False)
class People:
    """The boxes of one picture.

    Attributes:
        boxes_xyxy: (N, 4) left, top, right, bottom in image pixels; N may be 0.
        scores: (N,) confidence of each box; None counts every box as certain.
        labels: (H, W) whose pixel each one is, 0 or 1 more than the position of the box; None if
            nobody knows.
    """

    boxes_xyxy: ArrayLike
    scores: ArrayLike | None = None
    labels: Labels | None = None

    @classmethod
    def whole_image(cls, image_rgb: Image) -> People:
        """One person that fills the picture."""
        height, width = image_rgb.shape[:2]
        return cls([[0, 0, width, height]])

    def __len__(self) -> int:
        return np.size(self.boxes_xyxy) // 4

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
        kept &= (np.abs(boxes) <= FARTHEST_CORNER).all(1) & is_believable(scores)
        if not kept.all():
            first = boxes[~kept][0].tolist()
            log.warning(
                "%d of %d boxes show nothing of the picture of %d x %d pixels and are left out, "
                "the first being %s.",
                *((~kept).sum(), len(boxes), *canvas_wh, first),
            )
        return People(corners[kept].reshape(-1, 4), scores[kept], self._labels_of(kept))

    def _labels_of(self, kept: NDArray[np.bool_]) -> Labels | None:
        """The labels counted anew among the people that stay."""
        if self.labels is None or kept.all():
            return self.labels
        new_numbers = np.where(kept, np.cumsum(kept), 0)
        return np.concatenate([[0], new_numbers]).astype(np.uint16)[self.labels]
