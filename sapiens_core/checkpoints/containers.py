"""Opens weights files of every kind, told by their first bytes and never by their name.

A checkpoint is data from strangers. No code in a file is ever run: safetensors files hold none,
``.pth`` files are read with ``weights_only=True`` (see ``pickles``), and only the tensors of
TorchScript and ``torch.export`` archives are read (see ``torchscript`` and ``exported``).
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ...skeletons.foundation.checks import first_line
from ..out_of_memory import is_out_of_memory
from .exported import is_exported, read_exported
from .pickles import UnusableFileError, read_pickle
from .torchscript import is_torchscript, read_torchscript

ZIP_MAGIC = b"PK\x03\x04"
PICKLE_MAGIC = b"\x80"

MAX_UNPACKED = 2
"""Maximum size of a file's tensors, and of an unpacked zip file, as a multiple of the file's size.
Tensors are stored uncompressed, so more is a trap; twice, because a tensor may have two names."""
UNPACKED_ALLOWANCE = 2**20
"""Bytes that are allowed beyond that: small TorchScript archives hold compressed code."""


def read_file(path: Path) -> tuple[Mapping[Any, Any], dict[str, str]]:
    """What one weights file holds, and its metadata (of safetensors files only).

    Returns:
        A dictionary of tensors by the keys in the file. Pickles may hold anything else in it,
        such as further dictionaries of tensors.

    Raises:
        ValueError: the file is not a readable checkpoint; the message names it.
    """
    with path.open("rb") as file:
        head = file.read(9)
    if not head:
        raise ValueError(f"{path} is empty (0 bytes); expected a checkpoint. Download it again.")
    if _is_safetensors(head, path.stat().st_size):
        return read_safetensors(path)
    if head.startswith(ZIP_MAGIC):
        return _read_zip(path), {}
    if head.startswith(PICKLE_MAGIC):
        return _read(path, _read_legacy_pickle), {}
    if head[8:] == b"{":
        return read_safetensors(path)
    raise ValueError(
        f"{path} starts with the bytes {head[:4]!r}; expected a .safetensors, .pth or "
        "TorchScript .pt2 checkpoint. If it is a web page or a Git LFS pointer, download the file "
        "itself."
    )


def _is_safetensors(head: bytes, file_bytes: int) -> bool:
    """Whether a file's first nine bytes are a length that fits the file, and the start of JSON.

    To be checked first: the length may begin with any byte, also with that of a pickle.
    """
    return head[8:] == b"{" and int.from_bytes(head[:8], "little") < file_bytes


def read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a safetensors file by their keys in the file, and its metadata.

    Raises:
        ValueError: the file is damaged, or of another kind.
    """
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except (SafetensorError, OSError, RuntimeError, ValueError, KeyError, AttributeError) as error:
        raise ValueError(
            f"{path} is a damaged or unfinished .safetensors file ({error}). Download it again."
        ) from error


def check_plain(tensors: Mapping[str, Tensor], file_bytes: int) -> None:
    """Raises ValueError unless all are plain tensors that fit into their files uncompressed.

    A few bytes can describe a tensor of any size whose values share one place in memory.

    Args:
        tensors: by key.
        file_bytes: size of the files that they are from.
    """
    for key, tensor in tensors.items():
        plain = tensor.device.type == "cpu" and tensor.layout == torch.strided
        if not plain or tensor.is_quantized or tensor.is_nested:
            raise ValueError(f"its tensor {key!r} is not a plain one: {tensor.layout}")
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    if total > _allowed_bytes(file_bytes):
        raise ValueError(
            f"its tensors would take {total:,} bytes, more than a file of its size can hold"
        )


def _allowed_bytes(file_bytes: int) -> int:
    return MAX_UNPACKED * file_bytes + UNPACKED_ALLOWANCE


def _check_unpacked_size(path: Path) -> None:
    """Raises ValueError if a zip file claims to unpack to more than a checkpoint can."""
    with zipfile.ZipFile(path) as archive:
        total = sum(member.file_size for member in archive.infolist())
    file_bytes = path.stat().st_size
    if total > _allowed_bytes(file_bytes):
        raise ValueError(
            f"{path} was refused: it unpacks to {total:,} bytes, too many for a checkpoint of "
            f"{file_bytes:,} bytes. Use a file from a source you trust."
        )


def _read_zip(path: Path) -> Mapping[Any, Any]:
    try:
        _check_unpacked_size(path)
        script, exported = is_torchscript(path), is_exported(path)
        if not script and not exported:
            _check_is_saved_by_torch(path)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeError) as error:
        raise _damaged(path, error) from error
    if not script and not exported:
        return _read(path, _read_mapped_pickle)
    return _read(path, read_torchscript if script else read_exported)


def _check_is_saved_by_torch(path: Path) -> None:
    """Raises ValueError for a zip file that only holds other files, as downloads of folders are."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if not any(name.rsplit("/", 1)[-1] == "data.pkl" for name in names):
        shown = ", ".join(repr(name[:100]) for name in names[:3]) or "nothing"
        raise UnusableFileError(
            f"{path} is a zip file, but not one that PyTorch writes (it holds {shown}); expected "
            "a checkpoint. If there is one inside, unpack it."
        )


def _read_mapped_pickle(path: Path) -> Mapping[Any, Any]:
    if path.suffix.lower() == ".safetensors":  # torch.load would believe the name
        return _read_legacy_pickle(path)
    return read_pickle(path, str(path), mmap=True)


def _read_legacy_pickle(path: Path) -> Mapping[Any, Any]:
    with path.open("rb") as file:
        return read_pickle(file, str(path))


def _read(path: Path, reader: Callable[[Path], Mapping[Any, Any]]) -> Mapping[Any, Any]:
    """What a reader of pickles reads, its errors in words."""
    try:
        return reader(path)
    except UnusableFileError:
        raise
    except Exception as error:  # pickle's documentation: a damaged one may raise anything
        if is_out_of_memory(error):
            raise
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> ValueError:
    return ValueError(
        f"{path} is a damaged or unfinished checkpoint ({first_line(error)}). Download it again."
    )
