"""Finds official weights on disk, or fetches them: the only user of the network.

A file that is in one of the folders is used without any request. Downloads go through
``huggingface_hub``, which honours ``HF_ENDPOINT``, ``HF_TOKEN`` and ``HF_HUB_OFFLINE``, resumes
what was cut, and lets one of several processes do the work. A file appears under its own name
only when its size and, where the hub tells it, its SHA-256 are right.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .zoo import Checkpoint

CONTACT_TIMEOUT_S = 10.0
READ_BLOCK_BYTES = 1 << 20

log = logging.getLogger(__name__)


class DownloadError(RuntimeError):
    """A file could not be fetched; the message says why and how to fetch it by hand."""


def find_on_disk(checkpoint: Checkpoint, folders: Sequence[Path]) -> Path | None:
    """The checkpoint's file in the first folder that has it, under its present or an older name.

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
    """What a user is told before a download starts: file, size, licence and target folder."""
    return (
        f"Downloading {checkpoint.base_name} ({checkpoint.file_bytes / 1e9:.2f} GB) from "
        f"{checkpoint.repo} into {folder}. Licence of the weights: {checkpoint.license}."
    )


def find_or_download(
    checkpoint: Checkpoint, folders: Sequence[Path], *, progress: type[Any] | None = None
) -> Path:
    """The checkpoint's file: from disk if it is there, else downloaded into the first folder.

    Args:
        checkpoint: which file.
        folders: where to look, in order; the first is where a download goes.
        progress: ``tqdm``-like class that shows the download, None for the hub's own bar.

    Raises:
        DownloadError: it is not on disk and cannot be fetched.
    """
    found = find_on_disk(checkpoint, folders)
    if found:
        return found
    return download(checkpoint, folders[0], progress=progress)


def download(checkpoint: Checkpoint, folder: Path, *, progress: type[Any] | None = None) -> Path:
    """Fetches a checkpoint into ``folder`` and checks it.

    What was fetched before a cut is kept under ``folder/.cache`` and continued next time.

    Raises:
        DownloadError: the hub cannot be reached, refuses, or sent a file that is not right, or
            the disk is full.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.constants import HF_HUB_OFFLINE

    target = folder / checkpoint.base_name
    if HF_HUB_OFFLINE:
        raise _failure(checkpoint, folder, "HF_HUB_OFFLINE is set, so nothing is downloaded")
    staging = folder / ".cache" / "sapiens-pose"
    try:
        # One request without retries, so that an unreachable hub is given up at once.
        metadata = get_hf_file_metadata(
            hf_hub_url(checkpoint.repo, checkpoint.file_name), timeout=CONTACT_TIMEOUT_S
        )
        staging.mkdir(parents=True, exist_ok=True)
        _require_space(staging, metadata.size or 0)
        fetched = Path(
            hf_hub_download(
                checkpoint.repo,
                checkpoint.file_name,
                local_dir=staging,
                tqdm_class=progress,
            )
        )
    except Exception as error:
        raise _failure(checkpoint, folder, _reason(error, checkpoint)) from error
    wrong = _what_is_wrong(fetched, metadata.size, metadata.etag)
    if wrong:
        fetched.unlink()
        raise _failure(checkpoint, folder, f"the file that arrived is damaged ({wrong})")
    os.replace(fetched, target)
    return target


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise OSError(f"{needed / 1e9:.2f} GB are needed and {free / 1e9:.2f} GB are free")


def _what_is_wrong(path: Path, size: int | None, etag: str | None) -> str:
    """Why a fetched file is not the one that the hub announced; empty if it is."""
    found_size = path.stat().st_size
    if size is not None and found_size != size:
        return f"{found_size} bytes instead of {size}"
    # The hub's etag of a large file is its SHA-256; small files have a git hash instead.
    if etag and len(etag) == 64 and _sha256(path) != etag:
        return "its SHA-256 is not the announced one"
    return ""


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(READ_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _reason(error: Exception, checkpoint: Checkpoint) -> str:
    """One clause that says to a user what an error of the hub's client means."""
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        RepositoryNotFoundError,
    )

    status = getattr(getattr(error, "response", None), "status_code", None)
    page = f"https://huggingface.co/{checkpoint.repo}"
    if isinstance(error, GatedRepoError) or status in (401, 403):
        return (
            f"the repository asks for an account: accept its terms at {page}, then set HF_TOKEN "
            "to a token of that account"
        )
    if isinstance(error, (EntryNotFoundError, RepositoryNotFoundError)) or status == 404:
        return "the hub has no such file any more"
    if status == 429:
        return "the hub is receiving too many requests; wait a few minutes and try again"
    if isinstance(error, HfHubHTTPError):
        return f"the hub answered with an error ({status})"
    if isinstance(error, OSError) and not _is_network_error(error):
        return f"it cannot be written: {error}"
    return f"the hub cannot be reached ({type(error).__name__}), are you offline"


def _is_network_error(error: OSError) -> bool:
    return isinstance(error, (ConnectionError, TimeoutError)) or "http" in type(error).__module__


def _failure(checkpoint: Checkpoint, folder: Path, reason: str) -> DownloadError:
    return DownloadError(
        f"{checkpoint.base_name} ({checkpoint.file_bytes / 1e9:.2f} GB) was not downloaded from "
        f"{checkpoint.repo}: {reason}. To fetch it by hand, open {checkpoint.url} in a browser "
        f"and put the file into {folder} as {checkpoint.base_name}."
    )
