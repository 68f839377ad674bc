"""Downloads official weights that are not on disk.

This module and ``http_resume`` are the only ones that make requests. A file that ``on_disk`` finds
is used without any request. ``huggingface_hub`` says where a file is and what it should be,
and honours ``HF_ENDPOINT``, ``HF_TOKEN`` and ``HF_HUB_OFFLINE``. A download that was cut or
cancelled is continued, one of several processes does the work, and a file appears under its own
name only when its size and, where the hub announces it, its SHA-256 are right.

``hf_hub_download`` of ``huggingface_hub`` 2.4.0 was tried over HTTP against the server of
``tests/helpers/hub.py``. It calls its progress bar after every 10 MiB, so that a cancel takes 10
seconds at 1 MB/s, and then drops all that has arrived. A cut costs it up to 10 MiB, so that a
connection that is cut every 4 MB never gets anywhere. It accepts a file whose SHA-256 is wrong.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...skeletons.foundation.file_digest import file_sha256
from .download_errors import (
    DownloadError,
    explain_answer,
    explain_no_contact,
    explain_no_hub,
    explain_setup,
    find_endpoint_fault,
    link_by_hand,
)
from .on_disk import find_on_disk
from .zoo import Checkpoint

if TYPE_CHECKING:
    from huggingface_hub import HfFileMetadata

    from .http_resume import OnProgress

CONTACT_TIMEOUT_S = 10.0
"""Maximum time that the hub may take to answer the first request, in seconds."""
LOCK_POLL_S = 0.2
"""Time between two looks at the lock that another process holds, in seconds."""

log = logging.getLogger(__name__)

Announce = Callable[[str], None]
"""Tells the user what is about to be downloaded."""


ANNOUNCEMENT = (
    "Downloading {file} ({gigabytes:.2f} GB) from {repo} into {folder}. Licence of the weights: "
    "{license}."
)
"""The message before a download starts; the values are those of ``announced_values``."""


def announced_values(checkpoint: Checkpoint, folder: Path) -> dict[str, object]:
    """File, size, origin, licence and target folder."""
    return {
        "file": checkpoint.base_name,
        "gigabytes": checkpoint.file_bytes / 1e9,
        "repo": checkpoint.repo,
        "folder": folder,
        "license": checkpoint.license,
    }


def find_or_download(
    checkpoint: Checkpoint,
    folders: Sequence[Path],
    *,
    on_progress: OnProgress | None = None,
    announce: Announce = log.info,
) -> Path:
    """The checkpoint's file: from disk if it is there, else downloaded into the first folder.

    Args:
        checkpoint: which file.
        folders: where to look, in order; the first is where a download goes.
        on_progress: see ``download``.
        announce: see ``download``.

    Raises:
        DownloadError: it is not on disk and cannot be downloaded.
    """
    found = find_on_disk(checkpoint, folders)
    if found:
        return found
    return download(checkpoint, folders[0], on_progress=on_progress, announce=announce)


def download(
    checkpoint: Checkpoint,
    folder: Path,
    *,
    on_progress: OnProgress | None = None,
    announce: Announce = log.info,
) -> Path:
    """Downloads a checkpoint into ``folder`` and checks it.

    An unfinished file is kept under ``folder/.cache`` and continued after a cut. If another process
    is downloading the same file, this one waits for it.

    Args:
        checkpoint: which file.
        folder: where it goes; created if needed.
        on_progress: called several times per second with the bytes done and in total, also while
            waiting. To cancel, raise anything but an OSError: it reaches the caller as it is, and
            a later call continues the file.
        announce: called with file, size, licence and folder when the hub has answered.

    Raises:
        DownloadError: the hub cannot be reached, refuses, stalls or sends a file that is not
            right, or the disk is full.
    """
    from .http_resume import file_bytes

    report = on_progress or (lambda done_bytes, total_bytes: None)
    announced = _ask_hub(checkpoint, folder, lambda: report(0, checkpoint.file_bytes))
    announce(ANNOUNCEMENT.format(**announced_values(checkpoint, folder)))
    size = announced.size or 0
    target = folder / checkpoint.base_name
    partial = _partial_path(target, announced)
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        with _hold_lock(partial.with_suffix(".lock"), lambda: report(file_bytes(partial), size)):
            if not target.is_file():
                _fetch(checkpoint, partial, size, report)
                damage = _find_damage(partial, announced, lambda: report(size, size))
                if damage:
                    partial.unlink()
                    reason = f"the downloaded file is damaged ({damage})"
                    raise _failure(checkpoint, folder, reason)
                os.replace(partial, target)
    except OSError as error:
        raise _failure(checkpoint, folder, _explain_failure(error, checkpoint)) from error
    return target


def ask_size_and_sha256(checkpoint: Checkpoint) -> tuple[int, str | None]:
    """Size in bytes of a file on the hub, and its SHA-256 where the hub announces it.

    Raises:
        DownloadError: the hub cannot be reached or refuses.
    """
    announced = _ask_hub(checkpoint, Path(), lambda: None)
    return announced.size or 0, _announced_sha256(announced)


def _announced_sha256(announced: HfFileMetadata) -> str | None:
    """The hub's etag of a large file is its SHA-256; small files have a git hash instead."""
    return announced.etag if len(announced.etag or "") == 64 else None


def _ask_hub(checkpoint: Checkpoint, folder: Path, check: Callable[[], None]) -> HfFileMetadata:
    """What the hub says about a file, such as its size and its hash.

    One request, so that an unreachable hub fails at once; a second one if the hub asks to wait.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

    from .http_resume import pause, requested_wait_s

    if HF_HUB_OFFLINE:
        raise _failure(checkpoint, folder, "HF_HUB_OFFLINE is set, so nothing is downloaded")
    if fault := find_endpoint_fault(ENDPOINT):
        raise _failure(checkpoint, folder, fault)
    url = hf_hub_url(checkpoint.repo, checkpoint.file_name)
    for may_wait in (True, False):
        try:
            metadata = get_hf_file_metadata(url, timeout=CONTACT_TIMEOUT_S)
            break
        except Exception as error:
            wait_s = requested_wait_s(error)
            if wait_s is None or not may_wait:
                reason = explain_answer(error, checkpoint) or explain_no_contact(error)
                raise _failure(checkpoint, folder, reason) from error
        pause(wait_s, check)
    if not metadata.size or not metadata.etag:
        raise _failure(checkpoint, folder, explain_no_hub())
    return metadata


def _partial_path(target: Path, announced: HfFileMetadata) -> Path:
    """Path of the unfinished file, with another name for each version of the file."""
    version = hashlib.sha256(f"{announced.etag} {announced.size}".encode()).hexdigest()[:12]
    return target.parent / ".cache" / "sapiens-pose" / f"{target.name}.{version}.partial"


@contextmanager
def _hold_lock(path: Path, check: Callable[[], None]) -> Iterator[None]:
    """Holds the lock file ``path``; calls ``check`` several times per second while others do."""
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    while not lock.is_locked:
        try:
            lock.acquire(timeout=LOCK_POLL_S)
        except Timeout:
            check()
    try:
        yield
    finally:
        lock.release()


def _fetch(checkpoint: Checkpoint, partial: Path, size: int, report: OnProgress) -> None:
    """Continues the unfinished file; removes those of other versions."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    from .http_resume import fetch, file_bytes

    for outdated in partial.parent.glob(f"{checkpoint.base_name}.*.partial"):
        if outdated != partial:
            outdated.unlink()
    missing, free = size - file_bytes(partial), shutil.disk_usage(partial.parent).free
    if missing > free:
        raise OSError(f"{missing / 1e9:.2f} GB are needed and {free / 1e9:.2f} GB are free")
    url = hf_hub_url(checkpoint.repo, checkpoint.file_name)
    fetch(url, build_hf_headers(), partial, size, report)


def _find_damage(path: Path, announced: HfFileMetadata, check: Callable[[], None]) -> str:
    """How a downloaded file differs from the one that the hub announced; empty if it does not."""
    found_size = path.stat().st_size
    if found_size != announced.size:
        return f"{found_size} bytes instead of {announced.size}"
    sha256 = _announced_sha256(announced)
    if sha256 and file_sha256(path, check) != sha256:
        return "its SHA-256 is not the announced one"
    return ""


def _explain_failure(error: OSError, checkpoint: Checkpoint) -> str:
    """One clause that explains to a user why a transfer ended."""
    import requests

    known = explain_answer(error, checkpoint) or explain_setup(error)
    if known:
        return known
    if isinstance(error, (requests.RequestException, ConnectionError, TimeoutError)):
        return (
            f"the connection was lost or stalled ({type(error).__name__}); try again to resume "
            "the download"
        )
    return f"it cannot be written: {error}"


def _failure(checkpoint: Checkpoint, folder: Path, reason: str) -> DownloadError:
    link = link_by_hand(checkpoint)
    return DownloadError(
        f"{checkpoint.base_name} ({checkpoint.file_bytes / 1e9:.2f} GB) was not downloaded from "
        f"{checkpoint.repo}: {reason}. To download it yourself, open {link} in a browser "
        f"and put the file into {folder} as {checkpoint.base_name}."
    )
