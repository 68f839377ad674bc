"""Names of tensors: those in the files that people have, and the one name that each has here.

Names here are those of Sapiens v1's own files, and of Sapiens2's for its backbone. All others are
translated before any key is used: wrappers of training and TorchScript, the head's names in
Sapiens2, and files saved again by the ``transformers`` library (its names:
``conversion_mapping.py``, ``sapiens2``), which keeps the halves of SwiGLU apart and drops the
rotary wavelengths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
from torch import Tensor

from ..network.backbone_v2 import rope_periods
from ..network.pose_net import GENERATIONS

WRAPPERS = (
    "module",  # DistributedDataParallel, AveragedModel, DeepSpeed
    "_orig_mod",  # torch.compile
    "_fsdp_wrapped_module",
    "_checkpoint_wrapped_module",
    "_forward_module",  # Lightning Fabric
)
"""Parts of a key that a training library puts in, at any depth; no tensor of ours has them."""
MORE_WRAPPERS = (*WRAPPERS, "model")
"""With the name that people give to what they wrap; transformers' own names have it too."""
MAX_OUTER_NAMES = 5
"""Maximum number of names that are taken off the front of all keys, such as ``net.`` or
``teacher.``."""

IGNORED = re.compile(r"(?:.+\.)?(?:data_preprocessor\..*|n_averaged|steps)")
"""Tensors that are no weights: the preprocessor's mean, and the counters of averaged models."""
MARKER_KEYS = {generation.marker_key for generation in GENERATIONS}
MARKER_ENDS = ("attn.qkv.weight", "attn.wq.weight", "attention.q_proj.weight")
"""How the keys end that mean one of ``MARKER_KEYS``, once they are without wrappers."""
PERIODS_KEY = "backbone.rope_embed.periods"
HEAD_WIDTH_KEY = "backbone.blocks.0.attn.q_norm.weight"


def _every_third_layer(name: str) -> Callable[[re.Match[str]], str]:
    # Here the count includes norms and activations; transformers counts layers alone.
    return lambda match: f"head.{name}.{3 * int(match[1])}."


RENAMES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    # transformers
    (r"^decode_head\.upsample_layers\.(\d+)\.convolution\.", _every_third_layer("deconv_layers")),
    (r"^decode_head\.conv_layers\.(\d+)\.convolution\.", _every_third_layer("conv_layers")),
    (r"^decode_head\.predictor\.", "head.final_layer."),
    (r"^model\.embeddings\.cls_token$", "backbone.cls_token"),
    (r"^model\.embeddings\.register_tokens$", "backbone.storage_tokens"),
    (r"^model\.embeddings\.patch_embeddings\.", "backbone.patch_embed.projection."),
    (r"^model\.norm\.", "backbone.ln1."),
    (r"^model\.model\.layer\.", "backbone.blocks."),
    (r"\.attention\.([qkv])_proj\.", r".attn.w\1."),
    (r"\.attention\.o_proj\.", ".attn.proj."),
    (r"\.attention\.([qk]_norm)\.", r".attn.\1."),
    (r"\.layer_scale1\.lambda1$", ".attn.gamma.weight"),
    (r"\.norm([12])\.", r".ln\1."),
    (r"\.mlp\.gate_proj\.", ".ffn.w1."),
    (r"\.mlp\.up_proj\.", ".ffn.w2."),
    (r"\.mlp\.down_proj\.", ".ffn.w3."),
    # Sapiens2
    (r"^decode_head\.conv_pose\.", "head.final_layer."),
    (r"^decode_head\.", "head."),
)
"""Pattern and replacement, applied to every key in this order."""


def unwrapped_names(keys: Iterable[str]) -> Iterator[dict[str, str]]:
    """What the keys of a file may be without wrappers, the most likely first: a name for each.

    Wrappers are taken off in more and more places. Which reading is right is for the caller to
    see: the one in which all names fit a network. Tensors that are no weights are left out.
    """
    kept = [key for key in keys if not IGNORED.fullmatch(key)]
    for wrappers in (WRAPPERS, MORE_WRAPPERS):
        pattern = re.compile(rf"(?:^|(?<=\.))(?:{'|'.join(wrappers)})\.")
        names = {key: pattern.sub("", key) for key in kept}
        for _ in range(MAX_OUTER_NAMES):
            yield names
            parts = [name.partition(".") for name in names.values()]
            if len({first for first, _, _ in parts}) != 1 or not all(rest for *_, rest in parts):
                break
            names = {key: rest for key, (*_, rest) in zip(names, parts, strict=True)}


def tells_a_network(names: Iterable[str]) -> bool:
    """Whether the names without wrappers have one that only networks known here have."""
    return any(canonical_name(name) in MARKER_KEYS for name in names if name.endswith(MARKER_ENDS))


def canonical_tensors(
    tensors: Mapping[str, Tensor], names: Mapping[str, str] | None = None
) -> dict[str, Tensor]:
    """The same tensors by the names that ``SapiensPoseNet`` has for them.

    Unknown names stay as they are; the check against the network reports them.

    Args:
        tensors: by the keys of a file.
        names: the keys without wrappers, one of ``unwrapped_names``; None is the most likely.

    Raises:
        ValueError: two tensors have the same name.
    """
    named: dict[str, Tensor] = {}
    names = names if names is not None else next(unwrapped_names(tensors))
    for key, unwrapped in names.items():
        name = canonical_name(unwrapped)
        if name in named:
            raise ValueError(f"it has two tensors for {name!r}; one of them is {key!r}")
        named[name] = tensors[key]
    _join_halves(named)
    if HEAD_WIDTH_KEY in named and PERIODS_KEY not in named:
        named[PERIODS_KEY] = rope_periods(len(named[HEAD_WIDTH_KEY]))
    return named


def canonical_name(key: str) -> str:
    """The name of a tensor here, from its key without wrappers; unknown ones stay as they are."""
    for pattern, replacement in RENAMES:
        key = re.sub(pattern, replacement, key)
    return key


def _join_halves(named: dict[str, Tensor]) -> None:
    """Joins gate and value of each SwiGLU layer into one tensor, in place."""
    for gate_key in [key for key in named if ".ffn.w1." in key]:
        value_key = gate_key.replace(".ffn.w1.", ".ffn.w2.")
        if value_key in named:
            halves = named.pop(gate_key), named.pop(value_key)
            named[gate_key.replace(".ffn.w1.", ".ffn.w12.")] = torch.cat(halves)
