"""A second opinion on Sapiens2 files: the implementation in ``transformers``, where it is there."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ....sapiens_core.network.backbone_v2 import BackboneV2Config
from ....sapiens_core.network.pose_net import SapiensConfig

OLDEST = "5.10"
"""First version of ``transformers`` with Sapiens2."""


def transformers_heatmaps(path: Path, config: SapiensConfig, inputs: Tensor) -> Tensor:
    """(B, K, h, w) float32 heatmaps of the same file by ``transformers``, computed on the CPU.

    Args:
        path: a safetensors file of Sapiens2, with Meta's names of tensors.
        config: of the network in it.
        inputs: (B, 3, H, W) normalised crops.

    Raises:
        ImportError: ``transformers`` is missing or older than ``OLDEST``.
        ValueError, OSError, RuntimeError: it cannot read the file.
    """
    import transformers

    if not hasattr(transformers, "Sapiens2ForPoseEstimation"):
        raise ImportError(f"transformers {transformers.__version__} is older than {OLDEST}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.json").write_text(json.dumps(_config(config)), encoding="utf-8")
        weights = folder / "model.safetensors"
        try:
            weights.symlink_to(path.resolve())
        except OSError:  # Windows asks for a permission
            shutil.copyfile(path, weights)
        network = transformers.Sapiens2ForPoseEstimation.from_pretrained(
            folder, dtype=torch.float32
        ).eval()
        with torch.inference_mode():
            heatmaps: Tensor = network(inputs.cpu().float()).heatmaps.float()
    return heatmaps


def _config(config: SapiensConfig) -> dict[str, Any]:
    """The configuration of ``transformers`` for one of our networks."""
    backbone, head = config.backbone, config.head
    if not isinstance(backbone, BackboneV2Config):
        raise ValueError("transformers has Sapiens2 alone")
    return {
        "model_type": "sapiens2",
        "hidden_size": backbone.width,
        "intermediate_size": backbone.feedforward_width,
        "num_hidden_layers": len(backbone.kv_heads),
        "num_attention_heads": backbone.num_heads,
        "num_key_value_heads_per_layer": list(backbone.kv_heads),
        "num_register_tokens": backbone.num_registers,
        "image_size": list(config.input_size_hw),
        "num_labels": head.num_keypoints,
        "head_config": {
            "upsample_out_channels": list(head.deconv_channels),
            "conv_out_channels": list(head.conv_channels),
        },
    }
