"""A menu of all models: the official files, and the user's own in ``models/sapiens``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...sapiens_core.checkpoints.download_errors import link_by_hand
from ...sapiens_core.checkpoints.on_disk import find_on_disk
from ...sapiens_core.checkpoints.zoo import (
    CHECKPOINTS,
    DEFAULT_SIZE,
    PoseCheckpoint,
    menu_title,
    title,
)
from . import model_files

OFFICIAL = {menu_title(row): row for row in CHECKPOINTS}
LICENSES = "; ".join(
    dict.fromkeys(
        f"{title(row.size).split()[0]}: {row.license.name}, {row.license.summary}"
        for row in CHECKPOINTS
    )
)
DEFAULT = next(label for label, row in OFFICIAL.items() if row.size == DEFAULT_SIZE)


def choices() -> list[str]:
    """Every entry of the menu."""
    return [*OFFICIAL, *model_files.local_files()]


def extra_dict() -> dict[str, dict[str, Any]]:
    """What ``web/widgets.js`` shows for the official files, and how these are called.

    Beside the entry, that is whether the file is there, and its licence.
    """
    names = {Path(name).name for name in model_files.local_files()}
    titles = {
        label: [
            label,
            "on disk" if row.base_name in names else "download",
            row.license.name,
        ]
        for label, row in OFFICIAL.items()
    }
    return {
        "choice_titles": titles,
        "official_files": {label: row.base_name for label, row in OFFICIAL.items()},
    }


def find_official(label: str) -> PoseCheckpoint | None:
    """The official file of an entry; None: the entry is a file of the user's own."""
    return OFFICIAL.get(label)


def find_file(label: str, may_download: bool = True) -> Path:
    """The file of an entry; an official one is downloaded if it is not on the disk.

    Raises:
        ValueError: there is no such entry.
        FileNotFoundError: the file is not on the disk, and may not be downloaded.
        DownloadError: the file is not on the disk and cannot be downloaded.
    """
    row = find_official(label)
    if row:
        return find_official_file(row, may_download)
    path = model_files.local_path(label)
    if not path:
        raise ValueError(no_model(label))
    return path


def no_model(label: str) -> str:
    """What is told of an entry that is not in the menu, or not any more."""
    return f"There is no model {label} in models/sapiens. Choose another one from the menu 'model'."


def find_official_file(row: PoseCheckpoint, may_download: bool) -> Path:
    """An official file, as ``find_file``."""
    folders = model_files.folders()
    if not may_download and not find_on_disk(row, folders):
        raise FileNotFoundError(
            f"{row.base_name} ({row.file_bytes / 1e9:.2f} GB) is not in "
            f"{', '.join(map(str, folders))}. Turn on 'download', or download it yourself from "
            f"{link_by_hand(row)}. Licence: {row.license}."
        )
    return model_files.find_or_fetch(row)
