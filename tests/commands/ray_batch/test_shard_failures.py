"""Shards whose workers die, and whose servers, disks and keys fail."""

import errno
import os
import pickle
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from comfyui_sapiens_pose.commands.failures import PlaceError
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.commands.ray_batch import shard
from comfyui_sapiens_pose.commands.ray_batch.crash_log import CrashLog
from comfyui_sapiens_pose.commands.ray_batch.shard import ShardWorker
from comfyui_sapiens_pose.commands.run import chunk_worker
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import TEMPORARY_SUFFIX
from helpers.batches import rows, write_pictures
from helpers.clips import PHOTO, pan, write_clip
from helpers.misbehaving_server import MisbehavingServer
from helpers.samples import sample

PROCESS = """
import pickle, sys
from comfyui_sapiens_pose.commands.ray_batch.shard import ShardWorker

if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        ShardWorker(pickle.load(file), "cpu").process(0)
"""


def process_elsewhere(job, folder, root):
    """Does shard 0 in a process that pictures called ``poison.png`` and ``broken.png`` harm."""
    (folder / "job").write_bytes(pickle.dumps(job))
    (folder / "process.py").write_text(PROCESS)
    path = os.pathsep.join([str(root / "tests/cluster/poison"), *sys.path])
    command = [sys.executable, str(folder / "process.py"), str(folder / "job")]
    variables = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(command, capture_output=True, text=True, env=variables)


def write_poison(folder, good, bad, name="poison.png"):
    """Good pictures, and bad ones in folders of their own; all paths in a list, by turns."""
    source = write_pictures(folder / "in", good)
    paths = [source / f"{number}.png" for number in range(good)]
    for number in range(bad):
        (folder / f"{number}").mkdir()
        paths.insert(2 * number + 1, folder / f"{number}" / name)
        paths[2 * number + 1].write_bytes(paths[0].read_bytes())
    (folder / "list.txt").write_text("\n".join(map(str, paths)))
    return folder / "list.txt", [path for path in paths if path.name == name]


@pytest.mark.crash
@pytest.mark.promise("One bad input does not stop the others")
@pytest.mark.parametrize(
    ("num_good", "num_bad"), [(3, 2), pytest.param(16, 8, marks=pytest.mark.slow)]
)
def test_each_picture_that_kills_workers_costs_one_try(batch, tmp_path, root, num_good, num_bad):
    """One worker more dies of the first; from then on pictures are looked at in another process."""
    listed, bad = write_poison(tmp_path, num_good, num_bad)
    job, _, layout = batch(listed, "--format", "sapiens")
    assert process_elsewhere(job, tmp_path, root).returncode == -signal.SIGSEGV
    leftover = layout.files / f"part-000000/.0.json.x1y2{TEMPORARY_SUFFIX}"
    leftover.parent.mkdir(parents=True, exist_ok=True)
    leftover.touch()
    second = process_elsewhere(job, tmp_path, root)
    assert second.returncode == 0, second.stderr
    assert second.stderr.count("A worker on cpu died") == num_bad
    found = rows(layout.inputs(0))
    reason = "the worker that looked at it died (exit code -11)."
    errors = [row["error"] for row in found if row["error"]]
    assert errors == [f"{path}: {reason}" for path in bad]
    assert sum(row["people"] or 0 for row in found) == num_good
    assert list(layout.crash_logs.iterdir()) == []
    assert list(layout.folder.rglob("*.part")) == []


@pytest.mark.crash
def test_a_picture_that_breaks_the_device_is_given_up_and_the_rest_is_done(batch, tmp_path, root):
    listed, (bad,) = write_poison(tmp_path, 3, 1, "broken.png")
    job, _, layout = batch(listed)
    assert "illegal memory access" in process_elsewhere(job, tmp_path, root).stderr
    assert process_elsewhere(job, tmp_path, root).returncode == 0
    found = rows(layout.inputs(0))
    assert [row["people"] for row in found] == [1, None, 1, 1]
    assert found[1]["error"] == f"{bad}: RuntimeError: CUDA error: illegal memory access"


@pytest.mark.crash
def test_what_a_dead_worker_left_of_a_clip_is_removed(batch, tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", 2, (96, 96), draw=pan)
    job, _, layout = batch(clip, "--format", "sapiens")
    CrashLog(layout.crash_log(0)).begin(0)
    left = layout.files / f"part-000000/clip/.clip_000001.json.x1y2{TEMPORARY_SUFFIX}"
    left.parent.mkdir(parents=True)
    left.touch()
    ShardWorker(job, "cpu").process(0)
    assert sorted(path.name for path in left.parent.iterdir()) == [
        *("clip_000000.json", "clip_000001.json")
    ]


@pytest.mark.crash
def test_a_shard_at_which_workers_die_without_an_image_is_not_begun_for_ever(batch, monkeypatch):
    def fail(*_):
        raise SystemExit

    job, _, _ = batch(PHOTO)
    monkeypatch.setattr(shard, "write_table", fail)
    for _ in range(4):
        with pytest.raises(SystemExit):
            ShardWorker(job, "cpu").process(0)
    with pytest.raises(RuntimeError, match="3 workers died at part-000000, none of them while"):
        ShardWorker(job, "cpu").process(0)
    job = replace(job, run="another")
    monkeypatch.undo()
    assert ShardWorker(job, "cpu").process(0).people == 1


@pytest.fixture
def server():
    """Sixteen pictures, eight of which are cut in the middle."""
    pytest.importorskip("aiohttp", reason="fsspec reads links by aiohttp, which is not installed")
    files = {f"{number:02}.png": encode_png(pan(number, 16)) for number in range(16)}
    with MisbehavingServer(files, cut=[f"{number:02}.png" for number in range(8)]) as server:
        yield server


def list_links(folder, server):
    links = "\n".join(f"{server.url}/shoot/{name}" for name in server.files)
    (folder / "list.txt").write_text(links)
    return folder / "list.txt"


@pytest.mark.promise("One bad input does not stop the others")
@pytest.mark.exhaustive
def test_bodies_that_are_cut_are_errors_and_the_rest_is_done(batch, tmp_path, server):
    job, _, layout = batch(list_links(tmp_path, server))
    assert ShardWorker(job, "cpu").process(0).errors == 8
    found = rows(layout.inputs(0))
    assert [row["people"] for row in found] == [None] * 8 + [1] * 8
    sentence = "the connection was cut before the file was complete."
    assert [row["error"] for row in found[:8]] == [
        f"{row['path']}: {sentence}" for row in found[:8]
    ]


@pytest.mark.promise("What was finished stays")
def test_a_server_that_is_down_is_no_files_fault(batch, tmp_path, server):
    server.cut.clear()
    job, _, layout = batch(list_links(tmp_path, server))
    worker = ShardWorker(job, "cpu")
    server.stop_at = "09.png"
    with pytest.raises(PlaceError, match=r"09\.png: the server refuses the connection"):
        worker.process(0)
    assert not layout.find_done()
    with MisbehavingServer(server.files, server.port):
        assert worker.process(0).errors == 0
    assert not list(layout.crash_logs.iterdir())


@pytest.mark.exhaustive
def test_access_that_is_refused_to_one_file_is_its_own_fault(batch, tmp_path, server):
    server.cut.clear()
    lines = list_links(tmp_path, server).read_text().split("\n")
    lines[0] = f"{server.url}/status/403/a.png"
    (tmp_path / "list.txt").write_text("\n".join(lines))
    job, _, layout = batch(tmp_path / "list.txt")
    assert ShardWorker(job, "cpu").process(0).errors == 1
    assert rows(layout.inputs(0))[0]["error"].startswith(f"{lines[0]}: the server answers 403")


@pytest.mark.promise("What was finished stays")
def test_keys_that_expire_are_no_files_fault(batch, tmp_path, monkeypatch):
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "old")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    files = {f"{number:02}.png": encode_png(pan(number, 10)) for number in range(10)}
    with MisbehavingServer(files) as server:
        settings = f"endpoint_override=127.0.0.1:{server.port}&scheme=http&region=us-east-1"
        job, _, layout = batch(f"s3://shoot?{settings}")
        worker = ShardWorker(job, "cpu")
        server.keys = {"new"}
        with pytest.raises(PlaceError, match="403 Forbidden: it refuses access"):
            worker.process(0)
        assert not layout.find_done()
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "new")
        assert worker.process(0).errors == 0
    assert sum(row["people"] for row in rows(layout.inputs(0))) == 10


@pytest.mark.parametrize("what", sample(["inputs", "copies", "memory"], ["copies"]))
def test_whatever_is_of_the_place_makes_no_row(batch, tmp_path, monkeypatch, what):
    folder = write_pictures(tmp_path / "in", 2)
    job, _, layout = batch(folder, "--format", "sapiens")
    worker = ShardWorker(job, "cpu")

    def fail(*_, **__):
        if what == "memory":
            raise MemoryError
        raise OSError(errno.ENOSPC if what == "copies" else errno.ESTALE, "as the system says it")

    with monkeypatch.context() as patch:
        patch.setattr(chunk_worker, "read_image", fail)
        with pytest.raises(PlaceError):
            worker.process(0)
    assert not layout.find_done()
    for _ in range(4):  # more than crashes would be borne with
        with monkeypatch.context() as patch:
            patch.setattr(shard, "write_table", fail)
            with pytest.raises(PlaceError):
                worker.process(0)
    assert worker.process(0).errors == 0


@pytest.mark.exhaustive
def test_errors_are_tried_again_when_asked_for(batch, tmp_path, monkeypatch):
    folder = write_pictures(tmp_path / "in", 4)
    good = (folder / "1.png").read_bytes()
    (folder / "1.png").write_bytes(b"no picture")
    job, num_shards, layout = batch(folder, "--part-size", 2)
    for number in range(num_shards):
        ShardWorker(job, "cpu").process(number)
    (folder / "1.png").write_bytes(good)
    layout.forget_failed()
    assert layout.find_done() == {1}
    assert ShardWorker(job, "cpu").process(0).errors == 0
    layout.forget_failed()
    assert layout.find_done() == {0, 1}
