"""Boxes and masks of every form and content: people, or a refusal in words."""

from __future__ import annotations

import random
import struct
from typing import Any

import numpy as np
from comfyui_sapiens_pose.sapiens_core.crop import Crop
from comfyui_sapiens_pose.sapiens_core.detection.masks import MaskOptions, people_from_masks
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Pose
from helpers.fuzzing import ODD_VALUES, fuzz, mutated_documents

BOX = [10.5, 20, 300, 400]


def test_boxes(cases: int) -> None:
    """What is usable has a crop, and points that a pose can hold."""
    picture = np.zeros((48, 64, 3), np.uint8)

    def check(case: tuple[Any, Any]) -> None:
        try:
            people = People(*case).usable((64, 48))
        except ValueError:
            return
        for box, score in people.pairs():
            crop = Crop.from_box(box, (64, 48))
            assert crop.pixels(picture).shape == (64, 48, 3)
            corners = crop.to_image([(0, 0), (47, 63)])
            points = np.resize(corners, (17, 2))
            Pose(points, np.ones(17), COCO_17, (64, 48), box, score)

    boxes = mutated_documents([[BOX], [BOX, BOX, BOX], [[0, 0, 64, 48]], []])
    scores = mutated_documents([[0.5], [0.5, 1, 0]])
    make = lambda chance: (boxes(chance), chance.choice((None, scores(chance))))  # noqa: E731
    fuzz(check, make, cases)


def test_boxes_of_any_numbers(cases: int) -> None:
    def number(chance: random.Random) -> float:
        """Of any size, or any bits."""
        if chance.random() < 0.5:
            return chance.uniform(-1, 1) * 10.0 ** chance.randrange(-5, 25)
        return struct.unpack("<d", chance.randbytes(8))[0]

    def make(chance: random.Random) -> list[list[float]]:
        return [[number(chance) for _ in range(4)] for _ in range(chance.randrange(5))]

    def check(boxes: list[list[float]]) -> None:
        for box, _ in People(boxes).usable((64, 48)).pairs():
            crop = Crop.from_box(box, (64, 48))
            assert np.isfinite(crop.matrix).all()
            assert np.isfinite(crop.to_image([(0, 0), (47, 63)])).all()

    fuzz(check, make, cases)


def test_masks(cases: int) -> None:
    """As many masks as nobody expects, of noise, of nothing, and of a pixel."""

    def make(chance: random.Random) -> Any:
        noise = np.random.default_rng(chance.randrange(2**32))
        size_hw = chance.randrange(1, 24), chance.randrange(1, 24)
        share = chance.choice((0.0, 0.001, 0.3, 1.0))
        sheets = [noise.random(size_hw) < share for _ in range(chance.randrange(8))]
        count = chance.randrange(5)
        canvases_wh = [(chance.randrange(1, 40), chance.randrange(1, 40)) for _ in range(count)]
        meaning = chance.choice(["auto", "parts", "people", "", None])
        return sheets, canvases_wh, meaning, chance.choice((0.001, 0.0, 2.0))

    def check(case: tuple[Any, list[tuple[int, int]], Any, float]) -> None:
        sheets, canvases_wh, meaning, min_part = case
        try:
            found = people_from_masks(sheets, canvases_wh, MaskOptions(meaning, min_part))
        except ValueError:
            return
        for people, canvas_wh in zip(found, canvases_wh, strict=True):
            people.usable(canvas_wh)

    fuzz(check, make, cases)


def test_odd_values_are_no_boxes(cases: int) -> None:
    def check(value: Any) -> None:
        try:
            People(value).usable((64, 48))
        except ValueError:
            return

    def make(chance: random.Random) -> Any:
        values = [chance.choice(ODD_VALUES) for _ in range(chance.randrange(6))]
        return chance.choice((values, [values], values[0] if values else values))

    fuzz(check, make, cases)
