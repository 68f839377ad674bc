"""Copies a stranger's file onto this machine, and stops before it fills the disk.

A file that is too large is the file's fault, a ValueError; a disk that others have filled is not,
an OSError with ``errno.ENOSPC``. So no file fails because its neighbour is large.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from ..files.endings import IMAGE_SUFFIXES, suffix_of
from ..files.images import MAX_FILE_BYTES

MAX_COPY_BYTES = 2**36
"""Maximum size of a copy of a video, list or table, in bytes: a day of Full HD at 6 Mbit/s."""

KEPT_FREE_BYTES = 2**30
"""Space that copies leave free on the disk of the temporary folder, in bytes: as much as the
largest image takes. On a disk of less than ten times that, a tenth of it."""

_BLOCK_BYTES = 2**20


def max_bytes(name: str) -> int:
    """Maximum size of a copy of a file with this name, in bytes."""
    is_image = suffix_of(name) in IMAGE_SUFFIXES
    return MAX_FILE_BYTES if is_image else MAX_COPY_BYTES


def copy_bounded(source: BinaryIO, copy: Path, shown: str, size_bytes: int | None) -> None:
    """Copies a stream to a new file; of a copy that fails, nothing is left.

    Args:
        source: gives the bytes, unpacked if they travel packed.
        copy: the new file; its name says whether it is an image.
        shown: what people call the file.
        size_bytes: the size that its owner says it has; None if it is unknown.

    Raises:
        ValueError: the file is too large, for ``max_bytes`` or for the disk, whoever else uses it.
        OSError: of ``source`` or the disk; with ``errno.ENOSPC`` if the disk has no room now.
    """
    try:
        with copy.open("wb") as target:
            _Room(copy, shown, size_bytes).copy(source, target)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


class _Room:
    """The room for a copy when it begins, and whose fault it is if that is too small."""

    def __init__(self, copy: Path, shown: str, size_bytes: int | None) -> None:
        self._folder, self._shown, self._size = copy.parent, shown, size_bytes
        self._max = max_bytes(copy.name)
        disk = shutil.disk_usage(self._folder)
        self._kept = min(KEPT_FREE_BYTES, disk.total // 10)
        self._at_first = disk.free - self._kept
        self._check(size_bytes or 0)
        if size_bytes is not None and size_bytes > disk.total - self._kept:
            raise self._too_large(f"the disk of TMPDIR has {disk.total:,}")
        if (size_bytes or 0) > self._at_first:
            raise self._no_room()

    def copy(self, source: BinaryIO, target: BinaryIO) -> None:
        """Copies all bytes; raises as ``copy_bounded``."""
        copied = 0
        while block := source.read(_BLOCK_BYTES):
            copied += len(block)
            self._check(copied)
            if shutil.disk_usage(self._folder).free - len(block) < self._kept:
                # One that does not say how long it is may have no end.
                if self._size is None and copied > max(self._kept, self._at_first // 2):
                    raise self._too_large(f"TMPDIR had room for {self._at_first:,}")
                raise self._no_room()
            target.write(block)

    def _check(self, size_bytes: int) -> None:
        if size_bytes > self._max:
            raise self._too_large(f"at most {self._max:,} are copied")

    def _too_large(self, why: str) -> ValueError:
        size = "an unknown number of" if self._size is None else f"{self._size:,}"
        return ValueError(f"{self._shown} is too large to be copied here: {size} bytes, and {why}.")

    def _no_room(self) -> OSError:
        error = OSError(
            f"There is no room for a copy of {self._shown} in {tempfile.gettempdir()}, where "
            f"{self._kept:,} bytes are kept free. Make room, or set TMPDIR to another folder."
        )
        error.errno = errno.ENOSPC
        return error
