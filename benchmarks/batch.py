"""Memory of a batch on Ray: a run over many small images through a tiny network.

    python benchmarks/batch.py [--images 10000] [--part-size 100]

The resident memory of the command, of its largest worker and of Ray's own processes is read
whenever another fifth of the shards is done. On Linux only.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.commands.ray_batch.layout import Layout
from processes import descendants, private_bytes

TINY = Path(__file__).resolve().parent.parent / "tests/golden/sapiens1/tiny_17.safetensors"
COMMAND = [sys.executable, "-m", "comfyui_sapiens_pose.cli", "batch", "--detector=whole"]
NETWORK = ["--weights", str(TINY), "--num-heads", "4", "--no-flip"]
WORKERS = ["--actors", "2", "--cpus-per-actor", "1"]
FIFTHS = 5


def write_images(folder: Path, count: int) -> None:
    """Write ``count`` different images of 64 x 48 pixels into a new folder."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(count):
        image = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
        (folder / f"{number:06}.png").write_bytes(encode_png(image))


def measure_mb(process_id: int) -> tuple[float, float, float]:
    """Megabytes of the command, of its largest worker, and of all other processes of Ray."""
    workers, others = [], []
    for child in descendants(process_id):
        (workers if "ShardActor" in command_line(child) else others).append(private_bytes(child))
    return private_bytes(process_id) / 1e6, max(workers, default=0) / 1e6, sum(others) / 1e6


def command_line(process_id: int) -> str:
    """What a process was started as, or calls itself; empty if it has ended."""
    try:
        return (Path("/proc") / str(process_id) / "cmdline").read_bytes().decode()
    except OSError:
        return ""


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--part-size", type=int, default=100)
    options = parser.parse_args()
    num_shards = options.images // options.part_size
    with tempfile.TemporaryDirectory() as folder:
        write_images(Path(folder) / "in", options.images)
        layout = Layout(Path(folder) / "out")
        arguments = [f"{folder}/in", "-o", str(layout.folder), *NETWORK, *WORKERS]
        size = ["--part-size", str(options.part_size)]
        started = time.monotonic()
        log = Path(folder) / "log"
        with log.open("w") as file:
            run = subprocess.Popen([*COMMAND, *arguments, *size], stderr=file)
        print("shards done   command MB   worker MB   Ray's own MB")
        for fifth in range(1, FIFTHS + 1):
            # Two shards before the end at most, because the workers end after it.
            while len(layout.find_done()) < min(num_shards * fifth // FIFTHS, num_shards - 2):
                if run.poll() is not None:
                    raise RuntimeError(f"The run ended early: {log.read_text()[-2000:]}")
                time.sleep(0.2)
            print(
                "{:11}   {:10.0f}   {:9.0f}   {:12.0f}".format(
                    len(layout.find_done()), *measure_mb(run.pid)
                )
            )
        status = run.wait()
        seconds = time.monotonic() - started
    print(f"exit code {status}, {options.images / seconds:.1f} images per second in all")


if __name__ == "__main__":
    main()
