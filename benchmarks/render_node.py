"""Render Sapiens Pose in turn with that of another copy of this repository: time and memory.

    COMFYUI_DIR=... python benchmarks/render_node.py OTHER_COPY [--frames 200] [--rounds 4]

Processor time of the node, and how far resident memory (Linux) rises above its start while it runs,
as a multiple of the IMAGE that it gives. Needs the Python of a ComfyUI, as ``make comfyui``
installs it; a copy of the past is made by ``git worktree add``.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from processes import resident_bytes

ROOT = Path(__file__).resolve().parent.parent
PERSON = ROOT / "tests/golden/openpose/o03_single_1024x1024.pose.json"
CANVAS_WH = (832, 480)
OTHERS = {"poses", "image", "options", "hands_swapped"}
"""Inputs of the node that are no options of drawing."""


def start_comfyui() -> None:
    """Makes ComfyUI's modules ready, on the processor."""
    sys.path.insert(0, os.environ["COMFYUI_DIR"])
    from comfy.cli_args import args

    args.cpu = True
    import folder_paths

    folder_paths.set_temp_directory(tempfile.mkdtemp())
    torch.set_num_threads(1)


class Copy:
    """One copy of the repository, with poses of two people as it makes them."""

    def __init__(self, folder: Path, name: str, num_frames: int) -> None:
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec
        assert spec.loader
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
        self.name = name
        self.node = self.module("nodes.render").SapiensPoseRender
        self.poses = self._clip(num_frames)
        rows = self.module("skeletons.options.drawing").DRAWING
        default = self.module("nodes.sockets.widgets").default_input
        own_node = self.module("nodes.render").OWN_NODE
        self.inputs = {
            row.name: default(row)
            for row in rows
            if row.widget and row.name not in OTHERS and row.name not in own_node
        }

    def module(self, path: str) -> Any:
        return importlib.import_module(f"{self.name}.{path}")

    def _clip(self, num_frames: int) -> Any:
        pose = self.module("skeletons.pose")
        (frame,) = self.module("skeletons.formats.table").read_poses(PERSON)
        (person,) = frame.poses
        keypoints = person.keypoints_image * (CANVAS_WH[1] / frame.canvas_wh[1])
        frames = [
            pose.Frame(
                CANVAS_WH,
                [
                    pose.Pose(
                        keypoints + np.array((left + number / 2, 0)),
                        person.scores,
                        person.keypoint_set,
                        CANVAS_WH,
                        (0, 0, *CANVAS_WH),
                    )
                    for left in (50, 350)
                ],
            )
            for number in range(num_frames)
        ]
        return self.module("nodes.sockets.image_sockets").poses_from_frames(
            frames, person.keypoint_set
        )

    def run(self) -> Any:
        clone = self.node.PREPARE_CLASS_CLONE({"hidden_inputs": {}})
        execute = self.node.execute.__func__
        return execute(clone, poses=self.poses, hands_swapped=False, **self.inputs).args


def measure(copy: Copy) -> tuple[float, float, list[Any]]:
    """Processor seconds, the rise of memory as a multiple of IMAGE, and what the node gave."""
    gc.collect()
    start = peak = resident_bytes(os.getpid())
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.005):
            peak = max(peak, resident_bytes(os.getpid()))

    watching = threading.Thread(target=watch)
    watching.start()
    started = time.process_time()
    given = copy.run()
    seconds = time.process_time() - started
    done.set()
    watching.join()
    return seconds, (max(peak, resident_bytes(os.getpid())) - start) / given[0].nbytes, given


def main() -> int:
    """Print both; return 1 if what they give differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("other", type=Path)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    start_comfyui()
    copies = {
        "other": Copy(options.other.resolve(), "other_copy", options.frames),
        "this": Copy(ROOT, "this_copy", options.frames),
    }
    first = [measure(copy)[2] for copy in copies.values()]
    if not all(torch.equal(a, b) for a, b in zip(first[0][:2], first[1][:2], strict=True)):
        print("The drawings differ.")
        return 1
    del first
    figures = np.array(
        [[measure(copy)[:2] for copy in copies.values()] for _ in range(options.rounds)]
    )
    for index, name in enumerate(copies):
        seconds, rises = figures[:, index].T
        print(f"{name}: {np.median(seconds):.2f} s, memory + {rises.max():.2f} x IMAGE at most")
    ratios = figures[:, 1, 0] / figures[:, 0, 0]
    print(f"ratio {np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
