"""The poses of the library: packaged ones in ``web/library``, own ones in ComfyUI's user data.

The page keeps own ones, see ``web/editor/library_files.js``. With several users, it shows each of
them their own; the menu has those of ComfyUI's first user, because a node is not told whose run it
is in.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import folder_paths

from ...skeletons.formats.table import read_poses
from ...skeletons.foundation.checks import TEXT, check
from ...skeletons.foundation.safe_names import check_inside
from ...skeletons.pose import Frame

PACKAGED = Path(__file__).resolve().parents[2] / "web" / "library"
OWN = "own/"
"""What the names of own poses begin with in the menu."""

MAX_OWN = 500
"""Maximum number of own poses in the menu."""


@cache
def _packaged() -> dict[str, Any]:
    """The list of packaged poses: ``groups`` and ``poses``, with titles in each language."""
    return dict(json.loads((PACKAGED / "poses.json").read_text(encoding="utf-8")))


def list_library() -> list[str]:
    """Names of all poses: packaged ones, then the user's own."""
    own = sorted(path.stem for path in _own_folder().glob("*.json") if path.is_file())
    return [
        *(pose["name"] for pose in _packaged()["poses"]),
        *(OWN + name for name in own[:MAX_OWN]),
    ]


def titles() -> dict[str, dict[str, list[str]]]:
    """What ``web/widgets.js`` shows for a packaged pose, by its name and by language."""
    groups = {group["name"]: group for group in _packaged()["groups"]}
    return {
        pose["name"]: {
            language: [groups[pose["group"]][language], pose[language]] for language in ("en", "zh")
        }
        for pose in _packaged()["poses"]
    }


def find_library_pose(name: str) -> Path:
    """The file of a name as ``list_library`` gives it.

    Raises:
        ValueError: there is no packaged pose of this name, or it leads out of the folder.
        FileNotFoundError: there is no own pose of this name.
    """
    check("pose", name, TEXT)
    if not name.startswith(OWN):
        if name not in (pose["name"] for pose in _packaged()["poses"]):
            raise ValueError(f"There is no packaged pose {name!r}. Choose another one.")
        return PACKAGED / f"{name}.json"
    if "\0" in name:
        raise ValueError(f"{name!r} cannot be the name of a pose.")
    path = _own_folder() / f"{name.removeprefix(OWN)}.json"
    check_inside(path, _own_folder(), "the folder of your own poses")
    if not path.is_file():
        raise FileNotFoundError(
            f"You have no pose {name.removeprefix(OWN)!r} of your own any more. Choose another one."
        )
    return path


def read_library_pose(name: str) -> Frame:
    """The people of a pose; of a file with several frames, those of the first.

    Raises:
        ValueError, FileNotFoundError: as ``find_library_pose``, or it cannot be read.
    """
    path = find_library_pose(name)
    frames = read_poses(path)
    if not frames:
        raise ValueError(f"{path.name} has no pose in it. Choose another one.")
    return frames[0]


def _own_folder() -> Path:
    return Path(folder_paths.get_user_directory()) / "default" / "sapiens_pose" / "library"
