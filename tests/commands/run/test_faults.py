"""Disks, permissions, files that vanish, clocks and kills: what was finished stays as it was."""

import ast
import errno
import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose import cli
from comfyui_sapiens_pose.commands.files import images
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.commands.run import chunk_worker, outputs, resume_store
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.sapiens_core.estimator import PoseEstimator
from comfyui_sapiens_pose.skeletons.foundation import atomic_files
from helpers.command_lines import ESTIMATE
from helpers.faulty_disk import run_on_disk, why_no_disk

POSES = "openpose/o05_three_1024x1024.core_pose.json"
PICTURE = np.full((30, 20, 3), 128, np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (600, 800, 3), np.uint8)
"""No PNG of it is small, so that writing one takes a while."""
FILE_BYTES = 4_000_000

needs_disk = pytest.mark.skipif(bool(why_no_disk()), reason=why_no_disk())
needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals and users of POSIX")

WRITER = """
import itertools, sys
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_bytes

print("ready", flush=True)
for number in itertools.count():
    write_bytes(sys.argv[1], bytes([number % 256]) * int(sys.argv[2]))
"""

KILLED_HALFWAY = """
import os, signal, sys
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import replace_atomically, write_text

write_text(sys.argv[1], "whole")
with replace_atomically(sys.argv[1]) as part:
    part.write_text("ha")
    os.kill(os.getpid(), signal.SIGKILL)
"""

# Root writes anywhere by its capabilities, which are Linux's here, until it drops them.
WITHOUT_PRIVILEGES = """
import ctypes, os, sys
from comfyui_sapiens_pose.cli import main

if not os.geteuid():
    version_and_process, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    ctypes.CDLL(None).capset(version_and_process, none)
sys.exit(main(sys.argv[1:]))
"""


def pictures(folder: Path, names: str, picture: np.ndarray = PICTURE) -> Path:
    folder.mkdir()
    for name in names:
        (folder / f"{name}.png").write_bytes(encode_png(picture))
    return folder


def estimate(sapiens1: Path, source: Path, out: Path) -> list[str]:
    weights = ["--weights", str(sapiens1 / "tiny_17.safetensors"), "--num-heads", "4"]
    return [*ESTIMATE, str(source), "-o", str(out), *weights, "--device", "cpu"]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.crash
@pytest.mark.promise("What was finished stays")
@needs_disk
def test_a_disk_that_is_full_keeps_what_was_finished_and_the_run_can_go_on(tmp_path, sapiens1):
    """Sixteen blocks of memory: some of the pictures' files, and what the run notes."""
    out = tmp_path / "out"
    names = "abcdefghijkl"
    command = [*estimate(sapiens1, pictures(tmp_path / "in", names), out), "--patience", "0"]
    done = run_on_disk("size=64k", out, [sys.executable, "-m", cli.__name__, *command])
    assert done.returncode == 1
    assert "was not written: No space left on device; nothing has succeeded for" in done.stderr
    assert "then repeat the command to resume." in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(out.rglob("*.part"))
    finished = list(out.glob("*.json"))
    assert 0 < len(finished) < len(names)
    for path in finished:
        assert json.loads(path.read_text())["image"] == f"{path.stem}.png"
    assert all(images.read_image(path).shape == PICTURE.shape for path in out.glob("*.png"))
    assert cli.main(command) == 0
    assert len(list(out.glob("*.json"))) == len(list(out.glob("*.png"))) == len(names)


@pytest.mark.crash
@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("workers", [[], ["--devices", "cpu", "--jobs-per-device", "2"]])
def test_a_share_that_goes_away_is_waited_for(tmp_path, sapiens1, monkeypatch, capfd, workers):
    """Each file is read by name; after the first chunk the folder is as a share leaves it."""
    source, out = pictures(tmp_path / "in", "abcdefghijklmnopqrst"), tmp_path / "out"
    pauses = []

    def come_back(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            source.rmdir()
            (tmp_path / "away").rename(source)

    def go_away(store, chunk, results):
        save(store, chunk, results)
        if not (tmp_path / "away").exists() and not pauses:
            source.rename(tmp_path / "away")
            source.mkdir()

    save = resume_store.ResumeStore.save
    monkeypatch.setattr(resume_store.ResumeStore, "save", go_away)
    monkeypatch.setattr(time, "sleep", come_back)
    command = estimate(sapiens1, source, out)[: -2 if workers else None]
    assert cli.main([*command, *workers]) == 0
    assert len(pauses) >= 2
    assert len(list(out.glob("*.json"))) == 20
    errors = capfd.readouterr().err
    assert "There is no image" in errors
    assert "Trying again in 1 s." in errors
    assert "failed" not in errors


@pytest.mark.promise("What was finished stays")
def test_a_disk_that_is_full_for_results_alone_is_waited_for(
    tmp_path, sapiens1, monkeypatch, capfd
):
    """What the run notes is written all the time, and so knows nothing of images that failed."""
    pauses = []

    def write(*arguments):
        if not pauses:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(*arguments)

    whole = outputs.Outputs.write
    monkeypatch.setattr(outputs.Outputs, "write", write)
    monkeypatch.setattr(time, "sleep", pauses.append)
    out = tmp_path / "out"
    assert cli.main(estimate(sapiens1, pictures(tmp_path / "in", "ab"), out)) == 0
    assert pauses == [1.0]
    assert len(list(out.glob("*.json"))) == 2
    assert "No space left on device Trying again" in capfd.readouterr().err


@pytest.mark.promise("What was finished stays")
@needs_disk
def test_a_folder_that_cannot_be_written_to_is_told(tmp_path, root):
    out = tmp_path / "out"
    command = ["convert", root / "tests/golden" / POSES, "--to", "sapiens", "-o", out]
    done = run_on_disk("ro", out, [sys.executable, "-m", cli.__name__, *command])
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"sapiens-pose: Cannot write to {out}: Read-only file system. Give another "
        "folder, or allow writing there."
    )


@pytest.mark.promise("What was finished stays")
def test_a_folder_that_cannot_be_made_is_told_before_a_model_is_loaded(tmp_path, sapiens1, capfd):
    source = pictures(tmp_path / "in", "a")
    command = estimate(sapiens1, source, source / "a.png" / "out")
    command[command.index("--weights") + 1] = "none.safetensors"
    assert cli.main(command) == 1
    assert "Cannot write to" in capfd.readouterr().err


@pytest.mark.promise("What was finished stays")
@needs_posix
@pytest.mark.parametrize("command", [["convert", "--to", "sapiens"], ["render"]], ids=str)
def test_a_read_only_folder_is_told(tmp_path, root, command):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    arguments = [*command, str(root / "tests/golden" / POSES), "-o", str(closed)]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PRIVILEGES, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"Cannot write to {closed}: Permission denied." in done.stderr
    assert names_in(closed) == []


@pytest.mark.promise("One bad input does not stop the others")
def test_a_picture_that_vanishes_is_told_and_the_others_are_done(
    tmp_path, sapiens1, monkeypatch, capfd
):
    source, out = pictures(tmp_path / "in", "abc"), tmp_path / "out"
    read = images.read_image

    def read_and_remove(path):
        (source / "b.png").unlink(missing_ok=True)
        return read(path)

    monkeypatch.setattr(chunk_worker, "read_image", read_and_remove)
    assert cli.main(estimate(sapiens1, source, out)) == 1
    assert sorted(path.name for path in out.glob("*.json")) == ["a.json", "c.json"]
    assert f"There is no image {source / 'b.png'}" in capfd.readouterr().err


@pytest.mark.promise("What was finished stays")
@needs_posix
def test_weights_that_vanish_stay_loaded(tmp_path, sapiens1):
    path = tmp_path / "tiny.safetensors"
    path.write_bytes((sapiens1 / "tiny_17.safetensors").read_bytes())
    people = People.whole_image(PICTURE)
    model = load_model(path, num_heads=4)
    path.unlink()
    (frame,) = PoseEstimator(model).estimate([PICTURE], [people])
    twin = load_model(sapiens1 / "tiny_17.safetensors", num_heads=4)
    (expected,) = PoseEstimator(twin).estimate([PICTURE], [people])
    np.testing.assert_array_equal(frame.poses[0].scores, expected.poses[0].scores)


@pytest.mark.promise("What was finished stays")
@needs_posix
def test_files_of_a_killed_run_are_whole_and_its_leftovers_are_removed(tmp_path, caplog):
    path = tmp_path / "pose.json"
    for _ in range(2):
        killed = subprocess.run([sys.executable, "-c", KILLED_HALFWAY, str(path)])
        assert killed.returncode == -signal.SIGKILL
        assert path.read_text() == "whole"
    before = names_in(tmp_path)
    assert len(before) == 3
    atomic_files.prepare_folder(tmp_path)
    assert names_in(tmp_path) == before, "they may be those of a run that goes on"
    hour_ago = time.time() - 3600
    for name in before:
        os.utime(tmp_path / name, (hour_ago, hour_ago))
    with caplog.at_level(logging.INFO):
        atomic_files.prepare_folder(tmp_path)
    assert names_in(tmp_path) == ["pose.json"]
    assert len(caplog.messages) == len(before) - 1
    assert all("left by a run that was killed" in text for text in caplog.messages)


@pytest.mark.promise("What was finished stays")
@needs_posix
@pytest.mark.slow
def test_files_of_a_thousand_killed_runs_are_whole(tmp_path):
    path = tmp_path / "pose.json"
    lot = random.Random(0)
    for _ in range(1000):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(FILE_BYTES)], stdout=subprocess.PIPE
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(lot.uniform(0.005, 0.05))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if path.exists():
            content = path.read_bytes()
            assert content == content[:1] * FILE_BYTES
    assert len(names_in(tmp_path)) > 1, "no kill came while a file was written"


@pytest.mark.promise("What was finished stays")
@needs_posix
@pytest.mark.slow
def test_estimate_can_be_killed_at_any_moment(tmp_path, sapiens1):
    source, out = pictures(tmp_path / "in", "abcdefghijklmnopqrstuvwxyz", NOISE), tmp_path / "out"
    command = [sys.executable, "-m", cli.__name__, *estimate(sapiens1, source, out)]
    lot = random.Random(0)
    for _ in range(20):
        process = subprocess.Popen([*command, "--overlay"], stderr=subprocess.DEVNULL)
        written = len(list(out.glob("*.json"))) if out.exists() else 0
        until = time.monotonic() + 60
        while time.monotonic() < until and not (written and out.exists()):
            time.sleep(0.02)
            written = len(list(out.glob("*.json"))) if out.exists() else 0
        time.sleep(lot.uniform(0, 0.5))
        names = names_in(out)
        while names_in(out) == names and process.poll() is None:
            pass  # until the moment in which another file is begun
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in out.glob("*.json"):
            assert json.loads(path.read_text())["image"] == f"{path.stem}.png"
        for path in out.glob("*.png"):
            assert images.read_image(path).shape == NOISE.shape
    assert subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
    assert len(list(out.glob("*.json"))) == 26


@pytest.mark.parametrize("name", ["pose.json", "p" * 240 + ".json", "ü" * 100 + ".json"])
def test_names_may_be_as_long_as_the_disk_allows(tmp_path, name):
    atomic_files.write_text(tmp_path / name, "{}")
    assert names_in(tmp_path) == [name]


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize(
    ("name", "age_s", "stays"),
    [
        (f".pose.json.abc{atomic_files.TEMPORARY_SUFFIX}", 601, False),
        (f".pose.json.abc{atomic_files.TEMPORARY_SUFFIX}", 500, True),
        (f".pose.json.abc{atomic_files.TEMPORARY_SUFFIX}", -86_400, True),  # the clock was set back
        (".film.mkv.part", 86_400, True),
        ("pose.json", 86_400, True),
    ],
)
def test_only_what_is_ours_and_old_is_removed(tmp_path, name, age_s, stays):
    (tmp_path / name).touch()
    changed_s = time.time() - age_s
    os.utime(tmp_path / name, (changed_s, changed_s))
    atomic_files.prepare_folder(tmp_path)
    assert names_in(tmp_path) == ([name] if stays else [])


@pytest.mark.promise("What was finished stays")
def test_no_duration_depends_on_a_clock_that_can_be_set(root):
    for folder in ("skeletons", "sapiens_core", "nodes", "commands"):
        for path in (root / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            tree = ast.parse(text) if "time.time" in text else ast.Module([], [])
            for node in ast.walk(tree):
                read = isinstance(node, ast.Attribute) and ast.unparse(node)
                assert read not in ("time.time", "time.time_ns"), f"{path}:{node.lineno}"
