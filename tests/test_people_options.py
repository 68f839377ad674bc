"""What the command line's arguments about people mean: each changes its own setting alone."""

import argparse
from dataclasses import replace

import pytest
from comfyui_sapiens_pose.commands import estimate
from comfyui_sapiens_pose.commands.people import pose_options
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions
from comfyui_sapiens_pose.sapiens_core.pipeline import PoseOptions
from comfyui_sapiens_pose.skeletons.clean import CleanOptions

DEFAULT = PoseOptions(EstimateOptions(dim_others=0.5))


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
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_each_argument_changes_its_setting(arguments, estimate_changes, clean_changes, refine):
    expected = PoseOptions(
        replace(DEFAULT.estimate, **estimate_changes),
        replace(CleanOptions(), **clean_changes),
        refine,
    )
    assert options_of(*arguments) == expected
