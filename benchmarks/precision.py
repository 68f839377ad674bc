"""The loss of accuracy of each precision, against float32, on the networks of the golden tests.

    python benchmarks/precision.py

Small networks with random weights of the reference's classes. Their heatmaps are noise, which
suffers more from low precision than the clean blobs of trained weights; the last row is the
miniature, which is trained.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.crop import Crop, normalise
from comfyui_sapiens_pose.sapiens_core.decode import decode

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


def main() -> None:
    """Print the table in Markdown."""
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
