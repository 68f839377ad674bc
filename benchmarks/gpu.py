"""Every official network on a GPU: speed, memory, precision, and the time of all other stages.

    python benchmarks/gpu.py [-o FILE] [--models NAME ...] [--compile]

Random weights of the official shapes. Times are medians between device synchronisations; speeds
are also given as fractions of that of one large matrix product of the same precision, measured in
the same run.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import plain
import torch
from comfyui_sapiens_pose.sapiens_core.crop import Crop, normalise
from comfyui_sapiens_pose.sapiens_core.decode import decode
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions, PoseEstimator
from comfyui_sapiens_pose.sapiens_core.network.activation_memory import activation_bytes
from comfyui_sapiens_pose.sapiens_core.network.pose_net import SapiensPoseNet
from networks import KEYS, official_config
from torch.utils.flop_counter import FlopCounterMode

CROPS = (1, 2, 8, 16)
PRODUCT_SIDE = 8192
SECONDS_PER_WAY = 0.7
PEOPLE = 16
PRECISION_NETWORKS = ("0.3b", "2b", "sapiens2-0.4b", "sapiens2-1b")
"""Networks whose precision is measured: the shallowest and deepest of each generation that fit."""
PRECISION_SIZE_HW = (1024, 768)


def median_ms(way: Callable[[], object]) -> float:
    """Median of as many calls as fit into ``SECONDS_PER_WAY``, at least two, after one more."""
    way()
    times: list[float] = []
    while len(times) < 2 or sum(times) < SECONDS_PER_WAY:
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
    torch.manual_seed(0)
    with torch.device("cuda"):
        return SapiensPoseNet(official_config(name)).eval().to(dtype)


def forward_table(model: SapiensPoseNet, dtype: torch.dtype, tflops: float) -> list[dict[str, Any]]:
    """Time, speed as a fraction of the product's, and memory of passes with 1 to 16 crops."""
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
        reserved = torch.cuda.max_memory_reserved() - before[1]
        ms = median_ms(lambda images=images: model(images))
        tera = counter.get_total_flops() / 1e12
        rows.append(
            {
                "crops": crops,
                "ms_a_crop": ms / crops,
                "tflop_a_crop": tera / crops,
                "of_a_product": tera / (ms / 1000) / tflops,
                "allocated_gb": needed / 1e9,
                "reserved_gb": reserved / 1e9,
                "estimated_gb": activation_bytes(model.config, crops, dtype.itemsize) / 1e9,
            }
        )
    return rows


def stage_table(model: SapiensPoseNet, dtype: torch.dtype) -> dict[str, float]:
    """Milliseconds per person of each stage of one image with many people, flip test on."""
    rng = np.random.default_rng(0)
    image_rgb = rng.integers(0, 255, (1080, 1920, 3), dtype=np.uint8)
    lefts = rng.uniform(0, 1400, PEOPLE)
    boxes = [[left, 100, left + 400, 1000] for left in lefts]
    estimator = PoseEstimator(model, "cuda", dtype)
    person_crops = [Crop.from_box(box, model.config.input_size_hw) for box in boxes]
    pixels = [crop.pixels(image_rgb) for crop in person_crops]
    crops = normalise(pixels, "cuda")
    maps = estimator.heatmaps(crops, flip=True)
    options = EstimateOptions(batch_size=PEOPLE)
    halves = EstimateOptions(batch_size=PEOPLE // 4)
    host = maps.cpu().numpy()
    plain_ms = median_ms(lambda: plain.decode(host[0]))
    ways = {
        "whole": lambda: estimator.estimate([image_rgb], [People(boxes)], options),
        "whole, four at a time": lambda: estimator.estimate([image_rgb], [People(boxes)], halves),
        "crop": lambda: [crop.pixels(image_rgb) for crop in person_crops],
        "normalise on the GPU": lambda: normalise(pixels, "cuda"),
        "network": lambda: estimator.heatmaps(crops, flip=True),
        "decode": lambda: [result.cpu() for result in decode(maps)],
        "maps to the host": lambda: maps.cpu().numpy(),
    }
    return {name: median_ms(way) / PEOPLE for name, way in ways.items()} | {
        "plain decode": plain_ms
    }


def precision_table(name: str) -> dict[str, dict[str, float]]:
    """Error of 16-bit precisions against float32 on noise, at the official depth and width."""
    images = torch.randn(2, 3, *PRECISION_SIZE_HW, device="cuda")
    exact = network(name, torch.float32)(images)
    scale = float(exact.max() - exact.min())
    errors = {}
    for dtype in (torch.bfloat16, torch.float16):
        maps = network(name, dtype)(images.to(dtype)).float()
        error = (maps - exact).abs()
        errors[str(dtype).removeprefix("torch.")] = {
            "mean": float(error.mean()) / scale,
            "max": float(error.max()) / scale,
            "finite": bool(maps.isfinite().all()),
        }
    return errors


def compile_table(model: SapiensPoseNet, dtype: torch.dtype) -> dict[str, float]:
    """Seconds to compile a network, and milliseconds per crop with and without."""
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
    results: dict[str, Any] = {
        "device": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "product_tflops": {"bf16": tflops, "fp32": product_tflops(torch.float32)},
        "networks": {},
    }
    print(results)
    for name in names:
        model = network(name, dtype)
        rows = {"forward": forward_table(model, dtype, tflops), "stages": stage_table(model, dtype)}
        if compile_too and name == names[0]:
            rows["compile"] = compile_table(model, dtype)
        del model
        gc.collect()
        torch.cuda.empty_cache()
        rows["precision"] = precision_table(name) if name in PRECISION_NETWORKS else {}
        gc.collect()
        torch.cuda.empty_cache()
        results["networks"][name] = rows
        print_rows(name, rows)
    return results


def print_rows(name: str, rows: dict[str, Any]) -> None:
    """Print the figures of one network."""
    print(f"\n{name}")
    for row in rows["forward"]:
        print("  " + "  ".join(f"{key} {value:.4g}" for key, value in row.items()))
    for table in ("stages", "compile"):
        if table in rows:
            print("  " + ", ".join(f"{key} {value:.3g}" for key, value in rows[table].items()))
    print("  ", rows["precision"], flush=True)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, metavar="FILE")
    parser.add_argument("--models", nargs="+", choices=list(KEYS), default=list(KEYS))
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    results = measure(options.models, compile_too=options.compile)
    if options.output:
        options.output.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
