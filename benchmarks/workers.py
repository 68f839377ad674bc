"""Speed of two workers against one, each with a core of its own.

    python benchmarks/workers.py [--rounds 5]

Workers as ``sapiens-pose estimate --devices cpu --jobs-per-device 2`` starts them, with the
miniature and forty people per image, so that nearly all time is spent in the network. Both pools
are loaded first and then work alternately. Elapsed time is the figure to use on an idle machine;
processor time shows on a busy one how much two workers slow each other down (Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from comfyui_sapiens_pose.commands import estimate
from comfyui_sapiens_pose.commands.run.chunks import Chunk, Item
from comfyui_sapiens_pose.commands.run.plan import make_plan
from comfyui_sapiens_pose.commands.run.worker_pool import WorkerPool
from processes import children, cpu_seconds

ROOT = Path(__file__).resolve().parent.parent
PHOTO = ROOT / "miniature/photos/000000000785.jpg"
WEIGHTS = ROOT / "miniature/sapiens_miniature_17.safetensors"
PEOPLE = 40
CHUNKS = 4


@contextmanager
def limit_cores(count: int) -> Iterator[None]:
    """Restrict processes that are started in this context to ``count`` cores."""
    all_cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, all_cores[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def start_pool(folder: Path, num_workers: int) -> WorkerPool:
    """A pool whose workers have loaded their models and processed one chunk each."""
    boxes = folder / "boxes.json"
    boxes.write_text(json.dumps({PHOTO.name: [[200, 20, 480, 420]] * PEOPLE}))
    parser = argparse.ArgumentParser()
    estimate.add_parser(parser.add_subparsers())
    arguments = ["estimate", PHOTO, "-o", folder / "out", "--weights", WEIGHTS, "--no-flip"]
    arguments += ["--bboxes", boxes, "--devices", "cpu", "--jobs-per-device", num_workers]
    arguments += ["--no-merge-duplicates"]
    plan = make_plan(parser.parse_args([str(word) for word in arguments]))
    pool = WorkerPool(plan.work, plan.devices)
    with limit_cores(num_workers):
        for _ in pool.run(make_chunks(num_workers)):
            continue
    return pool


def make_chunks(count: int) -> list[Chunk]:
    """Chunks of one image each; as frames of a clip, nothing is written of them."""
    return [Chunk(number, (Item(PHOTO, PHOTO.stem),), is_clip=True) for number in range(count)]


@dataclass
class Timed:
    """A pool, its processes, and the elapsed and the processor time of each round."""

    pool: WorkerPool
    process_ids: set[int]
    clock_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)

    def work(self) -> None:
        """Do one round."""
        started, cpu_started = time.perf_counter(), sum(map(cpu_seconds, self.process_ids))
        for _ in self.pool.run(make_chunks(CHUNKS)):
            continue
        self.clock_s.append(time.perf_counter() - started)
        self.cpu_s.append(sum(map(cpu_seconds, self.process_ids)) - cpu_started)


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    pools: list[Timed] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for num_workers in (1, 2):
            before = children()
            pool = stack.enter_context(start_pool(Path(folder), num_workers))
            pools.append(Timed(pool, children() - before))
        for _ in range(rounds):
            for timed in pools:
                timed.work()
    one, two = pools
    people = CHUNKS * PEOPLE
    for name, timed in (("one worker", one), ("two workers", two)):
        clock_s, cpu_s = statistics.median(timed.clock_s), statistics.median(timed.cpu_s)
        print(f"{name:11}: {people / clock_s:6.1f} people per second", end=", ")
        print(f"{1000 * cpu_s / people:5.1f} ms of processor time per person")
    elapsed = [a / b for a, b in zip(one.clock_s, two.clock_s, strict=True)]
    by_processor = [2 * a / b for a, b in zip(one.cpu_s, two.cpu_s, strict=True)]
    for name, ratios in (("elapsed time", elapsed), ("processor time", by_processor)):
        middle = statistics.median(ratios)
        print(f"two over one by {name}: {middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
