"""Pose files and the pictures that they belong to, for the commands that work on poses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..sapiens_core.people import Image
    from ..skeletons.pose import Frame


def read_all(paths: list[Path]) -> Iterator[tuple[str, Frame | Exception]]:
    """Each frame with the name of its picture; a file that cannot be read is its own error."""
    from ..skeletons.formats import read_named_poses

    for path in paths:
        try:
            yield from read_named_poses(path)
        except (ValueError, OSError) as error:
            yield path.stem, error


def unique_stems(names: list[str]) -> list[str]:
    """A file name without ending for each picture; alike ones are numbered from the second on."""
    from ..sapiens_core.images import IMAGE_SUFFIXES
    from ..sapiens_core.inputs import output_names

    paths = [Path(name) for name in names]
    stems = [path.stem if path.suffix.lower() in IMAGE_SUFFIXES else path.name for path in paths]
    return output_names([Path(f"{stem}.png") for stem in stems])


def picture_called(name: str, path: Path) -> Image:
    """The picture at ``path``, or the one called ``name``, with or without ending, in a folder.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it cannot be read.
    """
    from ..sapiens_core.images import IMAGE_SUFFIXES, read_image

    if not path.is_dir():
        return read_image(path)
    for entry in sorted(path.iterdir()):
        if entry.suffix.lower() in IMAGE_SUFFIXES and name in (entry.name, entry.stem):
            return read_image(entry)
    raise FileNotFoundError(f"Folder {path} has no picture named {name}.")
