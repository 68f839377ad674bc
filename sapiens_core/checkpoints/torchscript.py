"""Reads the tensors of a TorchScript archive without running its code.

The archive is a zip file: a pickle ``data.pkl`` describes the module tree, and ``data/N`` hold the
bytes of each storage. The unpickler here can build tensors and inert records, and nothing else.

``torch.jit.load`` of PyTorch 2.13.0 was tried: it compiles the archive's code and runs the
``__setstate__`` of its modules, and it is deprecated. ``torch.load`` with ``weights_only=True``
refuses TorchScript archives.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

_DTYPES = {
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "BoolStorage": torch.bool,
}


MAX_CHILDREN = 100_000
"""Maximum number of modules and tensors of an archive; the largest official model has a thousand.
Modules that contain each other have an endless number."""


class _Record:
    """A module of the archive: holds its attributes and can do nothing."""

    attributes: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, *args: object) -> None:
        pass  # may not be called at all: a pickle can make objects without it

    def __setstate__(self, state: object) -> None:
        if isinstance(state, dict):
            self.attributes = state


def is_torchscript(path: Path) -> bool:
    """Whether a zip file is a TorchScript archive rather than a ``torch.save`` file.

    Raises:
        zipfile.BadZipFile: the file is not a whole zip file.
    """
    with zipfile.ZipFile(path) as archive:
        return any(
            PurePosixPath(name).parts[1:] == ("constants.pkl",) for name in archive.namelist()
        )


def read_torchscript(path: Path) -> dict[str, Tensor]:
    """All parameters and buffers of a TorchScript archive by dotted name, on the CPU.

    Raises:
        pickle.UnpicklingError: it asks for anything but tensors and modules, or is endless.
        Exception: it is damaged; a damaged pickle may raise anything.
    """
    with zipfile.ZipFile(path) as archive:
        root = PurePosixPath(archive.namelist()[0]).parts[0]
        content = archive.read(f"{root}/data.pkl")
        for _ in pickletools.genops(content):
            pass  # raises ValueError where a length exceeds the file: it would be allocated
        module = _Unpickler(io.BytesIO(content), archive, root).load()
    return _named_tensors(module)


def _named_tensors(module: object) -> dict[str, Tensor]:
    named: dict[str, Tensor] = {}
    waiting, count = [("", module)], 0
    while waiting:
        prefix, record = waiting.pop()
        count += 1
        if count > MAX_CHILDREN:
            raise pickle.UnpicklingError(f"it has more than {MAX_CHILDREN} modules and tensors")
        if isinstance(record, Tensor):
            named[prefix] = record
        elif isinstance(record, _Record):
            children = reversed(list(record.attributes.items()))
            waiting += [(f"{prefix}.{name}" if prefix else name, child) for name, child in children]
    return named


class _Unpickler(pickle._Unpickler):
    """Rebuilds tensors from an archive's storages; every other name is inert or refused.

    Based on the unpickler in Python: where it has a dict, the one in C has a list, which five
    bytes of a pickle can make gigabytes long.
    """

    def __init__(self, file: Any, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(file)
        self._archive = archive
        self._root = root
        self._storages: dict[str, Tensor] = {}

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("__torch__") or module == "torch.jit._pickle":
            return _Record
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            # A pickle may set attributes of a function, so it gets one of its own.
            return lambda *arguments: _rebuild_tensor(*arguments)
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        raise pickle.UnpicklingError(f"it names {module}.{name}, expected tensors and modules only")

    def persistent_load(self, pid: Any) -> Tensor:
        """(numel,) the storage that the archive calls ``pid``."""
        kind, dtype, key, _device, numel = pid
        if kind != "storage":
            raise pickle.UnpicklingError(f"it refers to a {kind!r}, expected a storage")
        if key not in self._storages:
            content = bytearray(self._archive.read(f"{self._root}/data/{key}"))
            self._storages[key] = torch.frombuffer(content, dtype=dtype, count=numel)
        return self._storages[key]


def _rebuild_tensor(
    storage: Tensor, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> Tensor:
    return storage.as_strided(size, stride, offset)
