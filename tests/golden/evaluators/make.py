"""Writes ``figures.json``: what the genuine evaluators say of made-up people.

    python tests/golden/evaluators/make.py

It needs xtcocotools 1.14.3 and pycocotools. The wheels of xtcocotools need Python 3.11 and NumPy 1;
elsewhere install NumPy, Cython, setuptools and wheel first, and then
``pip install --no-build-isolation --no-binary xtcocotools xtcocotools==1.14.3``.
"""

from __future__ import annotations

import copy
import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "tests"))

SETS = {17: "coco_17", 133: "coco_wholebody_133"}
SEEDS = (0, 1, 2)
TYPES = {
    "keypoints_body": slice(0, 17),
    "keypoints_foot": slice(17, 23),
    "keypoints_face": slice(23, 91),
    "keypoints_lefthand": slice(91, 112),
    "keypoints_righthand": slice(112, 133),
    "keypoints_wholebody": slice(0, 133),
}
"""xtcocotools' names of the groups, and their keypoints, as mmpose's CocoWholeBodyMetric has them.
"""


def sigmas(num_keypoints: int) -> np.ndarray:
    """Sigmas of a keypoint set, from the table."""
    path = ROOT / f"skeletons/keypoint_sets/{SETS[num_keypoints]}.joints.csv"
    with path.open(encoding="utf-8") as table:
        return np.array([float(row["sigma"]) for row in csv.DictReader(table)])


def run(module: Any, data_set: dict, results: list, iou_type: str, rows: slice) -> list[float]:
    """The ten figures of one evaluator."""
    truth = module.coco.COCO()
    truth.dataset = copy.deepcopy(data_set)
    truth.anno_file = [""]
    truth.createIndex()
    if module.__name__ == "xtcocotools":
        found = truth.loadRes(copy.deepcopy(results))
        chosen = sigmas(17 if iou_type == "keypoints" else 133)[rows]
        evaluator = module.cocoeval.COCOeval(truth, found, iou_type, chosen, use_area=True)
    else:  # it also counts people of whom nothing was found, whom xtcocotools leaves out
        seen = [result for result in results if max(result["keypoints"][2::3]) > 0]
        found = truth.loadRes(copy.deepcopy(seen))
        evaluator = module.cocoeval.COCOeval(truth, found, "keypoints")
    evaluator.evaluate()
    evaluator.accumulate()
    evaluator.summarize()
    return [float(value) for value in evaluator.stats]


def main() -> None:
    """Write the file."""
    import pycocotools.coco
    import pycocotools.cocoeval
    import xtcocotools.coco
    import xtcocotools.cocoeval
    from helpers.made_up_people import make_set

    figures: dict[str, Any] = {}
    for seed in SEEDS:
        small, whole = make_set(17, seed), make_set(133, seed)
        body = slice(0, 17)
        figures[str(seed)] = {
            "pycocotools 17": run(pycocotools, *small, "keypoints", body),
            "xtcocotools 17": run(xtcocotools, *small, "keypoints", body),
            **{
                f"xtcocotools 133 {name}": run(xtcocotools, *whole, name, rows)
                for name, rows in TYPES.items()
            },
        }
    (HERE / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
