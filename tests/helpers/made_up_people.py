"""Made-up annotations and detections for evaluators, with all that evaluators treat specially.

``random.Random`` alone makes the numbers: its series is the same in every version of Python.
"""

from __future__ import annotations

from random import Random
from typing import Any

PARTS = {
    17: {"keypoints": 17},
    133: {
        **{"keypoints": 17, "foot_kpts": 6, "face_kpts": 68},
        **{"lefthand_kpts": 21, "righthand_kpts": 21},
    },
}
"""Number of keypoints by the key of an annotation, for each keypoint set."""

NUM_IMAGES = 14
NOBODY, ONLY_CROWD, MANY_FOUND, MISSED = 3, 5, 7, 9
"""Images without people; with a crowd alone; with more detections than count; with none."""


def _person(random: Random, count: int, size: float) -> list[float]:
    """Keypoints in a box of a size; a third is not annotated, or none of 1 in 8 people."""
    left, top = random.random() * 400, random.random() * 300
    share = 0.0 if random.random() < 0.125 else 0.67
    triples: list[float] = []
    for _ in range(count):
        is_seen = random.random() < share
        x, y = left + random.random() * size, top + random.random() * 2 * size
        triples += [round(x, 2), round(y, 2), 1 + (random.random() < 0.5)] if is_seen else [0, 0, 0]
    return triples


def _annotation(random: Random, number: int, image_id: int, parts: dict[str, int]) -> dict:
    size = 12 + random.random() ** 2 * 180
    left, top = round(random.random() * 400, 2), round(random.random() * 300, 2)
    box = [left, top, round(size, 2), round(2 * size, 2)]
    annotation: dict[str, Any] = {key: _person(random, n, size) for key, n in parts.items()}
    return {
        **annotation,
        "id": number,
        "image_id": image_id,
        "category_id": 1,
        "bbox": box,
        "area": round(size * size * (0.5 + random.random()), 3),
        "iscrowd": int(image_id == ONLY_CROWD or random.random() < 0.08),
        "num_keypoints": sum(v > 0 for v in annotation["keypoints"][2::3]),
    }


def _found(random: Random, annotation: dict, parts: dict[str, int], blur: float) -> dict:
    """A detection near an annotated person, or anywhere within the person's box."""
    left, top, width, height = annotation["bbox"]
    result: dict[str, Any] = {}
    for key in parts:
        triples: list[float] = []
        for x, y, seen in zip(*(iter(annotation[key]),) * 3, strict=True):
            if not seen:
                x, y = left + random.random() * width, top + random.random() * height
            shift = ((random.random() - 0.5) * blur * width for _ in range(2))
            triples += [round(x + next(shift), 2), round(y + next(shift), 2)]
            triples += [round(random.random(), 3)]
        if random.random() < 0.1:  # a group of which nothing was found
            triples[2::3] = [0.0] * (len(triples) // 3)
        result[key] = triples
    # Few different scores, so that some are equal.
    return {
        **result,
        "image_id": annotation["image_id"],
        "category_id": 1,
        "score": round(random.random(), 1),
    }


def make_set(num_keypoints: int, seed: int = 0) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A data set of COCO's form, and a list of results for it."""
    random, parts = Random(seed), PARTS[num_keypoints]
    annotations: list[dict] = []
    for image_id in range(1, NUM_IMAGES + 1):
        for _ in range(0 if image_id == NOBODY else 1 + int(random.random() * 5)):
            annotations.append(_annotation(random, len(annotations) + 1, image_id, parts))
    results = [
        _found(random, annotation, parts, blur)
        for annotation in annotations
        for blur in (0.02, 0.3, 0.02)[: 1 + int(random.random() * 3)]  # duplicates too
        if annotation["image_id"] != MISSED
    ]
    results += [dict(_found(random, annotations[0], parts, 1.0), image_id=NOBODY)]
    busy = [annotation for annotation in annotations if annotation["image_id"] == MANY_FOUND]
    results += [_found(random, busy[0], parts, 0.05 + n / 40) for n in range(24)]
    images = [
        {"id": number, "file_name": f"{number:012}.jpg", "width": 640, "height": 480}
        for number in range(1, NUM_IMAGES + 1)
    ]
    categories = [{"id": 1, "name": "person"}]
    data_set = {"images": images, "annotations": annotations, "categories": categories}
    return data_set, results
