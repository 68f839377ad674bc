"""Time and memory of loading a 0.3B checkpoint, against the plain PyTorch way.

    python benchmarks/load.py

Writes a checkpoint of the official 0.3B shapes with random weights into a temporary folder, then
loads it in fresh processes, ours and the plain way in turn, and prints medians:

* ``ours``: ``load_model``, weights mapped and assigned;
* ``plain``: build the network with its random initialisation, ``torch.load``, ``load_state_dict``.

CPU seconds and the peak of resident memory are the loading's own: what the process had after its
imports is subtracted. ``touched`` adds reading every weight once, as the first image does.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.network.pose_net import SapiensPoseNet
from networks import config_03b
from processes import resident_bytes
from safetensors.torch import save_file
from torch import nn

RUNS = 5
CONFIG = config_03b(num_keypoints=133)


def load_ours(path: Path) -> nn.Module:
    """Our loader."""
    return load_model(path)


def load_plain(path: Path) -> nn.Module:
    """The way of most code."""
    model = SapiensPoseNet(CONFIG)
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model


LOADERS: dict[str, Callable[[Path], nn.Module]] = {"ours": load_ours, "plain": load_plain}


def measure(loader: str, path: Path, touch: bool) -> dict[str, float]:
    """CPU seconds and peak resident bytes that loading adds to this process."""
    before_bytes, before_s = resident_bytes(), time.process_time()
    model = LOADERS[loader](path)
    if touch:
        sum(float(value.sum()) for value in model.parameters())
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"cpu_s": time.process_time() - before_s, "bytes": peak_bytes - before_bytes}


def measure_in_a_process(loader: str, path: Path, touch: bool) -> dict[str, float]:
    """``measure`` in a fresh interpreter."""
    command = [sys.executable, __file__, loader, str(path), str(int(touch))]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        tensors = SapiensPoseNet(CONFIG).state_dict()
        safetensors, pth = Path(folder, "weights.safetensors"), Path(folder, "weights.pth")
        save_file(tensors, safetensors)
        torch.save(tensors, pth)
        del tensors
        size = pth.stat().st_size
        cases = [
            (loader, path, touch)
            for touch in (False, True)
            for path in (safetensors, pth)
            for loader in LOADERS
            if (loader, path) != ("plain", safetensors)
        ]
        results: dict[tuple[str, Path, bool], list[dict[str, float]]] = {case: [] for case in cases}
        for _ in range(RUNS):
            for case in cases:
                results[case].append(measure_in_a_process(*case))
        print(
            f"file: {size / 1e9:.2f} GB, medians of {RUNS} runs, {torch.get_num_threads()} threads"
        )
        for (loader, path, touch), runs in results.items():
            cpu_s = statistics.median(run["cpu_s"] for run in runs)
            peak = statistics.median(run["bytes"] for run in runs) / size
            plain = results["plain", pth, touch]
            ratio = cpu_s / statistics.median(run["cpu_s"] for run in plain)
            print(
                f"{loader:6}{path.suffix:13}{'touched' if touch else 'loaded':9}"
                f"{cpu_s:7.2f} CPU s ({ratio:.2f} x plain)  peak {peak:.2f} x file"
            )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "1")))
    else:
        main()
