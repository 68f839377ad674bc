"""What the frames of a clip tell beside their people: time, frame rates and cuts."""

import argparse
from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.commands.arguments.clip import ClipSettings
from comfyui_sapiens_pose.commands.arguments.selection import Selection
from comfyui_sapiens_pose.commands.estimate import add_parser
from comfyui_sapiens_pose.commands.run.chunk_worker import ChunkWorker
from comfyui_sapiens_pose.commands.run.chunks import (
    ClipPoses,
    Failure,
    decode_results,
    encode_results,
)
from comfyui_sapiens_pose.commands.run.clip_people import process_clip
from comfyui_sapiens_pose.commands.run.plan import make_plan
from comfyui_sapiens_pose.sapiens_core.clip.images.small_image import SmallImage
from comfyui_sapiens_pose.sapiens_core.clip.tracker import TrackOptions
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.poses.select import SelectOptions
from helpers.batches import write_pictures
from helpers.command_lines import ESTIMATE
from helpers.scenes import CANVAS, figure, make_pose

SMOOTHED = ["estimate", "x", "-o", "out", "--clip", "--smooth", "gaussian"]


def settings_of(*arguments):
    """Of a smoothed clip, as the command line asks for."""
    top = argparse.ArgumentParser()
    add_parser(top.add_subparsers())
    return ClipSettings.of(top.parse_args([*SMOOTHED, *arguments]))


def test_time_goes_on_in_frames_that_could_not_be_read():
    """On a straight way smoothing moves nobody, unless frames are missing from it."""
    known = {
        number: Frame(CANVAS, [make_pose(figure((100 + 20 * number, 400), 250, 0))])
        for number in (0, 1, 2, 3, 6, 7, 8)
    }
    results = [known.get(number, Failure("broken")) for number in range(9)]
    for number, result in enumerate(process_clip(results, settings_of())):
        if number not in known:
            assert result == Failure("broken")
        else:
            x = result.poses[0].keypoints_image[0, 0]
            assert x == pytest.approx(100 + 20 * number, abs=0.1)


@pytest.mark.parametrize(
    ("arguments", "of_file", "expected"),
    [
        *(((), 0, 30), (("--fps", "8"), 0, 8), ((), 60, 60), (("--fps", "8"), 60, 60)),
        pytest.param((), 1e9, 1000, marks=pytest.mark.exhaustive),
    ],
)
def test_smoothing_knows_the_frame_rate(arguments, of_file, expected, caplog):
    """Of the file first, else as it was given; what is taken otherwise is said."""
    caplog.set_level("INFO")
    settings = settings_of(*arguments)
    noise = np.random.default_rng(0).normal(size=8) * 5
    frames = [Frame(CANVAS, [make_pose(figure((300 + x, 400), 250, 0))]) for x in noise]
    found = list(process_clip(frames, settings, of_file))
    told = replace(settings.smoothing, fps=expected)
    wanted = process_clip(frames, replace(settings, smoothing=told))
    assert [frame.poses for frame in found] == [frame.poses for frame in wanted]
    assert ("Set it with --fps" in caplog.text) == (not of_file and not arguments)


def test_tracks_end_at_a_cut_of_the_images_also_from_kept_results(caplog):
    images = [np.full((48, 64, 3), 90, np.uint8)] * 6 + [np.full((48, 64, 3), 200, np.uint8)] * 6
    pose = make_pose(figure((100, 400), 250, 0))
    results = [ClipPoses(CANVAS, [pose], SmallImage.of(image)) for image in images]
    results[2] = Failure("unreadable")
    results = decode_results(encode_results(results))
    caplog.set_level("INFO")
    settings = ClipSettings(TrackOptions(), False, None, Selection(SelectOptions()), None)
    tracked = [each for each in process_clip(results, settings) if isinstance(each, Frame)]
    assert [frame.poses[0].person_id for frame in tracked] == [0] * 5 + [1] * 6
    assert "Cut before frame 6: everybody gets a new id." in caplog.messages


@pytest.mark.parametrize(("arguments", "keeps"), [([], False), (["--track"], True)])
def test_only_clips_that_are_tracked_keep_small_images(tmp_path, root, arguments, keeps):
    write_pictures(tmp_path / "in", 1)
    weights = root / "miniature/sapiens_miniature_17.safetensors"
    command = [*ESTIMATE, tmp_path / "in", "-o", tmp_path / "out", "--weights", weights]
    command += ["--device", "cpu", "--clip", *arguments]
    top = argparse.ArgumentParser()
    add_parser(top.add_subparsers())
    plan = make_plan(top.parse_args([*map(str, command)]))
    (result,) = ChunkWorker(plan.work, "cpu").process(plan.sources[0].chunks[0])
    assert (result.small_image is not None) == keeps
