"""The Sapiens2 backbone: a vision transformer with rotary positions and grouped keys.

Layout and names follow the reference (``facebookresearch/sapiens2``, ``sapiens/backbones/
sapiens2.py``), so that official files load by name. Positions are bfloat16 whatever the dtype of
the network, because it was trained so: rotating in float32 changes the heatmaps fifteen times as
much as rounding does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from .shapes import Shapes, count_of, shape_of
from .vit import Block, PatchEmbed

PATCH_PADDING = 0
RMS_NORM_EPS = 1e-6
ROPE_BASE = 100.0
ROPE_DTYPE = torch.bfloat16
TRAINED_SIZE_HW = (1024, 768)


@dataclass(frozen=True)
class BackboneV2Config:
    """Widths and sizes of a Sapiens2 backbone.

    Attributes:
        width: channels of a token.
        head_width: channels of an attention head; a multiple of 4 that divides ``width``.
        kv_heads: key and value heads of each layer; each divides the number of query heads.
        feedforward_width: hidden channels of the feed-forward layers.
        num_registers: tokens beside the class token that belong to no patch.
        patch_size: side of a patch in pixels.
        input_size_hw: height and width in pixels that the network was trained at; no tensor's
            shape depends on it.

    Raises:
        ValueError: the numbers of heads do not fit together.
    """

    width: int
    head_width: int
    kv_heads: tuple[int, ...]
    feedforward_width: int
    num_registers: int
    patch_size: int
    input_size_hw: tuple[int, int] = TRAINED_SIZE_HW

    def __post_init__(self) -> None:
        if self.head_width < 4 or self.head_width % 4 or self.width % self.head_width:
            raise ValueError(
                f"attention heads of {self.head_width} channels do not fit a width of {self.width}"
            )
        if any(heads < 1 or self.num_heads % heads for heads in self.kv_heads):
            raise ValueError(
                f"{self.num_heads} query heads cannot share {list(self.kv_heads)} key heads"
            )

    @property
    def num_heads(self) -> int:
        """Query heads of every layer."""
        return self.width // self.head_width

    @property
    def num_prefix_tokens(self) -> int:
        """Tokens before the first patch: the class token and the registers."""
        return 1 + self.num_registers


def rope_periods(head_width: int) -> Tensor:
    """(head_width / 4,) bfloat16 wavelengths on the CPU, in half widths of the image."""
    exponents = torch.arange(head_width // 4, dtype=ROPE_DTYPE, device="cpu") * 2
    return ROPE_BASE ** (exponents / (head_width // 2))


@lru_cache(maxsize=8)
def rope_tables(grid_hw: tuple[int, int], periods: tuple[float, ...]) -> tuple[Tensor, Tensor]:
    """Sines and cosines of each patch's position, computed once per grid.

    Every step rounds to bfloat16, on the CPU, so that all devices get the same numbers.

    Args:
        grid_hw: rows and columns of patches.
        periods: wavelengths, see ``rope_periods``.

    Returns:
        sines and cosines: (rows x columns, head width) bfloat16 on the CPU, patches row by row;
            the first half of the channels is y then x, the second half repeats it.
    """
    height, width = (
        torch.arange(0.5, side, dtype=ROPE_DTYPE, device="cpu") / side for side in grid_hw
    )
    centers = torch.stack(torch.meshgrid(height, width, indexing="ij"), dim=-1).flatten(0, 1)
    centers = 2.0 * centers - 1.0
    wavelengths = torch.tensor(periods, dtype=ROPE_DTYPE, device="cpu")
    angles = (2 * math.pi * centers[:, :, None]) / wavelengths
    angles = angles.flatten(1).tile(2)
    return angles.sin(), angles.cos()


def rotate(heads: Tensor, sines: Tensor, cosines: Tensor) -> Tensor:
    """Rotates each pair of channels by the angle of its token.

    Args:
        heads: (..., head width) queries or keys of any float dtype.
        sines, cosines: of the dtype to compute in, and of a shape that fits ``heads``: (N, head
            width) for (B, heads, N, head width), (N, 1, head width) for (B, N, heads, head width).

    Returns:
        The shape and dtype of ``heads``.
    """
    rounded = heads.to(sines.dtype)
    first, second = rounded.chunk(2, dim=-1)
    rotated = rounded * cosines + torch.cat((-second, first), dim=-1) * sines
    return rotated.to(heads.dtype)


class RotaryPositions(nn.Module):
    """The wavelengths of a checkpoint, and the tables computed from them."""

    periods: Tensor

    def __init__(self, config: BackboneV2Config) -> None:
        super().__init__()
        self.num_prefix_tokens = config.num_prefix_tokens
        self.register_buffer("periods", rope_periods(config.head_width))

    def forward(self, grid_hw: tuple[int, int], device: torch.device) -> tuple[Tensor, Tensor]:
        """Sines and cosines of all tokens: (N, head width) bfloat16 on ``device``.

        The tokens before the first patch have no position: their angle is 0, but they are
        rounded like the others.
        """
        # A network cast to another dtype has cast this buffer too; all its values survive that.
        periods = tuple(self.periods.to(ROPE_DTYPE).tolist())
        sines, cosines = rope_tables(grid_hw, periods)
        before = (0, 0, self.num_prefix_tokens, 0)
        return F.pad(sines, before).to(device), F.pad(cosines, before, value=1.0).to(device)


class LayerScale(nn.Module):
    """One learned factor per channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        return tokens * self.weight.to(tokens)


class Attention(nn.Module):
    """Self-attention with normalised, rotated queries and keys; several queries share a key."""

    def __init__(self, config: BackboneV2Config, kv_heads: int, operations: Any) -> None:
        super().__init__()
        self.head_width = config.head_width
        self.queries_per_key = config.num_heads // kv_heads
        kv_width = kv_heads * config.head_width
        self.wq = operations.Linear(config.width, config.width)
        self.wk = operations.Linear(config.width, kv_width)
        self.wv = operations.Linear(config.width, kv_width)
        self.q_norm = operations.RMSNorm(config.head_width, eps=RMS_NORM_EPS)
        self.k_norm = operations.RMSNorm(config.head_width, eps=RMS_NORM_EPS)
        self.proj = operations.Linear(config.width, config.width)
        self.gamma = LayerScale(config.width)

    def forward(self, tokens: Tensor, sines: Tensor, cosines: Tensor) -> Tensor:
        """(B, N, C) tokens and (N, head width) rotary tables -> (B, N, C)."""
        query, key, value = (
            rearrange(layer(tokens), "b n (h d) -> b n h d", d=self.head_width)
            for layer in (self.wq, self.wk, self.wv)
        )
        # Rotated in the layout of the layers' output, which is contiguous.
        query = rotate(self.q_norm(query), sines[:, None], cosines[:, None])
        key = rotate(self.k_norm(key), sines[:, None], cosines[:, None])
        query, key, value = (
            heads.transpose(1, 2)  # b n h d -> b h n d
            for heads in (query, self._shared(key), self._shared(value))
        )
        attended = F.scaled_dot_product_attention(query, key, value)
        return self.gamma(self.proj(rearrange(attended, "b h n d -> b n (h d)")))

    def _shared(self, heads: Tensor) -> Tensor:
        """(B, N, key heads, D) -> (B, N, heads, D): 0, 0, 1, 1 and so on for their queries."""
        if self.queries_per_key == 1:
            return heads
        return heads.repeat_interleave(self.queries_per_key, dim=2)


class FeedForward(nn.Module):
    """SwiGLU: one projection to a gate and a value, their product, and one back."""

    def __init__(self, config: BackboneV2Config, operations: Any) -> None:
        super().__init__()
        self.w12 = operations.Linear(config.width, 2 * config.feedforward_width)
        self.w3 = operations.Linear(config.feedforward_width, config.width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        gate, value = self.w12(tokens).chunk(2, dim=-1)
        return self.w3(F.silu(gate) * value)


class BackboneV2(nn.Module):
    """Image to feature map.

    Args:
        config: widths and sizes.
        operations: namespace of the layer classes, see ``SapiensPoseNet``; with ``RMSNorm``.
    """

    def __init__(self, config: BackboneV2Config, operations: Any = nn) -> None:
        super().__init__()
        self.config = config
        norm = partial(operations.RMSNorm, config.width, eps=RMS_NORM_EPS)
        self.patch_embed = PatchEmbed(config.width, config.patch_size, PATCH_PADDING, operations)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.width))
        self.storage_tokens = nn.Parameter(torch.zeros(1, config.num_registers, config.width))
        self.rope_embed = RotaryPositions(config)
        self.blocks = nn.ModuleList(
            Block(norm, Attention(config, kv_heads, operations), FeedForward(config, operations))
            for kv_heads in config.kv_heads
        )
        self.ln1 = norm()

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) normalised RGB -> (B, C, H / 16, W / 16) features."""
        patches = self.patch_embed(images)
        grid_hw = (patches.shape[2], patches.shape[3])
        tokens = self._with_prefix(rearrange(patches, "b c h w -> b (h w) c"))
        positions = self.rope_embed(grid_hw, tokens.device)
        for block in self.blocks:
            tokens = block(tokens, *positions)
        features = self.ln1(tokens)[:, self.config.num_prefix_tokens :]
        return rearrange(features, "b (h w) c -> b c h w", h=grid_hw[0])

    def _with_prefix(self, tokens: Tensor) -> Tensor:
        """(B, N, C) -> (B, 1 + registers + N, C)."""
        prefix = torch.cat((self.cls_token, self.storage_tokens), dim=1).to(tokens)
        return torch.cat((prefix.expand(len(tokens), -1, -1), tokens), dim=1)


def infer_backbone_v2(shapes: Shapes, num_heads: int | None = None) -> BackboneV2Config:
    """Infers the configuration from the shapes of a state dict.

    Args:
        shapes: shape of every tensor, by its official key.
        num_heads: attention heads to check the shapes against; None checks nothing.

    Raises:
        ValueError: a key is missing, or shapes contradict each other or ``num_heads``.
    """
    _, _, width = shape_of(shapes, "backbone.cls_token", 3)
    _, num_registers, _ = shape_of(shapes, "backbone.storage_tokens", 3)
    (head_width,) = shape_of(shapes, "backbone.blocks.0.attn.q_norm.weight", 1)
    layers = range(count_of(shapes, r"backbone\.blocks\.(\d+)\..*"))
    key_widths = [shape_of(shapes, f"backbone.blocks.{i}.attn.wk.weight", 2)[0] for i in layers]
    config = BackboneV2Config(
        width=width,
        head_width=head_width,
        kv_heads=tuple(key_width // head_width for key_width in key_widths),
        feedforward_width=shape_of(shapes, "backbone.blocks.0.ffn.w3.weight", 2)[1],
        num_registers=num_registers,
        patch_size=shape_of(shapes, "backbone.patch_embed.projection.weight", 4)[-1],
    )
    if num_heads not in (None, config.num_heads):
        raise ValueError(
            f"its shapes say {config.num_heads} attention heads, but {num_heads} were asked for"
        )
    return config
