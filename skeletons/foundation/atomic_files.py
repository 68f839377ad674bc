"""Writing files so that each is either complete or not there."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TEMPORARY_SUFFIX = ".sapiens-pose.part"
"""Ending of the names of temporary files."""

MAX_SHOWN_LETTERS = 40
"""Maximum number of characters of a file's name that the name of its temporary file shows."""

LEFTOVER_AGE_S = 600.0
"""Time in seconds without writing after which a temporary file counts as left by a killed run."""

log = logging.getLogger(__name__)


@contextmanager
def replace_atomically(path: Path | str) -> Iterator[Path]:
    """A temporary path that replaces ``path`` at the end, so that no reader sees half a file.

    It lies in the same folder, which is created if needed; after an error it is removed.

    Raises:
        OSError: the folder or file cannot be written; an existing file stays as it was.
    """
    path = Path(path)
    with _name_in_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = _new_temporary(path.parent, path.name)
        os.close(handle)
    try:
        yield temporary
        with _name_in_error(path):
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
    with replace_atomically(path) as temporary, _name_in_error(path):
        temporary.write_bytes(data)


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` to ``path`` in UTF-8, as ``write_bytes`` does."""
    write_bytes(path, text.encode("utf-8"))


def prepare_folder(folder: Path) -> None:
    """Create a folder for results, check that it can be written to, and remove leftovers.

    Call it before the work whose results go there, so that no result is lost. Leftovers are the
    temporary files of killed runs, see ``LEFTOVER_AGE_S``.

    Raises:
        OSError: nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, probe = _new_temporary(folder, "")
        os.close(handle)
        # Time by the disk's clock, which may be another machine's and may have been set back.
        now_s = probe.stat().st_mtime
        probe.unlink()
    except OSError as error:
        raise _with_message(
            error,
            f"Nothing can be written into {folder}: {error.strerror or error}. Give another "
            "folder, or allow writing there.",
        ) from error
    for path in folder.glob(f".*{TEMPORARY_SUFFIX}"):
        # Another process may remove it first.
        with suppress(FileNotFoundError):
            if now_s - path.stat().st_mtime > LEFTOVER_AGE_S:
                path.unlink()
                log.info("Removed %s, which a run that was killed had left.", path)


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


def _new_temporary(folder: Path, name: str) -> tuple[int, Path]:
    """The handle and path of a new file in ``folder``; ``name`` is that of the final file."""
    # Shortened, because a long name would exceed what file systems allow.
    handle, path = tempfile.mkstemp(TEMPORARY_SUFFIX, f".{shorten_name(name)}.", folder)
    return handle, Path(path)


def _new_file_mode() -> int:
    """The permissions that ``open`` gives a file; a temporary file is private to its owner."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
