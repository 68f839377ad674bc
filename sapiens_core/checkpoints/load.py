"""Reads checkpoints: the only module that opens a weights file.

A checkpoint is data from strangers. No code in a file is ever run: safetensors files hold none,
``.pth`` files are read with ``weights_only=True``, and only the tensors of TorchScript archives are
read (see ``torchscript``). The kind of a file is known by its first bytes, never by its name.
"""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from ...skeletons.foundation.checks import first_line
from ...skeletons.foundation.limits import check_is_file
from ..network.pose_net import SapiensConfig, SapiensPoseNet, infer_config
from ..out_of_memory import is_out_of_memory
from .key_names import canonical_tensors
from .torchscript import is_torchscript, read_torchscript

ZIP_MAGIC = b"PK\x03\x04"
PICKLE_MAGIC = b"\x80"

MAX_UNPACKED = 2
"""Maximum size of a file's tensors, and of an unpacked zip file, as a multiple of the file's size.
Tensors are stored uncompressed, so more is a trap; twice, because a tensor may have two names."""
UNPACKED_ALLOWANCE = 2**20
"""Bytes that are allowed beyond that: small TorchScript archives hold compressed code."""

INERT_GLOBALS = (
    "mmengine.logging.history_buffer.HistoryBuffer",
    "builtins.getattr",
    "numpy.core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray._reconstruct",
    "numpy._core.multiarray.scalar",
    "numpy.ndarray",
    "numpy.dtype",
)
"""Names in the training logs of full mmengine checkpoints; each becomes an inert object."""


def load_model(
    path: str | Path,
    *,
    num_heads: int | None = None,
    input_size_hw: tuple[int, int] | None = None,
    dtype: torch.dtype | None = None,
    operations: Any = nn,
) -> SapiensPoseNet:
    """Builds the network of a checkpoint, on the CPU and in evaluation mode.

    The weights are mapped from disk and become the network's parameters without a copy, unless
    ``dtype`` converts them.

    Args:
        path: ``.safetensors``, ``.pth`` or TorchScript ``.pt2`` file.
        num_heads: attention heads, for v1 widths that no official model has; they may also be
            in the metadata ``num_heads`` of a safetensors file.
        input_size_hw: height and width in pixels of the person crop, multiples of 16; None
            takes the size that the network was trained at.
        dtype: floating point type of the parameters; None keeps the file's.
        operations: namespace of the layer classes, see ``SapiensPoseNet``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not a Sapiens pose checkpoint; the message names the file, what
            was found and what was expected.
    """
    path = Path(path)
    state_dict, metadata = read_checkpoint(path)
    if num_heads is None:
        num_heads = _num_heads_in(path, metadata)
    config = _infer_config(path, state_dict, num_heads, input_size_hw)
    with torch.device("meta"):
        # Checked against plain layers: other namespaces may create their weights late.
        _check_same_tensors(path, SapiensPoseNet(config), state_dict)
        model = SapiensPoseNet(config, operations)
    if dtype is not None:
        state_dict = {key: tensor.to(dtype) for key, tensor in state_dict.items()}
    model.load_state_dict(state_dict, assign=True)
    return model.eval().requires_grad_(False)


def check_checkpoint_exists(path: Path) -> None:
    """Raises FileNotFoundError if there is no such checkpoint, ValueError if it is not a file."""
    if path.is_dir():
        raise ValueError(f"{path} is a folder, expected a checkpoint file inside it.")
    if not path.exists():
        raise FileNotFoundError(f"There is no checkpoint {path}.")
    check_is_file(path)


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a checkpoint by canonical key, and its metadata (of safetensors files only).

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not a readable checkpoint.
    """
    check_checkpoint_exists(path)
    with path.open("rb") as file:
        head = file.read(9)
    metadata: dict[str, str] = {}
    if not head:
        raise ValueError(f"{path} is empty (0 bytes); expected a checkpoint. Fetch it again.")
    if _is_safetensors(head, path.stat().st_size):
        tensors, metadata = read_safetensors(path)
    elif head.startswith(ZIP_MAGIC):
        tensors = _read_zip(path)
    elif head.startswith(PICKLE_MAGIC):
        tensors = _read_pickle(path, mmap=False)
    elif head[8:] == b"{":
        tensors, metadata = read_safetensors(path)
    else:
        raise ValueError(
            f"{path} starts with the bytes {head[:4]!r}; expected a .safetensors, .pth or "
            "TorchScript .pt2 checkpoint. If it is a web page or a Git LFS pointer, fetch the "
            "file itself."
        )
    try:
        _check_plain(tensors, _allowed_bytes(path))
        return canonical_tensors(tensors), metadata
    except ValueError as error:
        raise ValueError(f"{path} is not a checkpoint that can be used: {error}.") from error


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
            f"{path} is a damaged or unfinished .safetensors file ({error}). Fetch it again."
        ) from error


def _allowed_bytes(path: Path) -> int:
    return MAX_UNPACKED * path.stat().st_size + UNPACKED_ALLOWANCE


def _check_plain(tensors: Mapping[str, Tensor], allowed_bytes: int) -> None:
    """Raises ValueError unless all are plain tensors that fit into the file uncompressed.

    A few bytes can describe a tensor of any size whose values share one place in memory.
    """
    for key, tensor in tensors.items():
        plain = tensor.device.type == "cpu" and tensor.layout == torch.strided
        if not plain or tensor.is_quantized or tensor.is_nested:
            raise ValueError(f"its tensor {key!r} is not a plain one: {tensor.layout}")
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    if total > allowed_bytes:
        raise ValueError(
            f"its tensors would take {total:,} bytes, more than a file of its size can hold"
        )


def _check_unpacked_size(path: Path) -> None:
    """Raises ValueError if a zip file claims to unpack to more than a checkpoint can."""
    with zipfile.ZipFile(path) as archive:
        total = sum(member.file_size for member in archive.infolist())
    if total > _allowed_bytes(path):
        raise ValueError(
            f"{path} was refused: it unpacks to {total:,} bytes, which no checkpoint of "
            f"{path.stat().st_size:,} bytes does. Use a file from a source you trust."
        )


def _read_zip(path: Path) -> dict[str, Tensor]:
    try:
        _check_unpacked_size(path)
        script = is_torchscript(path)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeError) as error:
        raise _damaged(path, error) from error
    if not script:
        return _read_pickle(path, mmap=True)
    try:
        return read_torchscript(path)
    except Exception as error:  # pickle's documentation: a damaged one may raise anything
        if is_out_of_memory(error):
            raise
        raise _damaged(path, error) from error


def _read_pickle(path: Path, *, mmap: bool) -> dict[str, Tensor]:
    try:
        with _inert_globals():
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"{path} was refused: it asks to run Python code or is damaged; expected a "
            "checkpoint of plain tensors. Use a file from a source you trust, best as "
            f".safetensors. (PyTorch says: {first_line(error)})"
        ) from error
    except Exception as error:  # pickle's documentation: a damaged one may raise anything
        if is_out_of_memory(error):
            raise
        raise _damaged(path, error) from error
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping):
        raise ValueError(
            f"{path} holds a {type(content).__name__}, expected a dictionary of named tensors."
        )
    return {str(key): value for key, value in content.items() if isinstance(value, Tensor)}


def _damaged(path: Path, error: Exception) -> ValueError:
    return ValueError(
        f"{path} is a damaged or unfinished checkpoint ({first_line(error)}). Fetch it again."
    )


def _inert_globals() -> AbstractContextManager[None]:
    """Allows ``INERT_GLOBALS`` in the unpickler, each as an object that does nothing."""

    class Inert:
        def __init__(self, *args: object, **kwargs: object) -> None:
            pass

        def __setstate__(self, state: object) -> None:
            pass

    stubs: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = []
    for full_name in INERT_GLOBALS:
        module, name = full_name.rsplit(".", 1)
        stub = type(name, (Inert,), {})
        # The unpickler recognises an allowed class by its own module and name.
        stub.__module__ = module
        stubs.append(stub)
    return torch.serialization.safe_globals(stubs)


def _num_heads_in(path: Path, metadata: Mapping[str, str]) -> int | None:
    text = metadata.get("num_heads")
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(f"{path} has metadata num_heads {text!r}, expected a whole number.")
    return int(text)


def _infer_config(
    path: Path,
    tensors: Mapping[str, Tensor],
    num_heads: int | None,
    input_size_hw: tuple[int, int] | None,
) -> SapiensConfig:
    shapes = {key: tensor.shape for key, tensor in tensors.items()}
    try:
        return infer_config(shapes, num_heads, input_size_hw)
    except ValueError as error:
        raise ValueError(
            f"{path} is not a Sapiens pose checkpoint that can be used: {error}. "
            f"It holds {len(tensors)} tensors{_first_keys(tensors)}."
        ) from error


def _first_keys(tensors: Mapping[str, Tensor]) -> str:
    names = ", ".join(repr(key) for key in list(tensors)[:3])
    return f", the first being {names}" if names else ""


def _check_same_tensors(path: Path, model: SapiensPoseNet, tensors: Mapping[str, Tensor]) -> None:
    """Raises ValueError unless the checkpoint has exactly the model's keys and shapes."""
    expected = {key: tensor.shape for key, tensor in model.state_dict().items()}
    found = {key: tensor.shape for key, tensor in tensors.items()}
    if expected == found:
        _check_floats(path, tensors)
        return
    problems = [f"{key} is missing" for key in expected.keys() - found.keys()]
    problems += [f"{key} is not part of the model" for key in found.keys() - expected.keys()]
    problems += [
        f"{key} has shape {tuple(found[key])}, expected {tuple(expected[key])}"
        for key in expected.keys() & found.keys()
        if expected[key] != found[key]
    ]
    shown = "; ".join(sorted(problems)[:3])
    more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
    name = model.config.generation.name
    raise ValueError(f"{path} does not fit the {name} pose model: {shown}{more}.")


def _check_floats(path: Path, tensors: Mapping[str, Tensor]) -> None:
    for key, tensor in tensors.items():
        if not tensor.is_floating_point():
            raise ValueError(
                f"{path} does not fit: {key} holds {tensor.dtype}, expected floating point numbers."
            )
