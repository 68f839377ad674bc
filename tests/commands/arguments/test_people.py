"""What the command line's arguments about people mean: each changes its own setting alone."""

import argparse
import sys
from dataclasses import replace

import pytest
from comfyui_sapiens_pose.commands import estimate
from comfyui_sapiens_pose.commands.arguments.people import (
    PeopleSettings,
    people_settings,
    pose_options,
)
from comfyui_sapiens_pose.sapiens_core.checkpoints.download_errors import DownloadError
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions
from comfyui_sapiens_pose.sapiens_core.pipeline import PoseOptions
from comfyui_sapiens_pose.skeletons.poses.cleanup import CleanupOptions

DEFAULT = PoseOptions(EstimateOptions())


def options_of(*arguments: str) -> PoseOptions:
    parser = argparse.ArgumentParser()
    estimate.add_parser(parser.add_subparsers())
    return pose_options(parser.parse_args(["estimate", "a.png", "-o", "out", *arguments]))


@pytest.mark.parametrize(
    ("arguments", "estimate_changes", "clean_changes", "refine"),
    [
        ((), {}, {}, "off"),
        (("--no-flip",), {"flip": False}, {}, "off"),
        (("--batch-size", "7"), {"batch_size": 7}, {}, "off"),
        (("--dim-others", "0.2"), {"dim_others": 0.2}, {}, "off"),
        (("--refine", "face"), {}, {}, "face"),
        (("--refine", "both"), {}, {}, "both"),
        (("--hide-outside-mask",), {}, {"mask_reach": 0.1}, "off"),
        (("--no-merge-duplicates",), {}, {"same_person": None}, "off"),
        (("--no-hide-guesses",), {}, {"guessed_part": 0.0, "outside_crop": False}, "off"),
        (("--hide-face-from-behind",), {}, {"face_from_behind": True}, "off"),
        (("--score-threshold", "0.4"), {}, {"score_threshold": 0.4}, "off"),
        (("--hands-threshold", "0.2"), {}, {"score_threshold": 0.2}, "off"),
        (("--face-threshold", "0.1"), {}, {"score_threshold": 0.1}, "off"),
        (("--feet-threshold", "0.1"), {}, {}, "off"),
        (("--hands-threshold", "0.9"), {}, {}, "off"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_each_argument_changes_its_setting(arguments, estimate_changes, clean_changes, refine):
    expected = PoseOptions(
        replace(DEFAULT.estimate, **estimate_changes),
        replace(CleanupOptions(), **clean_changes),
        refine,
    )
    assert options_of(*arguments) == expected


def settings_of(*arguments: str) -> PeopleSettings:
    parser = argparse.ArgumentParser()
    estimate.add_parser(parser.add_subparsers())
    return people_settings(parser.parse_args(["estimate", "a.png", "-o", "out", *arguments]), 1)


@pytest.mark.parametrize(
    ("argument", "changes"),
    [
        ((), {}),
        (("--detector", "auto"), {}),
        (("--person-threshold", "0.2"), {"score_threshold": 0.2}),
        (("--person-overlap", "0.3"), {"max_overlap": 0.3}),
        (("--person-min-size", "0"), {"min_side_px": 0}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
@pytest.mark.usefixtures("transformers")
def test_each_argument_changes_what_is_detected(argument, changes, tmp_path):
    weights = tmp_path / "detector.safetensors"
    detector = ("--detector", "rtdetr-r18", "--detector-weights", str(weights))
    assert settings_of(*detector, *argument) == PeopleSettings(detector_weights=weights, **changes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "--detector whole --person-threshold 0.5",
            "--person-threshold has no effect. .* --detector rtdetr",
        ),
        (
            "--bboxes whole --person-overlap 0 --person-min-size 0",
            "--person-overlap and --person-min-size have no effect",
        ),
        (
            "--person-min-size 8 --bboxes whole",
            "--person-min-size has no effect. --bboxes says where .* omit one of the two",
        ),
        (
            "--person-overlap 1 --masks m",
            "--person-overlap has .* --masks says .* omit one",
        ),
        ("--detector-weights d --masks m", "--detector-weights has no effect.* --masks says where"),
        (
            "--detector whole --detector-weights d",
            "--detector-weights has no effect.* add --detector rtdetr-r50",
        ),
        ("--dim-others 0", "--dim-others has no effect. There are no masks: add --masks"),
        (
            "--dim-others 1 --hide-outside-mask",
            "--dim-others and --hide-outside-mask have",
        ),
    ],
)
def test_what_would_change_nothing_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        settings_of(*arguments.split())


@pytest.mark.parametrize("arguments", ["--detector whole", "--bboxes whole"])
def test_the_whole_image_needs_no_detector(arguments):
    assert settings_of(*arguments.split()) == PeopleSettings()


@pytest.mark.usefixtures("no_network", "transformers")
@pytest.mark.parametrize("arguments", ["", "--detector auto", "--person-threshold 0.5"])
def test_people_are_detected_unless_something_else_is_asked_for(arguments, tmp_path):
    weights = tmp_path / "rtdetr_v2_r50vd.safetensors"
    weights.touch()
    found = settings_of(*arguments.split(), "--models-dir", str(tmp_path))
    assert found == PeopleSettings(detector_weights=weights)


@pytest.mark.usefixtures("no_network", "transformers")
@pytest.mark.parametrize("detector", ["auto", "rtdetr-r18"])
def test_a_detector_that_cannot_be_fetched_is_a_fault_that_says_how_to_go_on(
    detector, tmp_path, monkeypatch
):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError, match=r"was not downloaded .* add --detector whole\."):
        settings_of("--detector", detector, "--models-dir", str(tmp_path))


@pytest.fixture
def _without_library(monkeypatch):
    """Python's own way to say that a module is not there."""
    monkeypatch.setitem(sys.modules, "transformers", None)


@pytest.mark.usefixtures("_without_library")
def test_without_the_library_each_image_is_one_person_and_one_line_says_so(caplog):
    assert settings_of() == PeopleSettings()
    (message,) = caplog.messages
    assert message.startswith("Each image is taken as one person, as with --detector whole. ")
    assert "pip install 'transformers>=4.50'" in message


@pytest.mark.usefixtures("_without_library")
@pytest.mark.parametrize("arguments", ["--detector rtdetr-r50", "--person-overlap 0.5"])
def test_without_the_library_a_detector_that_is_asked_for_is_a_fault(arguments):
    with pytest.raises(ImportError, match="needs the package transformers"):
        settings_of(*arguments.split())


@pytest.mark.usefixtures("_without_library")
def test_without_the_library_nothing_is_said_where_nobody_is_to_be_detected(caplog):
    settings_of("--detector", "whole")
    assert not caplog.messages
