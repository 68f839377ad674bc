"""The cost of very many images: operations, GPU hours, cores to feed a GPU, and bytes on disk.

    python benchmarks/scale.py [--tflops T] [--price P] [--count] [--page docs/scale.md]

Hours follow from operations and an assumed speed; ``benchmarks/gpu.py`` measures the speed of a
GPU (``of_a_product`` times ``product_tflops``). Reading is measured here in processor time, which
other work on the machine hardly changes; bytes are those of files that are written here.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.commands.ray_batch.tables import Input, make_people_table, write_table
from comfyui_sapiens_pose.sapiens_core.network.pose_net import SapiensPoseNet
from comfyui_sapiens_pose.skeletons.formats import sapiens_json
from comfyui_sapiens_pose.skeletons.keypoint_sets import NETWORK_SETS
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from networks import official_config
from torch.utils.flop_counter import FlopCounterMode

PASS_TFLOP = {
    "sapiens2-0.4b": 3.86,
    "sapiens2-0.8b": 7.09,
    "sapiens2-1b": 12.28,
    "sapiens2-5b": 37.02,
    "0.3b": 3.24,
    "0.6b": 5.89,
    "1b": 9.77,
    "2b": 17.04,
}
"""10^12 operations of one pass of one person at 1024 x 768; a multiplication and the addition
after it count as two. ``--count`` counts them again."""
PASSES = 2
"""Number of passes per person: the crop and the mirrored crop."""
NUMBERS_OF_PEOPLE = (1, 1_000, 1_000_000, 10_000_000)
BEGIN, END = "<!-- costs -->", "<!-- end of costs -->"
IMAGE_SIZES_WH = ((1920, 1080), (4000, 3000))


def count_operations(name: str) -> float:
    """10^12 operations of one pass of an official network, counted without computing them."""
    config = official_config(name)
    with torch.device("meta"):
        model = SapiensPoseNet(config).eval()
        crop = torch.empty(1, 3, *config.input_size_hw)
    # In inference mode PyTorch 2.5 counts nothing.
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(crop)
    return counter.get_total_flops() / 1e12


def table(tflops: float, price: float) -> str:
    """GPU hours, and their cost at ``price`` per hour, as a Markdown table."""
    head = ["`--model`", "10¹² operations per person", "people per second"]
    head += [f"{number:,}" for number in NUMBERS_OF_PEOPLE]
    lines = [head, ["---"] * len(head)]
    for name, tera in PASS_TFLOP.items():
        seconds = PASSES * tera / tflops
        cells = [_time(number * seconds, price) for number in NUMBERS_OF_PEOPLE]
        lines.append([f"`{name}`", f"{PASSES * tera:.1f}", f"{1 / seconds:.0f}", *cells])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _time(seconds: float, price: float) -> str:
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 3600:
        return f"{seconds:.0f} s"
    hours = seconds / 3600
    return f"{hours:,.0f} h, ${hours * price:,.0f}"


def with_table(page: str, text: str) -> str:
    """A page with the text between its two marks replaced."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}"


def reading_ms(size_wh: tuple[int, int]) -> float:
    """Processor time to read a JPEG of a gradient with noise, quality 90: median of nine."""
    rng = np.random.default_rng(0)
    gradient = np.linspace(0, 200, size_wh[0])[None, :, None] + np.zeros((size_wh[1], 1, 3))
    image = (gradient + rng.normal(0, 8, gradient.shape)).clip(0, 255).astype(np.uint8)
    times = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jpg"
        cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, 90])
        for _ in range(9):
            started = time.process_time()
            read_image(path)
            times.append(time.process_time() - started)
    return 1000 * statistics.median(times)


def bytes_per_person(num_keypoints: int, people: int = 512) -> dict[str, float]:
    """Bytes of Parquet and of JSON per person, with coordinates that compression cannot shorten."""
    rng = np.random.default_rng(0)
    keypoint_set, size_wh = NETWORK_SETS[num_keypoints], (1920, 1080)
    frames = []
    for _ in range(people):
        keypoints = rng.uniform(0, size_wh, (num_keypoints, 2)).astype(np.float32)
        scores = rng.uniform(0, 1, num_keypoints)
        pose = Pose(keypoints, scores, keypoint_set, size_wh, [0, 0, *size_wh])
        frames.append(Frame(size_wh, (pose,)))
    inputs = [Input(f"/images/{number:08}.jpg") for number in range(people)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shard.parquet"
        write_table(path, make_people_table(inputs, frames, "weights.safetensors", "0"))
        parquet = path.stat().st_size / people
    return {"parquet": parquet, "json": len(json.dumps(sapiens_json.encode(frames[0], "a.jpg")))}


def main() -> None:
    """Count, measure, print, and write the page's table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tflops", type=float, default=400, help="speed of a GPU (%(default)s)")
    parser.add_argument("--price", type=float, default=3, help="of a GPU hour (%(default)s)")
    parser.add_argument("--count", action="store_true", help="count the operations again")
    parser.add_argument("--page", type=Path, metavar="FILE.md")
    options = parser.parse_args()
    text = table(options.tflops, options.price)
    if options.page:
        page = options.page.read_text(encoding="utf-8")
        options.page.write_text(with_table(page, text), encoding="utf-8")
        return
    print(text)
    for size_wh in IMAGE_SIZES_WH:
        print(f"reading {size_wh[0]} x {size_wh[1]}: {reading_ms(size_wh):.0f} ms of a core")
    for num_keypoints in sorted(NETWORK_SETS):
        sizes = {
            name: f"{size / 1000:.1f} KB" for name, size in bytes_per_person(num_keypoints).items()
        }
        print(f"{num_keypoints} keypoints, per person: {sizes}")
    if options.count:
        for name in PASS_TFLOP:
            print(f"{name}: {count_operations(name):.2f} x 10^12 operations per pass")


if __name__ == "__main__":
    main()
