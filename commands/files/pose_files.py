"""Pose files and the images that they belong to, for the commands that work on poses."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...skeletons.formats.pose_keypoint_writer import EncodeOptions
    from ...skeletons.formats.read_options import ReadOptions
    from ...skeletons.formats.table import Format
    from ...skeletons.pose import Frame

log = logging.getLogger(__name__)


def read_all(paths: list[Path], options: ReadOptions) -> Iterator[tuple[str, Frame | Exception]]:
    """Each frame with the name of its image; a file that cannot be read yields its error."""
    from ...skeletons.formats.table import read_named_poses, shared_canvases

    shared = shared_canvases(paths, options)
    for path in paths:
        try:
            yield from read_named_poses(path, options, shared.get(path))
        except (ValueError, OSError) as error:
            yield path.stem, error


def make_unique_stems(names: list[str]) -> list[str]:
    """A file name without ending for each image; equal ones are numbered from the second on.

    What no system allows in the name of a file is replaced, see ``portable_name``.
    """
    from ...skeletons.foundation.safe_names import portable_name
    from .endings import IMAGE_SUFFIXES
    from .find_inputs import output_names

    paths = [Path(name) for name in names]
    stems = [path.stem if path.suffix.lower() in IMAGE_SUFFIXES else path.name for path in paths]
    return output_names([Path(f"{portable_name(stem)}.png") for stem in stems])


def find_image(name: str, path: Path) -> Path:
    """``path`` itself, or the image called ``name``, with or without ending, in that folder.

    Raises:
        FileNotFoundError: there is none in the folder.
    """
    from .endings import IMAGE_SUFFIXES

    if not path.is_dir():
        return path
    for entry in sorted(path.iterdir()):
        if entry.suffix.lower() in IMAGE_SUFFIXES and name in (entry.name, entry.stem):
            return entry
    raise FileNotFoundError(f"Folder {path} has no picture named {name}.")


NamedFrames = tuple[tuple[str, "Frame"], ...]
"""Frames with the names of their images."""


def write_pose_files(
    files: list[tuple[Path, NamedFrames]],
    inputs: list[Path],
    output: Path,
    file_format: Format,
    options: EncodeOptions,
) -> None:
    """Writes all files, or none if two of them, or one and an input, are the same.

    Args:
        files: the path of each input, and what is to be written of it.
        inputs: all files that must not be overwritten.
        output: a .json file for everything, or a folder with one file for each input, or for each
            image where the format holds one per file.
        file_format: of the files.
        options: how they are encoded.

    Raises:
        ValueError: two files would be the same, or the format holds one image per file.
        OSError: something cannot be written.
    """
    from ...skeletons.formats.table import write_poses
    from ...skeletons.foundation.atomic_files import prepare_folder

    if output.suffix == ".json":
        plan = [(output, tuple(pair for _, named in files for pair in named))]
    else:
        plan = [
            (output / name, named)
            for path, all_named in files
            for name, named in _split(path, all_named, file_format)
        ]
    read = {path.resolve() for path in inputs}
    outputs: set[Path] = set()
    for path in (path.resolve() for path, _ in plan):
        if path in outputs:
            raise ValueError(f"Two inputs would be written to {path}. Convert them one by one.")
        if path in read:
            raise ValueError(f"{path} is an input and would be overwritten. Give another folder.")
        outputs.add(path)
    for folder in {path.parent for path, _ in plan}:
        prepare_folder(folder)
    for path, named in plan:
        write_poses(path, named, file_format, options)
        log.info("Wrote %s (frames: %d).", path, len(named))


def _split(path: Path, named: NamedFrames, file_format: Format) -> list[tuple[str, NamedFrames]]:
    """The files that an input becomes: name and what goes into it."""
    from ...skeletons.formats.table import image_stem
    from ...skeletons.foundation.safe_names import portable_name

    if len(named) == 1 or not file_format.one_image_per_file:
        return [(image_stem(path) + file_format.suffix, named)]
    stems = [portable_name(Path(name).stem) for name, _ in named]
    pairs = zip(stems, named, strict=True)
    return [(stem + file_format.suffix, (named_frame,)) for stem, named_frame in pairs]
