"""Other people's code for the same work, where it is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from comfyui_sapiens_pose.sapiens_core.decode import decode
from comfyui_sapiens_pose.sapiens_core.detection.rt_detr import DetectorNet, PersonDetector
from stages import CANVAS_WH, heatmaps
from timing import medians_ms

ROUNDS = 5
S2_04B: dict[str, Any] = {
    "image_size": [1024, 768],
    "num_labels": 308,
    "num_key_value_heads_per_layer": [16] * 8 + [8] * 8 + [16] * 8,
    "head_config": {
        "upsample_out_channels": [1024, 768],
        "conv_out_channels": [512, 512, 256],
    },
}
"""Configuration of Sapiens2 0.4B in transformers, where it differs from the defaults."""


def is_installed(package: str) -> bool:
    """Whether a package can be imported."""
    return importlib.util.find_spec(package) is not None


def rtmlib_decode(num_people: int, count: int) -> dict[str, float]:
    """Milliseconds per person of our decoding, and of rtmlib's sub-pixel step, which does not
    include its search for the maximum."""
    from rtmlib.tools.pose_estimation.post_processings import post_dark_udp

    maps = heatmaps(num_people, count, np.random.default_rng(0))
    tensor = torch.from_numpy(maps)
    flat = maps.reshape(num_people, count, -1).argmax(axis=-1)
    cells = np.stack((flat % maps.shape[-1], flat // maps.shape[-1]), axis=-1).astype(float)
    times = medians_ms(
        {
            "ours": lambda: decode(tensor),
            # It overwrites the maps that are passed to it.
            "peer": lambda: post_dark_udp(cells.copy(), maps.copy(), kernel=11),
        },
        ROUNDS,
    )
    return {name: value / num_people for name, value in times.items()}


def detect_ms() -> float:
    """Milliseconds that the larger detector takes for one image, with random weights."""
    from comfyui_sapiens_pose.sapiens_core.detection.rt_detr import (
        BACKBONE,
        BACKBONE_R50,
        NUM_CLASSES,
    )
    from transformers import (
        RTDetrResNetConfig,
        RTDetrV2Config,
        RTDetrV2ForObjectDetection,
    )

    backbone = RTDetrResNetConfig(**BACKBONE, **BACKBONE_R50)
    config = RTDetrV2Config(backbone_config=backbone, num_labels=NUM_CLASSES)
    detector = PersonDetector(DetectorNet(RTDetrV2ForObjectDetection(config)).eval())
    image_rgb = np.zeros((CANVAS_WH[1], CANVAS_WH[0], 3), np.uint8)
    return medians_ms({"ours": lambda: detector.detect([image_rgb])}, 3)["ours"]


@torch.inference_mode()
def sapiens2_forward(rounds: int) -> dict[str, float]:
    """Milliseconds of a whole pass of Sapiens2 0.4B, ours and transformers', with equal weights."""
    import transformers

    theirs = transformers.Sapiens2ForPoseEstimation(transformers.Sapiens2Config(**S2_04B)).eval()
    images = torch.randn(1, 3, 1024, 768)
    ours = _same_network(theirs)
    ways: dict[str, Callable[[], Any]] = {
        "ours": lambda: ours(images),
        "peer": lambda: theirs(images),
    }
    return medians_ms(ways, rounds)


def _same_network(theirs: Any) -> torch.nn.Module:
    """Our network with the shapes and weights of that of transformers."""
    import tempfile
    from pathlib import Path

    from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model

    with tempfile.TemporaryDirectory() as folder:
        theirs.save_pretrained(folder)
        (file,) = Path(folder).glob("*.safetensors")
        model = load_model(file, dtype=torch.float32)
        for parameter in model.parameters():
            parameter.data = parameter.data.clone()  # the file is about to be deleted
        return model
