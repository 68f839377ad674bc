"""Memory and time of reading, converting and drawing an hour of one person with 308 keypoints.

``python benchmarks/long_clip.py`` makes a clip of 108,000 frames in *comfy*, 2.6 GB, converts it
and draws it with the command line, and prints what each took. The drawings go to a temporary
folder, half a gigabyte of them.
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
from comfyui_sapiens_pose.skeletons.formats.clips.clip_text import ClipText
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose

CANVAS_WH = (320, 180)
NUM_DISTINCT = 1000
"""How many frames are made; the clip repeats them."""


def write_clip(path: Path, num_frames: int) -> None:
    """Write a clip of one person whose keypoints are anywhere on the canvas, with all digits."""
    random = np.random.default_rng(0)
    text = ClipText("comfy")
    first = text.add(_frame(random), "", 0)
    others = [text.add(_frame(random), "", 0) for _ in range(NUM_DISTINCT)]
    with path.open("w", encoding="utf-8") as file:
        file.write(first)
        for index in range(num_frames - 1):
            file.write(others[index % NUM_DISTINCT])
        file.write(text.end())


def _frame(random: np.random.Generator) -> Frame:
    num = len(GOLIATH_308)
    pose = Pose(
        keypoints_image=random.uniform(size=(num, 2)) * CANVAS_WH,
        scores=random.uniform(0.3, 1, num),
        keypoint_set=GOLIATH_308,
        canvas_wh=CANVAS_WH,
        box_xyxy=np.array([0.0, 0.0, *CANVAS_WH]),
        person_id=0,
    )
    return Frame(CANVAS_WH, (pose,))


def measure(*words: str | Path) -> str:
    """Run the command line; what it took."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "comfyui_sapiens_pose.cli", *map(str, words)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{words[0]} failed; run it by hand to see why.")
    processor_s = usage.ru_utime + usage.ru_stime
    return (
        f"{usage.ru_maxrss >> 10:,} MB at most, {processor_s:.0f} s of processor time, "
        f"{time.perf_counter() - start:.0f} s"
    )


def main() -> None:
    """Measure each command on one clip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=108_000)
    parser.add_argument("--folder", type=Path, help="where the files are made")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        clip = folder / "clip.json"
        write_clip(clip, options.frames)
        print(f"clip: {clip.stat().st_size / 2**20:,.0f} MB")
        for to in ("comfy", "coco-wholebody"):
            took = measure("convert", clip, "--to", to, "-o", folder / f"{to}.json")
            print(f"convert --to {to}: {took}", flush=True)
        took = measure(
            "convert", folder / "coco-wholebody.json", "--to", "coco", "-o", folder / "c.json"
        )
        print(f"convert coco-wholebody --to coco: {took}", flush=True)
        print(f"render: {measure('render', clip, '-o', folder / 'drawn')}", flush=True)


if __name__ == "__main__":
    main()
