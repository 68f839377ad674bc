"""Memory of reading the pose file of a clip, as a multiple of the file's size.

    python benchmarks/pose_files.py [--frames 18000]

Files are made by formula, with all digits: two people of 133 keypoints or one of 308. Each is read
by a process of its own, whose largest resident memory before and after are compared. Most are read
frame by frame because this package wrote them; of the last ones in the table, all frames decide how
they are read.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from comfyui_sapiens_pose.skeletons.formats.clips.clip_text import ClipText
from comfyui_sapiens_pose.skeletons.formats.clips.compact import round_frame
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.formats.table import read_named_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import KEYPOINT_SETS, KeypointSet
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose

CANVAS_WH = (1280, 720)
NUM_DISTINCT = 50
"""How many frames are made; the clip repeats them."""

FILES = (
    ("sapiens", EncodeOptions(), False, True),
    ("sapiens", EncodeOptions(decimals=1), False, True),
    ("coco-wholebody", EncodeOptions(), False, True),
    ("comfy", EncodeOptions(), False, True),
    ("comfy", EncodeOptions(), False, False),
    ("comfy", EncodeOptions(), True, True),
    ("comfy", EncodeOptions(lossless=False), False, True),
    ("comfy", EncodeOptions(lossless=False, decimals=1), False, True),
)
"""Format, how it is written, whether a frame is edited, and whether complete poses are read."""

PEOPLE = (("coco_wholebody_133", 2), ("goliath_308", 1))


def make_frames(keypoint_set: KeypointSet, num_people: int) -> list[Frame]:
    """Frames with keypoints anywhere on the canvas."""
    random = np.random.default_rng(0)
    num = len(keypoint_set)
    return [
        Frame(
            CANVAS_WH,
            tuple(
                Pose(
                    keypoints_image=random.uniform(size=(num, 2)) * CANVAS_WH,
                    scores=random.uniform(0.3, 1, num),
                    keypoint_set=keypoint_set,
                    canvas_wh=CANVAS_WH,
                    box_xyxy=np.array([0.0, 0.0, *CANVAS_WH]),
                    person_id=person_id,
                )
                for person_id in range(num_people)
            ),
        )
        for _ in range(NUM_DISTINCT)
    ]


def write(
    path: Path,
    num_frames: int,
    frames: list[Frame],
    format_name: str,
    options: EncodeOptions,
    is_edited: bool,
) -> None:
    """Write a clip, one frame of which an editor moved somebody in."""
    if options.decimals is not None:
        frames = [round_frame(frame, options.decimals) for frame in frames]
    text = ClipText(format_name, options, "clip.mp4")
    with path.open("w", encoding="utf-8") as file:
        for index in range(num_frames):
            entry = text.add(frames[index % NUM_DISTINCT], f"{index}.png", index, index / 30)
            if is_edited and index == num_frames // 2:
                entry = entry.replace('"pose_keypoints_2d": [', '"pose_keypoints_2d": [1')
            file.write(entry)
        file.write(text.end())


def read(path: Path, options: ReadOptions) -> dict[str, float]:
    """Bytes of memory above those before, and seconds of processor time."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    named = read_named_poses(path, options)
    took = time.process_time() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"bytes": 1024 * (after - before), "seconds": took, "frames": len(named)}


def main() -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=18_000)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--not-lossless", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        print(json.dumps(read(arguments.read, ReadOptions(lossless=not arguments.not_lossless))))
        return
    print("| people | file | MB | memory, of the file's size | processor time |")
    print("|---|---|---|---|---|")
    for set_name, num_people in PEOPLE:
        frames = make_frames(KEYPOINT_SETS[set_name], num_people)
        for format_name, options, is_edited, lossless in FILES:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "clip.json"
                write(path, arguments.frames, frames, format_name, options, is_edited)
                command = [sys.executable, __file__, "--read", str(path)]
                command += [] if lossless else ["--not-lossless"]
                found = json.loads(subprocess.check_output(command, stderr=subprocess.DEVNULL))
                size = path.stat().st_size
            notes = (
                "rounded" if options.decimals else "",
                "without complete poses" if not options.lossless else "",
                "a frame edited" if is_edited else "",
                "complete poses not wanted" if not lossless else "",
            )
            label = ", ".join([format_name, *filter(None, notes)])
            print(
                f"| {num_people} x {len(KEYPOINT_SETS[set_name])} | {label} | {size / 2**20:.0f} "
                f"| {found['bytes'] / size:.2f} | {found['seconds']:.0f} s |",
                flush=True,
            )


if __name__ == "__main__":
    main()
