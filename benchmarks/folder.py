"""Memory along a folder of many small images: does it stay the same?

    python benchmarks/folder.py [--images 10000] [--workers 2]

A complete ``sapiens-pose estimate``, in processes of its own, with the miniature at a small input
size. The resident memory of all of them together is read twice per second (Linux).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from comfyui_sapiens_pose.commands.files.images import encode_png
from processes import descendants, resident_bytes

WEIGHTS = Path(__file__).resolve().parent.parent / "miniature/sapiens_miniature_17.safetensors"
SETTLED = 0.2
"""Fraction of the images after which every buffer has been used."""


def num_done(out: Path) -> int:
    """Chunks whose results are stored."""
    return sum(
        entry.name.endswith(".json")
        for folder in out.glob(".sapiens-pose/*")
        for entry in os.scandir(folder)
    )


def run(count: int, workers: int) -> list[tuple[int, int]]:
    """Numbers of chunks done and resident bytes, read until the run ends."""
    readings = []
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "in", Path(name) / "out"
        folder.mkdir()
        random = np.random.default_rng(0)
        for number in range(count):
            image = random.integers(0, 255, (48, 36, 3), dtype=np.uint8)
            (folder / f"{number}.png").write_bytes(encode_png(image))
        command = [sys.executable, "-m", "comfyui_sapiens_pose.cli", "estimate"]
        command += [folder, "-o", out, "--detector", "whole"]
        command += ["--weights", WEIGHTS, "--no-flip", "--input-size", "64x48"]
        command += ["--devices", "cpu", "--jobs-per-device", workers]
        process = subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL)
        while process.poll() is None:
            family = {process.pid} | descendants(process.pid)
            readings.append((num_done(out), sum(map(resident_bytes, family))))
            time.sleep(0.5)
        if process.returncode or len(list(out.glob("*.json"))) != count:
            raise RuntimeError(f"The run failed with exit code {process.returncode}.")
    return readings


def main() -> None:
    """Print how memory grew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    readings = run(options.images, options.workers)
    last = max(done for done, _ in readings)
    for fraction in (SETTLED, 0.4, 0.6, 0.8, 1.0):
        resident = next(size for done, size in readings if done >= fraction * last)
        print(f"{100 * fraction:4.0f} % of the images: {resident / 1e6:6.0f} MB")
    later = [size for done, size in readings if done >= SETTLED * last]
    print(f"growth since then: {(max(later) - later[0]) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
