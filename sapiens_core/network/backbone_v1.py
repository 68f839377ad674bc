"""The Sapiens v1 backbone: a plain vision transformer over 16 x 16 patches.

Layout and names follow the reference (``pretrain/mmpretrain/models/backbones/
vision_transformer.py``), so that official files load by name without renaming.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from .shapes import Shapes, count_of, shape_of
from .vit import Block, PatchEmbed

PATCH_PADDING = 2
LAYER_NORM_EPS = 1e-6

HEADS_BY_WIDTH: Mapping[int, int] = {1024: 16, 1280: 16, 1536: 24, 1920: 32}
"""Attention heads of the official v1 backbones by width; no shape in the file tells them."""

ASPECT_HW = (4, 3)
"""Ratio of height to width of every v1 input."""


@dataclass(frozen=True)
class BackboneV1Config:
    """Widths and sizes of a v1 backbone.

    Attributes:
        width: channels of a token.
        num_layers: transformer blocks.
        num_heads: attention heads; must divide ``width``.
        feedforward_width: hidden channels of the feed-forward layers.
        patch_size: side of a patch in pixels.
        input_size_hw: height and width in pixels that the position table was trained for.
    """

    width: int
    num_layers: int
    num_heads: int
    feedforward_width: int
    patch_size: int
    input_size_hw: tuple[int, int]

    def __post_init__(self) -> None:
        if self.num_heads < 1 or self.width % self.num_heads:
            raise ValueError(
                f"{self.num_heads} attention heads do not divide a width of {self.width} channels."
            )

    @property
    def grid_hw(self) -> tuple[int, int]:
        """Rows and columns of tokens at the trained input size."""
        height, width = self.input_size_hw
        return height // self.patch_size, width // self.patch_size


class Attention(nn.Module):
    """Multi-head self-attention with one fused query-key-value projection."""

    def __init__(self, config: BackboneV1Config, operations: Any) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.qkv = operations.Linear(config.width, 3 * config.width)
        self.proj = operations.Linear(config.width, config.width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        query, key, value = rearrange(
            self.qkv(tokens), "b n (three h d) -> three b h n d", three=3, h=self.num_heads
        )
        attended = F.scaled_dot_product_attention(query, key, value)
        return self.proj(rearrange(attended, "b h n d -> b n (h d)"))


class FeedForward(nn.Module):
    """Two linear layers around an exact GELU."""

    def __init__(self, config: BackboneV1Config, operations: Any) -> None:
        super().__init__()
        # Nested as in the reference, whose keys are ffn.layers.0.0 and ffn.layers.1.
        self.layers = nn.Sequential(
            nn.Sequential(operations.Linear(config.width, config.feedforward_width), nn.GELU()),
            operations.Linear(config.feedforward_width, config.width),
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        return self.layers(tokens)


class BackboneV1(nn.Module):
    """Image to feature map.

    Args:
        config: widths and sizes.
        operations: namespace of the layer classes: ``torch.nn``, or one with the same classes,
            such as ComfyUI's ``comfy.ops``.
    """

    def __init__(self, config: BackboneV1Config, operations: Any = nn) -> None:
        super().__init__()
        self.config = config
        rows, columns = config.grid_hw
        norm = partial(operations.LayerNorm, config.width, eps=LAYER_NORM_EPS)
        self.patch_embed = PatchEmbed(config.width, config.patch_size, PATCH_PADDING, operations)
        self.pos_embed = nn.Parameter(torch.zeros(1, rows * columns, config.width))
        self.layers = nn.ModuleList(
            Block(norm, Attention(config, operations), FeedForward(config, operations))
            for _ in range(config.num_layers)
        )
        self.ln1 = norm()

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) normalised RGB -> (B, C, H / 16, W / 16) features."""
        patches = self.patch_embed(images)
        grid_hw = (patches.shape[2], patches.shape[3])
        # Contiguous, or every shortcut would add strided tensors.
        tokens = rearrange(patches, "b c h w -> b (h w) c").contiguous()
        tokens = tokens + self._positions(grid_hw).to(tokens)
        for layer in self.layers:
            tokens = layer(tokens)
        return rearrange(self.ln1(tokens), "b (h w) c -> b c h w", h=grid_hw[0])

    def _positions(self, grid_hw: tuple[int, int]) -> Tensor:
        """(1, N, C) position table, resampled when the input is not of the trained size."""
        if grid_hw == self.config.grid_hw:
            return self.pos_embed
        table = rearrange(self.pos_embed, "1 (h w) c -> 1 c h w", h=self.config.grid_hw[0])
        resized = F.interpolate(table.float(), size=grid_hw, mode="bicubic", align_corners=False)
        return rearrange(resized, "1 c h w -> 1 (h w) c")


def infer_backbone_v1(shapes: Shapes, num_heads: int | None = None) -> BackboneV1Config:
    """Infers the configuration from the shapes of a state dict.

    Args:
        shapes: shape of every tensor, by its official key.
        num_heads: attention heads; needed only for widths that no official model has.

    Raises:
        ValueError: a key is missing, shapes contradict each other, or the number of heads is
            unknown.
    """
    _, num_tokens, width = shape_of(shapes, "backbone.pos_embed", 3)
    patch_size = shape_of(shapes, "backbone.patch_embed.projection.weight", 4)[-1]
    feedforward_width, _ = shape_of(shapes, "backbone.layers.0.ffn.layers.0.0.weight", 2)
    heads = HEADS_BY_WIDTH.get(width) if num_heads is None else num_heads
    if heads is None:
        raise ValueError(
            f"its number of attention heads is unknown: width {width} is none of the official "
            f"{list(HEADS_BY_WIDTH)} and the file does not tell. Give it: --num-heads on the "
            "command line, or safetensors metadata 'num_heads'"
        )
    num_layers = count_of(shapes, r"backbone\.layers\.(\d+)\..*")
    for layer in range(num_layers):  # a single key may claim a billion layers
        shape_of(shapes, f"backbone.layers.{layer}.attn.qkv.weight", 2)
    return BackboneV1Config(
        width=width,
        num_layers=num_layers,
        num_heads=heads,
        feedforward_width=feedforward_width,
        patch_size=patch_size,
        input_size_hw=_infer_input_size(num_tokens, patch_size),
    )


def _infer_input_size(num_tokens: int, patch_size: int) -> tuple[int, int]:
    """Input height and width in pixels of a 4:3 grid of ``num_tokens`` patches."""
    scale = math.isqrt(num_tokens // (ASPECT_HW[0] * ASPECT_HW[1]))
    rows, columns = ASPECT_HW[0] * scale, ASPECT_HW[1] * scale
    if rows * columns != num_tokens:
        raise ValueError(f"its position table has {num_tokens} rows, expected a grid of 4 to 3")
    return rows * patch_size, columns * patch_size
