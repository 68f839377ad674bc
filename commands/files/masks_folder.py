"""Masks of people from a folder, for those who bring their own segmentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ...sapiens_core.detection.masks import (
    Mask,
    MaskOptions,
    check_people_count,
    people_from_masks,
    people_from_separate_masks,
)
from ...sapiens_core.detection.people import People
from ...skeletons.foundation.arrays import Image
from ...skeletons.foundation.safe_names import check_inside
from .endings import IMAGE_SUFFIXES
from .images import read_image

MASK_LEVEL = 128
"""Least grey of a pixel that belongs to a person."""


@dataclass(frozen=True)
class MasksFolder:
    """A folder with masks of images.

    Attributes:
        path: holds, for ``photo.jpg``, either an image ``photo.png``, of which each connected white
            region is a person, or a folder ``photo`` with a mask for each person, by name.
    """

    path: Path

    @classmethod
    def at(cls, path: Path) -> MasksFolder:
        """The folder, if there is one.

        Raises:
            FileNotFoundError: there is no such folder.
        """
        if not path.is_dir():
            raise FileNotFoundError(f"There is no folder of masks {path}.")
        return cls(path)

    def people(self, image_path: Path, image_rgb: Image) -> People:
        """The people of one image; masks may be of another size than the image.

        Raises:
            ValueError: there is no mask for the image, one cannot be read or leads out of the
                folder, or the masks of its people differ in size.
        """
        canvas_wh = (image_rgb.shape[1], image_rgb.shape[0])
        folder = self.path / image_path.stem
        if folder.is_dir():
            paths = [path for path in sorted(folder.iterdir()) if _is_image(path)]
            check_people_count(len(paths))
            return people_from_separate_masks(self._read_all(paths), canvas_wh)
        for path in sorted(self.path.glob(f"{_escape_pattern(image_path.stem)}.*")):
            if _is_image(path):
                return people_from_masks([self._read(path)], [canvas_wh], MaskOptions("parts"))[0]
        raise ValueError(
            f"There is no mask for {image_path.name} in {self.path}, expected "
            f"{image_path.stem}.png or a folder {image_path.stem}."
        )

    def _read_all(self, paths: Sequence[Path]) -> Iterator[Mask]:
        """One after the other: all at once might fill the memory."""
        size_hw = None
        for path in paths:
            mask = self._read(path)
            size_hw = size_hw or mask.shape
            if mask.shape != size_hw:
                raise ValueError(f"The masks in {path.parent} differ in size.")
            yield mask

    def _read(self, path: Path) -> Mask:
        check_inside(path, self.path, "the folder of masks")
        dark = cv2.inRange(read_image(path), (0, 0, 0), (MASK_LEVEL - 1,) * 3)
        return np.asarray(dark == 0)


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES


def _escape_pattern(stem: str) -> str:
    """A file name's stem as a pattern that matches only itself."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in stem)
