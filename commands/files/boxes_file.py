"""Boxes of people from a JSON file, for those who bring their own detector."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from pathlib import Path

from ...sapiens_core.detection.people import People
from ...skeletons.foundation.safe_json import read_json


@dataclass(frozen=True)
class BoxesFile:
    """The boxes of several images by file name, or of a single image.

    Attributes:
        path: the file that was read, for messages.
        by_name: ``[[x1, y1, x2, y2], ...]`` in image pixels by an image's path, file name, or file
            name without ending, as pose files of many formats name their images.
        only: the same for a single image, if the file holds a bare list.
    """

    path: Path
    by_name: dict[str, list[list[float]]]
    only: list[list[float]] | None = None

    @classmethod
    def read(cls, path: Path) -> BoxesFile:
        """Reads ``{"photo.jpg": [[x1, y1, x2, y2], ...], ...}`` or ``[[x1, y1, x2, y2], ...]``.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is no file, or not JSON of one of the two forms.
        """
        if not path.exists():
            raise FileNotFoundError(f"There is no boxes file {path}.")
        try:
            content = read_json(path)
        except ValueError as error:
            raise ValueError(f"Boxes file {error}") from error
        if isinstance(content, dict):
            return cls(path, {name: _check_boxes(path, boxes) for name, boxes in content.items()})
        return cls(path, {}, _check_boxes(path, content))

    def people(self, image_path: Path, num_images: int) -> People:
        """The boxes of one of ``num_images`` images; an empty list means nobody.

        Raises:
            ValueError: the file does not name the image.
        """
        if self.only is not None:
            if num_images != 1:
                raise ValueError(
                    f"Boxes file {self.path} is a plain list, which is for one image, but "
                    f'there are {num_images}. Write {{"photo.jpg": [[x1, y1, x2, y2]], ...}}.'
                )
            return People(self.only)
        for name in (image_path.as_posix(), image_path.name, image_path.stem):
            if name in self.by_name:
                return People(self.by_name[name])
        raise ValueError(f"Boxes file {self.path} has no entry {image_path.name!r}.")


def _check_boxes(path: Path, value: object) -> list[list[float]]:
    """The value as it is; ValueError if it is not a list of boxes."""

    def is_box(box: object) -> bool:
        return (
            isinstance(box, list)
            and len(box) == 4
            and all(isinstance(number, (int, float)) for number in box)
        )

    if not isinstance(value, list) or not all(is_box(box) for box in value):
        raise ValueError(
            f"Boxes file {path} holds {reprlib.repr(value)[:60]}, expected a list of "
            "[x1, y1, x2, y2] in pixels."
        )
    return value
