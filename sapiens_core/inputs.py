"""Finds the pictures and videos that a command line names."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .images import IMAGE_SUFFIXES
from .video import VIDEO_SUFFIXES

_SUFFIXES = IMAGE_SUFFIXES | VIDEO_SUFFIXES


@dataclass(frozen=True)
class Found:
    """A picture or video.

    Attributes:
        path: the file; that it exists is only sure if it was found in a folder.
        relative: its path below what was searched, or its name alone if it was named itself.
    """

    path: Path
    relative: Path

    @property
    def is_video(self) -> bool:
        """Told from the ending."""
        return self.path.suffix.lower() in VIDEO_SUFFIXES


def find_inputs(
    inputs: Iterable[Path], recursive: bool = False, leave_out: Path | None = None
) -> list[Found]:
    """The pictures and videos that the inputs stand for, in order.

    A folder stands for those in it, by name, ``frame2`` before ``frame10``; a pattern such as
    ``*.jpg`` or ``**/*.jpg`` for the pictures and videos that match it; a ``.txt`` file for the
    paths in it, one a line, relative to the file's folder; anything else is taken as a picture or
    video.

    Args:
        inputs: paths and patterns.
        recursive: also take what is in the folders of a folder, one folder after the other.
        leave_out: a folder that is not searched, such as the one for the results.

    Raises:
        FileNotFoundError: an input does not exist.
        ValueError: a folder has no picture and no video, nothing matches a pattern, or a list is
            not text or has a line that cannot be a file's name.
    """
    left_out = leave_out.resolve() if leave_out else None
    return [found for path in inputs for found in _find(path, recursive, left_out)]


def _find(path: Path, recursive: bool, left_out: Path | None) -> list[Found]:
    if path.is_dir():
        found = [Found(each, each.relative_to(path)) for each in _walk(path, recursive, left_out)]
        if not found:
            raise ValueError(
                f"Folder {path} has no picture or video; known are {', '.join(sorted(_SUFFIXES))}."
            )
        return found
    if path.exists():
        if path.suffix.lower() != ".txt":
            return [Found(path, Path(path.name))]
        listed = [path.parent / line for line in _lines(path)]
        for each in listed:
            if not each.name or "\0" in each.name:
                raise ValueError(f"{path} has the line {str(each)!r}, which is no file's name.")
        return [Found(each, Path(each.name)) for each in listed]
    if glob.has_magic(str(path)):
        return _matching(path)
    raise FileNotFoundError(f"There is no file or folder {path}.")


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a list of paths in UTF-8: {error}.") from error
    return [line.strip() for line in lines if line.strip()]


def _walk(folder: Path, recursive: bool, left_out: Path | None) -> Iterator[Path]:
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: natural_order(entry.name))
    yield from (Path(entry) for entry in entries if entry.is_file() and _is_known(entry.name))
    for entry in entries:
        searched = recursive and entry.is_dir() and not entry.name.startswith(".")
        if searched and Path(entry).resolve() != left_out:
            yield from _walk(Path(entry), recursive, left_out)


def _matching(pattern: Path) -> list[Found]:
    parts = pattern.parts
    fixed = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    base = Path(*parts[:fixed])
    paths = [Path(text) for text in glob.glob(str(pattern), recursive=True)]
    paths = [path for path in paths if path.is_file() and _is_known(path.name)]
    if not paths:
        raise ValueError(f"No picture or video matches {pattern}.")
    paths.sort(key=lambda path: (parts_order(path.parent.parts), natural_order(path.name)))
    return [Found(path, path.relative_to(base)) for path in paths]


def output_names(relatives: Sequence[Path]) -> list[str]:
    """A path without ending for the results of each input, no two of them alike.

    Its own, with ``/`` between folders; where several share it (in any mix of upper and lower
    case), the later ones get ``_2``, ``_3`` and so on.
    """
    own = [path.with_suffix("").as_posix() for path in relatives]
    known = {name.casefold() for name in own}
    taken: set[str] = set()
    names = []
    for first in own:
        name, number = first, 1
        while name.casefold() in taken or (number > 1 and name.casefold() in known):
            number += 1
            name = f"{first}_{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _is_known(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in _SUFFIXES


def natural_order(name: str) -> tuple[list[tuple[int, str]], str]:
    """Numbers in a name count as numbers; names that differ in zeros alone, as text."""
    pieces = re.split(r"([0-9]+)", name)
    return [(int(text), "") if text.isdigit() else (-1, text) for text in pieces], name


def parts_order(parts: Sequence[str]) -> list[tuple[list[tuple[int, str]], str]]:
    return [natural_order(part) for part in parts]
