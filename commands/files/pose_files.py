"""Pose files and the images that they belong to, for the commands that work on poses."""

from __future__ import annotations

import logging
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...skeletons.formats.pose_file import PoseFile
    from ...skeletons.formats.pose_keypoint_writer import EncodeOptions
    from ...skeletons.formats.read_options import ReadOptions
    from ...skeletons.formats.table import Format

log = logging.getLogger(__name__)


def open_all(paths: list[Path], options: ReadOptions) -> tuple[list[PoseFile], int]:
    """The files that can be read, and how many cannot; the log says why."""
    from ...skeletons.formats.pose_file import open_pose_files

    files = []
    failures = 0
    for file in open_pose_files(paths, options):
        if isinstance(file, Exception):
            failures += 1
            log.error("%s", file)
        else:
            files.append(file)
    return files, failures


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
    raise FileNotFoundError(f"Folder {path} has no image named {name}.")


def write_pose_files(
    files: list[PoseFile],
    inputs: list[Path],
    output: Path,
    file_format: Format,
    options: EncodeOptions,
) -> None:
    """Writes all files, or none if two of them, or one and an input, are the same.

    Args:
        files: of each input, what is to be written.
        inputs: all files that must not be overwritten.
        output: a .json file for everything, or a folder with one file per input, or
            one per image if the format has one image per file.
        file_format: of the files.
        options: how they are encoded.

    Raises:
        ValueError: two files would be the same, or the format holds one image per file.
        OSError: something cannot be written.
    """
    from ...skeletons.formats.table import encode_text
    from ...skeletons.foundation.atomic_files import prepare_folder, write_text

    planned = [_outputs_of(file, output, file_format) for file in files]
    if output.suffix == ".json":
        planned, files = [[output]], [_join(output, files)]
    _check_outputs([path for paths in planned for path in paths], inputs)
    for folder in {path.parent for paths in planned for path in paths}:
        prepare_folder(folder)
    for file, paths in zip(files, planned, strict=True):
        if len(paths) == 1:
            write_text(paths[0], encode_text(file.names, file.frames, file_format, options))
            log.info("Wrote %s (frames: %d).", paths[0], len(file.names))
            continue
        for path, name, frame in zip(paths, file.names, file.frames, strict=True):
            write_text(path, encode_text([name], [frame], file_format, options))
            log.info("Wrote %s (frames: 1).", path)


def _check_outputs(paths: list[Path], inputs: list[Path]) -> None:
    """Raises ValueError if two files, or one and an input, are the same."""
    read = {path.resolve() for path in inputs}
    outputs: set[Path] = set()
    for path in (path.resolve() for path in paths):
        if path in outputs:
            raise ValueError(f"Two inputs would be written to {path}. Convert them one by one.")
        if path in read:
            raise ValueError(f"{path} is an input and would be overwritten. Give another folder.")
        outputs.add(path)


def _outputs_of(file: PoseFile, folder: Path, file_format: Format) -> list[Path]:
    """The files that an input becomes."""
    from ...skeletons.formats.clips.shared_canvases import image_stem
    from ...skeletons.foundation.safe_names import portable_name

    if len(file.names) == 1 or not file_format.one_image_per_file:
        return [folder / (image_stem(file.path) + file_format.suffix)]
    stems = (portable_name(Path(name).stem) for name in file.names)
    return [folder / (stem + file_format.suffix) for stem in stems]


def _join(path: Path, files: list[PoseFile]) -> PoseFile:
    """All files as one."""
    from ...skeletons.formats.pose_file import PoseFile

    names = [name for file in files for name in file.names]
    return PoseFile(path, names, chain.from_iterable(file.frames for file in files))
