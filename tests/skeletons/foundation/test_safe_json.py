"""JSON text costs no more memory than is reckoned before it is parsed."""

from __future__ import annotations

import gzip
import json
import os
import tracemalloc
from pathlib import Path

import pytest
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions
from comfyui_sapiens_pose.skeletons.formats.table import FORMATS
from comfyui_sapiens_pose.skeletons.foundation.limits import MAX_JSON_BYTES, MAX_JSON_MEMORY_BYTES
from comfyui_sapiens_pose.skeletons.foundation.safe_json import memory_bytes, parse_json, read_json
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_pose


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    "filler",
    [
        *("[]", "{}", "[0]", "[[[]]]", "[1.5]", "[1.5,1.5]", '["āā"]', "[" * 20 + "]" * 20),
        *('{"":0}', '{"":1.5}', '{"a":"ā"}', '{"a":{},"b":[]}', '{"a":' * 20 + "0" + "}" * 20),
        *("0", "-9", "1.5", "300", '""', '"aa"', '"ā"', '"日本"', '"😀"', "null"),
    ],
    ids=lambda filler: filler[:20],
)
def test_what_is_made_of_text_takes_no_more_than_is_reckoned(filler: str) -> None:
    text = "[" + ",".join([filler] * 2000) + "]"
    tracemalloc.start()
    document = parse_json(text)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(document) == 2000
    assert taken < memory_bytes(text) + len(text)  # letters beyond the first are as many in memory
    assert memory_bytes(text.encode()) == memory_bytes(text)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize("count", [1400, 2800])
def test_names_of_an_object_take_no_more_than_is_reckoned(count: int) -> None:
    """Just after its table has grown, and just before."""
    text = json.dumps({f"{number:x}": 1.5 for number in range(count)})
    tracemalloc.start()
    document = parse_json(text)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(document) == count
    assert taken < memory_bytes(text)


@pytest.mark.promise("Files cost what they weigh")
def test_text_of_kilobytes_that_would_take_gigabytes(tmp_path: Path) -> None:
    block = gzip.compress(b"[]," * 2**20)
    bomb = tmp_path / "hostile.json.gz"
    bomb.write_bytes(gzip.compress(b"[") + block * 30 + gzip.compress(b"[]]"))
    assert bomb.stat().st_size < 2**18
    with pytest.raises(ValueError, match=r"would take 4\.2 GB of memory, more than the limit of 4"):
        read_json(bomb)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize("name", FORMATS)
def test_our_own_files_are_as_long_as_the_text_may_be(name: str) -> None:
    frame = Frame((640, 480), tuple(make_pose(GOLIATH_308, seed) for seed in range(3)))
    text = json.dumps(FORMATS[name].encode([frame], ["1.png"], EncodeOptions()))
    assert memory_bytes(text) / len(text) * MAX_JSON_BYTES < MAX_JSON_MEMORY_BYTES


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
@pytest.mark.parametrize("kind", ["folder", "device", "pipe"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str, name: str) -> None:
    path = tmp_path / name
    if kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        os.mkfifo(path)  # reading would wait for somebody who writes
    with pytest.raises(ValueError, match="is not a regular file but a folder, pipe"):
        read_json(path)


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[1]")
    (tmp_path / "b.json").symlink_to("a.json")
    assert read_json(tmp_path / "b.json") == [1]
