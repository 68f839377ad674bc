"""Pose files for the menu of Load Sapiens Pose: ComfyUI's input folder, and its output folder."""

from __future__ import annotations

import re
from pathlib import Path

import folder_paths

from ...skeletons.foundation.checks import TEXT, check
from ...skeletons.foundation.safe_names import check_inside

NO_FILE = "no pose file yet"
"""What the menu shows where no folder has a file."""

MAX_SAVED_FILES = 200
"""Maximum number of files of the output folder in the menu: the newest. Batches write thousands."""

_ANNOTATED = re.compile(r"(.*) \[(input|output|temp)\]", re.DOTALL)
"""ComfyUI's way to say in a name in which of its folders a file is."""


def list_pose_files() -> list[str]:
    """Names of JSON files: those of input, then ``name [output]``, the newest first."""
    saved = sorted(_json_files("output"), key=_change_time_ns, reverse=True)[:MAX_SAVED_FILES]
    return [
        *sorted(_relative(path, "input") for path in _json_files("input")),
        *(f"{_relative(path, 'output')} [output]" for path in saved),
    ]


def find_pose_file(name: str) -> Path:
    """The file of a name as ``list_pose_files`` gives it.

    Raises:
        ValueError: no file is chosen, or the name or a link leads out of the folder.
        FileNotFoundError: there is no such file.
    """
    check("file", name, TEXT)
    if name == NO_FILE:
        raise ValueError(
            "No pose file is chosen. Press 'upload pose file', drop a JSON file onto this node, or "
            "connect json."
        )
    if "\0" in name:
        raise ValueError(f"{name!r} cannot be the name of a file.")
    match = _ANNOTATED.fullmatch(name)
    inner, folder = match.groups() if match else (name, "input")
    path = _folder(folder) / inner
    check_inside(path, _folder(folder), f"ComfyUI's {folder} folder")
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no pose file {inner} in ComfyUI's {folder} folder. Choose another one, or "
            "upload it."
        )
    return path


def fingerprint_file(path: Path | None) -> str | float:
    """What changes when a file is to be loaded again: when it was replaced, and always for None.

    None stands for a name that comes through a link: nobody knows before the run whether its file
    was replaced. A NaN of its own: ComfyUI takes one object for unchanged, as math.nan is.
    """
    return float("nan") if path is None else f"{path}:{path.stat().st_mtime_ns}"


def _folder(kind: str) -> Path:
    return Path(folder_paths.get_directory_by_type(kind))


def _json_files(kind: str) -> list[Path]:
    return [path for path in _folder(kind).rglob("*.json") if path.is_file()]


def _relative(path: Path, kind: str) -> str:
    return path.relative_to(_folder(kind)).as_posix()


def _change_time_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # deleted in this moment
        return 0
