"""All figures in one run: a table, its numbers as JSON, and a chart.

    python benchmarks/report.py [-o FOLDER] [--full]

Each number of people and keypoints is measured in a process of its own, so that its peak memory
does not include others. Peers (rtmlib's decoding, the detector and Sapiens2 of transformers) are
measured where they are installed; drawing against controlnet-aux is ``render.py``, loading is
``load.py``. ``--full`` adds complete passes of 0.3B and of Sapiens2 0.4B (some minutes on two
cores).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peers
from bars import stacked_bars
from comfyui_sapiens_pose.skeletons.keypoint_sets import NETWORK_SETS
from forward import BACKBONE, measure, whole_pass
from stages import PEOPLE

CASE = """
import json, sys
from stages import measure, measure_peaks_mb
people, keypoints = map(int, sys.argv[1:])
peaks = measure_peaks_mb(people, keypoints)
print(json.dumps(measure(people, keypoints) | {"peak_mb": peaks}))
"""


def measure_case(people: int, keypoints: int) -> dict[str, Any]:
    """The figures of ``stages.py`` for one case, measured in a fresh process."""
    command = [sys.executable, "-c", CASE, str(people), str(keypoints)]
    folder = Path(__file__).parent
    run = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


def measure_all(*, full: bool) -> Iterator[tuple[str, Any]]:
    """All figures by name, one after the other."""
    network = measure(rounds=3)
    yield "network", network
    yield "pass_ms", BACKBONE.num_layers * network["0.3B block"]["ms"] + network["head, 308"]["ms"]
    yield (
        "stages",
        [measure_case(people, count) for people in PEOPLE for count in sorted(NETWORK_SETS)],
    )
    if peers.is_installed("rtmlib"):
        yield "rtmlib_decode_ms", peers.rtmlib_decode(4, 133)
    if peers.is_installed("transformers"):
        yield "detect_ms", peers.detect_ms()
        if full:
            yield "sapiens2_0.4b_ms", peers.sapiens2_forward(rounds=1)
    if full:
        yield "whole pass", whole_pass()


def print_tables(results: dict[str, Any]) -> None:
    """Print the tables."""
    print("network, per person: ms, fraction of the speed of a matrix product of equal size")
    for name, row in results["network"].items():
        print(f"  {name:12}{row['ms']:10.1f}{row['of_a_product']:8.2f}")
    pass_ms = results["pass_ms"]
    print(f"  a 0.3B pass (24 blocks and the head): {pass_ms / 1000:.1f} s")
    for row in results["stages"]:
        everything = sum(row["ours_ms"].values())
        print(
            f"\n{row['people']} people, {row['keypoints']} keypoints: "
            f"{everything:.1f} ms per person, "
            f"{100 * everything / (everything + pass_ms):.2f} % beside a 0.3B pass; "
            f"{row['ratio']:.3f} of the plain way; decoding {row['decode_speed_up']:.1f} x faster"
        )
        for name, value in row["ours_ms"].items():
            plain, peak = row["plain_ms"][name], row["peak_mb"][name]
            print(f"  {name:8}{value:8.2f} ms   plain {plain:7.2f} ms   peak {peak:5.0f} MB")
    for name in ("rtmlib_decode_ms", "detect_ms", "sapiens2_0.4b_ms", "whole pass"):
        if name in results:
            print(f"\n{name}: {results[name]}")


def make_chart(results: dict[str, Any]) -> str:
    """A chart of all stages but the network, ours and the plain way, for four people."""
    rows = []
    for row in results["stages"]:
        if row["people"] == 4:
            rows.append((f"{row['keypoints']} keypoints", row["ours_ms"]))
            rows.append(("the plain way", row["plain_ms"]))
    return stacked_bars("Milliseconds per person beside the network, four people", rows, "ms")


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER")
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for name, figures in measure_all(full=options.full):
        results[name] = figures
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            (options.output / "report.json").write_text(json.dumps(results, indent=1) + "\n")
    print_tables(results)
    if options.output:
        (options.output / "report.svg").write_text(make_chart(results))


if __name__ == "__main__":
    main()
