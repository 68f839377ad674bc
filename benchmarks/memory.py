"""Memory and time of a long clip: do they stay the same from beginning to end?

    python benchmarks/memory.py [--frames 2000]

Synthetic Full HD frames go through all stages of a clip one by one: crop, a tiny network with
random weights, decoding, tracking, skeleton, POSE_KEYPOINT text. Resident memory is read every 100
frames (Linux); no result is kept.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from comfyui_sapiens_pose.sapiens_core.clip.tracker import Tracker
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions, PoseEstimator
from comfyui_sapiens_pose.sapiens_core.network.backbone_v1 import BackboneV1Config
from comfyui_sapiens_pose.sapiens_core.network.head import HeadConfig
from comfyui_sapiens_pose.sapiens_core.network.pose_net import (
    SAPIENS_V1,
    SapiensConfig,
    SapiensPoseNet,
)
from comfyui_sapiens_pose.sapiens_core.pipeline import PoseOptions, find_poses
from comfyui_sapiens_pose.skeletons.draw import render
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import encode
from comfyui_sapiens_pose.skeletons.foundation.arrays import Image
from processes import resident_bytes

CANVAS_WH = (1920, 1080)
INPUT_SIZE_HW = (64, 48)
CHUNK = 8
FIRST, STEP = 200, 100


@dataclass(frozen=True)
class Reading:
    """Resident memory after a number of frames, and seconds per frame since the last reading."""

    frames: int
    resident_bytes: int
    seconds_per_frame: float


def tiny_estimator() -> PoseEstimator:
    """An estimator of 133 keypoints that takes almost no time."""
    torch.manual_seed(0)
    backbone = BackboneV1Config(32, 1, 2, 64, 16, INPUT_SIZE_HW)
    head = HeadConfig(32, (16, 16), (16,), 133)
    model = SapiensPoseNet(SapiensConfig(SAPIENS_V1, backbone, head, INPUT_SIZE_HW))
    return PoseEstimator(model.eval())


def make_frames(count: int) -> Iterator[Image]:
    """Different Full HD images, one after the other."""
    width, height = CANVAS_WH
    base = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    for number in range(count):
        yield np.roll(base, number, axis=1)


def run(count: int) -> list[Reading]:
    """Process a clip of ``count`` frames."""
    estimator, tracker = tiny_estimator(), Tracker()
    options = PoseOptions(EstimateOptions(batch_size=CHUNK))
    people = People([[300, 100, 700, 1000], [900, 100, 1300, 1000], [1400, 100, 1800, 1000]])
    readings, source, started = [], make_frames(count), time.perf_counter()
    for first in range(0, count, CHUNK):
        images = [next(source) for _ in range(min(CHUNK, count - first))]
        for image, frame in zip(
            images, find_poses(estimator, images, [people] * len(images), options), strict=True
        ):
            tracked = tracker.update(frame)
            render(tracked)
            json.dumps(encode([tracked]))
            del image
        done = first + len(images)
        if done % STEP == 0:
            now = time.perf_counter()
            readings.append(Reading(done, resident_bytes(), (now - started) / STEP))
            started = now
    return readings


def growth_bytes(readings: list[Reading]) -> int:
    """Growth of memory from the reading after ``FIRST`` frames to the largest later one."""
    later = [reading.resident_bytes for reading in readings if reading.frames >= FIRST]
    return max(later) - later[0]


def slowdown(readings: list[Reading]) -> float:
    """Time per frame in the last third of the readings, relative to the first third."""
    times = [reading.seconds_per_frame for reading in readings if reading.frames > FIRST]
    third = max(1, len(times) // 3)
    return statistics.median(times[-third:]) / statistics.median(times[:third])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=2000)
    readings = run(parser.parse_args().frames)
    for reading in readings:
        print(
            f"{reading.frames:6} frames  {reading.resident_bytes / 1e6:7.0f} MB"
            f"  {1000 * reading.seconds_per_frame:6.1f} ms per frame"
        )
    print(f"growth since frame {FIRST}: {growth_bytes(readings) / 1e6:.0f} MB")
    print(f"time per frame, end over beginning: {slowdown(readings):.2f}")


if __name__ == "__main__":
    main()
