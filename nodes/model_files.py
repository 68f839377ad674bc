"""The folder ``models/sapiens``: what is in it, and official weights found there or fetched."""

from __future__ import annotations

import os
from pathlib import Path

import folder_paths

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
    """Every checkpoint in the registered folders, as ComfyUI names it."""
    return list(folder_paths.get_filename_list(FOLDER))


def local_path(name: str) -> Path | None:
    """The file that ComfyUI calls ``name``, None if it is gone."""
    path = folder_paths.get_full_path(FOLDER, name)
    return Path(path) if path else None
