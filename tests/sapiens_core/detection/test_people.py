"""Boxes of people as they come from outside: which are used, and which are left out."""

import logging

import numpy as np
import pytest
from comfyui_sapiens_pose.nodes.sockets.people_sockets import people_from_bboxes
from comfyui_sapiens_pose.sapiens_core.detection.people import People

NAN, INF = float("nan"), float("inf")
BOX = [10, 20, 30, 60]


@pytest.mark.parametrize(
    ("boxes", "usable"),
    [
        ([], []),
        ([BOX], [BOX]),
        ([[30, 60, 10, 20]], [BOX]),
        ([[30, 20, 10, 60]], [BOX]),
        ([[-50, -50, 5, 5]], [[-50, -50, 5, 5]]),
        ([[90, 70, 500, 500]], [[90, 70, 500, 500]]),
        ([[-500, -500, 900, 900]], [[-500, -500, 900, 900]]),
        ([[-50, 20, 0, 60]], []),
        ([[100, 20, 130, 60]], []),
        ([[10, -60, 30, 0]], []),
        ([[10, 80, 30, 90]], []),
        ([[10, 20, 10, 60]], []),
        ([[10, 20, 30, 20]], []),
        ([[10, NAN, 30, 60]], []),
        ([[10, 20, INF, 60]], []),
        ([[NAN] * 4, BOX, [0, 0, 0, 0]], [BOX]),
    ],
)
def test_what_shows_nothing_is_left_out(boxes, usable, caplog):
    caplog.set_level(logging.WARNING)
    people = People(boxes).usable((100, 80))
    assert [box.tolist() for box, _ in people.pairs()] == usable
    assert bool(caplog.records) == (len(boxes) != len(usable))


def test_scores_and_labels_go_with_their_boxes(caplog):
    labels = np.array([[0, 1, 2, 3]], np.uint16)
    people = People([BOX, [0, 0, 0, 0], [5, 5, 9, 9]], [0.9, 0.8, 0.7], labels).usable((100, 80))
    assert [score for _, score in people.pairs()] == [0.9, 0.7]
    assert people.labels.tolist() == [[0, 1, 0, 2]]
    assert "1 of 3 boxes" in caplog.text
    assert "[0.0, 0.0, 0.0, 0.0]" in caplog.text


def test_a_score_that_is_no_number_is_left_out():
    assert len(People([BOX, BOX], [NAN, 0.5]).usable((100, 80))) == 1


def test_ten_thousand_boxes_are_all_used():
    boxes = np.tile(BOX, (10_000, 1)) + np.arange(10_000)[:, None] % 20
    assert len(People(boxes).usable((100, 80))) == 10_000


ONE = {"x": 10, "y": 20, "width": 20, "height": 40}
TWO = {"x": 1.5, "y": 2, "width": 3, "height": 4, "label": "person", "score": 0.5}
ONE_XYXY, TWO_XYXY = [10, 20, 30, 60], [1.5, 2, 4.5, 6]


@pytest.mark.parametrize(
    ("value", "frames"),
    [
        ([], [[], [], []]),
        ([[]], [[], [], []]),
        ([None], [[], [], []]),
        (ONE, [[ONE_XYXY]] * 3),
        ([ONE], [[ONE_XYXY]] * 3),
        ([ONE, TWO], [[ONE_XYXY, TWO_XYXY]] * 3),
        ([[ONE, TWO]], [[ONE_XYXY, TWO_XYXY]] * 3),
        ((ONE, TWO), [[ONE_XYXY, TWO_XYXY]] * 3),
        ([[ONE], [], [TWO]], [[ONE_XYXY], [], [TWO_XYXY]]),
        ([[ONE], None, TWO], [[ONE_XYXY], [], [TWO_XYXY]]),
        ([[ONE], [TWO]], [[ONE_XYXY], [TWO_XYXY], [TWO_XYXY]]),
        ([[ONE], []], [[ONE_XYXY], [], []]),
        ([[ONE], [TWO], [], [ONE], [ONE]], [[ONE_XYXY], [TWO_XYXY], []]),
    ],
    ids=[
        *("nobody", "nobody a frame", "none", "one dict", "flat list of one", "flat list"),
        *("one list for all", "tuple", "a list a frame", "mixed", "the last list goes on"),
        *("an empty last list goes on", "more lists than frames"),
    ],
)
def test_every_shape_of_bounding_box_is_understood(value, frames):
    people = people_from_bboxes(value, 3)
    assert [[box.tolist() for box, _ in group.pairs()] for group in people] == frames


def test_scores_are_read_and_1_without():
    (group,) = people_from_bboxes([ONE, TWO, {**ONE, "score": None}], 1)
    assert [score for _, score in group.pairs()] == [1.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("box", "BOUNDING_BOX is 'box', expected a list of boxes"),
        ([[ONE], [{"x": 1}]], "frame 1, box 0"),
        ([[ONE], [ONE, 5]], "frame 1, box 1"),
        ([[{**ONE, "x": None}]], "frame 0, box 0 is .*, expected numbers for x, y, width and"),
        ([[{**ONE, "score": "high"}]], "frame 0, box 0 has the score 'high', expected a number"),
        ([[{**ONE, "score": [1]}]], r"frame 0, box 0 has the score \[1\], expected a number"),
        ([7], "frame 0 is 7, expected a list of boxes"),
    ],
)
def test_what_is_no_box_is_named(value, message):
    with pytest.raises(ValueError, match=message):
        people_from_bboxes(value, 2)
