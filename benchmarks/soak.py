"""A thousand graphs in one ComfyUI server: does anything stay behind, does anything slow down?

    COMFYUI_DIR=... python benchmarks/soak.py [--runs 1000] [-o FOLDER]

Every run draws by lot a model, a picture's size, frames, people, a style and what else a graph may
hold, and goes over HTTP, as from the page. Every 50 runs the server's process is looked at
(Linux): resident memory, threads, open files, temporary files, and processor time a run, as a
multiple of that of a fixed piece of work in between, so that a busy machine shifts both. ComfyUI
keeps results by itself; ``--cache-classic`` makes it keep the last graph's only, whose pictures may
be 60 MB more or less: before each look, always the same small graph is run, and the history of
finished runs is cleared. Needs the Python of a ComfyUI, as ``make comfyui`` has it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path += [str(TESTS), str(TESTS / "comfyui")]

from base_folder import MINIATURE, PHOTO, SAPIENS2  # noqa: E402
from graphs import Prompt, node  # noqa: E402
from over_http import Server, serve  # noqa: E402

HEADS = {"tiny_17.safetensors": 4, "tiny_133.safetensors": 3, "tiny_308.safetensors": 3}
"""Attention heads of the golden tiny networks, which their files do not tell."""
MODELS = (*HEADS, MINIATURE, SAPIENS2)
ODDS = (0.3, 0.3, 0.3, 0.08, 0.02)
"""How often each is drawn: the last two take seconds for a person."""
SIZES_WH = ((320, 240), (640, 425), (512, 768), (1024, 1024), (1280, 720))
STYLES = ("openpose", "dense", "sapiens", "core")
STEP = 50
WARM = 100
"""Runs after which memory is measured: all models and sizes have been drawn by then."""
MAX_GROWTH_BYTES = 50_000_000
MAX_SLOWDOWN = 1.3


@dataclass(frozen=True)
class Reading:
    """The server's process after so many runs.

    Attributes:
        runs: done so far.
        resident_bytes: memory.
        threads: running.
        files: open, sockets included.
        leftovers: temporary files: ``.part``, ``.partial``, and all in its TMPDIR, where PyTorch
            makes a folder.
        work_a_run: median processor time since the last reading, by that of ``fixed_work``.
    """

    runs: int
    resident_bytes: int
    threads: int
    files: int
    leftovers: int
    work_a_run: float


def add_models(folder: Path) -> None:
    """Puts the tiny networks into ``folder``, with the heads that the loader asks for."""
    from safetensors.torch import load_file, save_file

    for name, heads in HEADS.items():
        tensors = load_file(TESTS / "golden" / "sapiens1" / name)
        save_file(tensors, folder / name, metadata={"num_heads": str(heads)})


def random_graph(lot: random.Random, sizes_wh: Sequence[tuple[int, int]] = SIZES_WH) -> Prompt:
    """Picture, model, poses, tracking, smoothing, drawing, JSON: every value drawn by lot."""
    width, height = lot.choice(sizes_wh)
    (model,) = lot.choices(MODELS, ODDS)
    quick = model in HEADS
    boxes = [_box(lot, width, height) for _ in range(lot.randint(0, 3 if quick else 1))]
    graph = {
        "photo": node("LoadImage", image=PHOTO),
        "sized": node(
            "ImageScale",
            image=["photo", 0],
            upscale_method="bilinear",
            width=width,
            height=height,
            crop="disabled",
        ),
        "frames": node(
            "RepeatImageBatch", image=["sized", 0], amount=lot.randint(1, 2) if quick else 1
        ),
        "model": node("SapiensPoseLoader", checkpoint=model),
        "pose": node(
            "SapiensPose",
            model=["model", 0],
            image=["frames", 0],
            detector="whole image",
            flip_test=quick and lot.random() < 0.5,
            batch_size=lot.choice((0, 1, 4)),
            score_threshold=round(lot.random(), 3),
            refine=lot.choice(("off", "face", "hands", "face and hands")) if quick else "off",
        ),
        "track": node("SapiensPoseTrack", poses=["pose", 0], clip=lot.choice(("", "a", "b"))),
        "smooth": node("SapiensPoseSmooth", poses=["track", 0], strength=round(lot.random(), 2)),
        "render": node("SapiensPoseRender", poses=["smooth", 0], style=lot.choice(STYLES)),
        "show": node("PreviewImage", images=["render", 0]),
        "json": node("SapiensPoseToJSON", poses=["smooth", 0], format="sapiens"),
        "text": node("PreviewAny", source=["json", 0]),
        "save": node("SapiensPoseSave", poses=["pose", 1], filename_prefix=f"{lot.random()}/pose"),
    }
    if lot.random() < 0.8:
        graph["pose"]["inputs"]["bboxes"] = {"__value__": [boxes]}
    return graph


def _box(lot: random.Random, width: int, height: int) -> dict[str, float]:
    x, y = lot.uniform(0, width / 2), lot.uniform(0, height / 2)
    return {"x": x, "y": y, "width": width - x, "height": height - y}


def look(server: Server, runs: int, seconds: list[float], fixed_s: list[float]) -> Reading:
    """Reads the server's process, its history of runs forgotten."""
    server.post("/history", {"clear": True})
    process = Path("/proc") / str(server.pid)
    status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
    pages = int((process / "statm").read_text().split()[1])
    leftovers = [*server.base.rglob("*.part"), *server.base.rglob("*.partial")]
    return Reading(
        runs,
        pages * resource.getpagesize(),
        int(status["Threads"]),
        len(list((process / "fd").iterdir())),
        len(leftovers) + len(list(server.temporary.rglob("*"))),
        statistics.median(seconds) / statistics.median(fixed_s),
    )


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has taken until now."""
    fields = (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def fixed_work() -> float:
    """Processor time of always the same work, in seconds."""
    started_s = time.process_time()
    np.sort(np.random.default_rng(0).random(1_000_000))
    return time.process_time() - started_s


def soak(
    base: Path, runs: int, step: int, tell: Callable[[Reading], None] = lambda reading: None
) -> list[Reading]:
    """Runs as many graphs in a new server with its folders in ``base``.

    Raises:
        RuntimeError: a graph failed.
    """
    lot, readings = random.Random(0), list[Reading]()
    before_a_look = random_graph(random.Random(0), SIZES_WH[:1])
    seconds, fixed_s = list[float](), list[float]()
    # Threads of such small networks would wait for one another.
    with serve(base, "--cache-classic", OMP_NUM_THREADS="1") as server:
        add_models(base / "models" / "sapiens")
        for number in range(1, runs + 1):
            started_s = cpu_seconds(server.pid)
            _succeed(server, random_graph(lot), f"run {number}")
            seconds.append(cpu_seconds(server.pid) - started_s)
            fixed_s.append(fixed_work())
            if number % step == 0:
                _succeed(server, before_a_look, "the fixed graph")
                readings.append(look(server, number, seconds, fixed_s))
                tell(readings[-1])
                seconds.clear()
                fixed_s.clear()
    return readings


def _succeed(server: Server, graph: Prompt, name: str) -> None:
    run = server.run(graph)
    if not run.success:
        raise RuntimeError(f"{name} failed: {run.node_errors or run.messages[-1]}")


def left_behind(readings: list[Reading], warm: int) -> list[str]:
    """What the last reading has too much of, against the one after ``warm`` runs."""
    first = next(reading for reading in readings if reading.runs >= warm)
    last, promises = readings[-1], list[str]()
    growth = last.resident_bytes - first.resident_bytes
    if growth > MAX_GROWTH_BYTES:
        promises.append(f"memory grew by {growth / 1e6:.0f} MB")
    for name in ("threads", "files", "leftovers"):
        if getattr(last, name) > getattr(first, name):
            promises.append(f"{name}: {getattr(first, name)}, then {getattr(last, name)}")
    return promises


def broken_promises(readings: list[Reading], warm: int) -> list[str]:
    """What is left behind, and whether runs become slower, which takes hundreds to tell."""
    promises = left_behind(readings, warm)
    if slowdown(readings, warm) > MAX_SLOWDOWN:
        promises.append(f"a run takes {slowdown(readings, warm):.2f} of the time")
    return promises


def slowdown(readings: list[Reading], warm: int) -> float:
    """Time a run of the last third of the readings over that of the first third."""
    times = [reading.work_a_run for reading in readings if reading.runs > warm]
    third = max(1, len(times) // 3)
    return statistics.median(times[-third:]) / statistics.median(times[:third])


def main() -> int:
    """Prints the readings; 1 if anything was left behind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("-o", "--output", type=Path, help="file for the readings, as JSON")
    options = parser.parse_args()

    def tell(reading: Reading) -> None:
        print(
            f"{reading.runs:5} runs {reading.resident_bytes / 1e6:6.0f} MB {reading.threads:3} "
            f"threads {reading.files:3} files {reading.leftovers:3} left over "
            f"{reading.work_a_run:5.2f} x the fixed work a run",
            flush=True,
        )

    with tempfile.TemporaryDirectory() as folder:
        readings = soak(Path(folder) / "base", options.runs, STEP, tell)
    if options.output:
        options.output.write_text(json.dumps([asdict(reading) for reading in readings]))
    promises = broken_promises(readings, WARM)
    print(f"processor time a run, end over beginning: {slowdown(readings, WARM):.2f}")
    print("\n".join(promises) or "nothing was left behind")
    return 1 if promises else 0


if __name__ == "__main__":
    sys.exit(main())
