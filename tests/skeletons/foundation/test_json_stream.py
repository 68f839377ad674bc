"""JSON is read entry by entry, whatever its text is cut into, with limits for each entry."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from comfyui_sapiens_pose.skeletons.foundation import json_stream, safe_json
from comfyui_sapiens_pose.skeletons.foundation.json_stream import json_items


def items_of(document: Any) -> list[tuple[str | None, Any]]:
    """What ``json_items`` gives, from the parsed document."""
    if isinstance(document, list):
        return [(None, entry) for entry in document]
    if not isinstance(document, dict):
        return [(None, document)]
    return [
        (key, entry)
        for key, value in document.items()
        for entry in (value if isinstance(value, list) else [value])
    ]


TEXTS = [
    *("[]", "{}", '{"a":[]}', "3", "1.5e300", '"a"', "null", "  [ ]  "),
    '[1, -2.5e+10, "a\\"]", true, null, [1, [2]], {"a": [3]}]',
    '{"a": [1, 2], "b": {"c": [3]}, "d": "x", "e": [[4], {}], "f": -1.25e-7, "g": 123456789}',
    '["\\ud83d\\ude00", "日本", "\\\\", "\\u0041", "' + "long " * 50 + '"]',
    '{"a": NaN, "b": [Infinity, -Infinity, false]}',
    "[" + " \n\t" * 40 + "1" + " " * 100 + "," + " " * 30 + "2" + "\n" * 50 + "]" + " " * 60,
]


@pytest.mark.parametrize("chunk", [1, 2, 7, 2**20])
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_entries_are_those_of_the_whole_wherever_the_text_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, chunk: int
) -> None:
    monkeypatch.setattr(json_stream, "CHUNK", chunk)
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    assert str(list(json_items(tmp_path / "a.json"))) == str(items_of(json.loads(text)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_every_encoding_that_json_may_have(tmp_path: Path, encoding: str, name: str) -> None:
    data = '{"ä": ["日本", 1]}'.encode(encoding)
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert list(json_items(path)) == [("ä", "日本"), ("ä", 1)]


@pytest.mark.parametrize("chunk", [1, 2**20])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value at character 0"),
        ("[", "Expecting value at character 1"),
        ("[1", "expected ] at character 2"),
        ("[1,]", "Expecting value at character 3"),
        ("[1 2]", "expected ] at character 3"),
        ("[1] 2", "there is more text after the end, at character 4"),
        ('{"a" 1}', "expected : at character 5"),
        ("{1: 2}", "expected a name in quotation marks at character 2"),
        ('{"a": 1', "expected } at character 7"),
        ('{"a": [1', "expected ] at character 8"),
        ('["a', "Unterminated string starting at at character 1"),
        ("[nonsense" + " " * 1000 + "]", "Expecting value at character 1"),
        ("[" + "[" * 100_000, "nested too deeply"),
        ("[" + "9" * 5000 + "]", "4300"),
    ],
    ids=range(14),
)
@pytest.mark.promise("Files cost what they weigh")
def test_what_is_no_json_is_refused_and_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str, chunk: int
) -> None:
    monkeypatch.setattr(json_stream, "CHUNK", chunk if len(text) < 100 else 2**20)
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="cannot be read as JSON") as caught:
        list(json_items(path))
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"MAX_JSON_BYTES": 2000}, "one of its entries is larger than the limit of 0 MB"),
        ({"MAX_CLIP_BYTES": 2000}, "it is larger than the limit of 0 GB"),
        ({"MAX_JSON_MEMORY_BYTES": 50_000}, "more than the limit of 0 GB"),
    ],
)
def test_limits_are_those_of_an_entry_and_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int], message: str
) -> None:
    """The small entries before the large one are given."""
    for name, value in limits.items():
        module = safe_json if name == "MAX_JSON_MEMORY_BYTES" else json_stream
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(json_stream, "CHUNK", 64)
    path = tmp_path / "a.json"
    path.write_text(f"[1, 2, {[[]] * 1000}]")
    items = json_items(path)
    assert [next(items), next(items)] == [(None, 1), (None, 2)]
    with pytest.raises(ValueError, match=message):
        next(items)


@pytest.mark.promise("Files cost what they weigh")
def test_many_entries_take_no_more_memory_than_one(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(["x" * 100_000] * 200))
    tracemalloc.start()
    count = sum(1 for _ in json_items(tmp_path / "a.json"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 200
    assert peak < 6 * 2**20  # of 20 MB of text
