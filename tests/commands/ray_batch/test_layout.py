"""What a batch is going to do, on disk."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.ray_batch.layout import (
    Layout,
    read_shard,
    settle_manifest,
    split_into_shards,
    write_plan,
)
from comfyui_sapiens_pose.commands.ray_batch.tables import (
    INPUTS,
    PEOPLE,
    Input,
    read_errors,
    write_table,
)
from helpers.command_lines import BATCH

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
    shards = [list(shard) for shard in split_into_shards(sources, 2)]
    assert [len(shard) for shard in shards] == sizes
    told = write_plan(tmp_path / "new" / "plan.parquet", shards)
    assert (told["parts"], told["inputs"]) == (len(sizes), sum(sizes))
    plan = pq.ParquetFile(tmp_path / "new" / "plan.parquet")
    assert [read_shard(plan, number) for number in range(len(sizes))] == shards


def test_the_digest_tells_inputs_and_parts_apart(tmp_path):
    def digest(sources, size=2):
        return write_plan(tmp_path / "plan", split_into_shards(sources, size))["inputs_sha256"]

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


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("content", ["", "[]", "no JSON", "\0" * 5000, "[" * 100_000])
def test_what_is_no_manifest_is_refused(tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(ValueError, match=r"manifest\.json cannot be read"):
        settle_manifest(Layout(tmp_path), {"version": "1"})


def write_shard(layout, shard, count):
    """The tables of a shard of so many inputs, in which nobody is."""
    rows = [{"path": f"{number}.jpg", "people": 0} for number in range(count)]
    write_table(layout.people(shard), pa.Table.from_pylist([], PEOPLE))
    write_table(layout.inputs(shard), pa.Table.from_pylist(rows, INPUTS))


@pytest.fixture
def layout(tmp_path):
    """Of a batch of three shards, of which the first two are done."""
    layout = Layout(tmp_path / "out")
    write_plan(layout.plan, split_into_shards([PICTURES], 2))
    write_shard(layout, 0, 2)
    write_shard(layout, 1, 2)
    return layout


def test_a_part_of_the_plan_is_done_once_its_inputs_are_there(layout):
    assert layout.find_done() == {0, 1}
    write_shard(layout, 3, 2)
    for name in ("part-abc", ".part-000002.parquet.x1.part"):
        layout.inputs(0).with_name(f"{name}.parquet").touch()
    layout.inputs(1).unlink()
    assert layout.find_done() == {0}
    layout.plan.unlink()
    assert layout.find_done() == set()


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("kind", ["inputs", "people"])
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: b"", id="left empty by a power cut"),
        pytest.param(lambda whole: bytes(5000), id="null bytes"),
        pytest.param(lambda whole: whole[:-30], id="cut off"),
        pytest.param(lambda whole: whole[:-200] + bytes(150) + whole[-50:], id="null bytes in it"),
    ],
)
def test_a_part_whose_tables_are_damaged_is_done_again(layout, kind, damage):
    path = getattr(layout, kind)(1)
    path.write_bytes(damage(path.read_bytes()))
    assert layout.find_done() == {0}


@pytest.mark.promise("What was finished stays")
def test_a_part_with_the_table_of_another_is_done_again(layout):
    write_shard(layout, 1, 1)
    assert layout.find_done() == {0}
    write_table(layout.inputs(1), pa.table({"error": ["", ""]}))
    assert layout.find_done() == {0}


@pytest.mark.promise("What was finished stays")
def test_rows_that_are_damaged_are_told(layout):
    path = layout.inputs(1)
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(100) + whole[104:])
    assert layout.find_done() == {0, 1}
    with pytest.raises(ValueError, match=r"part-000001\.parquet cannot be read: .* Remove it"):
        read_errors([path])


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize("name", ["", "attempts", "lock", "plan.new.parquet"])
def test_what_a_batch_keeps_never_lies_elsewhere_by_a_link(tmp_path, name, capfd):
    home, kept = tmp_path / "home", tmp_path / "out/.batch"
    (home / "attempts").mkdir(parents=True)
    for each in ("lock", "plan.new.parquet", "attempts/part-000000"):
        (home / each).write_text("precious")
    before = sorted(home.rglob("*"))
    link = kept / name
    link.parent.mkdir(parents=True)
    link.symlink_to(home / name)
    assert main([*BATCH, str(tmp_path), "-o", str(kept.parent)]) == 1
    assert "by a link" in capfd.readouterr().err
    assert sorted(home.rglob("*")) == before
    assert {path.read_text() for path in before if path.is_file()} == {"precious"}
    assert list(link.parent.iterdir()) == [link]
