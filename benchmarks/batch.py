"""Memory of a batch on Ray: a run over many small pictures through a tiny network.

    python benchmarks/batch.py [--pictures 10000] [--part-size 100]

The resident memory of the command and of each worker is read whenever another fifth of the parts
is done; that of Ray's own processes is told once, at the end. On Linux only.
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
from comfyui_sapiens_pose.commands.ray_batch.layout import Layout

TINY = Path(__file__).resolve().parent.parent / "tests/golden/sapiens1/tiny_17.safetensors"
COMMAND = [sys.executable, "-m", "comfyui_sapiens_pose.cli", "batch"]
NETWORK = ["--weights", str(TINY), "--num-heads", "4", "--no-flip"]
WORKERS = ["--actors", "2", "--cpus-per-actor", "1"]
FIFTHS = 5


def write_pictures(folder: Path, pictures: int) -> None:
    """Pictures of 64 x 48, each of its own."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(pictures):
        picture = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
        (folder / f"{number:06}.png").write_bytes(encode_png(picture))


def children(pid: int) -> dict[int, str]:
    """Process ids below one, and what each calls itself."""
    parents, names = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int(
                (folder / "stat").read_text().rpartition(")")[2].split()[1]
            )
            names[int(folder.name)] = (folder / "cmdline").read_bytes().decode().replace("\0", " ")
        except OSError:
            continue
    found: dict[int, str] = {}
    below = {pid}
    while below:
        below = {child for child, parent in parents.items() if parent in below}
        found |= {child: names.get(child, "") for child in below}
    return found


def resident_mb(pid: int) -> float:
    """Resident memory of a process that it shares with no other file or process; 0 if gone."""
    try:
        pages = (Path("/proc") / str(pid) / "statm").read_text().split()
    except OSError:
        return 0.0
    return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE") / 1e6


def told(pid: int) -> tuple[float, float, float]:
    """Megabytes of the command, of its largest worker, and of everything else of Ray."""
    below = children(pid)
    workers = [resident_mb(child) for child, name in below.items() if "MapWorker" in name]
    others = [resident_mb(child) for child, name in below.items() if "MapWorker" not in name]
    return resident_mb(pid), max(workers, default=0.0), sum(others)


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--part-size", type=int, default=100)
    options = parser.parse_args()
    parts = options.pictures // options.part_size
    with tempfile.TemporaryDirectory() as folder:
        write_pictures(Path(folder) / "in", options.pictures)
        layout = Layout(Path(folder) / "out")
        arguments = [f"{folder}/in", "-o", str(layout.folder), *NETWORK, *WORKERS]
        size = ["--part-size", str(options.part_size)]
        started = time.monotonic()
        log = Path(folder) / "log"
        with log.open("w") as file:
            run = subprocess.Popen([*COMMAND, *arguments, *size], stderr=file)
        print("parts done   command MB   worker MB   Ray's own MB")
        for fifth in range(1, FIFTHS + 1):
            # Not at the very end, when workers are gone.
            while len(layout.done()) < min(parts * fifth // FIFTHS, parts - 2):
                if run.poll() is not None:
                    raise RuntimeError(f"The run ended early: {log.read_text()[-2000:]}")
                time.sleep(0.2)
            print(
                "{:10}   {:10.0f}   {:9.0f}   {:12.0f}".format(len(layout.done()), *told(run.pid))
            )
        status = run.wait()
        seconds = time.monotonic() - started
    print(f"exit code {status}, {options.pictures / seconds:.1f} pictures a second in all")


if __name__ == "__main__":
    main()
