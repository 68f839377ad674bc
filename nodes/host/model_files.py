"""The folder ``models/sapiens``, those of other node packs, and the checkpoints in them."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import folder_paths

from ...sapiens_core.checkpoints.download import (
    ANNOUNCEMENT,
    announced_values,
    find_or_download,
)
from ...sapiens_core.checkpoints.on_disk import OTHER_FOLDERS, is_pose_model
from ...sapiens_core.checkpoints.shards import (
    SUFFIXES,
    find_checkpoint_files,
    index_of,
    is_shard,
)
from ...sapiens_core.checkpoints.zoo import Checkpoint
from .page_text import tell
from .progress import report_progress

FOLDER = "sapiens"

log = logging.getLogger(__name__)


def register_folder() -> None:
    """Adds ``models/sapiens`` to the folders that the user's extra_model_paths.yaml names.

    The folder is made, so that people find where to put files. The folders of other packs follow:
    theirs in ``models``, and what extra_model_paths.yaml says of them.
    """
    default = os.path.join(folder_paths.models_dir, FOLDER)
    folder_paths.add_model_folder_path(FOLDER, default, is_default=True)
    for name in OTHER_FOLDERS:
        theirs = folder_paths.folder_names_and_paths.get(name, ([], ()))[0]
        for folder in (*theirs, os.path.join(folder_paths.models_dir, name)):
            folder_paths.add_model_folder_path(FOLDER, folder)
    folder_paths.folder_names_and_paths[FOLDER][1].update(SUFFIXES)
    try:
        os.makedirs(default, exist_ok=True)
    except OSError as error:
        log.warning("%s cannot be made: %s", default, error)


def folders() -> list[Path]:
    """All registered folders; downloads go to the first."""
    return [Path(folder) for folder in folder_paths.get_folder_paths(FOLDER)]


def find_or_fetch(row: Checkpoint) -> Path:
    """An official file, downloaded if it is not on the disk; the node tells and shows it.

    Raises:
        DownloadError: it is not on the disk and cannot be downloaded.
    """

    def announce(_: str) -> None:
        tell(ANNOUNCEMENT, **announced_values(row, folders()[0]))

    return find_or_download(row, folders(), on_progress=report_progress, announce=announce)


def local_files() -> list[str]:
    """Every checkpoint that may be a pose model, by ComfyUI's name for it.

    Of one that was saved in several files, that is the name of their index.
    """
    names = folder_paths.get_filename_list(FOLDER)
    indices = {str(index_of(Path(name))) for name in names if is_shard(os.path.basename(name))}
    found = [name for name in names if is_pose_model(name)]
    return sorted([*found, *(name for name in indices if local_path(name))])


def local_path(name: str) -> Path | None:
    """The file by ComfyUI's name for it; None if it no longer exists."""
    path = folder_paths.get_full_path(FOLDER, name)
    return Path(path) if path else None


def change_time_ns(path: Path) -> int:
    """When a checkpoint, or the last of its files, was changed."""
    try:
        files = [path, *find_checkpoint_files(path)]
    except (OSError, ValueError):
        files = [path]  # loading it says what is wrong
    return max(file.stat().st_mtime_ns for file in files)
