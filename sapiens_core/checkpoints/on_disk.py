"""Finds official weights on this disk, wherever people and other programs keep them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from .shards import is_shard
from .zoo import DETECTORS, Checkpoint

OTHER_FOLDERS = ("sapiens2",)
"""Folders beside ``models/sapiens`` in which other node packs keep Sapiens files: ComfyUI-Sapiens2
and ComfyUI-Sapiens2-Easy. ComfyUI_Sapiens uses ``models/sapiens``, some in subfolders ``pose``."""

MAX_DEPTH = 6
"""Maximum number of subfolders, one in the other; a clone of the repository with the deepest
official file has 5."""

OTHER_DETECTORS = re.compile(r"(^|[/_.-])(rt_?det|rtm_?det|detr|yolo)", re.IGNORECASE)
"""Names of detectors that other programs put beside pose models: RTMDet, RT-DETR, DETR, YOLO."""
OTHER_TASKS = re.compile(
    r"sapiens2?_[\d.]+b_(4k_)?(seg|normal|depth|pointmap|albedo|matting|pretrain|render_people|epoch)"
    r"|_mIoU_",
    re.IGNORECASE,
)
"""Official files of Sapiens for anything but poses, by Meta's names."""


def is_pose_model(name: str) -> bool:
    """Whether a checkpoint may be a whole pose model, as far as its name tells.

    Args:
        name: path within a folder of models, with the separators of any system.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    detectors = {known for row in DETECTORS for known in _file_names(row)}
    if path.name in detectors or is_shard(path.name):
        return False
    return not (OTHER_DETECTORS.search(str(path)) or OTHER_TASKS.search(path.name))


def find_on_disk(checkpoint: Checkpoint, folders: Sequence[Path]) -> Path | None:
    """A checkpoint's file in the first folder that has it, or in the cache of the hub's library.

    Its current and older names count, the same stem with ``.safetensors``, and the TorchScript file
    of the same weights; in subfolders too. No request is made.
    """
    names = _file_names(checkpoint)
    for folder in folders:
        for parent in _folders_in(folder):
            found = next((parent / name for name in names if (parent / name).is_file()), None)
            # In a clone of its repository, a file has the name that it has there.
            own = parent / PurePosixPath(checkpoint.file_name).name
            if not found and parent.name == checkpoint.repo.split("/")[1] and own.is_file():
                found = own
            if found:
                return found
    return _find_in_hub_cache(checkpoint)


def _file_names(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Names under which the weights of a checkpoint lie on disks, the best first."""
    names = (checkpoint.base_name, *checkpoint.older_names)
    stems = [Path(name).stem for name in names]
    others = [stem + suffix for suffix in (".safetensors", "_torchscript.pt2") for stem in stems]
    return tuple(dict.fromkeys((*names, *others)))


def _folders_in(folder: Path) -> Iterator[Path]:
    """A folder and its subfolders, nearer ones first; links are followed, each folder once."""
    seen: set[tuple[int, int]] = set()
    level = [folder]
    for _ in range(MAX_DEPTH + 1):
        below: list[Path] = []
        for parent in level:
            try:
                status = parent.stat()
                if (status.st_dev, status.st_ino) in seen:
                    continue
                seen.add((status.st_dev, status.st_ino))
                with os.scandir(parent) as entries:
                    inner = sorted(entry.name for entry in entries if entry.is_dir())
            except OSError:
                continue  # it is not there, or is closed to this user
            yield parent
            below += [parent / name for name in inner if name != ".git"]
        level = below


def _find_in_hub_cache(checkpoint: Checkpoint) -> Path | None:
    """The file in the cache of the hub's library: of its main version, else of the newest there."""
    from huggingface_hub import constants, try_to_load_from_cache

    found = try_to_load_from_cache(checkpoint.repo, checkpoint.file_name)
    if isinstance(found, str):
        return Path(found)
    repo = Path(constants.HF_HUB_CACHE) / f"models--{checkpoint.repo.replace('/', '--')}"
    paths = (version / checkpoint.file_name for version in repo.glob("snapshots/*"))
    return max((path for path in paths if path.is_file()), key=_change_time, default=None)


def _change_time(path: Path) -> float:
    return path.stat().st_mtime
