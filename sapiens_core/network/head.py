"""The heatmap head of both generations: upsample, mix channels, one map per keypoint.

The official heads have InstanceNorm without parameters and SiLU (reference:
``pose/mmpose/models/heads/heatmap_heads/heatmap_head.py``), not the BatchNorm and ReLU of other
heatmap heads; with those the same weights give noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from .shapes import Shapes, count_of, shape_of

INSTANCE_NORM_EPS = 1e-5
CPU_GROUP = 2**20
"""Amount of numbers that are normalised at a time on a CPU: their 4 MB fit into its cache."""


@dataclass(frozen=True)
class HeadConfig:
    """Widths of a heatmap head.

    Attributes:
        in_channels: channels of the backbone's feature map.
        deconv_channels: output channels of each layer that doubles the resolution.
        conv_channels: output channels of each 1 x 1 layer after them.
        num_keypoints: number of heatmaps.
    """

    in_channels: int
    deconv_channels: tuple[int, ...]
    conv_channels: tuple[int, ...]
    num_keypoints: int


class NormSiLU(nn.Module):
    """InstanceNorm without parameters, then SiLU.

    On a CPU some channels at a time, in place where no gradient needs the input, so that they stay
    in the cache from the first step to the last.
    """

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W) of the same dtype."""
        if features.requires_grad or features.device.type != "cpu":
            return _norm_silu(features)
        channels = max(1, CPU_GROUP // max(1, features[:, 0].numel()))
        for group in features.split(channels, dim=1):
            group.copy_(_norm_silu(group))
        return features


def _norm_silu(features: Tensor) -> Tensor:
    # The layer norm of a channel's pixels equals its instance norm, and is three times as fast on
    # a GPU: it reads 16-bit features directly, and computes in float32.
    pixels = features.flatten(2)
    normal = F.layer_norm(pixels, pixels.shape[-1:], eps=INSTANCE_NORM_EPS)
    return F.silu(normal, inplace=True).view_as(features)


class HeatmapHead(nn.Module):
    """Feature map to heatmaps.

    Args:
        config: widths.
        operations: namespace of the layer classes, see ``BackboneV1``.
    """

    def __init__(self, config: HeadConfig, operations: Any = nn) -> None:
        super().__init__()
        # Official lists have norm and activation apart; ``Identity`` keeps their numbering.
        deconv_layers: list[nn.Module] = []
        channels = config.in_channels
        for width in config.deconv_channels:
            deconv_layers += [
                operations.ConvTranspose2d(
                    channels, width, kernel_size=4, stride=2, padding=1, bias=False
                ),
                NormSiLU(),
                nn.Identity(),
            ]
            channels = width
        conv_layers: list[nn.Module] = []
        for width in config.conv_channels:
            conv_layers += [
                operations.Conv2d(channels, width, kernel_size=1),
                NormSiLU(),
                nn.Identity(),
            ]
            channels = width
        self.deconv_layers = nn.Sequential(*deconv_layers)
        self.conv_layers = nn.Sequential(*conv_layers)
        self.final_layer = operations.Conv2d(channels, config.num_keypoints, kernel_size=1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, K, 4 h, 4 w) raw heatmaps, unbounded."""
        return self.final_layer(self.conv_layers(self.deconv_layers(features)))


def infer_head(shapes: Shapes, in_channels: int) -> HeadConfig:
    """Infers the widths of a head on ``in_channels`` features from the shapes of a state dict.

    Raises:
        ValueError: a key is missing, or a shape has the wrong number of dimensions.
    """
    # Layer, norm and activation alternate, so that every third entry has weights.
    deconv = range(0, count_of(shapes, r"head\.deconv_layers\.(\d+)\.weight"), 3)
    conv = range(0, count_of(shapes, r"head\.conv_layers\.(\d+)\.weight"), 3)
    return HeadConfig(
        in_channels=in_channels,
        deconv_channels=tuple(
            shape_of(shapes, f"head.deconv_layers.{index}.weight", 4)[1] for index in deconv
        ),
        conv_channels=tuple(
            shape_of(shapes, f"head.conv_layers.{index}.weight", 4)[0] for index in conv
        ),
        num_keypoints=shape_of(shapes, "head.final_layer.weight", 4)[0],
    )
