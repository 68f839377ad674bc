"""Writing files so that each is either complete or not there.

A file is written under a temporary name, which is locked while a process writes it: what removes
the leftovers of killed runs can tell them from the files of runs that go on, however slowly.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

TEMPORARY_SUFFIX = ".sapiens-pose.part"
"""Ending of the names of temporary files."""

MAX_SHOWN_LETTERS = 40
"""Maximum number of characters of a file's name that the name of its temporary file shows."""

LEFTOVER_AGE_S = 600.0
"""Time in seconds without writing after which a temporary file counts as left by a killed run."""

NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL, errno.EACCES}
"""What ``link`` says on file systems that have no links, such as exFAT and some network drives."""

log = logging.getLogger(__name__)


@contextmanager
def replace_atomically(path: Path | str, *, may_exist: bool = True) -> Iterator[Path]:
    """A temporary path that replaces ``path`` at the end, so that no reader sees half a file.

    It lies in the same folder, which is created if needed; after an error it is removed.

    Args:
        path: the file.
        may_exist: whether it is replaced if it exists. If not, one of several processes that write
            it at the same time gets the name, and the others an error.

    Raises:
        OSError: the folder or file cannot be written; an existing file stays as it was.
        FileExistsError: it exists, and may not.
    """
    path = Path(path)
    with _name_in_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = new_temporary(path.parent, path.name)
    with open(handle, "rb") as lock:
        try:
            yield temporary
            with _name_in_error(path):
                os.chmod(temporary, new_file_mode())
                _close_on_windows(lock)
                if may_exist:
                    os.replace(temporary, path)
                else:
                    _move_to_new(temporary, path)
        except BaseException:
            _close_on_windows(lock)
            temporary.unlink(missing_ok=True)
            raise


def _close_on_windows(file: BinaryIO) -> None:
    """Closes a file that is to be moved or deleted, where no open one can be."""
    if os.name == "nt":
        file.close()


def _move_to_new(temporary: Path, path: Path) -> None:
    """Renames a file, but never to a name that exists; ``rename`` itself would replace that.

    Raises:
        FileExistsError: ``path`` exists.
    """
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        os.replace(temporary, path)
    else:
        temporary.unlink()


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write ``data`` to ``path``, by way of ``replace_atomically``.

    Raises:
        OSError: as ``replace_atomically``.
    """
    path = Path(path)
    with replace_atomically(path) as temporary, _name_in_error(path):
        temporary.write_bytes(data)


def write_text(path: Path | str, text: str | Iterable[str]) -> None:
    """Write ``text``, or its pieces one by one, to ``path`` in UTF-8, as ``write_bytes`` does."""
    _write_text(path, text, may_exist=True)


def write_new_text(path: Path | str, text: str | Iterable[str]) -> None:
    """Write ``text``, or its pieces one by one, to ``path`` in UTF-8, as a new file.

    Raises:
        FileExistsError: there is such a file, perhaps since a moment ago.
        OSError: as ``replace_atomically``.
    """
    _write_text(path, text, may_exist=False)


def _write_text(path: Path | str, text: str | Iterable[str], *, may_exist: bool) -> None:
    path = Path(path)
    with replace_atomically(path, may_exist=may_exist) as temporary:
        with _name_in_error(path):
            file = temporary.open("w", encoding="utf-8", newline="")
        try:
            for piece in [text] if isinstance(text, str) else text:
                with _name_in_error(path):
                    file.write(piece)
            with _name_in_error(path):
                file.close()
        except BaseException:
            with suppress(OSError):  # the same one again, of what could not be written
                file.close()
            raise


def prepare_folder(folder: Path) -> None:
    """Create a folder for results, check that it can be written to, and remove leftovers.

    Call it before the work whose results go there, so that no result is lost. Leftovers are the
    temporary files of killed runs, see ``LEFTOVER_AGE_S`` and ``remove_unless_written``.

    Raises:
        OSError: nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, probe = new_temporary(folder, "")
        os.close(handle)
        # Time by the disk's clock, which may be another machine's and may have been set back.
        now_s = probe.stat().st_mtime
        probe.unlink()
    except OSError as error:
        raise _with_message(
            error,
            f"Cannot write to {folder}: {error.strerror or error}. Give another "
            "folder, or allow writing there.",
        ) from error
    for path in folder.glob(f".*{TEMPORARY_SUFFIX}"):
        # Another process may remove it first.
        with suppress(FileNotFoundError):
            is_old = now_s - path.stat().st_mtime > LEFTOVER_AGE_S
            if is_old and remove_unless_written(path):
                log.info("Removed %s, left by a run that was killed.", path)


def remove_unless_written(temporary: Path) -> bool:
    """Delete a temporary file unless a process is writing it; whether it was deleted.

    Where the file system has no locks, nobody knows who writes it, and it is deleted.

    Raises:
        OSError: it is not there, or cannot be deleted.
    """
    if sys.platform == "win32":
        # No open file can be deleted there.
        with suppress(PermissionError):
            temporary.unlink()
            return True
        return False
    try:
        handle = _open_to_lock(temporary)
    except PermissionError:
        return False  # another user's
    try:
        if not _lock(handle):
            return False
        temporary.unlink()
        return True
    finally:
        os.close(handle)


def _open_to_lock(path: Path) -> int:
    """A handle for ``_lock``; network drives lock what can be written to only."""
    try:
        return os.open(path, os.O_RDWR)
    except PermissionError:
        return os.open(path, os.O_RDONLY)


def is_temporary_of(name: str, results: Collection[str]) -> bool:
    """Whether a file is the temporary file of a result; ``results`` are ``shorten_name``'s."""
    is_ours = name.startswith(".") and name.endswith(TEMPORARY_SUFFIX)
    return is_ours and name[1 : -len(TEMPORARY_SUFFIX)].rpartition(".")[0] in results


def shorten_name(name: str) -> str:
    """A file's name as its temporary file shows it: whole, or its beginning and a digest."""
    if len(name) <= MAX_SHOWN_LETTERS:
        return name
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    return f"{name[: MAX_SHOWN_LETTERS - len(digest)]}{digest}"


@contextmanager
def _name_in_error(path: Path) -> Iterator[None]:
    """Makes an OSError say which file was not written."""
    try:
        yield
    except OSError as error:
        raise _with_message(error, f"{path} was not written: {error.strerror or error}.") from error


def _with_message(error: OSError, message: str) -> OSError:
    """An error of the same type and number, so that callers can tell a full disk from a name."""
    described = type(error)(message)
    described.errno = error.errno
    return described


def new_temporary(folder: Path, name: str) -> tuple[int, Path]:
    """The handle and path of a temporary file in ``folder``, locked until the handle is closed.

    Args:
        folder: an existing folder.
        name: that of the final file.
    """
    # Shortened, because a long name would exceed what file systems allow.
    while True:
        handle, path = tempfile.mkstemp(TEMPORARY_SUFFIX, f".{shorten_name(name)}.", folder)
        # Another process may have taken it for a leftover before it was locked.
        if _lock(handle) and os.path.exists(path):
            return handle, Path(path)
        os.close(handle)


def _lock(handle: int) -> bool:
    """Locks a file until its handle is closed; False if another process has locked it.

    True where there are no locks. That of a killed process ends with it.
    """
    if sys.platform != "win32":
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            log.debug("This file system has no locks: %s", error)
    return True


def new_file_mode() -> int:
    """The permissions that ``open`` gives a file; a temporary file is private to its owner."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
