"""The bundled photos, whose people's keypoints are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....skeletons.foundation.arrays import Image
from ....skeletons.foundation.safe_json import read_json
from ....skeletons.keypoint_sets import COCO_17
from ....skeletons.oks import similarity
from ....skeletons.pose import Array
from ...files.images import read_image
from ..accuracy.truth import AREA_OF_BOX

FOLDER = Path(__file__).resolve().parents[3] / "miniature" / "photos"
NAMES = ("000000000785", "montage_785")
"""A photo of COCO with its annotations, and three people made of it, one of them mirrored."""


@dataclass(frozen=True, eq=False)
class AnnotatedPhoto:
    """A photo, (P, 4) boxes and (P, 17, 2) keypoints of its people, in image pixels."""

    name: str
    image_rgb: Image
    boxes_xyxy: Array
    keypoints_image: Array

    @classmethod
    def read(cls, name: str) -> AnnotatedPhoto:
        """One of ``NAMES``.

        Raises:
            FileNotFoundError: it was not installed.
        """
        path = FOLDER / f"{name}.jpg"
        if not path.is_file():
            raise FileNotFoundError(
                f"The bundled photo {path.name} is missing; install this package again, with its "
                "folder miniature/photos."
            )
        people = read_json(path.with_suffix(".json"))["people"]
        left, top, width, height = np.array([person["bbox_xywh"] for person in people], float).T
        triples = np.array([person["keypoints_coco17_xyv"] for person in people], float)
        return cls(
            name,
            read_image(path),
            np.stack((left, top, left + width, top + height), axis=-1),
            triples.reshape(len(people), len(COCO_17), 3)[..., :2],
        )


@dataclass(frozen=True, eq=False)
class TruePeople:
    """Everybody in the photos: (N, 4) boxes and (N, 17, 2) keypoints in pixels of their photo."""

    boxes_xyxy: Array
    keypoints_image: Array

    @classmethod
    def of(cls, photos: Sequence[AnnotatedPhoto]) -> TruePeople:
        return cls(
            np.concatenate([photo.boxes_xyxy for photo in photos]),
            np.concatenate([photo.keypoints_image for photo in photos]),
        )

    @property
    def diagonals(self) -> Array:
        """(N,) of the boxes, in pixels."""
        lengths: Array = np.linalg.norm(self.boxes_xyxy[:, 2:] - self.boxes_xyxy[:, :2], axis=1)
        return lengths

    @property
    def areas(self) -> Array:
        """(N,) sizes in square pixels, as evaluators take them of people without an outline."""
        sides = self.boxes_xyxy[:, 2:] - self.boxes_xyxy[:, :2]
        return AREA_OF_BOX * np.asarray(sides.prod(axis=1))

    @property
    def side_distance(self) -> float:
        """Median distance of a joint from that of the other side, as a share of the diagonal."""
        others = self.keypoints_image[:, COCO_17.flip_indices]
        distances = np.linalg.norm(others - self.keypoints_image, axis=-1)
        return float(np.median((distances / self.diagonals[:, None])[distances > 0]))

    def distances(self, keypoints: Array) -> Array:
        """(N, 17) of found keypoints from the true ones, as shares of the diagonals."""
        distances = np.linalg.norm(keypoints - self.keypoints_image, axis=-1)
        return np.asarray(distances / self.diagonals[:, None])

    def mean_similarity(self, keypoints: Array) -> float:
        """Mean object keypoint similarity of (N, 17, 2) found keypoints, 0 to 1."""
        seen = np.ones((1, len(COCO_17)), bool)
        rows = zip(keypoints, self.keypoints_image, self.areas, strict=True)
        return float(
            np.mean(
                [
                    similarity(found[None], true[None], seen, seen, area, COCO_17.sigmas)[0, 0]
                    for found, true, area in rows
                ]
            )
        )
