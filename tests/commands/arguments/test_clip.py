"""The arguments about the frames of a clip, and what is made of them."""

import argparse

import numpy as np
import pytest
from comfyui_sapiens_pose.commands.arguments.clip import ClipSettings
from comfyui_sapiens_pose.commands.arguments.selection import SORTS, Selection
from comfyui_sapiens_pose.commands.estimate import add_parser
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.sapiens_core.clip.smooth import SmoothOptions
from comfyui_sapiens_pose.sapiens_core.clip.tracker import TrackOptions
from comfyui_sapiens_pose.skeletons.poses.select import SelectOptions
from helpers.command_lines import ESTIMATE


def settings_of(*arguments):
    """Of a clip, as the command line asks for."""
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    command = [*ESTIMATE, "x", "-o", "out", "--clip", *arguments]
    return ClipSettings.of(parser.parse_args(command))


TRACK, SMOOTH = TrackOptions(), SmoothOptions("gaussian")


@pytest.mark.parametrize(
    ("arguments", "tracking", "smoothing", "selection"),
    [
        ("", None, None, {}),
        ("--track", TRACK, None, {}),
        ("--track --score-threshold 0.4", {"score_threshold": 0.4}, None, {"score_threshold": 0.4}),
        ("--track --track-gap 3", {"max_gap": 3}, None, {}),
        ("--track --track-similarity 0.4", {"min_similarity": 0.4}, None, {}),
        ("--track --track-duplicates 1.1", {"duplicate_similarity": 1.1}, None, {}),
        ("--track --track-min-frames 1", {"min_frames": 1}, None, {}),
        ("--select-ids 1 --track-gap 0", {"max_gap": 0}, None, {"track_ids": "1"}),
        ("--smooth gaussian", TRACK, SMOOTH, {}),
        ("--smooth gaussian --track-gap 3", {"max_gap": 3}, SMOOTH, {}),
        ("--smooth gaussian --smooth-strength 0", TRACK, {"strength": 0}, {}),
        ("--smooth gaussian --smooth-gap 0", TRACK, {"max_gap": 0}, {}),
        ("--smooth gaussian --smooth-person-gap 4", TRACK, {"max_person_gap": 4}, {}),
        ("--smooth gaussian --smooth-spikes 0", TRACK, {"spike_threshold": 0}, {}),
        ("--select 0,2-3", None, None, {"places": "0,2-3"}),
        ("--select-min-score 0.5", None, None, {"min_score": 0.5}),
        ("--select-min-keypoints 9", None, None, {"min_keypoints": 9}),
        ("--sort area --sort-reverse", None, None, {"sort": "area", "reverse": True}),
        ("--max-people 2", None, None, {"max_people": 2}),
        ("--select-box 0,0,9,9 --select-min-inside 1", None, None, {"min_inside": 1}),
    ],
)
def test_each_argument_changes_its_setting(arguments, tracking, smoothing, selection):
    """Everything else is as the classes have it."""
    found = settings_of(*arguments.split())
    tracking = TrackOptions(**tracking) if isinstance(tracking, dict) else tracking
    if isinstance(smoothing, dict):
        smoothing = SmoothOptions(**{"method": "gaussian"} | smoothing)
    assert (found.tracking, found.smoothing) == (tracking, smoothing)
    assert found.selection.options == SelectOptions(**selection)


def test_places_of_a_picture_are_boxes_and_a_mask(tmp_path):
    assert settings_of().selection == Selection(SelectOptions())
    assert settings_of().selection.region is None
    assert not settings_of().slots
    assert settings_of("--track", "--track-slots").slots
    (tmp_path / "a.png").write_bytes(encode_png(np.zeros((2, 2, 3), np.uint8)))
    where = ["--select-mask", str(tmp_path / "a.png")]
    found = settings_of("--select-box", "1,2,3,4", "--select-box=-5,0,6,7.5", *where).selection
    assert found.boxes_xyxy == ((1, 2, 3, 4), (-5, 0, 6, 7.5))
    assert found.mask == tmp_path / "a.png"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--track-gap 20", "--track-gap has no effect. .*add --track"),
        (
            "--track-gap 0 --track-slots",
            "--track-gap and --track-slots have .*add --track",
        ),
        ("--track-similarity 0.2", "--track-similarity has no effect.*add --track"),
        ("--track-duplicates 0.8", "--track-duplicates has no effect.*add --track"),
        ("--track-min-frames 3", "--track-min-frames has no effect.*add --track"),
        ("--track --smooth-strength 0.5", "--smooth-strength has no effect.*add --smooth METHOD"),
        ("--track --smooth-gap 5", "--smooth-gap has no effect.*add --smooth METHOD"),
        ("--smooth-person-gap 0", "--smooth-person-gap has no effect.*add --smooth METHOD"),
        ("--smooth-spikes 0", "--smooth-spikes has no effect.*add --smooth METHOD"),
        ("--select-min-inside 0.5", "add --select-box or --select-mask"),
        ("--select-mask none.png", "no image none.png"),
        (
            "--smooth none --smooth-strength 0.9",
            "--smooth-strength has .*choose another METHOD",
        ),
        ("--select first", "--select is 'first', expected a list like"),
    ],
)
def test_what_would_change_nothing_is_refused(arguments, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        settings_of(*arguments.split())


@pytest.mark.parametrize("text", ["", "a", "1,2,3", "1,2,3,4,5", "5,0,5,9", "0,9,5,9", "0,0,nan,9"])
def test_what_is_no_box_is_refused(text, capsys):
    with pytest.raises(SystemExit):
        settings_of(f"--select-box={text}")
    assert "is not a box such as 0,0,640,480" in capsys.readouterr().err


def test_sorts_have_names_without_spaces():
    assert not [name for name in SORTS if " " in name]
