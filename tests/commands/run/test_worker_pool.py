"""Several processes find the same as one, whatever becomes of them."""

import argparse
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.estimate import add_parser
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.commands.run import chunk_worker
from comfyui_sapiens_pose.commands.run.chunk_worker import ChunkWorker
from comfyui_sapiens_pose.commands.run.chunks import encode_results
from comfyui_sapiens_pose.commands.run.plan import make_plan
from comfyui_sapiens_pose.commands.run.resume_store import remove_leftovers
from comfyui_sapiens_pose.commands.run.worker_pool import WorkerError, WorkerPool
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import TEMPORARY_SUFFIX
from helpers.clips import pan, write_clip
from helpers.command_lines import ESTIMATE
from helpers.same_files import assert_same_files

TWO = ["--devices", "cpu", "--jobs-per-device", "2"]
POISON = b"POISON"
DEADLY = f"""
import os
import PIL.Image
open_image = PIL.Image.open
def open_or_die(file, *others, **options):
    if file.getvalue().endswith({POISON!r}):
        open(os.environ["LEFTOVER"], "wb").close()
        os._exit(7)
    return open_image(file, *others, **options)
PIL.Image.open = open_or_die
"""
"""Read by a worker at its start: pictures that end so end it too, as a bug in a library would."""


def write_pictures(folder, count, size_wh=(480, 400)):
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.png").write_bytes(encode_png(pan(number, count, size_wh)))
    return folder


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def command(root):
    """The arguments of an ``estimate`` with the miniature."""
    weights = root / "miniature/sapiens_miniature_17.safetensors"

    def build(inputs, out, *arguments):
        every = [*ESTIMATE, inputs, "-o", out, "--weights", weights, "--no-flip", *arguments]
        return [str(each) for each in every]

    return build


def plan_of(arguments):
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return make_plan(parser.parse_args(arguments))


def pool_of(plan):
    """Workers as the command line would start them, and the chunks."""
    chunks = [chunk for source in plan.sources for chunk in source.chunks]
    return WorkerPool(plan.work, plan.devices), chunks


@pytest.mark.promise("Files cost what they weigh")
def test_large_pictures_of_a_unit_are_looked_at_in_groups(tmp_path, command, monkeypatch):
    """With the same results and files as all at once."""
    side, told, groups = 96, [], []
    plan = plan_of(command(write_pictures(tmp_path / "in", 3, (side, side)), tmp_path / "out"))
    ((chunk,),) = [source.chunks for source in plan.sources]
    worker = ChunkWorker(plan.work, "cpu")
    results, files = encode_results(worker.process(chunk)), contents(tmp_path / "out")
    shutil.rmtree(tmp_path / "out")
    find = worker._find_people
    monkeypatch.setattr(chunk_worker, "MAX_PIXELS_TOGETHER", 2 * side**2)
    counted = lambda paths, images: groups.append(len(paths)) or find(paths, images)  # noqa: E731
    monkeypatch.setattr(worker, "_find_people", counted)
    assert encode_results(worker.process(chunk, told.append)) == results
    assert contents(tmp_path / "out") == files
    assert groups == [2, 1]
    assert told == sorted(told)
    assert told[-1] == 3


def test_with_another_mask_a_run_starts_anew(tmp_path, command):
    """What was found is kept for the same settings and files alone."""
    folder = write_pictures(tmp_path / "in", 1, (96, 96))
    versions = []
    for side in (2, 2, 3):
        content = encode_png(np.full((side, side, 3), 255, np.uint8))
        mask = tmp_path / "mask.png"
        if not mask.exists() or mask.read_bytes() != content:
            mask.write_bytes(content)
        versions.append(plan_of(command(folder, tmp_path, "--select-mask", mask)).version)
    assert versions[0] == versions[1] != versions[2]


@pytest.mark.crash
@pytest.mark.portable
@pytest.mark.parametrize(
    ("num_images", "num_frames"),
    [(20, 12), pytest.param(500, 300, marks=pytest.mark.slow)],
)
def test_two_workers_write_what_one_process_writes(tmp_path, command, num_images, num_frames):
    folder = write_pictures(tmp_path / "in", num_images)
    write_clip(folder / "clip.mp4", num_frames, (480, 400), draw=pan)
    mask = tmp_path / "mask.png"
    mask.write_bytes(encode_png(np.full((2, 2, 3), 255, np.uint8)))
    more = ["--table", "npz", "--select-mask", mask, "--hands-threshold", "0.2"]
    assert main(command(folder, tmp_path / "one", *more)) == 0
    assert main(command(folder, tmp_path / "two", *more, *TWO)) == 0
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert len(one) == 2 * num_images + 4
    assert_same_files(two, one)


@pytest.mark.crash
@pytest.mark.promise("One bad input does not stop the others")
def test_a_picture_that_kills_workers_is_the_only_one_that_fails(tmp_path, command):
    folder = write_pictures(tmp_path / "in", 10)
    with (folder / "002.png").open("ab") as file:
        file.write(POISON)
    (tmp_path / "sitecustomize.py").write_text(DEADLY)
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
        "LEFTOVER": str(tmp_path / "out" / f".002.png.begun{TEMPORARY_SUFFIX}"),
    }
    more = ["--style", "dense", "--select", "1"]  # a second person, whom no picture has
    start = [sys.executable, "-m", "comfyui_sapiens_pose.cli"]
    again = [*start, *command(folder, tmp_path / "out", *TWO, *more)]
    done = subprocess.run(again, env=variables, capture_output=True, text=True)
    assert done.returncode == 1
    names = {f"{number:03}{suffix}" for number in range(10) for suffix in (".json", ".png")}
    assert set(contents(tmp_path / "out")) == names - {"002.json", "002.png"}
    errors = done.stderr
    assert "002.png: the worker that looked at it died (exit code 7)" in errors
    assert "1 of 10 images failed; the others are done" in errors
    assert errors.count("The selection left none of the 9 people found.") == 1


@pytest.mark.crash
def test_what_a_killed_worker_had_is_done_by_another(tmp_path, command):
    folder = write_pictures(tmp_path / "in", 24, (96, 96))
    plan = plan_of(command(folder, tmp_path / "out", *TWO))
    pool, chunks = pool_of(plan)
    killed = []

    def kill_one(_):
        if not killed:
            killed.extend(worker for worker in pool._workers if worker.is_ready and worker.task)
            os.kill(killed[0].process.pid, signal.SIGKILL)

    pool.on_progress = kill_one
    with pool:
        done = [(chunk, len(results)) for chunk, results in pool.run(chunks)]
    assert killed[0].process.exitcode == -signal.SIGKILL
    assert sorted(chunk.number for chunk, _ in done) == [0, 1, 2]
    assert [count for _, count in done] == [8, 8, 8]
    remove_leftovers(plan.all_results())  # of the killed one, as a run does
    assert len(contents(tmp_path / "out")) == 48
    assert pool._workers == []


@pytest.mark.crash
def test_workers_say_why_they_cannot_begin(tmp_path, command):
    folder = write_pictures(tmp_path / "in", 2, (96, 96))
    pool, chunks = pool_of(plan_of(command(folder, tmp_path / "out", "--num-heads", "3", *TWO)))
    with pool, pytest.raises(ValueError, match="heads"):
        list(pool.run(chunks))


def test_no_worker_is_started_for_weights_that_are_not_there(tmp_path, monkeypatch, capfd):
    folder = write_pictures(tmp_path / "in", 2, (96, 96))
    monkeypatch.setattr(WorkerPool, "_start", None)
    arguments = [*ESTIMATE, folder, "-o", tmp_path / "out", "--weights", "none.pth", *TWO]
    assert main([str(each) for each in arguments]) == 1
    assert "There is no checkpoint none.pth" in capfd.readouterr().err


class Deadly:
    """Whoever reads it from a pipe ends."""

    def __reduce__(self):
        return os._exit, (9,)


@pytest.mark.crash
def test_workers_that_die_at_once_are_not_started_for_ever(tmp_path, command):
    folder = write_pictures(tmp_path / "in", 2, (96, 96))
    pool, chunks = pool_of(plan_of(command(folder, tmp_path / "out", *TWO)))
    pool.settings = Deadly()
    with pool, pytest.raises(WorkerError, match="exit code 9"):
        list(pool.run(chunks))
