"""How long the detector takes for eight pictures, some at a time, against one after the other.

    python benchmarks/detector.py [--size r18|r50] [--device cpu] [--rounds 5]

Random weights of the real size, noise for pictures. On a processor it is the time of one thread,
which others who use the machine do not change much; on a GPU it is the time by the clock.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
import torch
from comfyui_sapiens_pose.sapiens_core.detection.rt_detr import (
    SIZES,
    DetectOptions,
    DetectorNet,
    PersonDetector,
    network_config,
    require_library,
)

PICTURES = 8
BATCH_SIZES = (1, 2, 4, 8)


def random_detector(size: str, device: str) -> PersonDetector:
    """A detector of the real configuration that has learnt nothing."""
    library = require_library()
    torch.manual_seed(0)
    network = library.RTDetrV2ForObjectDetection(network_config(size))
    model = DetectorNet(network).eval().requires_grad_(False)
    return PersonDetector(model.to(device), device)


def main() -> None:
    """Prints milliseconds a picture for each batch size, and whether the boxes are equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=list(SIZES), default="r18")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    detector = random_detector(arguments.size, arguments.device)
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 256, (480, 640, 3), np.uint8) for _ in range(PICTURES)]
    clock = time.process_time if arguments.device == "cpu" else time.perf_counter
    times: dict[int, list[float]] = {size: [] for size in BATCH_SIZES}
    boxes = {}
    for round_number in range(arguments.rounds + 1):
        for size in BATCH_SIZES:
            options = DetectOptions(0.0, max_overlap=1.0, min_side_px=0, batch_size=size)
            started = clock()
            people = detector.detect(pictures, options)
            if round_number:  # the first one warms up
                times[size].append(clock() - started)
            boxes[size] = np.array([each.boxes_xyxy for each in people])
    alone = statistics.median(times[1])
    for size, seconds in times.items():
        median = statistics.median(seconds)
        difference = np.abs(boxes[size] - boxes[1]).max()
        print(
            f"{arguments.size} on {arguments.device}, {size} at a time: "
            f"{1000 * median / PICTURES:.1f} ms a picture, {median / alone:.2f} of one at a time; "
            f"boxes differ by {difference:g} pixels"
        )


if __name__ == "__main__":
    main()
