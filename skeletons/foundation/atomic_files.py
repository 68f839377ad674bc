"""Files that are either whole or not there."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TEMPORARY_SUFFIX = ".sapiens-pose.part"
SHOWN_LETTERS = 40
"""Of a file's name, so many at most begin that of its temporary file, after a dot."""
LEFTOVER_AGE_S = 600.0
"""A temporary file that was not written to for so long belongs to a run that was killed."""

log = logging.getLogger(__name__)


@contextmanager
def replace_atomically(path: Path | str) -> Iterator[Path]:
    """A temporary path that takes the place of ``path`` at the end, so that no reader sees half.

    It lies in the same folder, which is made; after an error it is gone.

    Raises:
        OSError: the folder or file cannot be written; a file that was there stays as it was.
    """
    path = Path(path)
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = _new_temporary(path.parent, path.name)
        os.close(handle)
    try:
        yield temporary
        with _told(path):
            os.chmod(temporary, _new_file_mode())
            os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write ``data`` to ``path``, by way of ``replace_atomically``.

    Raises:
        OSError: as ``replace_atomically``.
    """
    path = Path(path)
    with replace_atomically(path) as part, _told(path):
        part.write_bytes(data)


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` to ``path`` in UTF-8, as ``write_bytes`` does."""
    write_bytes(path, text.encode("utf-8"))


def prepare_folder(folder: Path) -> None:
    """Makes a folder that will be written to, and removes what killed runs left in it.

    To be called before the work whose results go there, which would be lost otherwise.

    Raises:
        OSError: nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, probe = _new_temporary(folder, "")
        os.close(handle)
        # The clock of the disk, which may be another machine's and may have been set back.
        now_s = probe.stat().st_mtime
        probe.unlink()
    except OSError as error:
        raise type(error)(
            f"Nothing can be written into {folder}: {error.strerror or error}. Give another "
            "folder, or allow writing there."
        ) from error
    for path in folder.glob(f".*{TEMPORARY_SUFFIX}"):
        # Somebody else may have been quicker.
        with suppress(FileNotFoundError):
            if now_s - path.stat().st_mtime > LEFTOVER_AGE_S:
                path.unlink()
                log.info("Removed %s, which a run that was killed had left.", path)


def is_temporary_of(name: str, results: Collection[str]) -> bool:
    """Whether a file is a temporary one of a result, all as ``shorten_name`` shows them."""
    is_ours = name.startswith(".") and name.endswith(TEMPORARY_SUFFIX)
    return is_ours and name[1 : -len(TEMPORARY_SUFFIX)].rpartition(".")[0] in results


def shorten_name(name: str) -> str:
    """What the name of a temporary file shows of its file's: all, or a beginning and a digest."""
    if len(name) <= SHOWN_LETTERS:
        return name
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    return f"{name[: SHOWN_LETTERS - len(digest)]}{digest}"


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """An OSError says which file was not written."""
    try:
        yield
    except OSError as error:
        raise type(error)(f"{path} was not written: {error.strerror or error}.") from error


def _new_temporary(folder: Path, name: str) -> tuple[int, Path]:
    """An open file in ``folder``, and its path; ``name`` shows whose it is."""
    # Shortened, as a name that is long already would become too long.
    handle, path = tempfile.mkstemp(TEMPORARY_SUFFIX, f".{shorten_name(name)}.", folder)
    return handle, Path(path)


def _new_file_mode() -> int:
    """The permissions of a file made by ``open``; a temporary file is for its owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
