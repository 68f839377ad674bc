"""Files that are either whole or not there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write ``data`` to ``path``, making its folder, so that no reader ever sees half a file.

    The bytes go to a temporary file in the same folder, which then takes the place of ``path``.

    Raises:
        OSError: the folder or file cannot be written; a file that was there stays as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, _new_file_mode())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` to ``path`` in UTF-8, as ``write_bytes`` does."""
    write_bytes(path, text.encode("utf-8"))


def _new_file_mode() -> int:
    """The permissions of a file made by ``open``; a temporary file is for its owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
