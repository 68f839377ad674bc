"""Reads what ``torch.save`` writes, as data: nothing in it is run."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

import torch

from ...skeletons.foundation.checks import first_line

INERT_GLOBALS = (
    "mmengine.logging.history_buffer.HistoryBuffer",
    "builtins.getattr",
    "numpy.core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray._reconstruct",
    "numpy._core.multiarray.scalar",
    "numpy.ndarray",
    "numpy.dtype",
    *(f"numpy.dtypes.{kind}DType" for kind in ("Float64", "Float32", "Int64", "Int32", "Bool")),
    "_codecs.encode",
    "argparse.Namespace",
    *(f"pathlib.{kind}Path" for kind in ("Posix", "Windows", "PurePosix", "PureWindows")),
    *(f"datetime.{kind}" for kind in ("datetime", "timedelta", "date")),
    *(f"builtins.{name}" for name in ("int", "float", "str", "bool", "list", "dict")),
    *(f"omegaconf.{name}" for name in ("dictconfig.DictConfig", "listconfig.ListConfig")),
    *(f"omegaconf.base.{name}" for name in ("ContainerMetadata", "Metadata")),
    *(f"omegaconf.nodes.{kind}Node" for kind in ("Any", "String", "Integer", "Float", "Boolean")),
    "typing.Any",
)
"""Names beside the weights in checkpoints of training programs: logs, settings, paths and times.
Each becomes an inert object."""
INERT_DICTIONARIES = (
    "collections.defaultdict",
    "lightning_fabric.utilities.data.AttributeDict",
    "lightning.fabric.utilities.data.AttributeDict",
    "pytorch_lightning.utilities.parsing.AttributeDict",
)
"""The same, of dictionaries: PyTorch's unpickler fills plain ones only, so each becomes one."""


class UnusableFileError(ValueError):
    """A file is whole, and is nothing that can be used; the message says what it is."""


def read_pickle(source: Path | IO[bytes], name: str, *, mmap: bool = False) -> Mapping[Any, Any]:
    """The dictionary in a file that ``torch.save`` wrote, on the CPU.

    Args:
        source: the file.
        name: what messages call it.
        mmap: whether tensors are mapped from the disk rather than read; for zip files only.

    Raises:
        UnusableFileError: it asks for more than data, or holds no dictionary.
        Exception: it is damaged; a damaged pickle may raise anything.
    """
    try:
        with _inert_globals():
            content = torch.load(source, map_location="cpu", weights_only=True, mmap=mmap)
    except pickle.UnpicklingError as error:
        raise UnusableFileError(
            f"{name} was refused: it asks to run Python code or is damaged; expected a "
            "checkpoint of plain tensors. Use a file from a source you trust, best as "
            f".safetensors. (PyTorch says: {first_line(error)})"
        ) from error
    if not isinstance(content, Mapping):
        raise UnusableFileError(
            f"{name} holds a {type(content).__name__}, expected a dictionary of named tensors."
        )
    return content


def _inert_globals() -> AbstractContextManager[None]:
    """Allows the names of the tables in the unpickler, each as an object that does nothing."""

    class Inert:
        def __init__(self, *args: object, **kwargs: object) -> None:
            pass

        def __setstate__(self, state: object) -> None:
            pass

    class InertDictionary:
        def __new__(cls, *args: object) -> Any:
            return {}

    stubs: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = []
    bases = dict.fromkeys(INERT_GLOBALS, Inert) | dict.fromkeys(INERT_DICTIONARIES, InertDictionary)
    for full_name, base in bases.items():
        module, name = full_name.rsplit(".", 1)
        stub = type(name, (base,), {})
        # The unpickler recognises an allowed class by its own module and name.
        stub.__module__ = module
        stubs.append(stub)
    return torch.serialization.safe_globals(stubs)
