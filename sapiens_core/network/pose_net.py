"""The whole network, for both generations, and which one a state dict belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from .backbone_v1 import BackboneV1, BackboneV1Config, infer_backbone_v1
from .backbone_v2 import BackboneV2, BackboneV2Config, infer_backbone_v2
from .head import HeadConfig, HeatmapHead, infer_head
from .shapes import Shapes

BackboneConfig = BackboneV1Config | BackboneV2Config


@dataclass(frozen=True)
class Generation:
    """All that differs from one generation of Sapiens to the next.

    Attributes:
        name: as users know it.
        marker_key: a key that every checkpoint of this generation has, and no other.
        infer_backbone: shapes, and attention heads where shapes do not tell -> configuration.
        backbone: configuration and ``operations`` -> module.
        cubic_enlargement: crops are enlarged with cubic, not linear, interpolation.
    """

    name: str
    marker_key: str
    infer_backbone: Callable[[Shapes, int | None], BackboneConfig]
    backbone: Callable[[Any, Any], nn.Module]
    cubic_enlargement: bool


SAPIENS_V1 = Generation(
    name="Sapiens v1",
    marker_key="backbone.layers.0.attn.qkv.weight",
    infer_backbone=infer_backbone_v1,
    backbone=BackboneV1,
    cubic_enlargement=False,
)
SAPIENS2 = Generation(
    name="Sapiens2",
    marker_key="backbone.blocks.0.attn.wq.weight",
    infer_backbone=infer_backbone_v2,
    backbone=BackboneV2,
    cubic_enlargement=True,
)
GENERATIONS = (SAPIENS_V1, SAPIENS2)


@dataclass(frozen=True)
class SapiensConfig:
    """Everything that is needed to build the network and to prepare its input.

    Attributes:
        generation: which backbone it has, and how its crops are made.
        backbone: widths and sizes of that backbone.
        head: widths of the head.
        input_size_hw: height and width of the person crop in pixels.

    Raises:
        ValueError: the input size is not a multiple of the patch size.
    """

    generation: Generation
    backbone: BackboneConfig
    head: HeadConfig
    input_size_hw: tuple[int, int]

    def __post_init__(self) -> None:
        patch_size = self.backbone.patch_size
        if any(side < patch_size or side % patch_size for side in self.input_size_hw):
            height, width = self.input_size_hw
            raise ValueError(
                f"an input size of {height} x {width} (height x width) is not possible: both must "
                f"be multiples of {patch_size}, such as 1024 x 768"
            )

    @property
    def num_keypoints(self) -> int:
        """Number of heatmaps."""
        return self.head.num_keypoints


class SapiensPoseNet(nn.Module):
    """Person crop to heatmaps.

    Args:
        config: widths and sizes.
        operations: namespace of the layer classes: ``torch.nn``, or one with the same classes,
            such as ComfyUI's ``comfy.ops``.
    """

    def __init__(self, config: SapiensConfig, operations: Any = nn) -> None:
        super().__init__()
        self.config = config
        self.backbone = config.generation.backbone(config.backbone, operations)
        self.head = HeatmapHead(config.head, operations)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) normalised RGB -> (B, K, H / 4, W / 4) raw heatmaps."""
        return self.head(self.backbone(images))


def infer_config(
    shapes: Shapes, num_heads: int | None = None, input_size_hw: tuple[int, int] | None = None
) -> SapiensConfig:
    """Infers the configuration from the shapes of a state dict; file names do not matter.

    Args:
        shapes: shape of every tensor, by the keys of ``key_names.canonical_tensors``.
        num_heads: attention heads; needed only for v1 widths that no official model has.
        input_size_hw: height and width in pixels of the person crop, multiples of the patch
            size; None takes the size that the network was trained at.

    Raises:
        ValueError: it is no Sapiens pose network, a key is missing, shapes contradict each other,
            the number of heads is unknown, or the input size is not a multiple of the patch size.
    """
    generation = next((row for row in GENERATIONS if row.marker_key in shapes), None)
    if generation is None:
        expected = " nor ".join(f"{row.marker_key!r} ({row.name})" for row in GENERATIONS)
        raise ValueError(f"it has neither a tensor {expected}")
    backbone = generation.infer_backbone(shapes, num_heads)
    head = infer_head(shapes, backbone.width)
    return SapiensConfig(generation, backbone, head, input_size_hw or backbone.input_size_hw)
