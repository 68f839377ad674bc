"""Builds the network of a checkpoint: finds its tensors in the file and checks that they fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..network.pose_net import SapiensConfig, SapiensPoseNet, infer_config
from .containers import check_plain, read_file
from .key_names import canonical_tensors, tells_a_network, unwrapped_names
from .shards import find_checkpoint_files

WEIGHT_DICTIONARIES = (
    *("state_dict", "model", "model_state_dict", "module", "network", "net"),
    *("teacher", "ema_state_dict", "state_dict_ema", "model_ema", "ema"),
)
"""Names under which training programs save weights, the one to take first. mmengine keeps the
averaged weights in ``state_dict``, and those without averaging in ``ema_state_dict``."""
MAX_DICTIONARIES, MAX_TENSORS = 8, 5_000
"""Maximum number of dictionaries that are tried, and of tensors in each; the largest network has a
thousand. Worst case measured: a file of 2 MB made for the purpose takes 14 s."""
MAX_SEARCHED = 64
"""Maximum number of dictionaries on one level that are searched for tensors."""


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
        path: a file of any kind that ``containers`` reads; or the index, one of the files or the
            folder of a checkpoint that was saved in several.
        num_heads: attention heads, for v1 widths that no official model has; they may also be
            in the metadata ``num_heads`` of a safetensors file.
        input_size_hw: height and width in pixels of the person crop, multiples of 16; None
            takes the size that the network was trained at.
        dtype: floating point type of the parameters; None keeps the file's.
        operations: namespace of the layer classes, see ``SapiensPoseNet``.

    Raises:
        FileNotFoundError: there is no such file, or one of several is missing.
        ValueError: the file is not a Sapiens pose checkpoint; the message names the file, what
            was found and what was expected.
    """
    path = Path(path)
    content, metadata, num_bytes = _read_files(path)
    if num_heads is None:
        num_heads = _num_heads_in(path, metadata)
    config, state_dict = _find_fitting(path, content, num_bytes, num_heads, input_size_hw)
    return _build(config, state_dict, dtype, operations)


def copy_model(model: SapiensPoseNet, dtype: torch.dtype | None = None) -> SapiensPoseNet:
    """The same network again, without reading its file again; moving it leaves the first in place.

    Args:
        model: of ``load_model``, with the default ``operations``.
        dtype: as there; tensors of this type are not copied.
    """
    return _build(model.config, model.state_dict(), dtype, nn)


def _build(
    config: SapiensConfig,
    state_dict: Mapping[str, Tensor],
    dtype: torch.dtype | None,
    operations: Any,
) -> SapiensPoseNet:
    with torch.device("meta"):
        model = SapiensPoseNet(config, operations)
    if dtype is not None:
        state_dict = {key: tensor.to(dtype) for key, tensor in state_dict.items()}
    model.load_state_dict(state_dict, assign=True)
    return model.eval().requires_grad_(False)


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a checkpoint by canonical key, and its metadata (of safetensors files only).

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not a readable checkpoint.
    """
    content, metadata, num_bytes = _read_files(path)
    return next(_readings(path, content, num_bytes)), metadata


def _read_files(path: Path) -> tuple[Mapping[Any, Any], dict[str, str], int]:
    """What the file or the shards of a checkpoint hold, their metadata and their size in bytes."""
    files = find_checkpoint_files(path)
    contents, metadata = zip(*map(read_file, files), strict=True)
    num_bytes = sum(file.stat().st_size for file in files)
    joined = dict(contents[0]) if len(files) > 1 else contents[0]
    for file, content in zip(files[1:], contents[1:], strict=True):
        if twice := joined.keys() & content.keys():
            raise ValueError(f"{file} has {min(map(str, twice))!r}, which another part has too.")
        joined.update(content)
    return joined, metadata[0], num_bytes


def _find_fitting(
    path: Path,
    content: Mapping[Any, Any],
    num_bytes: int,
    num_heads: int | None,
    input_size_hw: tuple[int, int] | None,
) -> tuple[SapiensConfig, dict[str, Tensor]]:
    """The network and its tensors, in the first reading of the content in which all keys fit.

    Raises:
        ValueError: there is none; the message is that of the most likely reading.
    """
    errors = []
    for tensors in _readings(path, content, num_bytes):
        try:
            shapes = {key: tensor.shape for key, tensor in tensors.items()}
            config = infer_config(shapes, num_heads, input_size_hw)
        except ValueError as error:
            message = f"{path} cannot be used as a Sapiens pose checkpoint: {error}. "
            errors.append(ValueError(message + _describe(content)))
            continue
        try:
            # Checked against plain layers: other namespaces may create their weights late.
            with torch.device("meta"):
                _check_same_tensors(path, SapiensPoseNet(config), tensors)
            return config, tensors
        except ValueError as error:
            errors.append(error)
    raise errors[0]


def _readings(
    path: Path, content: Mapping[Any, Any], num_bytes: int
) -> Iterator[dict[str, Tensor]]:
    """The network's tensors by canonical key, in every way in which a file may be read.

    If no way leads to any network known here, the largest dictionary is given as it is.

    Raises:
        ValueError: tensors cannot be used, whatever they are called.
    """
    dictionaries = list(islice(_dictionaries(content), MAX_DICTIONARIES)) or [{}]
    possible = [
        (tensors, names)
        for tensors in dictionaries
        if len(tensors) <= MAX_TENSORS
        for names in unwrapped_names(tensors)
        if tells_a_network(names.values())
    ]
    if not possible:
        possible = [(max(dictionaries, key=len), {})]
    for number, (tensors, names) in enumerate(possible, start=1):
        try:
            check_plain(tensors, num_bytes)
            named = canonical_tensors(tensors, names) if names else tensors
        except ValueError as error:
            if number == len(possible):
                message = f"{path} cannot be used as a checkpoint: {error}."
                raise ValueError(message) from error
        else:
            yield named


def _dictionaries(content: Mapping[Any, Any]) -> Iterator[dict[str, Tensor]]:
    """The dictionaries of tensors in a file: itself, and those at most two deep in it."""
    level = [content]
    for _ in range(3):
        for dictionary in level:
            tensors = {str(key): value for key, value in dictionary.items() if _is_tensor(value)}
            if tensors:
                yield tensors
        below = {  # each once: in a file made for it, they hold each other
            id(value): (str(key), value)
            for dictionary in level
            for key, value in dictionary.items()
            if isinstance(value, Mapping)
        }
        level = [value for _, value in sorted(below.values(), key=_rank)][:MAX_SEARCHED]


def _is_tensor(value: object) -> bool:
    return isinstance(value, Tensor)


def _rank(named: tuple[str, object]) -> int:
    name = named[0]
    known = WEIGHT_DICTIONARIES
    return known.index(name) if name in known else len(known)


def _describe(content: Mapping[Any, Any]) -> str:
    """What a file holds, for a message: its tensors, or its dictionaries and their first keys."""
    tensors = [key for key, value in content.items() if _is_tensor(value)]
    text = f"It holds {len(tensors)} tensors{_first_keys(tensors)}."
    others = [
        f"{str(key)!r:.60} ({len(value)} entries{_first_keys(value)})"
        if isinstance(value, Mapping)
        else f"{str(key)!r:.60}"
        for key, value in content.items()
        if not _is_tensor(value)
    ]
    more = f" and {len(others) - 5} more" if len(others) > 5 else ""
    return text + (f" Beside them, it holds {'; '.join(others[:5])}{more}." if others else "")


def _num_heads_in(path: Path, metadata: Mapping[str, str]) -> int | None:
    text = metadata.get("num_heads")
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(f"{path} has metadata num_heads {text!r}, expected a whole number.")
    return int(text)


def _first_keys(keys: Iterable[Any]) -> str:
    names = ", ".join(f"{str(key)!r:.100}" for key in islice(keys, 3))
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
