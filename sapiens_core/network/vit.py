"""Layers that the backbones of both generations share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn


class PatchEmbed(nn.Module):
    """Cuts the image into patches and projects each to a token, by one strided convolution."""

    def __init__(self, width: int, patch_size: int, padding: int, operations: Any) -> None:
        super().__init__()
        self.projection = operations.Conv2d(
            3, width, kernel_size=patch_size, stride=patch_size, padding=padding
        )

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, C, H / patch, W / patch)."""
        return self.projection(images)


class Block(nn.Module):
    """One pre-norm transformer layer: attention, then feed-forward, each beside a shortcut.

    Args:
        norm: makes one normalisation layer.
        attention: takes normalised tokens and the other arguments of ``forward``.
        feedforward: takes normalised tokens.
    """

    def __init__(
        self, norm: Callable[[], nn.Module], attention: nn.Module, feedforward: nn.Module
    ) -> None:
        super().__init__()
        self.ln1 = norm()
        self.attn = attention
        self.ln2 = norm()
        self.ffn = feedforward

    def forward(self, tokens: Tensor, *positions: Tensor) -> Tensor:
        """(B, N, C) -> (B, N, C)."""
        tokens = tokens + self.attn(self.ln1(tokens), *positions)
        return tokens + self.ffn(self.ln2(tokens))
