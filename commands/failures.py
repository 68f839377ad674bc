"""Two kinds of failure: of a file, which is final, and of its place, which may pass.

A file that cannot be decoded or is not there will not be better tomorrow: it gets an error of its
own, and the others are done. A full disk, a share that is gone, a server that is down, keys that
have expired or memory that ran out say nothing about a file: what was to be done is not done, and
is tried again.
"""

from __future__ import annotations

import errno
import os
from enum import Enum
from pathlib import Path


class Cause(Enum):
    """What is at fault where something failed; CRASH: a file at which processes end."""

    FILE = "file"
    PLACE = "place"
    MEMORY = "memory"
    CRASH = "crash"


class FileError(OSError):
    """A file cannot be had, although its place is in order: final."""


class PlaceError(OSError):
    """The place of a file fails: never final."""


class DoubtfulError(OSError):
    """A file cannot be had; its place must be asked for another one to know which is at fault.

    Attributes:
        is_cut: the file was given, but not to its end; that it is found again is answer enough.
    """

    def __init__(self, message: str, is_cut: bool = False) -> None:
        super().__init__(message)
        self.is_cut = is_cut


_OF_A_NAME = {errno.ENAMETOOLONG, errno.EISDIR, errno.ENOTDIR, errno.ELOOP, errno.EINVAL}
"""Numbers of system errors that mean the name of one file; on Windows also a letter in it."""

_OF_A_FILE = _OF_A_NAME | {errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENXIO}
"""Numbers that mean the one file, if its place is still there."""


def cause_of_writing(error: Exception) -> Cause:
    """What is at fault where a result was not written: nearly always the disk."""
    is_of_file = not isinstance(error, OSError) or error.errno in _OF_A_NAME
    return Cause.FILE if is_of_file else Cause.PLACE


def cause_of_reading(error: Exception, path: Path, last_read: Path | None) -> Cause:
    """What is at fault where a file of this machine, or of a share, was not read.

    A share that is gone leaves its folder empty, or takes all of its files away at once. Therefore
    a file is not there only if the file that was read before still is, and if its folder, or the
    nearest one above that there is, holds anything.

    Args:
        error: what happened.
        path: of the file.
        last_read: a file that was read before, if there is one.
    """
    if not isinstance(error, OSError):
        return Cause.FILE
    if isinstance(error, PlaceError) or (error.errno and error.errno not in _OF_A_FILE):
        return Cause.PLACE
    if last_read is not None and not _can_be_read(last_read):
        return Cause.PLACE
    if isinstance(error, FileNotFoundError) and _nearest_folder_is_empty(path):
        return Cause.PLACE
    return Cause.FILE


def _can_be_read(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError:
        return False
    return True


def _nearest_folder_is_empty(path: Path) -> bool:
    for folder in path.absolute().parents:
        try:
            with os.scandir(folder) as entries:
                return next(entries, None) is None
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            return True
    return False
