"""Pose files and the images that they belong to, for the commands that work on poses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...skeletons.pose import Frame


def read_all(paths: list[Path]) -> Iterator[tuple[str, Frame | Exception]]:
    """Each frame with the name of its image; a file that cannot be read yields its error."""
    from ...skeletons.formats.table import read_named_poses

    for path in paths:
        try:
            yield from read_named_poses(path)
        except (ValueError, OSError) as error:
            yield path.stem, error


def make_unique_stems(names: list[str]) -> list[str]:
    """A file name without ending for each image; equal ones are numbered from the second on."""
    from .find_inputs import output_names
    from .images import IMAGE_SUFFIXES

    paths = [Path(name) for name in names]
    stems = [path.stem if path.suffix.lower() in IMAGE_SUFFIXES else path.name for path in paths]
    return output_names([Path(f"{stem}.png") for stem in stems])


def find_image(name: str, path: Path) -> Path:
    """``path`` itself, or the image called ``name``, with or without ending, in that folder.

    Raises:
        FileNotFoundError: there is none in the folder.
    """
    from .images import IMAGE_SUFFIXES

    if not path.is_dir():
        return path
    for entry in sorted(path.iterdir()):
        if entry.suffix.lower() in IMAGE_SUFFIXES and name in (entry.name, entry.stem):
            return entry
    raise FileNotFoundError(f"Folder {path} has no picture named {name}.")
