"""The loss of accuracy of each precision, against float32, on the networks of the golden tests.

    python benchmarks/precision.py [--time]

Small networks with random weights of the reference's classes. Their heatmaps are noise, which
suffers more from low precision than the clean blobs of trained weights; the last row is the
miniature, which is trained. With ``--time``, processor time of two layers and the head of a 0.3B
network in bf16, as a share of fp32, in turns: minutes where bf16 is emulated.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.crop import Crop, normalise
from comfyui_sapiens_pose.sapiens_core.decode import decode
from comfyui_sapiens_pose.sapiens_core.network.fast_bf16 import (
    FAST_BF16,
    cpu_capabilities,
    has_fast_bf16,
)
from comfyui_sapiens_pose.sapiens_core.network.pose_net import SapiensPoseNet
from networks import official_config

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"
PHOTO = ROOT / "miniature" / "photos" / "000000000785.jpg"
NETWORKS: tuple[tuple[str, Path, int | None], ...] = (
    ("Sapiens, 17", GOLDEN / "sapiens1" / "tiny_17.safetensors", 4),
    ("Sapiens, 133", GOLDEN / "sapiens1" / "tiny_133.safetensors", 3),
    ("Sapiens, 308", GOLDEN / "sapiens1" / "tiny_308.safetensors", 3),
    ("Sapiens2, 308", GOLDEN / "sapiens2" / "cfg_pose.safetensors", None),
    ("miniature, 17", ROOT / "miniature" / "sapiens_miniature_17.safetensors", None),
)
DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


@torch.inference_mode()
def heatmaps(path: Path, num_heads: int | None, dtype: torch.dtype) -> torch.Tensor:
    """(1, K, h, w) float32 heatmaps of the bundled photo."""
    model = load_model(path, num_heads=num_heads, dtype=dtype)
    crop = Crop.from_box([280.79, 44.73, 499.49, 391.41], model.config.input_size_hw)
    return model(normalise([crop.pixels(read_image(PHOTO))]).to(dtype)).float()


@torch.inference_mode()
def pass_seconds(dtype: torch.dtype) -> float:
    """Processor time of a pass of two layers and the head of a 0.3B network, of one crop."""
    config = official_config("0.3b")
    config = dataclasses.replace(
        config, backbone=dataclasses.replace(config.backbone, num_layers=2)
    )
    model = SapiensPoseNet(config).eval().to(dtype)
    crop = torch.randn(1, 3, *config.input_size_hw, dtype=dtype)
    started = time.process_time()
    model(crop)
    return time.process_time() - started


def print_times(rounds: int) -> None:
    """Print what the processor is, and each round's share."""
    capabilities = cpu_capabilities()
    can = [name for name in FAST_BF16 if capabilities.get(name)]
    print(f"{capabilities.get('cpu_name', 'unknown processor')}, {', '.join(can) or 'no bf16'}")
    print(f"PyTorch {torch.__version__}, auto is {'bf16' if has_fast_bf16() else 'fp32'}")
    pass_seconds(torch.float32)
    shares = []
    for _ in range(rounds):
        exact, low = pass_seconds(torch.float32), pass_seconds(torch.bfloat16)
        shares.append(low / exact)
        print(f"fp32 {exact:.2f} s, bf16 {low:.2f} s: {low / exact:.2f}", flush=True)
    print(f"median {statistics.median(shares):.2f}, {min(shares):.2f} to {max(shares):.2f}")


def main() -> None:
    """Print the table in Markdown, or times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.time:
        print_times(options.rounds)
        return
    print("| network | precision | mean heatmap error, of the range | median shift, input pixels |")
    print("|---|---|---|---|")
    for name, path, num_heads in NETWORKS:
        exact = heatmaps(path, num_heads, torch.float32)
        scale = float(exact.max() - exact.min())
        keypoints, _ = decode(exact)
        for label, dtype in DTYPES.items():
            low = heatmaps(path, num_heads, dtype)
            error = float((low - exact).abs().mean()) / scale
            shift = 4 * (decode(low)[0] - keypoints).norm(dim=-1).numpy()
            print(f"| {name} | {label} | {100 * error:.3f} % | {np.median(shift):.2f} |")


if __name__ == "__main__":
    main()
