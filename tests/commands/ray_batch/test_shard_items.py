"""What the results of a shard are called, and whether anything can be called so."""

import logging

import pyarrow.parquet as pq
import pytest
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.commands.ray_batch.addresses import Place
from comfyui_sapiens_pose.commands.ray_batch.shard import ShardWorker
from comfyui_sapiens_pose.commands.ray_batch.shard_items import name_results
from comfyui_sapiens_pose.commands.ray_batch.tables import Input
from comfyui_sapiens_pose.commands.run import chunk_worker
from helpers.clips import pan

PLACES = (Place("s3", "b", ""),)


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        ([], []),
        ([Input("/a/b.png"), Input("/c/B.jpg")], ["b", "B_2"]),
        ([Input("/a/clip.mp4", frame=0), Input("/a/clip.mp4", frame=1)], ["clip", "clip"]),
        ([Input("s3://b/x/y?.png", place=0, remote_path="x/y?.png")], ["y_"]),
        ([Input("s3://b/x/CON.png", place=0, remote_path="x/CON.png")], ["unnamed"]),
    ],
)
def test_results_are_called_as_their_inputs_where_they_can_be(inputs, names):
    assert name_results(7, inputs, PLACES) == [f"part-000007/{name}" for name in names]


@pytest.mark.promise("One bad input does not stop the others")
@pytest.mark.parametrize(
    ("stem_bytes", "arguments", "num_failed"),
    [
        (244, ["--style", "dense", "--overlay"], 1),
        (243, ["--style", "dense", "--overlay"], 0),
        (250, ["--format", "sapiens", "openpose"], 1),
        (250, [], 0),  # nothing is called after it
    ],
)
def test_a_result_whose_name_is_too_long_is_told_before_the_network_runs(
    batch, tmp_path, stem_bytes, arguments, num_failed, monkeypatch, caplog
):
    """At the beginning of the run, and in an error row; nobody reads the image for nothing."""
    (tmp_path / "in").mkdir()
    stems = ["a" * stem_bytes, "b"]
    for stem in stems:
        (tmp_path / "in" / f"{stem}.png").write_bytes(encode_png(pan(0, 2)))
    read = []
    read_image = chunk_worker.read_image
    monkeypatch.setattr(
        chunk_worker, "read_image", lambda path: (read.append(path.stem), read_image(path))[1]
    )
    with caplog.at_level(logging.ERROR):
        job, _, layout = batch(tmp_path / "in", *arguments)
    told = [text for text in caplog.messages if "1 of 2 are left out: " in text]
    assert len(told) == num_failed
    ShardWorker(job, "cpu").process(0)
    errors = [row["error"] for row in pq.read_table(layout.inputs(0)).to_pylist()]
    assert read == stems[num_failed:]
    assert [bool(error) for error in errors] == [bool(num_failed), False]
    if num_failed:
        assert errors[0] in told[0]
        assert errors[0].startswith(f"{tmp_path / 'in' / stems[0]}.png: The result aaa")
        assert "bytes, expected at most 255 in this folder" in errors[0]
