"""What a batch is going to do, on disk."""

import json

import pyarrow.parquet as pq
import pytest
from comfyui_sapiens_pose.commands.batch_plan import (
    Layout,
    in_parts,
    read_part,
    settle_manifest,
    write_plan,
)
from comfyui_sapiens_pose.commands.batch_tables import Input

PICTURES = [Input(f"/a/{number}.jpg") for number in range(5)]
FRAMES = [Input("s3://b/clip.mp4", number, 512 * number, number / 25) for number in range(3)]


@pytest.mark.parametrize(
    ("sources", "sizes"),
    [
        ([], []),
        ([PICTURES], [2, 2, 1]),
        ([PICTURES, FRAMES], [2, 2, 1, 2, 1]),
        ([PICTURES[:2], FRAMES[:1], FRAMES[:2]], [2, 1, 2]),
    ],
)
def test_a_part_holds_one_source_and_is_read_back(tmp_path, sources, sizes):
    parts = [list(part) for part in in_parts(sources, 2)]
    assert [len(part) for part in parts] == sizes
    told = write_plan(tmp_path / "new" / "plan.parquet", parts)
    assert (told["parts"], told["inputs"]) == (len(sizes), sum(sizes))
    plan = pq.ParquetFile(tmp_path / "new" / "plan.parquet")
    assert [read_part(plan, number) for number in range(len(sizes))] == parts


def test_the_digest_tells_inputs_and_parts_apart(tmp_path):
    def digest(sources, size=2):
        return write_plan(tmp_path / "plan", in_parts(sources, size))["inputs_sha256"]

    same = digest([PICTURES, FRAMES])
    assert digest([PICTURES, FRAMES]) == same
    others = [[PICTURES], [PICTURES[::-1], FRAMES], [PICTURES, FRAMES[:2]], []]
    assert len({digest(each) for each in others} | {same, digest([PICTURES, FRAMES], 3)}) == 6


def test_the_same_manifest_goes_on(tmp_path):
    wanted = {"version": "1", "model": {"size": (1024, 768)}, "folder": tmp_path}
    for _ in range(2):
        settle_manifest(Layout(tmp_path), wanted)
    assert json.loads((tmp_path / "manifest.json").read_text())["model"]["size"] == [1024, 768]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"version": "2"}, "version was '1' and is '2' now"),
        ({"model": {"flip": False}}, "model.flip was True and is False now"),
        ({"model": {"flip": True, "new": 3}}, "model.new was None and is 3 now"),
        ({"model": None}, "model.flip was True and is None now"),
    ],
)
def test_another_manifest_is_refused(tmp_path, changed, message):
    wanted = {"version": "1", "model": {"flip": True}}
    settle_manifest(Layout(tmp_path), wanted)
    with pytest.raises(ValueError, match=message):
        settle_manifest(Layout(tmp_path), wanted | changed)


@pytest.mark.parametrize("content", ["", "[]", "no JSON"])
def test_what_is_no_manifest_is_refused(tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(ValueError, match=r"manifest\.json cannot be read"):
        settle_manifest(Layout(tmp_path), {"version": "1"})


def test_a_part_is_done_once_its_inputs_are_there(tmp_path):
    layout = Layout(tmp_path)
    assert layout.done() == set()
    for path in (layout.people(1), layout.inputs(1), layout.people(2), layout.inputs(1000000)):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "inputs" / ".part-000003.parquet.x1.part").touch()
    assert layout.done() == {1, 1000000}
