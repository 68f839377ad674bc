"""The v1 network as the reference runs it, layer by layer, with the weights of ours.

Written for comparison only, from the description of the reference's modules: PyTorch's own
attention, instance norm and activations; nothing is merged, and only SiLU is done in place.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch.nn.functional as F
from comfyui_sapiens_pose.sapiens_core.network.pose_net import SapiensConfig
from torch import Tensor

Weights = Mapping[str, Tensor]


def forward(weights: Weights, config: SapiensConfig, images: Tensor) -> Tensor:
    """(B, 3, H, W) normalised crops of the trained size -> (B, K, H / 4, W / 4) heatmaps.

    Args:
        weights: a state dict with the official keys.
        config: configuration of the network that they belong to.
        images: the same input as that of our network.
    """
    backbone = config.backbone
    patches = F.conv2d(
        images,
        weights["backbone.patch_embed.projection.weight"],
        weights["backbone.patch_embed.projection.bias"],
        stride=backbone.patch_size,
        padding=2,
    )
    tokens = patches.flatten(2).transpose(1, 2) + weights["backbone.pos_embed"]  # BCN -> BNC
    for index in range(backbone.num_layers):
        tokens = _block(weights, f"backbone.layers.{index}", tokens, backbone.num_heads)
    tokens = _norm(weights, "backbone.ln1", tokens)
    features = tokens.transpose(1, 2).reshape(patches.shape)  # BNC -> BCHW
    return _head(weights, config, features)


def _block(weights: Weights, name: str, tokens: Tensor, num_heads: int) -> Tensor:
    batch, count, width = tokens.shape
    qkv = _linear(weights, f"{name}.attn.qkv", _norm(weights, f"{name}.ln1", tokens))
    heads = qkv.reshape(batch, count, 3, num_heads, width // num_heads)
    query, key, value = heads.permute(2, 0, 3, 1, 4)  # B N 3 H D -> 3 B H N D
    attended = F.scaled_dot_product_attention(query, key, value)
    merged = attended.transpose(1, 2).reshape(batch, count, width)  # BHND -> BNC
    tokens = tokens + _linear(weights, f"{name}.attn.proj", merged)
    hidden = _linear(weights, f"{name}.ffn.layers.0.0", _norm(weights, f"{name}.ln2", tokens))
    return tokens + _linear(weights, f"{name}.ffn.layers.1", F.gelu(hidden))


def _head(weights: Weights, config: SapiensConfig, features: Tensor) -> Tensor:
    for index in range(len(config.head.deconv_channels)):
        weight = weights[f"head.deconv_layers.{3 * index}.weight"]
        features = _activate(F.conv_transpose2d(features, weight, stride=2, padding=1))
    for index in range(len(config.head.conv_channels)):
        features = _activate(_conv(weights, f"head.conv_layers.{3 * index}", features))
    return _conv(weights, "head.final_layer", features)


def _activate(features: Tensor) -> Tensor:
    return F.silu(F.instance_norm(features), inplace=True)


def _conv(weights: Weights, name: str, features: Tensor) -> Tensor:
    return F.conv2d(features, weights[f"{name}.weight"], weights[f"{name}.bias"])


def _linear(weights: Weights, name: str, tokens: Tensor) -> Tensor:
    return F.linear(tokens, weights[f"{name}.weight"], weights[f"{name}.bias"])


def _norm(weights: Weights, name: str, tokens: Tensor) -> Tensor:
    width = (tokens.shape[-1],)
    return F.layer_norm(tokens, width, weights[f"{name}.weight"], weights[f"{name}.bias"], eps=1e-6)
