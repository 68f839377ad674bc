"""Masks of people from a folder, for those who bring their own segmentation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..skeletons.file_names import check_inside
from .images import IMAGE_SUFFIXES, read_image
from .masks import Mask, MaskOptions, people_from_masks
from .people import Image, People

MASK_LEVEL = 128
"""From this grey on a pixel belongs to somebody."""


@dataclass(frozen=True)
class MasksFolder:
    """Where the masks of pictures lie.

    Attributes:
        path: holds, for ``photo.jpg``, either a picture ``photo.png``, of which each connected
            white part is a person, or a folder ``photo`` with a mask for each person, by name.
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
        """The people of one picture; masks may be of another size than the picture.

        Raises:
            ValueError: there is no mask for the picture, one cannot be read or leads out of the
                folder, or the masks of its people differ in size.
        """
        canvas_wh = (image_rgb.shape[1], image_rgb.shape[0])
        folder = self.path / image_path.stem
        if folder.is_dir():
            masks = [self._read(path) for path in sorted(folder.iterdir()) if _is_picture(path)]
            if len({mask.shape for mask in masks}) > 1:
                raise ValueError(f"The masks in {folder} differ in size.")
            if not masks:
                return People([])
            return people_from_masks(masks, [canvas_wh], MaskOptions("people"))[0]
        for path in sorted(self.path.glob(f"{_literal(image_path.stem)}.*")):
            if _is_picture(path):
                masks = [self._read(path)]
                return people_from_masks(masks, [canvas_wh], MaskOptions("parts"))[0]
        raise ValueError(
            f"There is no mask for {image_path.name} in {self.path}, expected "
            f"{image_path.stem}.png or a folder {image_path.stem}."
        )

    def _read(self, path: Path) -> Mask:
        check_inside(path, self.path, "the folder of masks")
        return read_image(path).max(axis=-1) >= MASK_LEVEL


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES


def _literal(stem: str) -> str:
    """A file name's stem as a pattern that matches only itself."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in stem)
