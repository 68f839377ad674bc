"""The shapes of networks that several benchmarks build with random weights."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.key_names import canonical_tensors
from comfyui_sapiens_pose.sapiens_core.network.backbone_v1 import BackboneV1Config
from comfyui_sapiens_pose.sapiens_core.network.head import HeadConfig
from comfyui_sapiens_pose.sapiens_core.network.pose_net import (
    SAPIENS_V1,
    SapiensConfig,
    infer_config,
)

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden"

KEYS = {
    "0.3b": GOLDEN / "sapiens1" / "keys_0.3b_308.json.gz",
    "0.6b": GOLDEN / "sapiens1" / "keys_0.6b_308.json.gz",
    "1b": GOLDEN / "sapiens1" / "keys_1b_308.json.gz",
    "2b": GOLDEN / "sapiens1" / "keys_2b_133.json.gz",
    "sapiens2-0.4b": GOLDEN / "sapiens2" / "keys" / "keys_0.4b.json.gz",
    "sapiens2-0.8b": GOLDEN / "sapiens2" / "keys" / "keys_0.8b.json.gz",
    "sapiens2-1b": GOLDEN / "sapiens2" / "keys" / "keys_1b.json.gz",
    "sapiens2-5b": GOLDEN / "sapiens2" / "keys" / "keys_5b.json.gz",
}
"""Files with the names and shapes of all tensors of official networks."""

BACKBONE_03B = BackboneV1Config(
    width=1024,
    num_layers=24,
    num_heads=16,
    feedforward_width=4096,
    patch_size=16,
    input_size_hw=(1024, 768),
)


def config_03b(num_keypoints: int) -> SapiensConfig:
    """The configuration of Sapiens 0.3B."""
    head = HeadConfig(
        in_channels=1024,
        deconv_channels=(768, 768),
        conv_channels=(768, 768),
        num_keypoints=num_keypoints,
    )
    return SapiensConfig(SAPIENS_V1, BACKBONE_03B, head, BACKBONE_03B.input_size_hw)


def official_config(name: str) -> SapiensConfig:
    """The configuration of a network in ``KEYS``, from the shapes of its tensors."""
    with gzip.open(KEYS[name], "rt") as file:
        content = json.load(file)
    tensors = {row[0]: torch.empty(row[1], device="meta") for row in content["keys"]}
    return infer_config({key: t.shape for key, t in canonical_tensors(tensors).items()})
