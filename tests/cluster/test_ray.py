"""``sapiens-pose batch`` on Ray: the same as one process, whoever goes away meanwhile."""

import json
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands import patience
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.commands.ray_batch import actor_pool
from comfyui_sapiens_pose.commands.ray_batch.layout import Layout
from helpers.clips import pan, write_clip
from helpers.command_lines import BATCH, ESTIMATE
from helpers.processes import started
from two_nodes import OTHER, add_other

pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[cluster]'")

ONE_CORE = ["--actors", "2", "--cpus-per-actor", "1"]


def make_inputs(folder, num_images, num_frames):
    folder.mkdir()
    for number in range(num_images):
        (folder / f"{number:03}.png").write_bytes(encode_png(pan(number, num_images)))
    write_clip(folder / "clip.mp4", num_frames, (480, 400), draw=pan)
    return folder


@pytest.fixture(scope="session")
def inputs(tmp_path_factory):
    """Six images and a clip of four frames: five shards of two."""
    return make_inputs(tmp_path_factory.mktemp("inputs") / "in", 6, 4)


def single(inputs, out, weights):
    """The JSON files of one process, by name."""
    command = [*ESTIMATE, inputs, "-o", out, "--weights", weights, "--no-flip"]
    assert main([str(each) for each in [*command, "--json", "frame", "--video", "none"]]) == 0
    return jsons(out)


@pytest.fixture(scope="session")
def expected(inputs, tmp_path_factory, weights):
    return single(inputs, tmp_path_factory.mktemp("single"), weights)


def jsons(folder):
    found = [(path.name, path.read_bytes()) for path in sorted(folder.rglob("*.json"))]
    assert len(dict(found)) == len(found)
    return dict(found)


def command_of(inputs, out, weights, *arguments):
    command = [*BATCH, inputs, "-o", out, "--weights", weights, "--no-flip"]
    command += ["--format", "sapiens", "--part-size", 2, *arguments]
    return [str(each) for each in command]


def check(out, expected):
    """Every input has one result, that of a single process; the paths of those that have none."""
    layout = Layout(out)
    tables = [pq.read_table(layout.inputs(shard)) for shard in layout.find_done()]
    rows = [row for table in tables for row in table.to_pylist()]
    keys = [(row["path"], row["frame"]) for row in rows]
    assert len(set(keys)) == len(keys)
    assert jsons(layout.files) == expected
    people = pq.read_table(out / "people").num_rows
    assert people == sum(row["people"] or 0 for row in rows) == len(expected)
    assert not list(layout.crash_logs.iterdir())
    assert not list(out.rglob("*.part"))
    errors = pq.read_table(layout.errors).to_pylist()
    assert len(rows) == len(expected) + len(errors)
    return [(Path(row["path"]).name, row["error"]) for row in errors]


def test_a_cluster_of_its_own_finds_the_same_and_goes_on(inputs, expected, tmp_path, weights):
    command = command_of(inputs, tmp_path / "out", weights, *ONE_CORE)
    assert main(command) == 0
    assert check(tmp_path / "out", expected) == []
    layout = Layout(tmp_path / "out")
    before = {shard: layout.inputs(shard).stat().st_mtime_ns for shard in layout.find_done()}
    del before[1], before[2]
    layout.inputs(1).unlink()
    layout.people(2).write_bytes(bytes(5000))
    assert main(command) == 0
    assert check(tmp_path / "out", expected) == []
    after = {shard: layout.inputs(shard).stat().st_mtime_ns for shard in layout.find_done()}
    assert {shard: after[shard] for shard in before} == before


@pytest.fixture(scope="session")
def many(tmp_path_factory, weights):
    """500 pictures and a clip of 300 frames, and what a single process finds."""
    inputs = make_inputs(tmp_path_factory.mktemp("many") / "in", 500, 300)
    return inputs, single(inputs, tmp_path_factory.mktemp("single"), weights)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["a cluster of its own", "two nodes"])
def test_many_inputs_give_the_same(many, where, tmp_path, weights, request):
    # Asked for when needed: a cluster of its own ends what of Ray this process has begun.
    address = request.getfixturevalue("nodes").address if where == "two nodes" else "local"
    arguments = [*ONE_CORE, "--address", address, "--part-size", 64]
    inputs, expected = many
    assert main(command_of(inputs, tmp_path / "out", weights, *arguments)) == 0
    assert check(tmp_path / "out", expected) == []


def test_two_nodes_find_the_same(nodes, inputs, expected, tmp_path, weights):
    command = command_of(inputs, tmp_path / "out", weights, *ONE_CORE, "--address", nodes.address)
    assert main(command) == 0
    assert check(tmp_path / "out", expected) == []


class Killer(threading.Thread):
    """Does something once a worker has begun a shard of a run."""

    def __init__(self, out, kill):
        super().__init__(daemon=True)
        self.crash_logs, self.kill, self.killed = Layout(out).crash_logs, kill, 0
        self.start()

    def run(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not self.killed:
            time.sleep(0.05)
            if self.crash_logs.exists() and list(self.crash_logs.glob("part-*")):
                self.kill()
                self.killed = 1


def test_a_worker_that_is_killed_loses_and_doubles_nothing(
    nodes, inputs, expected, tmp_path, weights, capfd
):
    out = tmp_path / "out"

    def kill_newest():
        newest = max(Layout(out).crash_logs.iterdir(), key=lambda path: path.stat().st_ctime_ns)
        begun = json.loads(newest.read_text().split("\n")[1])
        os.kill(begun["begun"], signal.SIGKILL)

    killer = Killer(out, kill_newest)
    command = command_of(inputs, out, weights, *ONE_CORE, "--address", nodes.address)
    assert main(command) == 0
    killer.join()
    assert killer.killed
    assert "A worker stopped unexpectedly" in capfd.readouterr().err
    assert check(out, expected) == []


def test_a_node_that_goes_away_loses_and_doubles_nothing(
    nodes, inputs, expected, tmp_path, weights
):
    out = tmp_path / "out"
    (node,) = (node for node in nodes.list_all_nodes() if node.node_ip_address == OTHER)
    killer = Killer(out, lambda: nodes.remove_node(node, allow_graceful=False))
    try:
        command = command_of(inputs, out, weights, *ONE_CORE, "--address", nodes.address)
        assert main(command) == 0
    finally:
        killer.join()
        add_other(nodes)
    assert killer.killed
    assert check(out, expected) == []


def test_a_picture_that_kills_its_worker_is_an_error_and_the_rest_is_done(
    nodes, inputs, expected, tmp_path, weights
):
    (tmp_path / "poison.png").write_bytes((inputs / "000.png").read_bytes())
    paths = [*sorted(inputs.glob("*.png"))[:3], tmp_path / "poison.png"]
    (tmp_path / "list.txt").write_text("\n".join(map(str, paths)))
    out = tmp_path / "out"
    arguments = [*ONE_CORE, "--address", nodes.address]
    assert main(command_of(tmp_path / "list.txt", out, weights, *arguments)) == 1
    others = {name: expected[name] for name in sorted(expected)[:3]}
    poison = str(tmp_path / "poison.png")
    reason = "the worker that looked at it died (exit code -11)."
    assert check(out, others) == [("poison.png", f"{poison}: {reason}")]


class BringBack(logging.Handler):
    """Renames a folder back once a run has said that a worker waits for it."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def emit(self, record):
        away = self.folder.with_name("away")
        if "A worker cannot start: There is no checkpoint" in record.getMessage() and away.exists():
            away.rename(self.folder)


def test_workers_wait_for_weights_that_are_away_when_they_start(
    nodes, inputs, expected, tmp_path, weights, monkeypatch
):
    share, out = tmp_path / "share", tmp_path / "out"
    share.mkdir()
    (share / weights.name).write_bytes(weights.read_bytes())

    def go_away(*arguments):
        share.rename(tmp_path / "away")
        return run(*arguments)

    run = actor_pool.ActorPool.run
    monkeypatch.setattr(actor_pool.ActorPool, "run", go_away)
    command = command_of(inputs, out, share / weights.name, *ONE_CORE, "--address", nodes.address)
    bring_back = BringBack(share)
    patience.log.addHandler(bring_back)
    try:
        assert main(command) == 0
    finally:
        patience.log.removeHandler(bring_back)
    assert share.exists()
    assert check(out, expected) == []


@pytest.mark.parametrize(
    ("signals", "code"),
    [
        ([signal.SIGKILL], -9),
        ([signal.SIGINT] * 3, 130),
        ([signal.SIGTERM], 143),
        ([signal.SIGHUP], 129),
    ],
)
def test_a_run_that_was_stopped_goes_on(inputs, expected, tmp_path, weights, signals, code):
    out = tmp_path / "out"
    command = command_of(inputs, out, weights, *ONE_CORE)
    program = [sys.executable, "-m", "comfyui_sapiens_pose.cli"]
    with started([*program, *command]) as process:
        while len(Layout(out).find_done()) < 1:
            assert process.poll() is None
            time.sleep(0.1)
        for number in signals:
            process.send_signal(number)
            time.sleep(0.05)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == code
    assert "Traceback" not in said
    if len(signals) == 1 and code > 0:  # who sends a third one does not want to wait
        assert "Stopped. To resume, repeat the command." in said
    done = Layout(out).find_done()
    assert len(done) < 5
    assert main(command) == 0
    assert check(out, expected) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--address", "127.0.0.2:1"], "There is no Ray cluster at 127.0.0.2:1"),
        (["--address", "nonsense"], "There is no Ray cluster at nonsense"),
        (["--gpus-per-actor", "1"], "A worker needs 1 GPUs and 1 CPUs, but the cluster has 0"),
    ],
)
def test_mistakes_get_one_clear_line(inputs, tmp_path, weights, arguments, message, capfd):
    assert main(command_of(inputs, tmp_path / "out", weights, *arguments)) == 1
    error = capfd.readouterr().err
    assert message in error
    assert "Traceback" not in error
