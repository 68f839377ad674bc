"""A run that is killed, at any moment, is gone on with by the same command."""

import argparse
import os
import random
import re
import signal
import sys
import time

import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.estimate import add_parser
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.commands.run.plan import make_plan
from helpers.clips import pan, write_clip
from helpers.command_lines import ESTIMATE
from helpers.processes import started, wait_for_group_to_end
from helpers.same_files import assert_same_files
from helpers.visible_files import visible

HELD = b"HELD"
HOLDING = f"""
import multiprocessing, time
import PIL.Image
open_image = PIL.Image.open
def open_or_wait(file, *others, **options):
    parent = multiprocessing.parent_process()
    while file.getvalue().endswith({HELD!r}) and (parent is None or parent.is_alive()):
        time.sleep(0.02)
    return open_image(file, *others, **options)
PIL.Image.open = open_or_wait
"""
"""Read by a run at its start: it is not through before it is killed, as quick as the machine is."""

TWO = ["--devices", "cpu", "--jobs-per-device", "2"]


@pytest.fixture
def inputs(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(24):
        (folder / f"{number:03}.png").write_bytes(encode_png(pan(number, 24, (96, 128))))
    with (folder / "023.png").open("ab") as file:
        file.write(HELD)
    write_clip(folder / "clip.mp4", 16, (96, 128), draw=pan)
    return folder


@pytest.fixture
def holding(tmp_path):
    """The variables of a process that waits at the last picture, a worker until it is alone."""
    (tmp_path / "sitecustomize.py").write_text(HOLDING)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path}


@pytest.fixture
def command(root):
    """The command of an ``estimate`` with the miniature, in a process of its own."""
    weights = root / "miniature/sapiens_miniature_17.safetensors"

    def build(inputs, out, *arguments):
        start = [sys.executable, "-m", "comfyui_sapiens_pose.cli", *ESTIMATE, inputs, "-o", out]
        return [*map(str, start), "--weights", str(weights), *arguments]

    return build


def run(command, capfd):
    """What a run says that must end well, here and not in a process of its own."""
    assert main(command[3:]) == 0
    return capfd.readouterr().err


def stop(command, out, when_done, variables, *signals, whole_group=False):
    """Starts a run and stops it, with its workers if asked, as soon as so many chunks are done.

    Returns:
        The exit code, and what the run says until its last process has ended.
    """
    with started(command, variables) as process:
        while process.poll() is None and len(list(out.glob(".sapiens-pose/*/0*.json"))) < when_done:
            time.sleep(0.02)
        time.sleep(random.uniform(0, 0.1))
        for number in signals:
            (os.killpg if whole_group else os.kill)(process.pid, number)
            time.sleep(0.02)
        errors = process.communicate(timeout=60)[1]
        assert wait_for_group_to_end(process.pid) == []
    return process.returncode, errors


@pytest.mark.crash
@pytest.mark.parametrize(
    "num_kills", [2, pytest.param(10, marks=pytest.mark.slow)], ids=lambda count: f"{count} kills"
)
def test_killed_and_gone_on_with(tmp_path, inputs, command, holding, num_kills, capfd):
    """By one process and by two workers, in turn."""
    random.seed(num_kills)
    whole, out = tmp_path / "whole", tmp_path / "out"
    run(command(inputs, whole, "--overlay"), capfd)
    again = command(inputs, out, "--overlay")
    known: dict[str, int] = {}
    for number in range(num_kills):
        workers = TWO if number % 2 else []
        when_done = 1 + number * 4 // num_kills
        # Two chunks are in front of the last picture, and a second worker has two more.
        variables = holding if when_done <= (4 if workers else 2) else os.environ
        code, _ = stop([*again, *workers], out, when_done, variables, signal.SIGKILL)
        assert code == -signal.SIGKILL
        stored = len(list(out.glob(".sapiens-pose/*/0*.json")))
        finished = {path.name: path.stat().st_mtime_ns for path in out.glob("0*")}
        # What was finished is not written again; only what was at work when it was killed.
        rewritten = [name for name in known if known[name] != finished[name]]
        assert len(rewritten) <= 2 * 8 * 3
        known = finished
    (left,) = re.findall(r"Resuming: (\d+) of 40 images are left", run(again, capfd))
    assert int(left) == 40 - 8 * stored
    assert_same_files(visible(out), visible(whole))
    assert sorted(path.name for path in out.iterdir()) == sorted(visible(whole))


@pytest.mark.crash
def test_ctrl_c_ends_cleanly(tmp_path, inputs, command, holding, capfd):
    out = tmp_path / "out"
    again = command(inputs, out, *TWO)
    code, errors = stop(again, out, 2, holding, signal.SIGINT, whole_group=True)
    assert code == 130
    assert "To resume, repeat the command" in errors
    assert "Traceback" not in errors
    assert not list(out.rglob("*.part"))
    stored = len(list(out.glob(".sapiens-pose/*/0*.json")))
    assert f"Resuming: {40 - 8 * stored} of 40" in run(again[:-4], capfd)
    assert len(visible(out)) == 2 * 24 + 2
    # Everything is there, so that nothing is left to do, and no model is loaded for it.
    assert "miniature" not in run([*again[:-4], "--skip-existing"], capfd)
    (out / "004.png").unlink()
    before = visible(out)
    assert "004.png: people found" in run([*again[:-4], "--skip-existing"], capfd)
    assert visible(out) == {**before, "004.png": visible(out)["004.png"]}


STOPS = {
    # Ctrl-C and two workers: the test before. Each signal by itself: test_stop_signals.py.
    "one process, kill": ([], [signal.SIGTERM]),
    "two workers, closed terminal": (TWO, [signal.SIGHUP]),
    "two workers, Ctrl-C thrice": (TWO, [signal.SIGINT] * 3),
}


@pytest.mark.crash
@pytest.mark.parametrize(("workers", "signals"), STOPS.values(), ids=STOPS)
def test_whatever_stops_a_run_ends_it_cleanly(
    tmp_path, sapiens1, command, holding, workers, signals
):
    """No process is left, and what was finished is kept; impatience ends it at once."""
    (tmp_path / "in").mkdir()
    for number in range(9):
        (tmp_path / "in" / f"{number}.png").write_bytes(encode_png(pan(number, 9, (24, 32))))
    with (tmp_path / "in/8.png").open("ab") as file:
        file.write(HELD)
    weights = ["--weights", str(sapiens1 / "tiny_17.safetensors"), "--num-heads", "4", "--no-flip"]
    again = command(tmp_path / "in", tmp_path / "out", *weights, *workers)
    code, errors = stop(again, tmp_path / "out", 1, holding, *signals, whole_group=True)
    assert code == 128 + signals[0]
    assert "Traceback" not in errors
    assert len(signals) > 1 or errors.count("Stopped. To resume, repeat the command.") == 1
    assert not list((tmp_path / "out").glob("*.part"))
    assert len(list((tmp_path / "out").glob(".sapiens-pose/*/0*.json"))) == 1


def test_what_is_left_out_does_not_change_the_rest_of_a_run(tmp_path, inputs, command):
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    arguments = command(inputs, tmp_path / "out")[3:]
    whole = make_plan(parser.parse_args(arguments))
    (tmp_path / "out").mkdir()
    for name in (
        "009.json",
        "009.png",
        "010.json",
        "clip.json",
        *(f"{n:03}.json" for n in range(8)),
    ):
        (tmp_path / "out" / name).touch()
    for number in range(8):
        (tmp_path / "out" / f"{number:03}.png").touch()
    rest = make_plan(parser.parse_args([*arguments, "--skip-existing"]))
    assert rest.version == whole.version
    images, clip = rest.sources
    assert clip == whole.sources[1]
    assert [chunk.number for chunk in images.chunks] == [1, 2]
    assert [item.name for item in images.chunks[0].items] == [
        *("008", "010", "011", "012", "013", "014", "015")
    ]
    (tmp_path / "out/clip_skeleton.mp4").touch()
    rest = make_plan(parser.parse_args([*arguments, "--skip-existing"]))
    assert len(rest.sources) == 1
