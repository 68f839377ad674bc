"""A menu of all models: the official files, and the user's own in ``models/sapiens``."""

from __future__ import annotations

from pathlib import Path

from ...sapiens_core.checkpoints.download import find_or_download
from ...sapiens_core.checkpoints.zoo import (
    CHECKPOINTS,
    DEFAULT_SIZE,
    PoseCheckpoint,
    menu_title,
    title,
)
from . import model_files
from .page_text import announce
from .progress import report_progress

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


def find_official(label: str) -> PoseCheckpoint | None:
    """The official file of an entry; None: the entry is a file of the user's own."""
    return OFFICIAL.get(label)


def find_file(label: str) -> Path:
    """The file of an entry; an official one is downloaded if it is not on the disk.

    Raises:
        ValueError: there is no such entry.
        DownloadError: the file is not on the disk and cannot be downloaded.
    """
    row = find_official(label)
    if row:
        return find_or_download(
            row, model_files.folders(), on_progress=report_progress, announce=announce
        )
    path = model_files.local_path(label)
    if not path:
        raise ValueError(
            f"There is no model {label} in models/sapiens. Choose another one from the list."
        )
    return path
