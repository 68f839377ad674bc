"""What the command line's arguments about people mean: each changes its own setting alone."""

import argparse
from dataclasses import replace

import pytest
from comfyui_sapiens_pose.commands import estimate
from comfyui_sapiens_pose.commands.arguments.people import (
    PeopleSettings,
    people_settings,
    pose_options,
)
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
        (("--person-threshold", "0.2"), {"score_threshold": 0.2}),
        (("--person-overlap", "0.3"), {"max_overlap": 0.3}),
        (("--person-min-size", "0"), {"min_side_px": 0}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_each_argument_changes_what_is_detected(argument, changes, tmp_path):
    pytest.importorskip("transformers", "4.50")
    weights = tmp_path / "detector.safetensors"
    detector = ("--detector", "rtdetr-r18", "--detector-weights", str(weights))
    assert settings_of(*detector, *argument) == PeopleSettings(detector_weights=weights, **changes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--person-threshold 0.5", "--person-threshold would change nothing. .* --detector rtdetr"),
        ("--person-overlap 0 --person-min-size 0", "--person-overlap and --person-min-size would"),
        (
            "--person-min-size 8 --bboxes whole",
            "--person-min-size would change nothing. --bboxes says where .* one or the other",
        ),
        ("--person-overlap 1 --masks m", "--person-overlap would .* --masks says .* one or the"),
        ("--detector-weights d --masks m", "--detector-weights would .* --masks says where"),
        ("--detector-weights d", "--detector-weights would .* such as --detector rtdetr-r50"),
        ("--dim-others 0", "--dim-others would change nothing. There are no masks: say where"),
        ("--dim-others 1 --hide-outside-mask", "--dim-others and --hide-outside-mask would"),
    ],
)
def test_what_would_change_nothing_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        settings_of(*arguments.split())
