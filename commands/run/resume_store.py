"""What a run has done so far, so that it can go on after it was stopped, whatever stopped it.

It lies in ``OUT/.sapiens-pose``, in a folder for each command, and is gone once a run is through.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from ...skeletons.foundation.atomic_files import (
    TEMPORARY_SUFFIX,
    is_temporary_of,
    shorten_name,
    write_text,
)
from ...skeletons.foundation.safe_names import check_no_link
from .chunks import Failure, Result, Unit, decode_results, encode_results

log = logging.getLogger(__name__)

FOLDER = ".sapiens-pose"
_OWN = re.compile(rf"version|[0-9]{{8,}}\.(json|failed|done)|\..+{re.escape(TEMPORARY_SUFFIX)}")
"""Names of what a run keeps, beside the lock; nothing else is deleted."""


def digest(*parts: object) -> str:
    """Of values that say all about themselves in their ``repr``."""
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()[:16]


def file_state(path: Path) -> tuple[str, int, int] | None:
    """Changes whenever the file does; None if there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return str(path.resolve()), state.st_size, state.st_mtime_ns


class RunStore:
    """The results of the units of a run.

    Args:
        output: folder of the run's results.
        command: names the run; what was begun under the same name is gone on with.
        version: of settings and inputs; what was begun with others is thrown away.

    Raises:
        OSError: the folder cannot be written.
        ValueError: the same command is at work already, or a link leads out of the folder.
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
            raise ValueError(f"The same command is already at work on {output}.") from error
        self._known: dict[int, Path] = {}
        self._is_damaged = False
        self._resume(version)

    def __enter__(self) -> RunStore:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._known:
            self.remove()  # there is nothing to go on with
        self._lock.release()

    def __contains__(self, unit: Unit) -> bool:
        """Whether the results of a unit are known; what is damaged is forgotten."""
        if unit.number not in self._known:
            return False
        try:
            self.load(unit)
        except (ValueError, OSError):
            if not self._is_damaged:
                log.warning("Not all that an earlier run kept can be read; that is done again.")
            self._is_damaged = True
            del self._known[unit.number]
        return unit.number in self._known

    def save(self, unit: Unit, results: Sequence[Result]) -> None:
        """Keeps the results of a unit; those with a failure for this run only."""
        failed = any(isinstance(result, Failure) for result in results)
        path = self._folder / f"{unit.number:08}.{'failed' if failed else 'json'}"
        write_text(path, encode_results(results))
        self._known[unit.number] = path

    def load(self, unit: Unit) -> list[Result]:
        """The results of a unit that was saved.

        Raises:
            OSError, ValueError: they are damaged, or those of another unit.
        """
        results = decode_results(self._known[unit.number].read_text(encoding="utf-8"))
        if len(results) != len(unit.items):
            raise ValueError(f"{len(results)} results are kept of {len(unit.items)} pictures.")
        return results

    def mark(self, unit: Unit) -> None:
        """Remembers that everything was written of the source that begins with a unit."""
        write_text(self._folder / f"{unit.number:08}.done", "")

    def is_marked(self, unit: Unit) -> bool:
        """Whether ``mark`` was called for it, in this run or one that it goes on with."""
        return (self._folder / f"{unit.number:08}.done").exists()

    def remove(self) -> None:
        """Everything is done: nothing is left to remember."""
        try:
            self._forget()
            self._lock.release()
            (self._folder / "lock").unlink(missing_ok=True)
            self._folder.rmdir()
            self._folder.parent.rmdir()
        except OSError:
            log.debug("Something of %s is still used by others.", self._folder)

    def _resume(self, version: str) -> None:
        manifest = self._folder / "version"
        if not manifest.is_file() or manifest.read_bytes() != version.encode():
            if self._own():
                log.info("Settings or inputs are others than in the unfinished run: starting anew.")
            self._forget()
        write_text(manifest, version)
        stored = (path for path in self._own() if path.suffix == ".json" and path.is_file())
        self._known = {int(path.stem): path for path in stored}

    def _own(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if _OWN.fullmatch(path.name)]

    def _forget(self) -> None:
        for path in self._own():
            path.unlink(missing_ok=True)


def remove_leftovers(results: Iterable[Path]) -> None:
    """Deletes temporary files that a killed run left of these results, and of no others."""
    known: dict[Path, set[str]] = {}
    for path in results:
        known.setdefault(path.parent, set()).add(shorten_name(path.name))
    for folder, names in known.items():
        if not folder.is_dir():
            continue
        with os.scandir(folder) as entries:
            left = [Path(each) for each in entries if is_temporary_of(each.name, names)]
        for path in left:
            path.unlink(missing_ok=True)
