"""Reads the tensors of a ``torch.export`` archive (``.pt2``) without running anything in it.

Meta's ``*_bfloat16.pt2`` are such archives, written by PyTorch 2.3. Three layouts exist:

- up to 2.7, ``serialized_state_dict.pt`` (2.1: ``.json``) is itself a ``torch.save`` file;
- 2.8 has ``<root>/data/weights/<model>.pt``, the same;
- from 2.9 on ``<root>/data/weights/weight_N`` are the bytes of storages, and
  ``<model>_weights_config.json`` beside them says which tensor lies where
  (``torch/export/pt2_archive/_package.py`` and ``torch/_export/serde/schema.py`` of 2.13).

``torch.export.load`` was not taken: it rebuilds the program, imports what that names, and unpickles
sample inputs. The weights alone are data.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...skeletons.foundation.safe_json import parse_json
from .pickles import UnusableFileError, read_pickle

OLD_PROGRAM = "serialized_exported_program.json"
OLD_WEIGHTS = re.compile(r"serialized_state_dict\.(pt|json)")
PICKLED_WEIGHTS = re.compile(r"[^/]+/data/weights/(?!weight_\d+$)[^/]+\.pt")
CONFIG = re.compile(r"(?P<folder>[^/]+/data/weights/)(?P<model>[^/]+)_weights_config\.json")
COMPILED = "/data/aotinductor/"
FORMAT = re.compile(r"[^/]+/archive_format")

DTYPES = {
    **{1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64},
    **{6: torch.float16, 7: torch.float32, 8: torch.float64, 12: torch.bool, 13: torch.bfloat16},
}
"""Numbers of ``ScalarType`` in PyTorch's schema, of the kinds that plain checkpoints hold."""

INSTEAD = (
    "Use the .safetensors or .pth file of the same model instead, or its TorchScript .pt2 "
    "(docs/models.md lists the official ones)."
)


def is_exported(path: Path) -> bool:
    """Whether a zip file is a ``torch.export`` archive, or a compiled package in the same format.

    Raises:
        zipfile.BadZipFile: the file is not a whole zip file.
    """
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return OLD_PROGRAM in names or any(FORMAT.fullmatch(name) for name in names)


def read_exported(path: Path) -> Mapping[str, Any]:
    """The parameters and buffers of an exported program, by name.

    Returns:
        Tensors by name; for an archive of several programs, such a dictionary for each.

    Raises:
        UnusableFileError: it holds no weights that can be read; the message says what it is.
        Exception: it is damaged; a damaged pickle may raise anything.
    """
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        programs: dict[str, Mapping[Any, Any]] = {}
        for name in names:
            if OLD_WEIGHTS.fullmatch(name) or PICKLED_WEIGHTS.fullmatch(name):
                programs[name] = _read_pickled(archive, name, path)
            elif found := CONFIG.fullmatch(name):
                programs[found["model"]] = _read_raw(archive, name, found["folder"], path)
    programs = {name: tensors for name, tensors in programs.items() if tensors}
    if not programs:
        compiled = any(COMPILED in name for name in names)
        kind = (
            "an AOTInductor package: code that was compiled for one kind of machine, with the "
            "weights inside"
            if compiled
            else "a torch.export archive without weights"
        )
        raise UnusableFileError(f"{path} is {kind}. {INSTEAD}")
    return next(iter(programs.values())) if len(programs) == 1 else programs


def _read_pickled(archive: zipfile.ZipFile, name: str, path: Path) -> Mapping[Any, Any]:
    """The tensors of a ``torch.save`` file in the archive; held in memory twice for a moment."""
    content = archive.read(name)
    _check_inner_size(content, f"{name} in {path}")
    return read_pickle(io.BytesIO(content), f"{name} in {path}")


def _check_inner_size(content: bytes, what: str) -> None:
    """Raises UnusableFileError if a zip file in an archive claims to unpack to more than itself."""
    with zipfile.ZipFile(io.BytesIO(content)) as inner:
        total = sum(member.file_size for member in inner.infolist())
    if total > 2 * len(content):
        raise UnusableFileError(
            f"{what} was refused: it unpacks to {total:,} bytes, too many for a checkpoint of "
            f"{len(content):,} bytes. Use a file from a source you trust."
        )


def _read_raw(
    archive: zipfile.ZipFile, config_name: str, folder: str, path: Path
) -> dict[str, Tensor]:
    """The tensors that a configuration describes, from the storages in the same folder.

    Raises:
        UnusableFileError: a tensor is not a plain one, or its values are left out.
        ValueError, KeyError, TypeError, RuntimeError: the configuration contradicts the archive.
    """
    storages: dict[str, bytearray] = {}
    tensors: dict[str, Tensor] = {}
    for key, row in parse_json(archive.read(config_name))["config"].items():
        described = row["tensor_meta"]
        dtype = DTYPES.get(described["dtype"])
        if row["use_pickle"] or dtype is None:
            raise UnusableFileError(
                f"{path} is a torch.export archive whose tensor {key!r} is quantised or of a "
                f"special kind; expected plain numbers. {INSTEAD}"
            )
        name = folder + row["path_name"]
        if name not in storages:
            storages[name] = bytearray(archive.read(name))
        if not storages[name]:
            raise UnusableFileError(f"{path} is a torch.export archive without weights. {INSTEAD}")
        tensors[key] = torch.frombuffer(storages[name], dtype=dtype).as_strided(
            [_whole(size) for size in described["sizes"]],
            [_whole(stride) for stride in described["strides"]],
            _whole(described["storage_offset"]),
        )
    return tensors


def _whole(described: Mapping[str, Any]) -> int:
    number = described["as_int"]
    if not isinstance(number, int) or number < 0:
        raise ValueError(f"its weights are described by {described!r}, expected a whole number")
    return number
