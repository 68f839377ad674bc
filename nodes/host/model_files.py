"""The folder ``models/sapiens`` and the checkpoints in it."""

from __future__ import annotations

import os
from pathlib import Path

import folder_paths

from ...sapiens_core.checkpoints.zoo import DETECTORS

FOLDER = "sapiens"
SUFFIXES = (".safetensors", ".pth", ".pt2")


def register_folder() -> None:
    """Adds ``models/sapiens`` to the folders that the user's extra_model_paths.yaml names."""
    default = os.path.join(folder_paths.models_dir, FOLDER)
    folder_paths.add_model_folder_path(FOLDER, default, is_default=True)
    folder_paths.folder_names_and_paths[FOLDER][1].update(SUFFIXES)


def folders() -> list[Path]:
    """All registered folders; downloads go to the first."""
    return [Path(folder) for folder in folder_paths.get_folder_paths(FOLDER)]


def local_files() -> list[str]:
    """Every checkpoint in the registered folders except detectors, by ComfyUI's name for it."""
    detectors = {row.base_name for row in DETECTORS}
    names = folder_paths.get_filename_list(FOLDER)
    return [name for name in names if os.path.basename(name) not in detectors]


def local_path(name: str) -> Path | None:
    """The file by ComfyUI's name for it; None if it no longer exists."""
    path = folder_paths.get_full_path(FOLDER, name)
    return Path(path) if path else None
