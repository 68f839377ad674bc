"""Shards of a batch with the miniature: what one worker does, and the next one after a crash."""

import argparse
import json
import sys
from dataclasses import replace

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.batch import add_parser, prepare
from comfyui_sapiens_pose.commands.files.endings import LeftOut
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.commands.ray_batch import inputs
from comfyui_sapiens_pose.commands.ray_batch.addresses import Place
from comfyui_sapiens_pose.commands.ray_batch.layout import Layout
from comfyui_sapiens_pose.commands.ray_batch.shard import ShardWorker
from comfyui_sapiens_pose.commands.ray_batch.tables import Input
from helpers.batches import rows, write_pictures
from helpers.clips import PHOTO, pan, write_clip
from helpers.command_lines import BATCH, ESTIMATE


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
    assert inputs[1]["error"].startswith(f"{folder / '1.png'} cannot be read as an image")
    assert "broken.mp4 cannot be read as a video" in inputs[3]["error"]
    assert main([*ESTIMATE, *command_of(folder, tmp_path / "one", weights)]) == 1
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
    assert bad["error"].startswith("memory://shoot/bad.png cannot be read as an image")


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
        ("a.parquet", {"path": []}, [], "has no images or videos"),
        ("a.parquet", {"path": [7]}, [], "holds int64, expected paths"),
        ("a.parquet", {"path": [["a.jpg"]]}, [], "holds list<.*>, expected paths"),
        ("a.txt", None, ["--overlay"], "--overlay needs a drawing style"),
        (
            "a.parquet",
            {"file": ["x"]},
            [],
            "no column 'path'; it has file. Choose one with --path-column",
        ),
        ("a.parquet", None, [], "cannot be read as a Parquet file"),
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
    assert "'CON.png' cannot be the name of a file: Windows reserves it" in found[0]["error"]
    assert "cannot be the name of a file: it is empty" in found[4]["error"]
    written = sorted(path.name for path in layout.files.rglob("*.json"))
    assert written == ["a.json", "b_.json", "evil.json"]


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pa.nulls(2**24 + 1), "16,777,217 rows; at most 16,777,216 can be read"),
        (pa.array(["a" * 40_000] * 10_000), "a path of 40,000 bytes; expected at most 32,768"),
        (pa.array(["a" * 30_000] * 1_000), "have more than 4,194,304 bytes; split it"),
        (pa.array(["a.mp4"] * 9), "There are 9 videos; expected at most 8"),
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
    command = [*BATCH, str(PHOTO), "-o", str(tmp_path / "out"), "--weights", str(weights)]
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
    with pytest.raises(ValueError, match="would take them as inputs"):
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
    command = [*BATCH, "in", "-o", "out", "--weights", "w.safetensors", "--bboxes", "boxes.json"]
    job, _ = prepare(parser.parse_args(command), Layout(tmp_path / "out"), LeftOut())
    assert job.work.model.weights == tmp_path / "w.safetensors"
    assert job.work.people.boxes == tmp_path / "boxes.json"
