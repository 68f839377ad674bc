"""Brings the inputs of a shard to this machine, and tells a file's fault from its place's.

Where a server's answer leaves that open, the place is asked for another file: for the last that it
gave, or for the next ones of the shard. If it gives one of them, but the file not even then, the
file is at fault. So is one that is not there, unless the last that was given is gone, too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..failures import DoubtfulError, FileError, PlaceError
from ..remote.time_limits import TimeLimits
from .addresses import Place, RemotePath
from .remote_files import Staging, forget_connections, is_given

log = logging.getLogger(__name__)

MAX_NEIGHBOURS = 2
"""Number of further files that a place is asked for, if it has given none yet: where it does not
answer at all, each costs a time limit."""


class Fetcher:
    """Fetches files, and remembers the last that each place gave.

    Args:
        limits: how long to wait for a file.
    """

    def __init__(self, limits: TimeLimits) -> None:
        self._limits = limits
        self._staging = Staging(limits)
        self._last_given: dict[Place, RemotePath] = {}

    def keep_only(self, files: set[Path | RemotePath]) -> None:
        """Deletes the copies of all other files."""
        self._staging.keep_only(files)

    def fetch(self, file: Path | RemotePath, others: Sequence[Path | RemotePath]) -> Path:
        """The path of a file on this machine; ``others`` are further ones, to ask its place for.

        Raises:
            FileError, FileNotFoundError, ValueError: the file cannot be had.
            PlaceError: its place fails, or the disk of copies, or memory.
        """
        try:
            path = self._fetch_twice(file, others)
        except DoubtfulError as error:
            self._check_place(file, others, error)
            raise FileError(str(error)) from error
        except (FileNotFoundError, FileError) as error:
            last = self._last_given.get(file.place) if isinstance(file, RemotePath) else None
            if last and not is_given(last, self._limits, is_read=False):
                forget_connections()
                raise PlaceError(f"{error} {last}, which was there, is missing now too.") from error
            raise
        except PlaceError:
            forget_connections()
            raise
        except MemoryError as error:
            raise PlaceError(f"Memory ran out while {file} was fetched.") from error
        if isinstance(file, RemotePath):
            self._last_given[file.place] = file
        return path

    def _fetch_twice(self, file: Path | RemotePath, others: Sequence[Path | RemotePath]) -> Path:
        """A file that is not given is fetched once more.

        Its connection may have been cut, or its place have failed until it was asked for another.
        """
        try:
            return self._staging.make_local(file)
        except DoubtfulError as error:
            if not error.is_cut:
                self._check_place(file, others, error)
            log.debug("%s Fetching it again.", error)
        return self._staging.make_local(file)

    def _check_place(
        self, file: Path | RemotePath, others: Iterable[Path | RemotePath], error: DoubtfulError
    ) -> None:
        """Raises PlaceError unless the place of a file gives another one."""
        if not isinstance(file, RemotePath) or not self._place_answers(file, others, error.is_cut):
            forget_connections()
            raise PlaceError(str(error)) from error

    def _place_answers(
        self, file: RemotePath, others: Iterable[Path | RemotePath], is_cut: bool
    ) -> bool:
        same = [
            other
            for other in others
            if isinstance(other, RemotePath) and other.place == file.place and other != file
        ]
        last = self._last_given.get(file.place)
        # Not read: whether its first bytes come before the cut is a matter of chance.
        if is_cut and is_given(file, self._limits, is_read=False):
            return True
        asked = [last] if last else list(dict.fromkeys(same))[:MAX_NEIGHBOURS]
        return any(is_given(each, self._limits) for each in asked)
