"""Average precision: what the genuine evaluators gave, and what one expects in plain cases."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.commands.trust.accuracy.scoring import (
    GROUPS,
    METRICS,
    Detected,
    average_precision,
    compute_figures,
    group_indices,
)
from comfyui_sapiens_pose.commands.trust.accuracy.truth import (
    KEYS,
    ImageEntry,
    TruePerson,
    Truth,
    read_truth,
)
from comfyui_sapiens_pose.skeletons.keypoint_sets import NETWORK_SETS
from helpers.made_up_people import make_set
from helpers.samples import sample

TYPES = {
    "body": "xtcocotools 133 keypoints_body",
    "feet": "xtcocotools 133 keypoints_foot",
    "face": "xtcocotools 133 keypoints_face",
    "left hand": "xtcocotools 133 keypoints_lefthand",
    "right hand": "xtcocotools 133 keypoints_righthand",
    "whole": "xtcocotools 133 keypoints_wholebody",
}


def made_up(tmp_path, num_keypoints: int, seed: int) -> tuple[Truth, list[Detected]]:
    data_set, results = make_set(num_keypoints, seed)
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(data_set))
    truth = read_truth(path)
    keys = KEYS[truth.keypoint_set.name]
    people = [
        Detected(
            result["image_id"],
            np.array([number for key in keys for number in result[key]]).reshape(-1, 3),
            result["score"],
        )
        for result in results
    ]
    return truth, people


@pytest.fixture(scope="module")
def genuine(root):
    path = root / "tests/golden/evaluators/figures.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("seed", sample([0, 1, 2], [0]))
def test_17_keypoints_as_both_genuine_evaluators(tmp_path, genuine, seed):
    figures = compute_figures(*made_up(tmp_path, 17, seed), num_resamples=0)["body"].metrics
    for name in ("pycocotools 17", "xtcocotools 17"):
        assert list(figures.values()) == pytest.approx(genuine[str(seed)][name], abs=1e-6)


@pytest.mark.parametrize("seed", sample([0, 1, 2], [0]))
def test_133_keypoints_as_the_genuine_evaluator(tmp_path, genuine, seed):
    figures = compute_figures(*made_up(tmp_path, 133, seed), num_resamples=0)
    assert figures.keys() == TYPES.keys()
    for group, name in TYPES.items():
        values = list(figures[group].metrics.values())
        assert values == pytest.approx(genuine[str(seed)][name], abs=1e-6), group


def standing(count: int, num_images: int = 2) -> Truth:
    """A person in each image, all keypoints annotated, on a grid of 40 pixels."""
    keypoint_set = NETWORK_SETS[count]
    rows = np.arange(count)
    triples = np.column_stack([40 * (rows % 20), 40 * (rows // 20), np.full(count, 2)])
    people = tuple(
        TruePerson(
            image_id=index,
            triples=triples.astype(float),
            box_xywh=(0, 0, 800, 800),
            area=1100,  # a joint one step off has a similarity below a millionth
            is_crowd=False,
        )
        for index in range(num_images)
    )
    images = tuple(ImageEntry(index, f"{index}.jpg", (800, 800)) for index in range(num_images))
    return Truth(keypoint_set, images, people, num_images)


def found(truth: Truth, order=slice(None), score: float = 0.9) -> list[Detected]:
    """Everybody exactly where they are, with joints in another order."""
    return [
        Detected(
            person.image_id,
            np.column_stack([person.triples[order, :2], np.full(len(person.triples), score)]),
            score,
        )
        for person in truth.people
    ]


def test_nobody_found_has_precision_zero():
    figures = compute_figures(standing(17), [])["body"]
    assert (figures.metrics["AP"], figures.metrics["AR"], figures.interval) == (0, 0, (0, 0))


def test_nobody_annotated_has_no_figure():
    truth = standing(17)
    hidden = [replace(person, triples=person.triples * (1, 1, 0)) for person in truth.people]
    figures = compute_figures(replace(truth, people=tuple(hidden)), found(truth))["body"]
    assert (figures.metrics["AP"], figures.interval) == (-1, None)


@pytest.mark.parametrize("count", [17, 133, 308])
def test_perfect_people_have_precision_one(count):
    truth = standing(count)
    figures = compute_figures(truth, found(truth), num_resamples=2)
    assert list(figures) == list(GROUPS[truth.keypoint_set.name])
    for each in figures.values():
        assert each.metrics["AP"] == each.metrics["AR"] == pytest.approx(1)
        assert each.interval == pytest.approx((1, 1))


def test_left_and_right_exchanged_leave_what_is_on_the_midline():
    """The nose alone is right, 1 of 17, and below every threshold."""
    truth = standing(17)
    exchanged = found(truth, truth.keypoint_set.flip_indices)
    assert compute_figures(truth, exchanged, num_resamples=0)["body"].metrics["AP"] == 0


def test_half_of_the_joints_exchanged_fail_the_thresholds_above_half():
    """9 of 17 are right: a similarity of 0.53 reaches the first of ten thresholds, 0.50, alone."""
    truth = standing(17)
    order = truth.keypoint_set.flip_indices.copy()
    order[9:] = np.arange(17)[9:]  # the nose and the last eight are right
    assert (order == np.arange(17)).sum() == 9
    figures = compute_figures(truth, found(truth, order), num_resamples=0)["body"].metrics
    assert figures["AP"] == pytest.approx(0.1)
    assert figures["AP50"] == 1
    assert figures["AP75"] == 0


def test_308_groups_have_the_sizes_of_the_reference():
    sizes = {name: len(rows) for name, rows in group_indices(NETWORK_SETS[308]).items()}
    assert sizes == {
        **{"body": 17, "feet": 6, "face": 238, "left hand": 20, "right hand": 20},
        "whole": 308,
    }


def test_an_interval_lies_around_its_figure_and_is_the_same_each_time(tmp_path):
    truth, people = made_up(tmp_path, 17, 1)
    figures = compute_figures(truth, people)["body"]
    low, high = figures.interval
    assert low < figures.metrics["AP"] < high
    assert compute_figures(truth, people)["body"].interval == (low, high)


def test_the_quick_precision_is_that_of_pycocotools(tmp_path):
    from comfyui_sapiens_pose.commands.trust.accuracy.scoring import _evaluate

    truth, people = made_up(tmp_path, 17, 2)
    rows = np.arange(17)
    evaluator = _evaluate(truth, people, rows, rows)
    images = [image for image in evaluator.evalImgs[: len(truth.images)] if image]
    quick = average_precision(images, evaluator.params.recThrs)
    assert quick == pytest.approx(evaluator.stats[METRICS.index("AP")], abs=1e-12)
