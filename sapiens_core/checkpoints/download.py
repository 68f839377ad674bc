"""Finds official weights on disk, or downloads them.

This module and ``http_resume`` are the only ones that make requests. A file that is in one of the
folders is used without any request. ``huggingface_hub`` says where a file is and what it should be,
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
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...skeletons.foundation.file_digest import file_sha256
from .zoo import Checkpoint

if TYPE_CHECKING:
    from huggingface_hub import HfFileMetadata

    from .http_resume import OnProgress

CONTACT_TIMEOUT_S = 10.0
"""Maximum time that the hub may take to answer the first request, in seconds."""
LOCK_POLL_S = 0.2
"""Time between two looks at the lock that another process holds, in seconds."""


class DownloadError(RuntimeError):
    """A file could not be downloaded; the message says why, and how to download it by hand."""


def find_on_disk(checkpoint: Checkpoint, folders: Sequence[Path]) -> Path | None:
    """The checkpoint's file in the first folder that has it, under its current or an older name.

    The same stem with ``.safetensors`` counts too. No request is made.
    """
    names = (checkpoint.base_name, *checkpoint.older_names)
    converted = tuple(f"{Path(name).stem}.safetensors" for name in names)
    for folder in folders:
        for name in (*names, *converted):
            if (folder / name).is_file():
                return folder / name
    return None


def announcement(checkpoint: Checkpoint, folder: Path) -> str:
    """The message before a download starts: file, size, licence and target folder."""
    return (
        f"Downloading {checkpoint.base_name} ({checkpoint.file_bytes / 1e9:.2f} GB) from "
        f"{checkpoint.repo} into {folder}. Licence of the weights: {checkpoint.license}."
    )


def find_or_download(
    checkpoint: Checkpoint, folders: Sequence[Path], *, on_progress: OnProgress | None = None
) -> Path:
    """The checkpoint's file: from disk if it is there, else downloaded into the first folder.

    Args:
        checkpoint: which file.
        folders: where to look, in order; the first is where a download goes.
        on_progress: see ``download``.

    Raises:
        DownloadError: it is not on disk and cannot be downloaded.
    """
    found = find_on_disk(checkpoint, folders)
    return found or download(checkpoint, folders[0], on_progress=on_progress)


def download(
    checkpoint: Checkpoint, folder: Path, *, on_progress: OnProgress | None = None
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

    Raises:
        DownloadError: the hub cannot be reached, refuses, stalls or sends a file that is not
            right, or the disk is full.
    """
    from .http_resume import file_bytes

    report = on_progress or (lambda done_bytes, total_bytes: None)
    announced = _ask_hub(checkpoint, folder, lambda: report(0, checkpoint.file_bytes))
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
                    reason = f"the file that arrived is damaged ({damage})"
                    raise _failure(checkpoint, folder, reason)
                os.replace(partial, target)
    except OSError as error:
        reason = _explain_answer(error, checkpoint) or _explain_failure(error)
        raise _failure(checkpoint, folder, reason) from error
    return target


def _ask_hub(checkpoint: Checkpoint, folder: Path, check: Callable[[], None]) -> HfFileMetadata:
    """What the hub says about a file, such as its size and its hash.

    One request, so that an unreachable hub fails at once; a second one if the hub asks to wait.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.constants import HF_HUB_OFFLINE

    from .http_resume import pause, requested_wait_s

    if HF_HUB_OFFLINE:
        raise _failure(checkpoint, folder, "HF_HUB_OFFLINE is set, so nothing is downloaded")
    url = hf_hub_url(checkpoint.repo, checkpoint.file_name)
    for may_wait in (True, False):
        try:
            metadata = get_hf_file_metadata(url, timeout=CONTACT_TIMEOUT_S)
            break
        except Exception as error:
            wait_s = requested_wait_s(error)
            if wait_s is None or not may_wait:
                unreachable = (
                    f"the hub cannot be reached ({type(error).__name__}); you may be offline"
                )
                reason = _explain_answer(error, checkpoint) or unreachable
                raise _failure(checkpoint, folder, reason) from error
        pause(wait_s, check)
    if not metadata.size or not metadata.etag:
        reason = (
            "the hub does not tell the file's size and hash; HF_ENDPOINT may be no hub's address"
        )
        raise _failure(checkpoint, folder, reason)
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
    # The hub's etag of a large file is its SHA-256; small files have a git hash instead.
    if len(announced.etag or "") == 64 and file_sha256(path, check) != announced.etag:
        return "its SHA-256 is not the announced one"
    return ""


def _explain_answer(error: Exception, checkpoint: Checkpoint) -> str:
    """One clause that explains the hub's answer to a user; empty if the error is no answer."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is None:
        return ""
    if status in (401, 403):
        return _explain_login(checkpoint)
    if status == 404:
        return "the hub has no such file any more"
    if status == 429:
        return f"the hub is receiving too many requests; try again {_retry_time(error)}"
    return f"the hub answered with an error ({status})"


def _explain_failure(error: OSError) -> str:
    """One clause that explains to a user why a transfer ended, other than by an answer."""
    import requests

    if isinstance(error, (requests.RequestException, ConnectionError, TimeoutError)):
        return (
            f"the connection was lost or stood still ({type(error).__name__}); what has arrived "
            "is kept, so try again to go on from there"
        )
    return f"it cannot be written: {error}"


def _explain_login(checkpoint: Checkpoint) -> str:
    from huggingface_hub import get_token

    page = f"https://huggingface.co/{checkpoint.repo}"
    if get_token():
        return (
            "the token in HF_TOKEN (or of your login) does not open it: accept the terms at "
            f"{page} with the account that the token is from"
        )
    return (
        f"the repository asks for an account: accept its terms at {page}, then set HF_TOKEN to a "
        "token of that account"
    )


def _retry_time(error: Exception) -> str:
    seconds = error.response.headers.get("Retry-After", "")  # type: ignore[attr-defined]
    return f"in {seconds} seconds" if seconds.isdecimal() else "in a few minutes"


def _failure(checkpoint: Checkpoint, folder: Path, reason: str) -> DownloadError:
    return DownloadError(
        f"{checkpoint.base_name} ({checkpoint.file_bytes / 1e9:.2f} GB) was not downloaded from "
        f"{checkpoint.repo}: {reason}. To fetch it by hand, open {checkpoint.url} in a browser "
        f"and put the file into {folder} as {checkpoint.base_name}."
    )
