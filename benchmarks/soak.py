"""A thousand graphs in one ComfyUI server: is anything left behind, does anything slow down?

    COMFYUI_DIR=... python benchmarks/soak.py [--runs 1000] [-o FOLDER]

Every run has a random model, image size, number of frames and people, style and other options,
and is sent over HTTP, as from the page. Every 50 runs the server's process is measured (Linux):
resident memory, threads, open files, temporary files, and processor time per run, as a multiple of
that of a fixed piece of work in between, so that a busy machine shifts both. ComfyUI itself keeps
results; with ``--cache-classic`` only those of the last graph, whose images may differ by 60 MB. So
before each reading the same small graph is run, and the history of finished runs is cleared. Needs
the Python of a ComfyUI, as ``make comfyui`` installs it.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from processes import cpu_seconds, resident_bytes

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path += [str(TESTS), str(TESTS / "comfyui")]

from base_folder import MINIATURE, PHOTO, SAPIENS2  # noqa: E402
from graphs import Prompt, node  # noqa: E402
from over_http import Server, serve  # noqa: E402

HEADS = {"tiny_17.safetensors": 4, "tiny_133.safetensors": 3, "tiny_308.safetensors": 3}
"""Number of attention heads of the golden tiny networks, which their files do not contain."""
MODELS = (*HEADS, MINIATURE, SAPIENS2)
ODDS = (0.3, 0.3, 0.3, 0.08, 0.02)
"""Probability of each model: the last two take seconds per person."""
SIZES_WH = ((320, 240), (640, 425), (512, 768), (1024, 1024), (1280, 720))
STYLES = ("openpose", "dense", "sapiens", "core")
STEP = 50
WARM = 100
"""Number of runs after which memory is measured: all models and sizes have been used by then."""
MAX_GROWTH_BYTES = 50_000_000
MAX_SLOWDOWN = 1.3


@dataclass(frozen=True)
class Reading:
    """The server's process after a number of runs.

    Attributes:
        runs: number of finished runs.
        resident_bytes: resident memory.
        threads: number of running threads.
        files: number of open files, sockets included.
        leftovers: number of temporary files: ``.part``, ``.partial``, and all in its TMPDIR, where
            PyTorch creates a folder.
        work_per_run: median processor time since the last reading, divided by that of
            ``fixed_work``.
    """

    runs: int
    resident_bytes: int
    threads: int
    files: int
    leftovers: int
    work_per_run: float


def add_models(folder: Path) -> None:
    """Put the tiny networks into ``folder``, with the number of heads that the loader needs."""
    from safetensors.torch import load_file, save_file

    for name, heads in HEADS.items():
        tensors = load_file(TESTS / "golden" / "sapiens1" / name)
        save_file(tensors, folder / name, metadata={"num_heads": str(heads)})


def random_graph(rng: random.Random, sizes_wh: Sequence[tuple[int, int]] = SIZES_WH) -> Prompt:
    """Image, model, poses, tracking, smoothing, drawing, JSON, all with random values."""
    width, height = rng.choice(sizes_wh)
    (model,) = rng.choices(MODELS, ODDS)
    is_tiny = model in HEADS
    boxes = [_box(rng, width, height) for _ in range(rng.randint(0, 3 if is_tiny else 1))]
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
            "RepeatImageBatch", image=["sized", 0], amount=rng.randint(1, 2) if is_tiny else 1
        ),
        "model": node("SapiensPoseLoader", checkpoint=model),
        "pose": node(
            "SapiensPose",
            model=["model", 0],
            image=["frames", 0],
            detector="whole image",
            flip_test=is_tiny and rng.random() < 0.5,
            batch_size=rng.choice((0, 1, 4)),
            score_threshold=round(rng.random(), 3),
            refine=rng.choice(("off", "face", "hands", "face and hands")) if is_tiny else "off",
        ),
        "track": node("SapiensPoseTrack", poses=["pose", 0], clip=rng.choice(("", "a", "b"))),
        "smooth": node("SapiensPoseSmooth", poses=["track", 0], strength=round(rng.random(), 2)),
        "render": node("SapiensPoseRender", poses=["smooth", 0], style=rng.choice(STYLES)),
        "show": node("PreviewImage", images=["render", 0]),
        "json": node("SapiensPoseToJSON", poses=["smooth", 0], format="sapiens"),
        "text": node("PreviewAny", source=["json", 0]),
        "save": node("SapiensPoseSave", poses=["pose", 1], filename_prefix=f"{rng.random()}/pose"),
    }
    if rng.random() < 0.8:
        graph["pose"]["inputs"]["bboxes"] = {"__value__": [boxes]}
    return graph


def _box(rng: random.Random, width: int, height: int) -> dict[str, float]:
    x, y = rng.uniform(0, width / 2), rng.uniform(0, height / 2)
    return {"x": x, "y": y, "width": width - x, "height": height - y}


def read_process(server: Server, runs: int, seconds: list[float], fixed_s: list[float]) -> Reading:
    """A reading of the server's process, after its history of runs is cleared."""
    server.post("/history", {"clear": True})
    process = Path("/proc") / str(server.pid)
    status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
    leftovers = [*server.base.rglob("*.part"), *server.base.rglob("*.partial")]
    return Reading(
        runs,
        resident_bytes(server.pid),
        int(status["Threads"]),
        len(list((process / "fd").iterdir())),
        len(leftovers) + len(list(server.temporary.rglob("*"))),
        statistics.median(seconds) / statistics.median(fixed_s),
    )


def fixed_work() -> float:
    """Processor time of a fixed piece of work, in seconds."""
    started_s = time.process_time()
    np.sort(np.random.default_rng(0).random(1_000_000))
    return time.process_time() - started_s


def soak(
    base: Path, runs: int, step: int, report: Callable[[Reading], None] = lambda reading: None
) -> list[Reading]:
    """Run ``runs`` graphs in a new server with its folders in ``base``, read every ``step`` runs.

    Raises:
        RuntimeError: a graph failed.
    """
    rng, readings = random.Random(0), list[Reading]()
    fixed_graph = random_graph(random.Random(0), SIZES_WH[:1])
    seconds, fixed_s = list[float](), list[float]()
    # The threads of such small networks would mostly wait for one another.
    with serve(base, "--cache-classic", OMP_NUM_THREADS="1") as server:
        add_models(base / "models" / "sapiens")
        for number in range(1, runs + 1):
            started_s = cpu_seconds(server.pid)
            _succeed(server, random_graph(rng), f"run {number}")
            seconds.append(cpu_seconds(server.pid) - started_s)
            fixed_s.append(fixed_work())
            if number % step == 0:
                _succeed(server, fixed_graph, "the fixed graph")
                readings.append(read_process(server, number, seconds, fixed_s))
                report(readings[-1])
                seconds.clear()
                fixed_s.clear()
    return readings


def _succeed(server: Server, graph: Prompt, name: str) -> None:
    run = server.run(graph)
    if not run.success:
        raise RuntimeError(f"{name} failed: {run.node_errors or run.messages[-1]}")


def left_behind(readings: list[Reading], warm: int) -> list[str]:
    """What the last reading has more of than the one after ``warm`` runs, in words."""
    first = next(reading for reading in readings if reading.runs >= warm)
    last, findings = readings[-1], list[str]()
    growth = last.resident_bytes - first.resident_bytes
    if growth > MAX_GROWTH_BYTES:
        findings.append(f"memory grew by {growth / 1e6:.0f} MB")
    for name in ("threads", "files", "leftovers"):
        if getattr(last, name) > getattr(first, name):
            findings.append(f"{name}: {getattr(first, name)}, then {getattr(last, name)}")
    return findings


def find_regressions(readings: list[Reading], warm: int) -> list[str]:
    """What is left behind, and whether runs become slower, which needs hundreds of runs."""
    findings = left_behind(readings, warm)
    if slowdown(readings, warm) > MAX_SLOWDOWN:
        findings.append(f"the time per run grew to {slowdown(readings, warm):.2f} of what it was")
    return findings


def slowdown(readings: list[Reading], warm: int) -> float:
    """Time per run in the last third of the readings, relative to the first third."""
    times = [reading.work_per_run for reading in readings if reading.runs > warm]
    third = max(1, len(times) // 3)
    return statistics.median(times[-third:]) / statistics.median(times[:third])


def main() -> int:
    """Print the readings; return 1 if anything was left behind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("-o", "--output", type=Path, help="file for the readings, as JSON")
    options = parser.parse_args()

    def report(reading: Reading) -> None:
        print(
            f"{reading.runs:5} runs {reading.resident_bytes / 1e6:6.0f} MB {reading.threads:3} "
            f"threads {reading.files:3} files {reading.leftovers:3} left over "
            f"{reading.work_per_run:5.2f} x the fixed work per run",
            flush=True,
        )

    with tempfile.TemporaryDirectory() as folder:
        readings = soak(Path(folder) / "base", options.runs, STEP, report)
    if options.output:
        options.output.write_text(json.dumps([asdict(reading) for reading in readings]))
    findings = find_regressions(readings, WARM)
    print(f"processor time per run, end over beginning: {slowdown(readings, WARM):.2f}")
    print("\n".join(findings) or "nothing was left behind")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
