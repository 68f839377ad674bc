"""Boxes and masks of every form and content: people, or a refusal in words."""

from __future__ import annotations

from typing import Any

import numpy as np
from comfyui_sapiens_pose.sapiens_core.crop import Crop
from comfyui_sapiens_pose.sapiens_core.masks import MaskOptions, people_from_masks
from comfyui_sapiens_pose.sapiens_core.people import People
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Pose
from hypothesis import strategies as st

from .fuzzing import ODD_VALUES, fuzz, mutated_documents, randoms

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
    scores = mutated_documents([[0.5], [0.5, 1, 0]]) | st.none()
    fuzz(check, st.tuples(boxes, scores), cases)


def test_boxes_of_any_numbers(cases: int) -> None:
    numbers = st.floats() | st.floats(-100, 100) | st.integers(-(2**70), 2**70)

    def check(boxes: list[list[float]]) -> None:
        for box, _ in People(boxes).usable((64, 48)).pairs():
            crop = Crop.from_box(box, (64, 48))
            assert np.isfinite(crop.matrix).all()
            assert np.isfinite(crop.to_image([(0, 0), (47, 63)])).all()

    fuzz(check, st.lists(st.lists(numbers, min_size=4, max_size=4), max_size=4), cases)


def test_masks(cases: int) -> None:
    """As many masks as nobody expects, of noise, of nothing, and of a pixel."""

    def make(chance: Any) -> Any:
        random = np.random.default_rng(chance.randrange(2**32))
        size_hw = chance.randrange(1, 24), chance.randrange(1, 24)
        share = chance.choice((0.0, 0.001, 0.3, 1.0))
        return [random.random(size_hw) < share for _ in range(chance.randrange(8))]

    masks = randoms().map(make)
    sides = st.integers(1, 40)
    canvases = st.lists(st.tuples(sides, sides), max_size=4)

    def check(case: tuple[Any, list[tuple[int, int]], Any, float]) -> None:
        sheets, canvases_wh, meaning, min_part = case
        try:
            found = people_from_masks(sheets, canvases_wh, MaskOptions(meaning, min_part))
        except ValueError:
            return
        for people, canvas_wh in zip(found, canvases_wh, strict=True):
            people.usable(canvas_wh)

    meanings = st.sampled_from(["auto", "parts", "people", "", None])
    fuzz(check, st.tuples(masks, canvases, meanings, st.sampled_from((0.001, 0.0, 2.0))), cases)


def test_odd_values_are_no_boxes(cases: int) -> None:
    def check(value: Any) -> None:
        try:
            People(value).usable((64, 48))
        except ValueError:
            return

    fuzz(check, st.sampled_from(ODD_VALUES) | st.lists(st.sampled_from(ODD_VALUES)), cases)
