"""The miniature is told from wrong variants of it, each by its cause."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.commands.trust.checking.diagnosis import (
    SECOND_ANNOTATOR,
    Outcome,
    agreement_limit,
    diagnose,
)
from comfyui_sapiens_pose.commands.trust.checking.photos import NAMES, AnnotatedPhoto, TruePeople
from comfyui_sapiens_pose.commands.trust.checking.probe import best_naming, look
from comfyui_sapiens_pose.commands.trust.checking.random_weights import random_share
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.estimator import PoseEstimator
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from helpers.samples import sample
from helpers.wrong_weights import write_variant

CAUSES = {
    "right": (Outcome.RIGHT, "The weights are right"),
    "random": (Outcome.WRONG, "whole network are random"),
    "random head": (Outcome.WRONG, "numbers of the head are random"),
    "joints in another order": (Outcome.WRONG, "under other names"),
    "left and right exchanged": (Outcome.WRONG, "With left and right exchanged they are"),
    "two layers exchanged": (Outcome.WRONG, "With layers 0 and 4 exchanged they are"),
    "blue first": (Outcome.WRONG, "in the order blue, green, red"),
    "values of 0 to 1": (Outcome.WRONG, "With pixel values from 0 to 1"),
}


@pytest.fixture(scope="module")
def photo() -> AnnotatedPhoto:
    return AnnotatedPhoto.read(NAMES[0])


@pytest.fixture(scope="module")
def miniature(root):
    return root / "miniature/sapiens_miniature_17.safetensors"


def estimator_of(path) -> PoseEstimator:
    return PoseEstimator(load_model(path, dtype=torch.float32))


@pytest.mark.parametrize("name", sample(CAUSES, ["right"]))
def test_each_fault_is_told_by_its_cause(miniature, tmp_path, photo, name):
    estimator = estimator_of(write_variant(miniature, name, tmp_path / "a.safetensors"))
    verdict = diagnose(estimator, [photo], look(estimator, [photo]))
    outcome, words = CAUSES[name]
    assert (verdict.outcome, words in verdict.text) == (outcome, True), verdict.text
    assert verdict.is_right == (name == "right")
    if name not in ("right", "random", "random head"):
        assert "Likely cause" in verdict.text


@pytest.mark.exhaustive
def test_a_network_that_was_trained_for_something_else_is_not_called_wrong(
    miniature, tmp_path, photo
):
    """Trained numbers, but of a photo in which the skier lies elsewhere."""
    estimator = estimator_of(miniature)
    moved = AnnotatedPhoto(
        photo.name,
        np.ascontiguousarray(photo.image_rgb[::-1]),
        photo.boxes_xyxy,
        photo.keypoints_image,
    )
    verdict = diagnose(estimator, [moved], look(estimator, [moved]), search_s=60)
    assert verdict.outcome is Outcome.UNKNOWN
    assert "nothing more can be said" in verdict.text


def test_without_time_the_layers_are_not_blamed(miniature, tmp_path, photo):
    path = write_variant(miniature, "two layers exchanged", tmp_path / "a.safetensors")
    estimator = estimator_of(path)
    verdict = diagnose(estimator, [photo], look(estimator, [photo]), search_s=-1)
    assert "no time to try which ones" in verdict.text


def test_the_thresholds_follow_from_the_annotations(photo):
    people = TruePeople.of([photo])
    assert people.mean_similarity(people.keypoints_image) == 1
    exchanged = people.keypoints_image[:, COCO_17.flip_indices]
    assert people.mean_similarity(exchanged) == pytest.approx(0.278, abs=1e-3)
    assert agreement_limit(people) == pytest.approx(0.068, abs=1e-3)


def test_a_second_annotator_reaches_the_threshold(photo):
    """Errors of COCO's deviation of each joint, in x and y, of many annotators."""
    people = TruePeople.of([photo])
    scale = np.sqrt(people.areas[0]) * COCO_17.sigmas[:, None]
    random = np.random.default_rng(0)
    drawn = [
        people.mean_similarity(people.keypoints_image + scale * random.normal(size=(17, 2)))
        for _ in range(300)
    ]
    assert np.mean(drawn) == pytest.approx(SECOND_ANNOTATOR, abs=0.01)


def test_the_same_joints_under_other_names_have_a_naming(photo):
    people = TruePeople.of([photo])
    order = np.roll(np.arange(17), 4)
    look_like = type("Found", (), {"keypoints": people.keypoints_image[:, order]})
    assert best_naming(people, look_like) == pytest.approx(1)


@pytest.mark.parametrize(
    ("tensors", "share"),
    [
        ({}, 0),
        ({"bias": torch.zeros(40)}, 0),
        ({"small": torch.randn(4, 4)}, 0),
        ({"constant": torch.ones(40, 40)}, 0),
        ({"normal": torch.randn(200, 90, generator=torch.Generator().manual_seed(0))}, 1),
        ({"uniform": torch.rand(200, 90, generator=torch.Generator().manual_seed(0)) - 0.5}, 1),
    ],
)
def test_random_numbers_are_known_by_their_largest_direction(tensors, share):
    assert random_share(tensors) == share


def test_the_miniature_is_trained(miniature):
    assert random_share(load_model(miniature).state_dict()) == 0
