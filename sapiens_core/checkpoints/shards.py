"""Which files a checkpoint consists of: one, or the shards that an index or their names tell.

The transformers library saves a folder of ``config.json`` and ``model.safetensors``, or, for large
models, of ``model-00001-of-00004.safetensors`` and so on, and ``model.safetensors.index.json``
with a name for each tensor. A file name in an index is a stranger's: it may be nothing but the
name of a file beside the index.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from ...skeletons.foundation.file_digest import file_sha256
from ...skeletons.foundation.limits import check_is_file
from ...skeletons.foundation.safe_json import read_json
from ...skeletons.foundation.safe_names import check_file_name

SUFFIXES = (".safetensors", ".pth", ".pt2", ".pt", ".ckpt", ".bin", ".sft")
"""Endings of the names that checkpoints have."""
INDEX_SUFFIX = ".index.json"
SHARD = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<suffix>\.\w+)")
MAX_SHARDS = 1000
"""Maximum number of files of a checkpoint; the largest official model would have five."""

MAX_INDEX_BYTES = 32 * 2**20
"""Maximum size of an index; that of a thousand tensors has 100 kB."""

WHOLE_MODELS = (
    *("model.safetensors", "model.safetensors.index.json"),
    *("pytorch_model.bin", "pytorch_model.bin.index.json"),
)
"""Files of a folder that the transformers library saved, the one to take first."""


def find_checkpoint_file(path: Path) -> Path:
    """The file, or the index, of a checkpoint that is given as a file or as a folder.

    Raises:
        FileNotFoundError: there is no such file or folder.
        ValueError: it is neither; or a folder that does not hold one checkpoint.
    """
    if not path.exists():
        raise FileNotFoundError(f"There is no checkpoint {path}.")
    if not path.is_dir():
        check_is_file(path)
        return path
    for name in WHOLE_MODELS:
        if (path / name).is_file():
            return path / name
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    if len(found) == 1:
        return found[0]
    names = ", ".join(file.name for file in found[:5])
    told = f"{len(found)} checkpoints ({names})" if found else "no checkpoint"
    raise ValueError(
        f"{path} is a folder with {told}; expected {WHOLE_MODELS[0]} in it, or a single "
        "checkpoint. Give the file itself."
    )


def find_checkpoint_files(path: Path) -> list[Path]:
    """All files that hold the tensors of a checkpoint.

    Args:
        path: a file, the index of shards, one of the shards, or a folder.

    Raises:
        FileNotFoundError: there is no such file, or a shard is missing; the message says which.
        ValueError: it is no file or a folder of none, or an index that cannot be used.
    """
    path = find_checkpoint_file(path)
    if path.name.endswith(INDEX_SUFFIX):
        return _files_of_index(path)
    if shard := SHARD.fullmatch(path.name):
        return _siblings(path, shard)
    return [path]


def checkpoint_sha256(path: Path) -> str:
    """The SHA-256 of a checkpoint: that of its file, or that of the digests of all its files.

    Raises:
        FileNotFoundError, ValueError: see ``find_checkpoint_files``.
    """
    digests = [file_sha256(file) for file in find_checkpoint_files(path)]
    return (
        digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    )


def is_shard(name: str) -> bool:
    """Whether a file with this name is one of several that hold a checkpoint."""
    return bool(SHARD.fullmatch(name))


def index_of(shard: Path) -> Path:
    """Path of the index that belongs to a shard; there need not be one."""
    found = SHARD.fullmatch(shard.name)
    if not found:
        raise ValueError(f"{shard} is not a shard of a checkpoint.")
    return shard.with_name(found["stem"] + found["suffix"] + INDEX_SUFFIX)


def _files_of_index(index: Path) -> list[Path]:
    if index.stat().st_size > MAX_INDEX_BYTES:
        raise ValueError(f"{index} was refused: an index has at most {MAX_INDEX_BYTES >> 20} MB.")
    content = read_json(index)
    files_of_keys = content.get("weight_map") if isinstance(content, Mapping) else None
    if not isinstance(files_of_keys, Mapping) or not files_of_keys:
        raise ValueError(
            f"{index} has no 'weight_map'; expected the index of a checkpoint that was saved in "
            "several files."
        )
    for name in files_of_keys.values():
        _check_name_in_index(name, index)
    names = list(dict.fromkeys(files_of_keys.values()))
    if len(names) > MAX_SHARDS:
        raise ValueError(f"{index} names {len(names)} files; at most {MAX_SHARDS} can be read.")
    _check_all_there([index.with_name(name) for name in names], f"which {index.name} names")
    return [index.with_name(name) for name in names]


def _check_name_in_index(name: object, index: Path) -> None:
    """Raises ValueError unless ``name`` is the mere name of a checkpoint, in any system's view."""
    try:
        if not isinstance(name, str) or not name.lower().endswith(SUFFIXES):
            raise ValueError(f"{name!r:.200} is not the name of a checkpoint")
        check_file_name(name)
    except ValueError as error:
        raise ValueError(
            f"{index} was refused: {str(error).rstrip('.')}. Expected names of files beside it."
        ) from error


def _siblings(path: Path, shard: re.Match[str]) -> list[Path]:
    number, count = int(shard["number"]), int(shard["count"])
    if not 1 <= number <= count <= MAX_SHARDS:
        raise ValueError(
            f"{path} calls itself part {number} of {count}; expected a part of at most "
            f"{MAX_SHARDS}. Give it the name that it was saved under."
        )
    names = [
        f"{shard['stem']}-{part:05}-of-{count:05}{shard['suffix']}" for part in range(1, count + 1)
    ]
    _check_all_there(
        [path.with_name(name) for name in names],
        f"and {path.name} is part {number} of {count} of one checkpoint",
    )
    return [path.with_name(name) for name in names]


def _check_all_there(files: list[Path], why: str) -> None:
    missing = [file.name for file in files if not file.exists()]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise FileNotFoundError(
            f"{', '.join(missing[:3])}{more} {'is' if len(missing) == 1 else 'are'} missing in "
            f"{files[0].parent}, {why}. Put all parts into that folder."
        )
    for file in files:
        check_is_file(file)
