"""Time per person of every stage but the network, against the plain way, in one run.

    python benchmarks/stages.py [--json FILE]

Stages: crop and normalise, decode, POSE_KEYPOINT, skeleton, JSON text. The plain way (``plain.py``)
works as the reference does: person by person in numpy, each heatmap blurred as a whole in cv2. All
stages after the decoding are the same code on both sides.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import plain
import torch
from comfyui_sapiens_pose.sapiens_core.crop import Crop, normalise
from comfyui_sapiens_pose.sapiens_core.decode import decode
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import encode
from comfyui_sapiens_pose.skeletons.keypoint_sets import NETWORK_SETS
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from numpy.typing import NDArray
from timing import medians_ms

SIZE_HW = (1024, 768)
CANVAS_WH = (1920, 1080)
PEOPLE = (1, 4, 16)
ROUNDS = 7
MIN_PEOPLE = 48
"""Minimum number of people that are timed in all rounds together: seven rounds with one person are
so short that other work on the machine would distort them."""


def heatmaps(num_people: int, num_keypoints: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """(N, K, 256, 192) heatmaps like those of a network: one blob each, and a little noise."""
    rows, columns = np.mgrid[:256, :192].astype(np.float32)
    maps = np.empty((num_people, num_keypoints, 256, 192), np.float32)
    for heatmap in maps.reshape(-1, 256, 192):
        x, y = rng.uniform(8, 180), rng.uniform(8, 240)
        blob = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 72)
        heatmap[:] = blob + rng.uniform(0, 0.02, blob.shape)
    return maps


def make_frame(keypoints_crop: NDArray, scores: NDArray, crops: list[Crop], count: int) -> Frame:
    """A frame of people with these keypoints."""
    return Frame(
        CANVAS_WH,
        tuple(
            Pose(crop.to_image(person), score, NETWORK_SETS[count], CANVAS_WH, [0, 0, 9, 9])
            for crop, person, score in zip(crops, keypoints_crop, scores, strict=True)
        ),
    )


def stages(num_people: int, count: int) -> dict[str, tuple[Callable[[], object], ...]]:
    """Our way and the plain way of each stage; only ours where both are the same."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (CANVAS_WH[1], CANVAS_WH[0], 3), dtype=np.uint8)
    lefts = rng.uniform(0, 1400, num_people)
    crops = [Crop.from_box([left, 100, left + 400, 1000], SIZE_HW) for left in lefts]
    maps = heatmaps(num_people, count, rng)
    tensor = torch.from_numpy(maps)
    keypoints, scores = decode(tensor)
    frame = make_frame(keypoints.numpy() * 4, scores.numpy(), crops, count)
    value = encode([frame])
    return {
        "crop": (
            lambda: normalise([crop.pixels(image) for crop in crops]),
            lambda: [plain.crop_and_normalise(image, crop.matrix, SIZE_HW) for crop in crops],
        ),
        "decode": (lambda: decode(tensor), lambda: [plain.decode(person) for person in maps]),
        "poses": (lambda: make_frame(keypoints.numpy() * 4, scores.numpy(), crops, count),),
        "encode": (lambda: encode([frame]),),
        "render": (lambda: render(frame, DrawOptions()),),
        "json": (lambda: json.dumps(value),),
    }


def measure_peaks_mb(num_people: int, count: int) -> dict[str, float]:
    """Peak memory of each stage beside what was allocated before it, in megabytes (Linux)."""
    needed = {}
    for name, (ours, *_) in stages(num_people, count).items():
        Path("/proc/self/clear_refs").write_text("5")  # resets the peak
        before = _status_mb("VmRSS")
        ours()
        needed[name] = _status_mb("VmHWM") - before
    return needed


def _status_mb(key: str) -> float:
    """A value of this process's status in megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{key}:"))


def measure(num_people: int, count: int) -> dict[str, Any]:
    """Milliseconds per person of each stage, both ways, and the ratio of the sums."""
    ours, other = {}, {}
    rounds = max(ROUNDS, MIN_PEOPLE // num_people)
    for name, ways in stages(num_people, count).items():
        times = medians_ms(dict(enumerate(ways)), rounds)  # type: ignore[arg-type]
        ours[name] = times[0] / num_people
        other[name] = times.get(1, times[0]) / num_people
    return {
        "people": num_people,
        "keypoints": count,
        "ours_ms": ours,
        "plain_ms": other,
        "decode_speed_up": other["decode"] / ours["decode"],
        "ratio": sum(ours.values()) / sum(other.values()),
    }


def main() -> None:
    """Print the table and, with ``--json``, write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    rows = [measure(people, count) for people in PEOPLE for count in sorted(NETWORK_SETS)]
    names = list(rows[0]["ours_ms"])
    print("ms per person, ours / plain")
    print("people keypts " + "".join(f"{name:>16}" for name in names) + "   decode  ratio")
    for row in rows:
        cells = "".join(
            f"{row['ours_ms'][name]:8.2f} /{row['plain_ms'][name]:6.1f}" for name in names
        )
        print(
            f"{row['people']:6}{row['keypoints']:7} {cells}"
            f"  x{row['decode_speed_up']:5.1f}  {row['ratio']:.3f}"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
