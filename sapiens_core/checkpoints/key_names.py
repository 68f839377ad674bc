"""Names of tensors: those in the files that people have, and the one name that each has here.

Names here are those of Sapiens v1's own files, and of Sapiens2's for its backbone. All others are
translated before any key is used: wrappers of training and TorchScript, the head's names in
Sapiens2, and files saved again by the ``transformers`` library (its names:
``conversion_mapping.py``, ``sapiens2``), which keeps the halves of SwiGLU apart and drops the
rotary wavelengths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from ..network.backbone_v2 import rope_periods

PREPROCESSOR_PREFIX = "data_preprocessor."
PERIODS_KEY = "backbone.rope_embed.periods"
HEAD_WIDTH_KEY = "backbone.blocks.0.attn.q_norm.weight"


def _every_third_layer(name: str) -> Callable[[re.Match[str]], str]:
    # Here the count includes norms and activations; transformers counts layers alone.
    return lambda match: f"head.{name}.{3 * int(match[1])}."


RENAMES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"^module\.", ""),
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


def canonical_tensors(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors by the names that ``SapiensPoseNet`` has for them.

    Unknown keys stay as they are; the check against the network reports them.

    Raises:
        ValueError: two tensors have the same name.
    """
    named: dict[str, Tensor] = {}
    for key, tensor in tensors.items():
        name = _canonical(key)
        if name in named:
            raise ValueError(f"it holds two tensors that both mean {name!r}, one being {key!r}")
        named[name] = tensor
    named = {key: value for key, value in named.items() if not key.startswith(PREPROCESSOR_PREFIX)}
    _join_halves(named)
    if HEAD_WIDTH_KEY in named and PERIODS_KEY not in named:
        named[PERIODS_KEY] = rope_periods(len(named[HEAD_WIDTH_KEY]))
    return named


def _canonical(key: str) -> str:
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
