"""The folder ``models/sapiens``: what is in it, and official weights found there or fetched."""

from __future__ import annotations

import os
from pathlib import Path

import folder_paths

from ...sapiens_core.checkpoints.zoo import DETECTORS

FOLDER = "sapiens"
SUFFIXES = (".safetensors", ".pth", ".pt2")


def register_folder() -> None:
    """Tells ComfyUI of ``models/sapiens``, beside what the user's extra_model_paths.yaml says."""
    default = os.path.join(folder_paths.models_dir, FOLDER)
    folder_paths.add_model_folder_path(FOLDER, default, is_default=True)
    folder_paths.folder_names_and_paths[FOLDER][1].update(SUFFIXES)


def folders() -> list[Path]:
    """All registered folders; downloads go to the first."""
    return [Path(folder) for folder in folder_paths.get_folder_paths(FOLDER)]


def local_files() -> list[str]:
    """Every checkpoint in the registered folders but detectors, as ComfyUI names it."""
    detectors = {row.base_name for row in DETECTORS}
    names = folder_paths.get_filename_list(FOLDER)
    return [name for name in names if os.path.basename(name) not in detectors]


def local_path(name: str) -> Path | None:
    """The file that ComfyUI calls ``name``, None if it is gone."""
    path = folder_paths.get_full_path(FOLDER, name)
    return Path(path) if path else None
