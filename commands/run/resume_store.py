"""The results of an unfinished run, kept so that the same command can resume it.

They lie in ``OUT/.sapiens-pose``, in a folder for each command, which is removed once the run is
finished.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ...skeletons.foundation.atomic_files import (
    TEMPORARY_SUFFIX,
    is_temporary_of,
    remove_unless_written,
    shorten_name,
    write_text,
)
from ...skeletons.foundation.safe_names import check_no_link
from ..files.reserved_names import FOLDER
from .chunks import Chunk, Failure, Result, decode_results, encode_results

log = logging.getLogger(__name__)

_OWN = re.compile(rf"version|[0-9]{{8,}}\.(json|failed|done)|\..+{re.escape(TEMPORARY_SUFFIX)}")
"""Names of the files that a store keeps, beside the lock; it deletes no others."""


def digest(*values: object) -> str:
    """16 hexadecimal digits of a SHA-256 of values whose ``repr`` shows all that they hold."""
    return hashlib.sha256("\n".join(map(repr, values)).encode()).hexdigest()[:16]


def file_state(path: Path) -> tuple[str, int, int] | None:
    """Path, size in bytes and time of change of a file, in ns; None if it cannot be read."""
    try:
        status = path.stat()
    except OSError:
        return None
    return str(path.resolve()), status.st_size, status.st_mtime_ns


class ResumeStore:
    """The results of the chunks of a run.

    Args:
        output: the output folder.
        command: names the run; an unfinished run of the same name is resumed.
        version: changes with settings and inputs; results of another version are deleted.

    Raises:
        OSError: the folder cannot be written.
        ValueError: the same command is already running, or a link leads out of the folder.
    """

    def __init__(self, output: Path, command: str, version: str) -> None:
        self._folder = output / FOLDER / command
        lock = self._folder / "lock"
        check_no_link(lock, output)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(lock)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise ValueError(f"The same command is already running on {output}.") from error
        self._paths: dict[int, Path] = {}
        self._is_damaged = False
        self._resume(version)

    def __enter__(self) -> ResumeStore:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._paths:
            self.remove()  # there is nothing to resume
        self._lock.release()

    def __contains__(self, chunk: Chunk) -> bool:
        """Whether the results of a chunk are stored; damaged ones are forgotten."""
        if chunk.number not in self._paths:
            return False
        try:
            self.load(chunk)
        except (ValueError, OSError):
            if not self._is_damaged:
                log.warning("Some results of an earlier run cannot be read; they are made again.")
            self._is_damaged = True
            del self._paths[chunk.number]
        return chunk.number in self._paths

    def save(self, chunk: Chunk, results: Sequence[Result]) -> None:
        """Stores the results of a chunk; those with a failure for this run only."""
        failed = any(isinstance(result, Failure) for result in results)
        path = self._folder / f"{chunk.number:08}.{'failed' if failed else 'json'}"
        write_text(path, encode_results(results))
        self._paths[chunk.number] = path

    def load(self, chunk: Chunk) -> list[Result]:
        """The stored results of a chunk.

        Raises:
            OSError, ValueError: they are damaged, or those of another chunk.
        """
        results = decode_results(self._paths[chunk.number].read_text(encoding="utf-8"))
        if len(results) != len(chunk.items):
            raise ValueError(f"{len(results)} results are kept of {len(chunk.items)} images.")
        return results

    def mark_written(self, chunk: Chunk) -> None:
        """Stores that all files of the source that begins with a chunk were written."""
        write_text(self._folder / f"{chunk.number:08}.done", "")

    def is_written(self, chunk: Chunk) -> bool:
        """Whether ``mark_written`` was called for it, in this run or the one that it resumes."""
        return (self._folder / f"{chunk.number:08}.done").exists()

    def remove(self) -> None:
        """Deletes the store: the run is finished."""
        try:
            self._delete_own()
            self._lock.release()
            (self._folder / "lock").unlink(missing_ok=True)
            self._folder.rmdir()
            self._folder.parent.rmdir()
        except OSError:
            log.debug("Something of %s is still used by others.", self._folder)

    def _resume(self, version: str) -> None:
        manifest = self._folder / "version"
        if not manifest.is_file() or manifest.read_bytes() != version.encode():
            if self._list_own():
                log.info("Settings or inputs changed since the unfinished run; starting over.")
            self._delete_own()
        write_text(manifest, version)
        stored = (path for path in self._list_own() if path.suffix == ".json" and path.is_file())
        self._paths = {int(path.stem): path for path in stored}

    def _list_own(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if _OWN.fullmatch(path.name)]

    def _delete_own(self) -> None:
        for path in self._list_own():
            path.unlink(missing_ok=True)


def remove_leftovers(results: Iterable[Path]) -> None:
    """Deletes the temporary files that a killed run left of these results, and no others."""
    names_in: dict[Path, set[str]] = {}
    for path in results:
        names_in.setdefault(path.parent, set()).add(shorten_name(path.name))
    for folder, names in names_in.items():
        if not folder.is_dir():
            continue
        with os.scandir(folder) as entries:
            leftovers = [Path(entry) for entry in entries if is_temporary_of(entry.name, names)]
        for path in leftovers:
            with suppress(FileNotFoundError):
                remove_unless_written(path)
