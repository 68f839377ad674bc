"""Shards of a batch with the miniature: what one worker does, and the next one after a crash."""

import argparse
import errno
import json
import os
import pickle
import signal
import subprocess
import sys
from dataclasses import replace

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.batch import add_parser, prepare
from comfyui_sapiens_pose.commands.failures import PlaceError
from comfyui_sapiens_pose.commands.files.endings import LeftOut
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.commands.ray_batch import inputs, shard
from comfyui_sapiens_pose.commands.ray_batch.addresses import Place
from comfyui_sapiens_pose.commands.ray_batch.crash_log import CrashLog
from comfyui_sapiens_pose.commands.ray_batch.layout import Layout
from comfyui_sapiens_pose.commands.ray_batch.shard import ShardWorker
from comfyui_sapiens_pose.commands.ray_batch.tables import Input
from comfyui_sapiens_pose.commands.run import chunk_worker
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import TEMPORARY_SUFFIX
from helpers.clips import PHOTO, pan, write_clip
from helpers.misbehaving_server import MisbehavingServer


def write_pictures(folder, count):
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number}.png").write_bytes(encode_png(pan(number, count)))
    return folder


def rows(path):
    return pq.read_table(path).to_pylist()


def test_tables_and_json_of_pictures_and_a_clip(batch, tmp_path, weights):
    folder = write_pictures(tmp_path / "in", 3)
    (folder / "1.png").write_bytes(b"no picture")
    write_clip(folder / "clip.mp4", 2, (480, 400), draw=pan)
    (folder / "broken.mp4").write_bytes(b"no video")
    job, num_shards, layout = batch(folder, "--part-size", 2, "--format", "sapiens")
    assert num_shards == 4
    worker = ShardWorker(job, "cpu")
    summaries = [worker.process(shard) for shard in range(num_shards)]
    assert [(each.inputs, each.people, each.errors) for each in summaries] == [
        *((2, 1, 1), (1, 1, 0), (1, 0, 1), (2, 2, 0))
    ]
    inputs = [row for shard in range(num_shards) for row in rows(layout.inputs(shard))]
    names = ["0.png", "1.png", "2.png", "broken.mp4", "clip.mp4", "clip.mp4"]
    assert [row["path"] for row in inputs] == [str(folder / name) for name in names]
    assert [row["frame"] for row in inputs] == [None, None, None, 0, 0, 1]
    assert [row["people"] for row in inputs] == [1, None, 1, None, 1, 1]
    assert inputs[1]["error"].startswith(f"{folder / '1.png'} is not a picture that can be read")
    assert "broken.mp4 is not a video" in inputs[3]["error"]
    assert main(["estimate", *command_of(folder, tmp_path / "one", weights)]) == 1
    single = {path.name: path.read_bytes() for path in (tmp_path / "one").rglob("*.json")}
    ours = {path.name: path.read_bytes() for path in layout.files.rglob("*.json")}
    names = ["0.json", "2.json", "clip_000000.json", "clip_000001.json"]
    assert sorted(single) == names
    assert ours == single
    people = [row for shard in range(num_shards) for row in rows(layout.people(shard))]
    check_people(people, [ours[name] for name in names])


def command_of(folder, out, weights):
    arguments = [folder, "-o", out, "--weights", weights, "--no-flip", "--json", "frame"]
    return [str(each) for each in [*arguments, "--video", "none"]]


def check_people(people, jsons):
    """The rows are the people of the JSON files, number for number."""
    assert len(people) == len(jsons)
    assert {row["model"] for row in people} == {"sapiens_miniature_17.safetensors"}
    assert {row["keypoint_set"] for row in people} == {"coco_17"}
    for row, content in zip(people, jsons, strict=True):
        (person,) = json.loads(content)["instance_info"]
        assert list(map(list, zip(row["x"], row["y"], strict=True))) == person["keypoints"]
        assert row["score"] == person["keypoint_scores"]
        assert row["box_xyxy"] == person["bbox"]


def test_a_table_of_addresses_in_memory(batch, tmp_path):
    files = fsspec.filesystem("memory")
    files.pipe("/shoot/0.png", encode_png(pan(0, 2)))
    files.pipe("/shoot/bad.png", b"no picture")
    names = ["0.png", "gone.png", "bad.png"]
    table = pa.table({"file": [*(f"memory://shoot/{name}" for name in names), None]})
    pq.write_table(table, tmp_path / "list.parquet")
    job, num_shards, layout = batch(tmp_path / "list.parquet", "--path-column", "file")
    assert num_shards == 1
    ShardWorker(job, "cpu").process(0)
    found, gone, bad = rows(layout.inputs(0))
    assert (found["path"], found["people"], found["error"]) == ("memory://shoot/0.png", 1, None)
    assert gone["error"].startswith("memory://shoot/gone.png: ")
    assert bad["error"].startswith("memory://shoot/bad.png is not a picture")


@pytest.mark.parametrize("scheme", ["", "memory://"])
@pytest.mark.parametrize("kind", ["txt", "parquet"])
def test_lists_name_what_lies_beside_them_and_addresses(batch, tmp_path, scheme, kind):
    names = ["a.png", "deep/b.png", "memory://other/c.png", "/d.png"]
    if kind == "txt":
        (tmp_path / "list.txt").write_text("\n".join(names))
    else:
        pq.write_table(pa.table({"path": names}), tmp_path / "list.parquet")
    here, place = tmp_path / f"list.{kind}", str(tmp_path)
    if scheme:
        fsspec.filesystem("memory").pipe(f"/shoot/list.{kind}", here.read_bytes())
        place = "memory://shoot"
    _, _, layout = batch(f"{place}/list.{kind}")
    assert [row["path"] for row in rows(layout.plan)] == [
        *(f"{place}/a.png", f"{place}/deep/b.png", "memory://other/c.png", "/d.png")
    ]


@pytest.mark.parametrize(
    ("name", "content", "arguments", "message"),
    [
        ("a.parquet", {"path": []}, [], "names no picture"),
        ("a.parquet", {"path": [7]}, [], "holds int64, expected paths"),
        ("a.parquet", {"path": [["a.jpg"]]}, [], "holds list<.*>, expected paths"),
        ("a.txt", None, ["--overlay"], "--overlay draws a --style"),
        ("a.parquet", {"file": ["x"]}, [], "no column 'path', but file; say --path-column"),
        ("a.parquet", None, [], "is no Parquet file"),
    ],
)
def test_mistakes_are_named(batch, tmp_path, name, content, arguments, message):
    path = tmp_path / name
    path.write_text(str(PHOTO))
    if content is not None:
        pq.write_table(pa.table(content), path)
    with pytest.raises(ValueError, match=message):
        batch(path, *arguments)


@pytest.mark.promise("Secrets go to no stranger")
@pytest.mark.parametrize(
    "line", ["s3://b/a.jpg?endpoint_override=127.0.0.1:9", "github://a:b@/x.jpg"]
)
@pytest.mark.parametrize("kind", ["txt", "parquet"])
def test_a_list_chooses_no_host(batch, tmp_path, line, kind):
    if kind == "txt":
        (tmp_path / "list.txt").write_text(line)
    else:
        pq.write_table(pa.table({"path": [line]}), tmp_path / "list.parquet")
    with pytest.raises(ValueError, match=f"A list names '{line[:9]}"):
        batch(tmp_path / f"list.{kind}")


@pytest.mark.promise("Secrets go to no stranger")
def test_a_line_beside_a_list_has_no_settings(batch):
    name = "a?endpoint_override=127.0.0.1:9.jpg"
    fsspec.filesystem("memory").pipe("/hosts/list.txt", name.encode())
    job, _, layout = batch("memory://hosts/list.txt")
    (row,) = (Input(*each.values()) for each in rows(layout.plan))
    assert row.locate(job.places) == (Place("memory", "hosts", ""), name)


@pytest.mark.promise("One bad input does not stop the others")
def test_names_that_no_file_can_have_are_told_and_the_rest_is_done(batch, tmp_path):
    files = fsspec.filesystem("memory")
    names = ["CON.png", "..\\..\\evil.png", "a.png", "b?.png"]
    for name in names:
        files.pipe(f"/odd/{name}", encode_png(pan(0, 2)))
    paths = [*(f"memory://odd/{name}" for name in names), "s3://bucket", "/", "a/.."]
    pq.write_table(pa.table({"path": paths}), tmp_path / "list.parquet")
    job, _, layout = batch(tmp_path / "list.parquet", "--format", "sapiens")
    ShardWorker(job, "cpu").process(0)
    found = rows(layout.inputs(0))
    assert [row["people"] for row in found] == [None, 1, 1, 1, None, None, None]
    assert "'CON.png' cannot be the name of a file: Windows keeps it" in found[0]["error"]
    assert "cannot be the name of a file: it is empty" in found[4]["error"]
    written = sorted(path.name for path in layout.files.rglob("*.json"))
    assert written == ["a.json", "b_.json", "evil.json"]


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pa.nulls(2**24 + 1), "16,777,217 rows, of which at most 16,777,216 are read"),
        (pa.array(["a" * 40_000] * 10_000), "a path of 40,000 bytes; at most 32,768 are one"),
        (pa.array(["a" * 30_000] * 1_000), "have more than 4,194,304 bytes; make several"),
        (pa.array(["a.mp4"] * 9), "There are 9 videos; one batch takes 8"),
    ],
    ids=["rows", "path", "text", "videos"],
)
def test_tables_of_more_than_a_batch_are_refused(batch, tmp_path, monkeypatch, column, message):
    monkeypatch.setattr(inputs, "MAX_TEXT_BYTES", 2**22)
    monkeypatch.setattr(inputs, "MAX_VIDEOS", 8)
    pq.write_table(pa.table({"path": column}), tmp_path / "list.parquet")
    assert (tmp_path / "list.parquet").stat().st_size < 50_000
    with pytest.raises(ValueError, match=message):
        batch(tmp_path / "list.parquet")


@pytest.mark.promise("Files cost what they weigh")
def test_two_columns_of_the_same_name_are_one_sentence(batch, tmp_path):
    table = pa.Table.from_arrays([pa.array(["a.jpg"])] * 2, names=["path", "path"])
    pq.write_table(table, tmp_path / "list.parquet")
    with pytest.raises(ValueError, match=r"has 2 columns 'path', expected one") as error:
        batch(tmp_path / "list.parquet")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary"])
def test_paths_are_read_from_every_kind_of_text(batch, tmp_path, kind):
    column = pa.array(["/a.jpg", None, "", "/b.jpg", "/a.jpg"])
    column = column.dictionary_encode() if kind == "dictionary" else column.cast(kind)
    pq.write_table(pa.table({"path": column}), tmp_path / "list.parquet")
    _, _, layout = batch(tmp_path / "list.parquet")
    assert [row["path"] for row in rows(layout.plan)] == ["/a.jpg", "/b.jpg", "/a.jpg"]


def test_without_ray_nothing_is_begun(tmp_path, weights, monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "ray", None)
    command = ["batch", str(PHOTO), "-o", str(tmp_path / "out"), "--weights", str(weights)]
    assert main(command) == 1
    assert "needs Ray: pip install ray" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def test_other_inputs_and_settings_are_refused(batch, tmp_path):
    folder = write_pictures(tmp_path / "in", 2)
    batch(folder)
    batch(folder, "--batch-size", 4)
    with pytest.raises(ValueError, match=r"poses\.refine was 'off' and is 'face' now"):
        batch(folder, "--refine", "face")
    write_pictures(folder, 3)
    with pytest.raises(ValueError, match="holds results of another run"):
        batch(folder)


def test_a_folder_is_no_place_for_its_own_drawings(batch, tmp_path):
    folder = write_pictures(tmp_path / "out", 1)
    with pytest.raises(ValueError, match="would take them for pictures"):
        batch(folder, "--recursive", "--style", "dense")
    batch(folder, "--style", "dense")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
def test_a_name_that_is_no_text_is_told(batch, tmp_path):
    (write_pictures(tmp_path / "in", 1) / "0.png").rename(tmp_path / "in/b\udcff.png")
    with pytest.raises(ValueError, match=r"b\\udcff\.png' is not UTF-8"):
        batch(tmp_path / "in")


def test_help_tells_the_defaults_of_a_batch(capsys):
    with pytest.raises(SystemExit):
        main(["batch", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "Several of them give several files. (default: none)" in text


def test_other_weights_on_a_machine_are_refused(batch, tmp_path, root):
    job, _, _ = batch(PHOTO)
    with pytest.raises(ValueError, match="differs from the file of that name"):
        ShardWorker(replace(job, sha256="0" * 64), "cpu")


def test_workers_in_another_folder_find_the_files(tmp_path, weights, monkeypatch):
    write_pictures(tmp_path / "in", 1)
    (tmp_path / "w.safetensors").write_bytes(weights.read_bytes())
    (tmp_path / "boxes.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    command = ["batch", "in", "-o", "out", "--weights", "w.safetensors", "--bboxes", "boxes.json"]
    job, _ = prepare(parser.parse_args(command), Layout(tmp_path / "out"), LeftOut())
    assert job.work.model.weights == tmp_path / "w.safetensors"
    assert job.work.people.boxes == tmp_path / "boxes.json"


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
def test_bodies_that_are_cut_are_errors_and_the_rest_is_done(batch, tmp_path, server):
    job, _, layout = batch(list_links(tmp_path, server))
    assert ShardWorker(job, "cpu").process(0).errors == 8
    found = rows(layout.inputs(0))
    assert [row["people"] for row in found] == [None] * 8 + [1] * 8
    sentence = "the connection was cut before the file was whole."
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


@pytest.mark.parametrize("what", ["inputs", "copies", "memory"])
def test_whatever_is_of_the_place_makes_no_row(batch, tmp_path, monkeypatch, what):
    folder = write_pictures(tmp_path / "in", 10)
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
