"""The SHA-256 of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from .limits import check_is_file

BLOCK_BYTES = 2**20
"""Size of what is read at a time, in bytes: small enough for a cancel to be seen at once."""


def file_sha256(path: Path, check: Callable[[], None] = lambda: None) -> str:
    """The SHA-256 of a file's content, 64 hexadecimal digits.

    Args:
        path: the file.
        check: called after each block; what it raises ends the reading.

    Raises:
        ValueError: ``path`` leads to something that is not a regular file.
        OSError: the file is not there or cannot be read.
    """
    check_is_file(path)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            check()
    return digest.hexdigest()
