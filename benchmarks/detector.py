"""Time of the detector for eight images, several at a time, against one after the other.

    python benchmarks/detector.py [--size r18|r50] [--device cpu] [--rounds 5]

Random weights of the real size, noise for images. On a CPU the processor time of one thread is
measured, which other work on the machine hardly changes; on a GPU the elapsed time.
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

NUM_IMAGES = 8
BATCH_SIZES = (1, 2, 4, 8)


def random_detector(size: str, device: str) -> PersonDetector:
    """A detector of the real configuration with random weights."""
    library = require_library()
    torch.manual_seed(0)
    network = library.RTDetrV2ForObjectDetection(network_config(size))
    model = DetectorNet(network).eval().requires_grad_(False)
    return PersonDetector(model.to(device), device)


def main() -> None:
    """Print milliseconds per image for each batch size, and whether the boxes are equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=list(SIZES), default="r18")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    detector = random_detector(arguments.size, arguments.device)
    random = np.random.default_rng(0)
    images = [random.integers(0, 256, (480, 640, 3), np.uint8) for _ in range(NUM_IMAGES)]
    clock = time.process_time if arguments.device == "cpu" else time.perf_counter
    times: dict[int, list[float]] = {size: [] for size in BATCH_SIZES}
    boxes = {}
    for round_number in range(arguments.rounds + 1):
        for size in BATCH_SIZES:
            options = DetectOptions(0.0, max_overlap=1.0, min_side_px=0, batch_size=size)
            started = clock()
            people = detector.detect(images, options)
            if round_number:  # the first round warms up
                times[size].append(clock() - started)
            boxes[size] = np.array([group.boxes_xyxy for group in people])
    one_by_one = statistics.median(times[1])
    for size, seconds in times.items():
        median = statistics.median(seconds)
        difference = np.abs(boxes[size] - boxes[1]).max()
        print(
            f"{arguments.size} on {arguments.device}, {size} at a time: "
            f"{1000 * median / NUM_IMAGES:.1f} ms per image, "
            f"{median / one_by_one:.2f} of one at a time; boxes differ by {difference:g} pixels"
        )


if __name__ == "__main__":
    main()
