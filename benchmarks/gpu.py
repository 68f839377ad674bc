"""What a GPU makes of every official network: speed, memory, precision, and what else costs time.

    python benchmarks/gpu.py [-o FILE] [--models NAME ...] [--compile]

Random weights of the official shapes. Times are medians between device synchronisations; a share
is that of the speed of one large matrix product of the same precision, measured in the same run.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import plain
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.key_names import canonical_tensors
from comfyui_sapiens_pose.sapiens_core.crop import Crop, normalise
from comfyui_sapiens_pose.sapiens_core.decode import decode
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions, PoseEstimator
from comfyui_sapiens_pose.sapiens_core.network.activation_memory import activation_bytes
from comfyui_sapiens_pose.sapiens_core.network.pose_net import SapiensPoseNet, infer_config
from torch.utils.flop_counter import FlopCounterMode

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
CROPS = (1, 2, 8, 16)
PRODUCT_SIDE = 8192
SECONDS_EACH = 0.7
PEOPLE = 16
DEPTHS = ("0.3b", "2b", "sapiens2-0.4b", "sapiens2-1b")
"""Whose precision is measured: the shallowest and deepest of each generation that fit well."""
PRECISION_SIZE_HW = (1024, 768)


def median_ms(way: Callable[[], object]) -> float:
    """Median of as many calls as fit into ``SECONDS_EACH``, at least two, after one more."""
    way()
    times: list[float] = []
    while len(times) < 2 or sum(times) < SECONDS_EACH:
        torch.cuda.synchronize()
        started = time.perf_counter()
        way()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def product_tflops(dtype: torch.dtype) -> float:
    """TFLOP/s of one large matrix product."""
    left, right = (
        torch.randn(PRODUCT_SIDE, PRODUCT_SIDE, device="cuda", dtype=dtype) for _ in range(2)
    )
    return 2 * PRODUCT_SIDE**3 / median_ms(lambda: left @ right) / 1e9


def network(name: str, dtype: torch.dtype) -> SapiensPoseNet:
    """An official network with random weights, on the GPU."""
    with gzip.open(KEYS[name], "rt") as file:
        content = json.load(file)
    tensors = {row[0]: torch.empty(row[1], device="meta") for row in content["keys"]}
    config = infer_config({key: t.shape for key, t in canonical_tensors(tensors).items()})
    torch.manual_seed(0)
    with torch.device("cuda"):
        return SapiensPoseNet(config).eval().to(dtype)


def forward_table(model: SapiensPoseNet, dtype: torch.dtype, tflops: float) -> list[dict[str, Any]]:
    """Times, share of the product's speed and memory of passes with so many crops."""
    height, width = model.config.input_size_hw
    rows = []
    for crops in CROPS:
        images = torch.randn(crops, 3, height, width, device="cuda", dtype=dtype)
        with FlopCounterMode(display=False) as counter:
            model(images)
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
        model(images).float()
        needed = torch.cuda.max_memory_allocated() - before[0]
        set_aside = torch.cuda.max_memory_reserved() - before[1]
        ms = median_ms(lambda images=images: model(images))
        tera = counter.get_total_flops() / 1e12
        rows.append(
            {
                "crops": crops,
                "ms_a_crop": ms / crops,
                "tflop_a_crop": tera / crops,
                "of_a_product": tera / (ms / 1000) / tflops,
                "allocated_gb": needed / 1e9,
                "reserved_gb": set_aside / 1e9,
                "estimated_gb": activation_bytes(model.config, crops, dtype.itemsize) / 1e9,
            }
        )
    return rows


def stage_table(model: SapiensPoseNet, dtype: torch.dtype) -> dict[str, float]:
    """Milliseconds a person of each stage of one picture with many people, flip test on."""
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 255, (1080, 1920, 3), dtype=np.uint8)
    lefts = rng.uniform(0, 1400, PEOPLE)
    boxes = [[left, 100, left + 400, 1000] for left in lefts]
    estimator = PoseEstimator(model, "cuda", dtype)
    jobs = [Crop.from_box(box, model.config.input_size_hw) for box in boxes]
    pixels = [crop.pixels(picture) for crop in jobs]
    crops = normalise(pixels, "cuda")
    maps = estimator.heatmaps(crops, flip=True)
    options = EstimateOptions(batch_size=PEOPLE)
    halves = EstimateOptions(batch_size=PEOPLE // 4)
    host = maps.cpu().numpy()
    plain_ms = median_ms(lambda: plain.decode(host[0]))
    ways = {
        "whole": lambda: estimator.estimate([picture], [People(boxes)], options),
        "whole, four at a time": lambda: estimator.estimate([picture], [People(boxes)], halves),
        "crop": lambda: [crop.pixels(picture) for crop in jobs],
        "normalise on the GPU": lambda: normalise(pixels, "cuda"),
        "network": lambda: estimator.heatmaps(crops, flip=True),
        "decode": lambda: [part.cpu() for part in decode(maps)],
        "maps to the host": lambda: maps.cpu().numpy(),
    }
    return {name: median_ms(way) / PEOPLE for name, way in ways.items()} | {
        "plain decode": plain_ms
    }


def precision_table(name: str) -> dict[str, dict[str, float]]:
    """Error of 16-bit precisions against float32 on noise, in depth and width as official."""
    images = torch.randn(2, 3, *PRECISION_SIZE_HW, device="cuda")
    exact = network(name, torch.float32)(images)
    scale = float(exact.max() - exact.min())
    found = {}
    for dtype in (torch.bfloat16, torch.float16):
        maps = network(name, dtype)(images.to(dtype)).float()
        error = (maps - exact).abs()
        found[str(dtype).removeprefix("torch.")] = {
            "mean": float(error.mean()) / scale,
            "max": float(error.max()) / scale,
            "finite": bool(maps.isfinite().all()),
        }
    return found


def compiled(model: SapiensPoseNet, dtype: torch.dtype) -> dict[str, float]:
    """Seconds to compile a network, and milliseconds a crop with and without."""
    images = torch.randn(8, 3, *model.config.input_size_hw, device="cuda", dtype=dtype)
    eager = median_ms(lambda: model(images)) / 8
    before = model(images).float()
    model.compile()
    started = time.perf_counter()
    difference = float((model(images).float() - before).abs().max())
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "eager_ms": eager,
        "compiled_ms": median_ms(lambda: model(images)) / 8,
        "difference": difference / float(before.abs().max()),
    }


@torch.inference_mode()
def measure(names: list[str], *, compile_too: bool) -> dict[str, Any]:
    """All figures of these networks."""
    dtype = torch.bfloat16
    tflops = product_tflops(dtype)
    found: dict[str, Any] = {
        "device": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "product_tflops": {"bf16": tflops, "fp32": product_tflops(torch.float32)},
        "networks": {},
    }
    print(found)
    for name in names:
        model = network(name, dtype)
        rows = {"forward": forward_table(model, dtype, tflops), "stages": stage_table(model, dtype)}
        if compile_too and name == names[0]:
            rows["compile"] = compiled(model, dtype)
        del model
        gc.collect()
        torch.cuda.empty_cache()
        rows["precision"] = precision_table(name) if name in DEPTHS else {}
        gc.collect()
        torch.cuda.empty_cache()
        found["networks"][name] = rows
        tell(name, rows)
    return found


def tell(name: str, rows: dict[str, Any]) -> None:
    """Prints the figures of one network."""
    print(f"\n{name}")
    for row in rows["forward"]:
        print("  " + "  ".join(f"{key} {value:.4g}" for key, value in row.items()))
    for table in ("stages", "compile"):
        if table in rows:
            print("  " + ", ".join(f"{key} {value:.3g}" for key, value in rows[table].items()))
    print("  ", rows["precision"], flush=True)


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, metavar="FILE")
    parser.add_argument("--models", nargs="+", choices=list(KEYS), default=list(KEYS))
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    found = measure(options.models, compile_too=options.compile)
    if options.output:
        options.output.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
