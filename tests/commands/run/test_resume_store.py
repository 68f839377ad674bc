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
from comfyui_sapiens_pose.commands.run.chunks import Chunk, Failure, Item, encode_results
from comfyui_sapiens_pose.commands.run.plan import make_plan
from comfyui_sapiens_pose.commands.run.resume_store import ResumeStore, remove_leftovers
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import TEMPORARY_SUFFIX, shorten_name
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.clips import pan, write_clip
from helpers.poses import make_pose
from helpers.processes import started, wait_for_group_to_end
from helpers.same_files import assert_same_files

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
ITEMS = (Item(__file__, "a"), Item(__file__, "b"))
CHUNKS = [Chunk(number, ITEMS) for number in range(3)]
FRAME = Frame((640, 480), (make_pose(COCO_17, 1, person_id=4), make_pose(GOLIATH_308, 2)))


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
        start = [sys.executable, "-m", "comfyui_sapiens_pose.cli", "estimate", inputs, "-o", out]
        return [*map(str, start), "--weights", str(weights), *arguments]

    return build


def visible(folder):
    """Name and content of everything but what is hidden."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.relative_to(folder).as_posix().startswith(".")
    }


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
    (left,) = re.findall(r"Going on: (\d+) of 40 pictures are left", run(again, capfd))
    assert int(left) == 40 - 8 * stored
    assert_same_files(visible(out), visible(whole))
    assert sorted(path.name for path in out.iterdir()) == sorted(visible(whole))


@pytest.mark.crash
def test_ctrl_c_ends_cleanly(tmp_path, inputs, command, holding, capfd):
    out = tmp_path / "out"
    again = command(inputs, out, *TWO)
    code, errors = stop(again, out, 2, holding, signal.SIGINT, whole_group=True)
    assert code == 130
    assert "The same command goes on from here" in errors
    assert "Traceback" not in errors
    assert not list(out.rglob("*.part"))
    stored = len(list(out.glob(".sapiens-pose/*/0*.json")))
    assert f"Going on: {40 - 8 * stored} of 40" in run(again[:-4], capfd)
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
    assert len(signals) > 1 or errors.count("Stopped. The same command goes on from here.") == 1
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


def opened(tmp_path, version="1", command="a"):
    return ResumeStore(tmp_path, command, version)


def test_what_is_stored_comes_back_number_for_number(tmp_path):
    with opened(tmp_path) as store:
        assert CHUNKS[0] not in store
        store.save(CHUNKS[0], [FRAME, Frame((3, 2))])
        assert store.load(CHUNKS[0]) == [FRAME, Frame((3, 2))]
    with opened(tmp_path) as store:
        assert [chunk in store for chunk in CHUNKS] == [True, False, False]
        assert store.load(CHUNKS[0]) == [FRAME, Frame((3, 2))]
        store.remove()
    assert list(tmp_path.iterdir()) == []


WHOLE = encode_results([FRAME, FRAME]).encode()
DAMAGED = {
    "left empty by a power cut": b"",
    "null bytes": bytes(5000),
    "cut off": WHOLE[:-30],
    "no text": b"\xff",
    "nested": b"[" * 100_000,
    "no width": WHOLE.replace(b'"width"', b'"wide"', 1),
    "four results": WHOLE[:-1] + b"," + WHOLE[1:],
    **{text: text.encode() for text in ("[]", "{}", "null", "5", "[5,5]", '["error",0]')},
}


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_is_done_again_and_the_rest_stays(tmp_path, content, caplog):
    with opened(tmp_path) as store:
        for chunk in CHUNKS:
            store.save(chunk, [FRAME, FRAME])
    for number in (0, 1):
        (stored,) = tmp_path.rglob(f"{number:08}.json")
        assert stored.read_bytes() == WHOLE
        stored.write_bytes(content)
    stored.with_name("0abc.json").touch()
    with opened(tmp_path) as store:
        assert [chunk in store for chunk in CHUNKS] == [False, False, True]
        assert [record.getMessage() for record in caplog.records] == [
            "Not all that an earlier run kept can be read; that is done again."
        ]
        store.save(CHUNKS[0], [FRAME, FRAME])
        assert store.load(CHUNKS[0]) == store.load(CHUNKS[2]) == [FRAME, FRAME]


def test_failures_are_tried_again_by_the_next_run(tmp_path):
    with opened(tmp_path) as store:
        store.save(CHUNKS[0], [FRAME, FRAME])
        store.save(CHUNKS[1], [FRAME, Failure("no")])
        assert store.load(CHUNKS[1]) == [FRAME, Failure("no")]
    with opened(tmp_path) as store:
        assert [chunk in store for chunk in CHUNKS] == [True, False, False]


def test_other_settings_start_anew_and_say_so(tmp_path, caplog):
    caplog.set_level("INFO")
    with opened(tmp_path) as store:
        store.save(CHUNKS[0], [FRAME, FRAME])
        store.mark_written(CHUNKS[0])
        assert store.is_written(CHUNKS[0])
    with opened(tmp_path) as store:
        assert store.is_written(CHUNKS[0])
    assert "starting anew" not in caplog.text
    with opened(tmp_path, version="2") as store:
        assert CHUNKS[0] not in store
        assert not store.is_written(CHUNKS[0])
    assert "starting anew" in caplog.text


@pytest.mark.promise("What was finished stays")
def test_settings_that_cannot_be_read_are_others(tmp_path, caplog):
    caplog.set_level("INFO")
    with opened(tmp_path) as store:
        store.save(CHUNKS[0], [FRAME, FRAME])
    (tmp_path / ".sapiens-pose/a/version").write_bytes(b"\xff\0")
    with opened(tmp_path) as store:
        assert CHUNKS[0] not in store
    assert "starting anew" in caplog.text


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize("name", [".sapiens-pose", ".sapiens-pose/a", ".sapiens-pose/a/lock"])
def test_what_a_run_keeps_never_lies_elsewhere_by_a_link(tmp_path, name):
    home, out = tmp_path / "home", tmp_path / "out"
    for folder in (home, home / "a"):
        folder.mkdir()
        (folder / "version").write_text("other")
        (folder / "00000000.json").write_text("precious")
    before = visible(home)
    link = out / name
    link.parent.mkdir(parents=True)
    link.symlink_to(home / "version" if name.endswith("lock") else home)
    with pytest.raises(ValueError, match=r"leads to .* by a link"):
        opened(out)
    assert visible(home) == before
    assert list(link.parent.iterdir()) == [link]
    link.unlink()
    (tmp_path / "link").symlink_to(out)  # the folder that its user names may be one
    with opened(tmp_path / "link") as store:
        store.save(CHUNKS[0], [FRAME, FRAME])


@pytest.mark.promise("Files stay in their folder")
def test_what_others_put_beside_it_stays(tmp_path):
    with opened(tmp_path) as store:
        store.save(CHUNKS[0], [FRAME, FRAME])
    names = ["0000.json", "notes.json", "thesis.txt", "version.txt"]
    folder = tmp_path / ".sapiens-pose/a"
    for name in (*names, f".00000001.json.x1y2{TEMPORARY_SUFFIX}"):
        (folder / name).touch()
    with opened(tmp_path, version="2") as store:
        assert sorted(path.name for path in folder.iterdir()) == sorted([*names, "lock", "version"])
        store.remove()
    assert sorted(path.name for path in folder.iterdir()) == names


def test_runs_into_one_folder_leave_one_another_alone(tmp_path):
    with opened(tmp_path, command="a") as one, opened(tmp_path, command="b") as other:
        one.save(CHUNKS[0], [FRAME, FRAME])
        assert CHUNKS[0] not in other
        other.remove()
        assert one.load(CHUNKS[0]) == [FRAME, FRAME]


def test_the_same_command_twice_at_a_time_is_refused(tmp_path):
    with opened(tmp_path), pytest.raises(ValueError, match="already at work"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        (f".a.png.x1y2{TEMPORARY_SUFFIX}", False),
        (f".a_skeleton.mp4.x1y2{TEMPORARY_SUFFIX}", False),
        (f".a.dense_overlay.png.x1y2{TEMPORARY_SUFFIX}", False),
        (f".ab.png.x1y2{TEMPORARY_SUFFIX}", True),
        (f".a_2.png.x1y2{TEMPORARY_SUFFIX}", True),
        (f".a_2_skeleton.mp4.x1y2{TEMPORARY_SUFFIX}", True),
        (f"a.png{TEMPORARY_SUFFIX}", True),
        (".a.png", True),
    ],
)
def test_leftovers_of_these_results_alone_are_removed(tmp_path, name, stays):
    (tmp_path / name).touch()
    names = ["a.png", "a_skeleton.mp4", "a.dense_overlay.png", "missing/b.png"]
    remove_leftovers([tmp_path / each for each in names])
    assert (tmp_path / name).exists() == stays


def test_leftovers_of_long_names_are_told_apart(tmp_path):
    results = [tmp_path / f"{'shot' * 20}_take_{number}.mp4" for number in range(2)]
    for path in results:
        (tmp_path / f".{shorten_name(path.name)}.x1y2{TEMPORARY_SUFFIX}").touch()
    remove_leftovers(results[:1])
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(f".{shorten_name(results[1].name)}.")
