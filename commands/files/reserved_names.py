"""Names of results that belong to one run while it is at work, so that no other overwrites them.

A run lists its names in ``OUT/.sapiens-pose``, in a temporary file that stays locked as long as the
process lives, and then looks at the lists of others. Of two runs that begin at the same moment,
both may be refused, but never do both go on.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ...skeletons.foundation.atomic_files import (
    is_temporary_of,
    new_file_mode,
    new_temporary,
    remove_unless_written,
)
from ...skeletons.foundation.safe_names import check_no_link

FOLDER = ".sapiens-pose"
"""The folder, in that of the results, for what runs keep while they are at work."""

LIST_NAME = "names"


@contextmanager
def reserve_names(output: Path, results: Iterable[Path]) -> Iterator[None]:
    """Keeps the names of results for this run.

    Args:
        output: the output folder, which exists.
        results: the files that are going to be written, in it and its folders.

    Raises:
        ValueError: another run that is at work has one of these names, or a link leads out of the
            folder.
        OSError: the folder cannot be written.
    """
    check_no_link(output / FOLDER / LIST_NAME, output)
    names = _resolve(results)
    here = output.resolve()
    with _list_names(here / FOLDER, names) as own:
        for other in _find_lists({here, *here.parents, *(path.parent for path in names.values())}):
            if other != own:
                _check_apart(names, other)
        yield


def _resolve(results: Iterable[Path]) -> dict[str, Path]:
    """The results in folders without links, by their names without upper case letters."""
    folders: dict[Path, Path] = {}
    names = {}
    for path in results:
        if path.parent not in folders:
            folders[path.parent] = path.parent.resolve()
        resolved = folders[path.parent] / path.name
        names[str(resolved).casefold()] = resolved
    return names


@contextmanager
def _list_names(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    """The list of this run in a folder, which is removed in the end if nothing else is in it."""
    handle, path = _new_list(folder)
    try:
        with open(handle, "wb") as file:
            os.chmod(path, new_file_mode())
            file.write(b"\0".join(map(os.fsencode, names)))
            file.flush()
            yield path
    finally:
        path.unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()


def _new_list(folder: Path) -> tuple[int, Path]:
    while True:
        with suppress(FileExistsError):
            folder.mkdir()
        with suppress(FileNotFoundError):  # a run that has ended may have removed the folder
            return new_temporary(folder, LIST_NAME)


def _find_lists(folders: Iterable[Path]) -> Iterator[Path]:
    """The lists of runs that are at work in some folders; those of killed runs are removed."""
    for folder in folders:
        try:
            with os.scandir(folder / FOLDER) as entries:
                paths = [Path(each) for each in entries if is_temporary_of(each.name, {LIST_NAME})]
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        for path in paths:
            with suppress(FileNotFoundError):
                if not remove_unless_written(path):
                    yield path


def _check_apart(names: Mapping[str, Path], other: Path) -> None:
    """Raises ValueError if a name is in another list, too, unless its run has ended."""
    with suppress(FileNotFoundError):
        for name in other.read_bytes().split(b"\0"):
            if os.fsdecode(name) in names:
                raise ValueError(
                    f"Another run is at work that writes {names[os.fsdecode(name)]}. Wait until it "
                    "has ended, or give another folder with -o."
                )
