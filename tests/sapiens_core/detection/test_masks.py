"""People from masks: their boxes, and whose pixel is whose."""

import logging
import tracemalloc

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.commands.trust.machine import process_peak_bytes
from comfyui_sapiens_pose.nodes.sockets.people_sockets import people_from_mask
from comfyui_sapiens_pose.sapiens_core.detection.masks import (
    MAX_OWNERS,
    MAX_PEOPLE,
    MaskOptions,
    people_from_masks,
    people_from_separate_masks,
    people_from_tracked_masks,
)
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from helpers.masks import FIRST, INNER, LEFT, OVERLAPPING, RIGHT, SECOND, WH, mask_of


def boxes_of(people: list[People]) -> list[list[tuple]]:
    return [[tuple(box.tolist()) for box, _ in group.pairs()] for group in people]


NOBODY, BOTH = mask_of(), mask_of(LEFT, RIGHT)


@pytest.mark.parametrize(
    ("masks", "frames", "meaning", "expected"),
    [
        ([NOBODY], 1, "auto", [[]]),
        ([NOBODY, NOBODY], 1, "auto", [[]]),
        ([mask_of(LEFT)], 1, "auto", [[LEFT]]),
        ([BOTH], 1, "auto", [[LEFT, RIGHT]]),
        ([BOTH], 3, "auto", [[LEFT, RIGHT]] * 3),
        ([BOTH, NOBODY, mask_of(RIGHT)], 3, "auto", [[LEFT, RIGHT], [], [RIGHT]]),
        ([mask_of(RIGHT), mask_of(LEFT)], 1, "auto", [[RIGHT, LEFT]]),
        (
            [mask_of(RIGHT), mask_of(LEFT), BOTH, NOBODY],
            2,
            "auto",
            [[RIGHT, (5, 10, 80, 70)], [LEFT]],
        ),
        ([BOTH], 1, "people", [[(5, 10, 80, 70)]]),
        ([BOTH, mask_of(LEFT)], 2, "people", [[(5, 10, 80, 70)], [LEFT]]),
        ([mask_of((0, 0, 100, 80))], 1, "auto", [[(0, 0, 100, 80)]]),
        ([BOTH], 3, "people", [[(5, 10, 80, 70)]] * 3),
        ([mask_of(RIGHT), NOBODY, mask_of(LEFT)], 4, "people", [[RIGHT, LEFT]] * 4),
    ],
    ids=[
        *("nobody", "nobody twice", "one", "two parts", "one mask for all", "a mask a frame"),
        *("a mask a person", "frames of two people", "one person in pieces", "one a frame"),
        *("all of the picture", "one person for all frames", "a mask a person for all frames"),
    ],
)
def test_boxes_of_masks(masks, frames, meaning, expected):
    people = people_from_masks(masks, [WH] * frames, MaskOptions(meaning))
    assert boxes_of(people) == expected


def test_specks_do_not_count():
    mask = mask_of(LEFT, (90, 70, 92, 72))
    assert boxes_of(people_from_masks([mask], [WH])) == [[LEFT]]
    (both,) = boxes_of(people_from_masks([mask], [WH], MaskOptions(min_part=0)))
    assert both == [LEFT, (90, 70, 92, 72)]
    assert boxes_of(people_from_masks([mask], [WH], MaskOptions("people"))) == [[LEFT]]


def test_a_mask_of_another_size_is_scaled():
    (people,) = people_from_masks([mask_of(LEFT)], [(200, 40)])
    assert boxes_of([people]) == [[(10, 5, 50, 30)]]
    assert people.labels.shape == (40, 200)
    assert people.labels[6, 11] == 1


def test_masks_taken_as_people_of_all_frames_are_told(caplog):
    """They may be all frames of one person but one."""
    caplog.set_level(logging.INFO)
    people_from_masks([BOTH] * 2, [WH] * 3, MaskOptions("people"))
    assert caplog.messages == [
        "There are 2 masks for 3 images: each mask is taken as one person, in every image."
    ]


@pytest.mark.parametrize(("masks", "told"), [([NOBODY] * 3, True), ([BOTH, NOBODY, NOBODY], False)])
def test_masks_that_show_nobody_at_all_are_told(masks, told, caplog):
    people_from_mask(torch.from_numpy(np.stack(masks) * 0.9), [WH] * 3)
    assert ("The mask shows nobody: it is black" in caplog.text) == told


def test_one_mask_for_all_is_held_once_for_each_size():
    people = people_from_masks([BOTH], [WH, (50, 40), WH, WH])
    assert boxes_of(people)[:2] == [[LEFT, RIGHT], [(2.5, 5, 12.5, 30), (25, 10, 40, 35)]]
    assert len({id(group.labels) for group in people}) == 2


def own_pixels(people: People, number: int) -> np.ndarray:
    return np.isin(people.labels, people.own_pixels(number).own_labels)


def test_shared_pixels_belong_to_all_who_claim_them():
    """The third person lies wholly inside of the first two."""
    (people,) = people_from_masks(OVERLAPPING, [WH])
    assert boxes_of([people]) == [[FIRST, SECOND, INNER, RIGHT]]
    for number, mask in enumerate(OVERLAPPING, start=1):
        assert np.array_equal(own_pixels(people, number), mask)
    assert np.array_equal(people.labels == 0, ~np.logical_or.reduce(OVERLAPPING))


def test_people_who_are_left_keep_their_pixels(caplog):
    (people,) = people_from_masks(OVERLAPPING, [WH])
    boxes = np.array(people.boxes_xyxy)
    boxes[1] = 0
    left = People(boxes, labels=people.labels, shared=people.shared).usable(WH)
    for number, index in enumerate((0, 2, 3), start=1):
        assert np.array_equal(own_pixels(left, number), OVERLAPPING[index])
    only_second = OVERLAPPING[1] & ~OVERLAPPING[0] & ~OVERLAPPING[3]
    assert (left.labels[only_second] == 0).all()


def grid(side: int, count: int) -> np.ndarray:
    """``count`` x ``count`` squares, with a line between any two."""
    lines = np.arange(side) % (side // count) == 0
    return ~(lines[:, None] | lines)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize("each", [True, False], ids=["a mask each", "parts of one mask"])
def test_a_crowd_costs_hardly_more_than_one(each):
    """Of each pixel some bytes are kept, not some bytes for each person."""
    mask, canvas_wh = grid(600, 30), (600, 600)
    tracemalloc.start()
    if each:
        people = people_from_separate_masks((mask for _ in range(40)), canvas_wh)
    else:
        (people,) = people_from_masks([mask], [canvas_wh])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(people) == (40 if each else 900)
    assert peak < 30 * mask.size


@pytest.mark.promise("Files cost what they weigh")
def test_millions_of_specks_cost_hardly_more_than_their_pixels():
    mask, before = np.zeros((2800, 2800), bool), process_peak_bytes()
    mask[::2, ::2] = True
    assert boxes_of(people_from_masks([mask], [WH])) == [[]]
    assert process_peak_bytes() - before < 350 * 2**20


@pytest.mark.promise("Files cost what they weigh")
def test_more_people_than_can_be_told_apart_are_refused():
    masks = [BOTH] * (MAX_PEOPLE + 1)
    for frames in (1, len(masks) + 1):
        with pytest.raises(ValueError, match="32,768 people have masks in one image; at most"):
            people_from_masks(masks, [WH] * frames, MaskOptions("people"))
    specks = np.zeros((400, 400), bool)
    specks[::2, ::2] = True
    with pytest.raises(ValueError, match="40,000 people have masks in one image; at most"):
        people_from_masks([specks], [WH], MaskOptions(min_part=0))


@pytest.mark.promise("Files cost what they weigh")
def test_who_shares_pixels_is_told_of_a_bounded_number():
    """Those before keep the pixels that all of so many claim."""
    people = people_from_separate_masks([np.ones((4, 4), bool)] * 1500, (4, 4))
    assert len(people) == 1500
    assert 2**19 < sum(map(len, people.shared.values())) <= MAX_OWNERS
    assert own_pixels(people, 1000).all()


@pytest.mark.parametrize(
    ("count", "frames", "meaning", "helps"),
    [
        *((3, 2, "auto", False), (2, 16, "auto", True), (2, 4, "parts", True)),
        *((2, 1, "parts", True), (5, 4, "parts", False), (0, 2, "parts", False)),
        *((3, 2, "people", False), (7, 3, "people", False), (0, 1, "people", False)),
        *((7, 3, "auto", False), (0, 3, "auto", False)),
    ],
)
def test_numbers_that_do_not_fit_are_refused(count, frames, meaning, helps):
    """What would help is told, by the name of the node's setting, and only then."""
    masks, canvases_wh = [BOTH] * count, [WH] * frames
    with pytest.raises(ValueError, match=f"{count} masks for {frames} images") as error:
        people_from_masks(masks, canvases_wh, MaskOptions(meaning))
    assert ("(mask_meaning) to 'each mask is a person'" in str(error.value)) is helps
    if helps:
        assert len(people_from_masks(masks, canvases_wh, MaskOptions("people"))) == frames


def test_an_unknown_meaning_is_refused():
    with pytest.raises(ValueError, match=r"meaning is 'each', expected one of \['auto', 'parts',"):
        MaskOptions("each")


@pytest.mark.parametrize("shape", [(80, 100), (1, 80, 100), (1, 1, 80, 100)])
def test_a_mask_of_comfyui_is_taken_from_a_half_on(shape):
    mask = torch.from_numpy(BOTH * 0.5 + ~BOTH * 0.49).reshape(shape)
    assert boxes_of(people_from_mask(mask, [WH])) == [[LEFT, RIGHT]]


@pytest.mark.parametrize(
    ("masks", "ids", "scores"),
    [
        ([], (), []),
        ([NOBODY, NOBODY], (), []),
        ([mask_of(RIGHT), mask_of(LEFT)], (0, 1), [0.25, 0.5]),
        ([NOBODY, mask_of(LEFT), mask_of((0, 0, 1, 1))], (1,), [0.5]),
    ],
    ids=["no mask", "nobody", "both", "one is absent, another a speck"],
)
def test_the_index_of_a_tracked_mask_is_the_id(masks, ids, scores):
    stack = np.array(masks).reshape(len(masks), *NOBODY.shape)
    people = people_from_tracked_masks(stack, [0.25, 0.5, 0.75], WH)
    assert (people.ids, [score for _, score in people.pairs()]) == (ids, scores)


def test_ids_stay_with_those_who_are_left():
    outside = (200, 0, 220, 20)
    usable = People([LEFT, outside, RIGHT], ids=(4, 5, 6)).usable(WH)
    assert (usable.ids, len(usable)) == ((4, 6), 2)
