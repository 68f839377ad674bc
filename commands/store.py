"""What a run has done so far, so that it can go on after it was stopped, whatever stopped it.

It lies in ``OUT/.sapiens-pose``, in a folder for each command, and is gone once a run is through.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from ..skeletons.atomic import is_temporary_of, shown_name, write_text
from .units import Failure, Result, Unit, decode_results, encode_results

log = logging.getLogger(__name__)

FOLDER = ".sapiens-pose"


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
        ValueError: the same command is at work already.
    """

    def __init__(self, output: Path, command: str, version: str) -> None:
        self._folder = output / FOLDER / command
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self._folder / "lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise ValueError(f"The same command is already at work on {output}.") from error
        self._known: dict[int, Path] = {}
        self._resume(version)

    def __enter__(self) -> RunStore:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._known:
            self.remove()  # there is nothing to go on with
        self._lock.release()

    def __contains__(self, unit: Unit) -> bool:
        return unit.number in self._known

    def save(self, unit: Unit, results: Sequence[Result]) -> None:
        """Keeps the results of a unit; those with a failure for this run only."""
        failed = any(isinstance(result, Failure) for result in results)
        path = self._folder / f"{unit.number:08}.{'failed' if failed else 'json'}"
        write_text(path, encode_results(results))
        self._known[unit.number] = path

    def load(self, unit: Unit) -> list[Result]:
        """The results of a unit that is known."""
        return decode_results(self._known[unit.number].read_text(encoding="utf-8"))

    def mark(self, what: str) -> None:
        """Remembers that something was done."""
        write_text(self._folder / f"{what}.done", "")

    def is_marked(self, what: str) -> bool:
        """Whether ``mark`` was called for it, in this run or one that it goes on with."""
        return (self._folder / f"{what}.done").exists()

    def remove(self) -> None:
        """Everything is done: nothing is left to remember."""
        self._lock.release()
        shutil.rmtree(self._folder, ignore_errors=True)
        try:
            self._folder.parent.rmdir()
        except OSError:
            log.debug("%s is still used by others.", self._folder.parent)

    def _resume(self, version: str) -> None:
        manifest = self._folder / "version"
        found = manifest.read_text(encoding="utf-8") if manifest.exists() else version
        if found != version:
            log.info("Settings or inputs are others than in the unfinished run: starting anew.")
            for path in self._folder.iterdir():
                if path.name != "lock":
                    path.unlink(missing_ok=True)
        write_text(manifest, version)
        stored = self._folder.glob("[0-9]*.json")
        # A power cut leaves files empty that the system had not yet put on the disk.
        self._known = {int(path.stem): path for path in stored if path.stat().st_size}


def remove_leftovers(results: Iterable[Path]) -> None:
    """Deletes temporary files that a killed run left of these results, and of no others."""
    known: dict[Path, set[str]] = {}
    for path in results:
        known.setdefault(path.parent, set()).add(shown_name(path.name))
    for folder, names in known.items():
        if not folder.is_dir():
            continue
        with os.scandir(folder) as entries:
            left = [Path(each) for each in entries if is_temporary_of(each.name, names)]
        for path in left:
            path.unlink(missing_ok=True)
