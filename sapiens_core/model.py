"""The whole network, and how its configuration is read off the shapes of a state dict."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Size, Tensor, nn

from .backbone_v1 import BackboneV1, BackboneV1Config
from .head import HeadConfig, HeatmapHead

HEADS_BY_WIDTH: Mapping[int, int] = {1024: 16, 1280: 16, 1536: 24, 1920: 32}
"""Attention heads of the official v1 backbones; no shape in the file tells them."""

ASPECT_HW = (4, 3)
"""Height to width of every v1 input."""

Shapes = Mapping[str, Size]


@dataclass(frozen=True)
class SapiensConfig:
    """Everything that is needed to build the network."""

    backbone: BackboneV1Config
    head: HeadConfig

    @property
    def input_size_hw(self) -> tuple[int, int]:
        """Height and width of the person crop in pixels."""
        return self.backbone.input_size_hw

    @property
    def num_keypoints(self) -> int:
        """Number of heatmaps."""
        return self.head.num_keypoints


class SapiensPoseNet(nn.Module):
    """Person crop to heatmaps.

    Args:
        config: widths and sizes.
        operations: where layers come from: ``torch.nn``, or a namespace with the same classes,
            such as ComfyUI's ``comfy.ops``.
    """

    def __init__(self, config: SapiensConfig, operations: Any = nn) -> None:
        super().__init__()
        self.config = config
        self.backbone = BackboneV1(config.backbone, operations)
        self.head = HeatmapHead(config.head, operations)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) normalised RGB -> (B, K, H / 4, W / 4) raw heatmaps."""
        return self.head(self.backbone(images))


def infer_config(shapes: Shapes, num_heads: int | None = None) -> SapiensConfig:
    """Reads the configuration off the shapes of a state dict; file names are never asked.

    Args:
        shapes: shape of every tensor, by its official key.
        num_heads: attention heads; needed only for widths that no official model has.

    Raises:
        ValueError: a key is missing, shapes contradict each other, or the number of heads is
            unknown.
    """
    backbone = _infer_backbone(shapes, num_heads)
    return SapiensConfig(backbone, _infer_head(shapes, backbone.width))


def _shape(shapes: Shapes, key: str, dimensions: int) -> tuple[int, ...]:
    if key not in shapes:
        raise ValueError(f"it has no tensor {key!r}, which every Sapiens v1 pose model has")
    if len(shapes[key]) != dimensions:
        raise ValueError(
            f"tensor {key!r} has shape {tuple(shapes[key])}, expected {dimensions} dimensions"
        )
    return tuple(shapes[key])


def _count(shapes: Shapes, pattern: str) -> int:
    """One more than the largest number that ``pattern`` captures in any key."""
    found = (re.fullmatch(pattern, key) for key in shapes)
    return max((int(match.group(1)) + 1 for match in found if match), default=0)


def _infer_backbone(shapes: Shapes, num_heads: int | None) -> BackboneV1Config:
    _, num_tokens, width = _shape(shapes, "backbone.pos_embed", 3)
    patch_size = _shape(shapes, "backbone.patch_embed.projection.weight", 4)[-1]
    feedforward_width, _ = _shape(shapes, "backbone.layers.0.ffn.layers.0.0.weight", 2)
    heads = num_heads or HEADS_BY_WIDTH.get(width)
    if heads is None:
        raise ValueError(
            f"its number of attention heads is unknown: width {width} is none of the official "
            f"{list(HEADS_BY_WIDTH)} and the file does not tell. Give it: --num-heads on the "
            "command line, or safetensors metadata 'num_heads'"
        )
    return BackboneV1Config(
        width=width,
        num_layers=_count(shapes, r"backbone\.layers\.(\d+)\..*"),
        num_heads=heads,
        feedforward_width=feedforward_width,
        patch_size=patch_size,
        input_size_hw=_infer_input_size(num_tokens, patch_size),
    )


def _infer_input_size(num_tokens: int, patch_size: int) -> tuple[int, int]:
    """Input height and width in pixels of a 4:3 grid of ``num_tokens`` patches."""
    unit = math.isqrt(num_tokens // (ASPECT_HW[0] * ASPECT_HW[1]))
    rows, columns = ASPECT_HW[0] * unit, ASPECT_HW[1] * unit
    if rows * columns != num_tokens:
        raise ValueError(f"its position table has {num_tokens} rows, expected a grid of 4 to 3")
    return rows * patch_size, columns * patch_size


def _infer_head(shapes: Shapes, in_channels: int) -> HeadConfig:
    # Layer, norm and activation alternate, so that every third entry has weights.
    deconv = range(0, _count(shapes, r"head\.deconv_layers\.(\d+)\.weight"), 3)
    conv = range(0, _count(shapes, r"head\.conv_layers\.(\d+)\.weight"), 3)
    return HeadConfig(
        in_channels=in_channels,
        deconv_channels=tuple(
            _shape(shapes, f"head.deconv_layers.{index}.weight", 4)[1] for index in deconv
        ),
        conv_channels=tuple(
            _shape(shapes, f"head.conv_layers.{index}.weight", 4)[0] for index in conv
        ),
        num_keypoints=_shape(shapes, "head.final_layer.weight", 4)[0],
    )
