"""What is written about edits, also by those who mean no good."""

import json

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.edits.edits_text import (
    MAX_EDITED_PEOPLE,
    MAX_EDITS_BYTES,
    MAX_KEYS,
    parse_edits,
    read_edits,
)
from comfyui_sapiens_pose.skeletons.keypoint_sets import KEYPOINT_SETS
from comfyui_sapiens_pose.skeletons.keypoint_sets.tree import PART_NAMES
from helpers.hostile_edits import READABLE, REFUSED, document


@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_text_is_no_edits(text):
    assert parse_edits(text) is None


def test_everything_that_can_be_said():
    person = {
        "who": {"id": 3, "frame": 2, "box": [1, 2, 30, 40], "body": [5, 1.5, 2, 6, 3, 4]},
        "hidden": True,
        "keys": {
            "12": {},
            "3": {
                "joints": [9, 1.5, -2],
                "parts": {"left_hand": [1, 2, 90, 0.5]},
                "scores": [10, 0],
            },
        },
    }
    new = {"who": {"order": 0}, "new": [0, 5, 6, 0.5, 16, 7, 8, 1]}
    edits = parse_edits(json.dumps(document(base="abc", people=[person, new])))
    assert edits.keypoint_set is KEYPOINT_SETS["coco_17"]
    assert (edits.canvas_wh, edits.base) == ((640, 480), "abc")
    first, second = edits.people
    assert (first.who.person_id, first.who.order, first.who.frame) == (3, None, 2)
    assert first.who.box_xyxy.tolist() == [1, 2, 30, 40]
    assert first.who.body.tolist() == [[5, 1.5, 2], [6, 3, 4]]
    assert (first.hidden, first.new) == (True, None)
    assert [frame for frame, _ in first.keys] == [3, 12]
    change = first.keys[0][1]
    assert np.argwhere(change.offsets).tolist() == [[9, 0], [9, 1]]
    assert change.offsets[9].tolist() == [1.5, -2]
    assert change.parts[PART_NAMES.index("left_hand")].tolist() == [1, 2, 90, 0.5]
    assert np.flatnonzero(change.scores == 0).tolist() == [10]
    assert (second.who.order, second.hidden, second.keys) == (0, False, ())
    assert second.new.tolist() == [[0, 5, 6, 0.5], [16, 7, 8, 1]]


@pytest.mark.parametrize("text", READABLE.values(), ids=READABLE)
def test_what_is_readable(text):
    assert parse_edits(text).keypoint_set.name == "coco_17"


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_a_short_sentence(text):
    with pytest.raises(ValueError, match="dit") as caught:
        parse_edits(text)
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "which cannot be read as JSON"),
        (
            json.dumps(document(version=2)),
            "have version 2, expected 1. They may be from a",
        ),
        (
            json.dumps(document(people=[{"who": {"id": "x"}}])),
            "Edited person 1: id is 'x', expected",
        ),
        ("x" * (MAX_EDITS_BYTES + 1), "expected at most 256 kB"),
        ("[" * 1000, "nested too deeply"),
    ],
)
def test_the_sentence_says_what_to_do(text, message):
    with pytest.raises(ValueError, match=message):
        parse_edits(text)


def test_as_much_as_is_allowed():
    people = [{"who": {"order": index}} for index in range(MAX_EDITED_PEOPLE)]
    people[0]["keys"] = {str(frame): {} for frame in range(MAX_KEYS)}
    text = json.dumps(document(people=people))
    edits = parse_edits(text + " " * (MAX_EDITS_BYTES - len(text)))
    assert len(edits.people) == MAX_EDITED_PEOPLE
    assert len(edits.people[0].keys) == MAX_KEYS


def test_a_file(tmp_path):
    path = tmp_path / "edits.json"
    path.write_text(json.dumps(document()), encoding="utf-8-sig")
    assert read_edits(path).people == ()
    path.write_text("")
    assert read_edits(path) is None
    for content in (b"\xff\xfe\x00", b"[]", b" " * (MAX_EDITS_BYTES + 1)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"edits\.json"):
            read_edits(path)
    with pytest.raises(ValueError, match="not a regular file"):
        read_edits(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_edits(tmp_path / "none.json")
