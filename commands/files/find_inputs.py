"""Finds the images and videos that a command line names."""

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
from .endings import (
    IMAGE_SUFFIXES,
    SEARCHED_SUFFIXES,
    VIDEO_SUFFIXES,
    LeftOut,
    is_searched_for,
    nothing_found,
    suffix_of,
)

MAX_LIST_LINES = 2**24
"""Maximum number of lines of a list of images: more than the ten million of a large batch."""

MAX_LINE_LETTERS = 2**15
"""Maximum length of such a line, in characters: as long as a path can be on Windows, which allows
the longest."""


@dataclass(frozen=True)
class InputFile:
    """An image or video.

    Attributes:
        path: the file; only if it was found in a folder is it sure to exist.
        relative: its path relative to what was searched, or its name if it was named itself.
        fault: why an entry of a folder cannot be used: a link that leads nowhere, or a folder that
            cannot be searched; empty if it can.
    """

    path: Path
    relative: Path
    fault: str = ""

    @property
    def is_video(self) -> bool:
        """Whether the file name ends as those of videos do."""
        return suffix_of(self.path.name) in VIDEO_SUFFIXES


def find_inputs(
    inputs: Iterable[Path],
    recursive: bool = False,
    leave_out: Path | None = None,
    left_out: LeftOut | None = None,
) -> list[InputFile]:
    """The images and videos that the inputs stand for, in order.

    A folder stands for those in it, by name, ``frame2`` before ``frame10``; a pattern such as
    ``*.jpg`` or ``**/*.jpg`` for the images and videos that match it; a ``.txt`` file for the
    paths in it, one per line, relative to the file's folder; anything else is taken as an image or
    video. Files and folders whose names begin with a dot are only taken if they are named, and a
    link to a folder that it lies in is not followed. What cannot be looked at in a folder is found
    with its fault, and does not hinder the rest.

    Which endings a folder is searched for is in ``endings``; those that need a package that is not
    installed are left out like others that are none.

    Args:
        inputs: paths and patterns.
        recursive: whether the folders of a folder are searched too, one after the other.
        leave_out: a folder that is not searched, such as the output folder.
        left_out: counts what folders and patterns hold that is not looked at.

    Raises:
        FileNotFoundError: an input does not exist.
        ValueError: a folder has no image and no video, nothing matches a pattern, or a list is
            not text, empty, too long, or has a line that cannot be a file's name.
    """
    unsearched = Path(os.path.realpath(leave_out)) if leave_out else None
    files = []
    for path in inputs:
        search = _Search(recursive, unsearched, LeftOut())
        files += _expand(path, search)
        if left_out is not None:
            left_out.include(search.left_out)
    return files


@dataclass(frozen=True)
class _Search:
    """How the folders of one input are searched; see ``find_inputs``."""

    recursive: bool
    leave_out: Path | None
    left_out: LeftOut


def _expand(path: Path, search: _Search) -> list[InputFile]:
    if path.is_dir():
        files = list(_walk(path, search))
        if not files:
            raise nothing_found(f"Folder {path} has no image or video", search.left_out)
        return [InputFile(file, file.relative_to(path), fault) for file, fault in files]
    if path.exists():
        if path.suffix.lower() != ".txt":
            return [InputFile(path, Path(path.name))]
        listed = [path.parent / line for line in read_list(path)]
        for file in listed:
            if not file.name or "\0" in file.name:
                start = repr(str(file)[:200])
                raise ValueError(f"{path} has the line {start}, which is not a file name.")
        return [InputFile(file, Path(file.name)) for file in listed]
    if glob.has_magic(str(path)):
        return _expand_pattern(path, search)
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
                        f"{path} is too long for a list; expected at most {MAX_LIST_LINES:,} "
                        "lines of "
                        f"{MAX_LINE_LETTERS:,} characters. Split it."
                    )
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a list of paths in UTF-8: {error}.") from error
    if not lines:
        raise ValueError(f"{path} is an empty list; write one image path per line.")
    return lines


def are_found_again(
    results: Iterable[Path], inputs: Iterable[Path], recursive: bool, left_out: Path
) -> bool:
    """Whether the next run would take results of this one for inputs.

    That is so only if the output folder, ``left_out``, or a folder in it is searched itself: where
    it lies in a folder that is searched, it is left out.
    """
    folders, patterns = set(), []
    for path in inputs:
        if path.is_dir():
            folders.add(path.resolve())
        elif not path.exists():
            base, pattern = _split_pattern(path)
            patterns.append((base.resolve(), pattern))
    output_folder = left_out.resolve()
    folders = {folder for folder in folders if folder.is_relative_to(output_folder)}
    patterns = [each for each in patterns if each[0].is_relative_to(output_folder)]
    if not folders and not patterns:
        return False
    for path in results:
        if not is_searched_for(path.name):
            continue
        folder = path.parent.resolve()
        if folder in folders or (recursive and not folders.isdisjoint(folder.parents)):
            return True
        resolved = folder / path.name
        if any(_is_found(resolved, *each) for each in patterns):
            return True
    return False


def _split_pattern(pattern: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder before the first wildcard, and the parts from there on."""
    parts = pattern.parts
    num_fixed = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    return Path(*parts[:num_fixed]), parts[num_fixed:]


def _is_found(path: Path, base: Path, pattern: Sequence[str]) -> bool:
    """Whether a path matches a pattern in a folder; both paths without links."""
    return path.is_relative_to(base) and _matches(path.relative_to(base).parts, pattern)


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path matches a pattern as ``glob`` reads it, part by part."""
    if not pattern:
        return not parts
    if pattern[0] == "**" and _matches(parts, pattern[1:]):
        return True
    rest = pattern if pattern[0] == "**" else pattern[1:]
    return bool(parts) and fnmatch(parts[0], pattern[0]) and _matches(parts[1:], rest)


def _walk(
    folder: Path, search: _Search, above: tuple[Path, ...] = ()
) -> Iterator[tuple[Path, str]]:
    """The images and videos in a folder, each with its fault; see ``InputFile``.

    ``above`` are the folders above it, without links.

    Raises:
        OSError: the folder cannot be searched; only for the first, not for those in it.
    """
    try:
        shown = _list_shown(folder)
    except OSError as error:
        if not above:
            raise
        yield folder, f"Folder {folder} cannot be searched: {error.strerror}."
        return
    for entry in shown:
        if is_searched_for(entry.name):
            fault = _find_fault(entry)
            if fault or entry.is_file():
                yield Path(entry), fault
        elif _is_file(entry):
            search.left_out.add(entry.name)
    above = (*above, folder.resolve())
    for entry in shown:
        fault = _find_fault(entry)
        if fault:
            if search.recursive and not is_searched_for(entry.name):
                yield Path(entry), fault
        elif entry.is_dir() and Path(entry).resolve() not in (search.leave_out, *above):
            if search.recursive:
                yield from _walk(Path(entry), search, above)
            else:
                search.left_out.add_folder()


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link in a circle
        return False


def _list_shown(folder: Path) -> list[os.DirEntry[str]]:
    """The entries of a folder that are not hidden, in order; OSError if it cannot be searched."""
    with os.scandir(folder) as listing:
        shown = [entry for entry in listing if not entry.name.startswith(".")]
    return sorted(shown, key=lambda entry: natural_sort_key(entry.name))


def _find_fault(entry: os.DirEntry[str]) -> str:
    """Why it is unknown whether an entry of a folder is an image, a video or a folder."""
    try:
        if entry.is_symlink():
            entry.stat()
        else:
            entry.is_dir()  # for which few file systems ask the disk
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not is_searched_for(entry.name):
            return ""  # it is none of them
        return f"{entry.path} cannot be used: {error.strerror}."
    return ""


def _expand_pattern(pattern: Path, search: _Search) -> list[InputFile]:
    base, _ = _split_pattern(pattern)
    files = [Path(text) for text in glob.glob(str(pattern), recursive=True)]
    files = [path for path in files if path.is_file()]
    folders = {path.parent for path in files}
    kept = {folder for folder in folders if _is_searched(folder, base, search.leave_out)}
    paths = []
    for path in files:
        if path.parent not in kept:
            continue
        # A pattern that ends in .psd names them.
        if is_searched_for(path.name) or _is_named(path.name, pattern.name):
            paths.append(path)
        else:
            search.left_out.add(path.name)
    if not paths:
        raise nothing_found(f"No image or video matches {pattern}", search.left_out)
    paths.sort(key=lambda path: (path_sort_key(path.parent.parts), natural_sort_key(path.name)))
    return [InputFile(path, path.relative_to(base)) for path in paths]


def _is_searched(folder: Path, base: Path, left_out: Path | None) -> bool:
    """Whether a folder below ``base`` is neither left out nor reached in a circle of links."""
    folders = [path for path in (folder, *folder.parents) if path.is_relative_to(base)]
    resolved = [path.resolve() for path in folders]
    return left_out not in resolved[:-1] and len(set(resolved)) == len(resolved)


def output_names(relatives: Sequence[Path]) -> list[str]:
    """A path without ending for the results of each input, no two of them equal.

    It is the input's own, with ``/`` between folders; where several inputs share it (in any mix of
    upper and lower case), the later ones get ``_2``, ``_3`` and so on.
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


def _is_named(name: str, pattern: str) -> bool:
    """Whether a pattern names the ending of an image that folders are not searched for."""
    suffix = suffix_of(name)
    return suffix == suffix_of(pattern) and suffix in IMAGE_SUFFIXES - SEARCHED_SUFFIXES


def natural_sort_key(name: str) -> tuple[list[tuple[int, str]], str]:
    """Sorts numbers in names by value, and names that differ in leading zeros alone as text.

    natsort 8.4 leaves the latter in the order in which they come, which is the file system's.
    """
    pieces = re.split(r"([0-9]+)", name)
    return [(int(text), "") if text.isdigit() else (-1, text) for text in pieces], name


def path_sort_key(parts: Sequence[str]) -> list[tuple[list[tuple[int, str]], str]]:
    """Sorts paths by ``natural_sort_key``, folder by folder."""
    return [natural_sort_key(part) for part in parts]
