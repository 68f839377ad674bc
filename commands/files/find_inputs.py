"""Finds the pictures and videos that a command line names."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from ...skeletons.foundation.limits import check_is_file
from .images import IMAGE_SUFFIXES
from .video import VIDEO_SUFFIXES

MAX_LIST_LINES = 2**24
"""Of a list of pictures: more than the ten million of a large batch."""

MAX_LINE_LETTERS = 2**15
"""Of each: as long as a path can be on Windows, which allows the longest."""

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
    video. Files and folders whose names begin with a dot are only taken if they are named, and a
    link to a folder that it lies in is not followed.

    Args:
        inputs: paths and patterns.
        recursive: also take what is in the folders of a folder, one folder after the other.
        leave_out: a folder that is not searched, such as the one for the results.

    Raises:
        FileNotFoundError: an input does not exist.
        ValueError: a folder has no picture and no video, nothing matches a pattern, or a list is
            not text, empty, too long, or has a line that cannot be a file's name.
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
        listed = [path.parent / line for line in read_list(path)]
        for each in listed:
            if not each.name or "\0" in each.name:
                shown = repr(str(each)[:200])
                raise ValueError(f"{path} has the line {shown}, which is no file's name.")
        return [Found(each, Path(each.name)) for each in listed]
    if glob.has_magic(str(path)):
        return _matching(path, left_out)
    raise FileNotFoundError(f"There is no file or folder {path}.")


def read_list(path: Path) -> list[str]:
    """The lines of a text file that are not blank.

    Raises:
        ValueError: there is none, or it is no file, not UTF-8, or longer than ``MAX_LIST_LINES``
            and ``MAX_LINE_LETTERS`` allow.
    """
    check_is_file(path)
    lines: list[str] = []
    try:
        with path.open(encoding="utf-8-sig") as file:
            while line := file.readline(MAX_LINE_LETTERS + 1):
                if line.strip():
                    lines.append(line.strip())
                if len(line) > MAX_LINE_LETTERS or len(lines) > MAX_LIST_LINES:
                    raise ValueError(
                        f"{path} is too long for a list: at most {MAX_LIST_LINES:,} lines of "
                        f"{MAX_LINE_LETTERS:,} letters can be read. Divide it."
                    )
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a list of paths in UTF-8: {error}.") from error
    if not lines:
        raise ValueError(f"{path} is an empty list; write the path of a picture in each line.")
    return lines


def are_found_again(
    results: Iterable[Path], inputs: Iterable[Path], recursive: bool, left_out: Path
) -> bool:
    """Whether the next run would take results of this one for inputs.

    As the folder for the results, ``left_out``, is not searched where it lies in another one, this
    is so only if it is itself searched, or a folder in it is.
    """
    folders, patterns = set(), set()
    for each in inputs:
        if each.is_dir():
            folders.add(each.resolve())
        elif not each.exists():
            patterns.add((each.parent.resolve(), each.name))
    results_folder = left_out.resolve()
    folders = {each for each in folders if each.is_relative_to(results_folder)}
    if not folders and not patterns:
        return False
    for path in results:
        if not _is_known(path.name):
            continue
        folder = path.parent.resolve()
        if folder in folders or (recursive and not folders.isdisjoint(folder.parents)):
            return True
        if any(folder == base and fnmatch(path.name, name) for base, name in patterns):
            return True
    return False


def _walk(
    folder: Path, recursive: bool, left_out: Path | None, above: tuple[Path, ...] = ()
) -> Iterator[Path]:
    """What is in a folder; ``above`` are those that it was found in, without links."""
    with os.scandir(folder) as listing:
        shown = [entry for entry in listing if not entry.name.startswith(".")]
    shown.sort(key=lambda entry: natural_order(entry.name))
    yield from (Path(entry) for entry in shown if _is_known(entry.name) and entry.is_file())
    above = (*above, folder.resolve())
    for entry in shown if recursive else ():
        if entry.is_dir() and Path(entry).resolve() not in (left_out, *above):
            yield from _walk(Path(entry), recursive, left_out, above)


def _matching(pattern: Path, left_out: Path | None) -> list[Found]:
    parts = pattern.parts
    fixed = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    base = Path(*parts[:fixed])
    paths = [Path(text) for text in glob.glob(str(pattern), recursive=True)]
    paths = [path for path in paths if _is_known(path.name) and path.is_file()]
    folders = {path.parent for path in paths}
    kept = {folder for folder in folders if _is_searched(folder, base, left_out)}
    paths = [path for path in paths if path.parent in kept]
    if not paths:
        raise ValueError(f"No picture or video matches {pattern}.")
    paths.sort(key=lambda path: (path_sort_key(path.parent.parts), natural_order(path.name)))
    return [Found(path, path.relative_to(base)) for path in paths]


def _is_searched(folder: Path, base: Path, left_out: Path | None) -> bool:
    """Whether a folder below ``base`` is neither left out nor reached in a circle of links."""
    way = [each.resolve() for each in (folder, *folder.parents) if each.is_relative_to(base)]
    return left_out not in way[:-1] and len(set(way)) == len(way)


def output_names(relatives: Sequence[Path]) -> list[str]:
    """A path without ending for the results of each input, no two of them alike.

    Its own, with ``/`` between folders; where several share it (in any mix of upper and lower
    case), the later ones get ``_2``, ``_3`` and so on.
    """
    own = [path.with_suffix("").as_posix() for path in relatives]
    folded = [name.casefold() for name in own]
    known = set(folded)
    numbers: Counter[str] = Counter()
    names = []
    for name, key in zip(own, folded, strict=True):
        numbers[key] += 1
        while numbers[key] > 1 and f"{key}_{numbers[key]}" in known:
            numbers[key] += 1
        names.append(name if numbers[key] == 1 else f"{name}_{numbers[key]}")
    return names


def _is_known(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in _SUFFIXES


def natural_order(name: str) -> tuple[list[tuple[int, str]], str]:
    """Numbers in a name count as numbers; names that differ in zeros alone, as text."""
    pieces = re.split(r"([0-9]+)", name)
    return [(int(text), "") if text.isdigit() else (-1, text) for text in pieces], name


def path_sort_key(parts: Sequence[str]) -> list[tuple[list[tuple[int, str]], str]]:
    return [natural_order(part) for part in parts]
