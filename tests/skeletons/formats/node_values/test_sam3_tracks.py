"""SAM3_TRACK_DATA, packed as ComfyUI packs it: the first of eight pixels is the lowest bit."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.formats.node_values.sam3_tracks import read_sam3_tracks


def pack(masks: np.ndarray) -> np.ndarray:
    """(..., w) bool -> (..., w / 8) uint8, by a sum of powers of 2, as core does it."""
    eights = masks.reshape(*masks.shape[:-1], -1, 8)
    return (eights * 2 ** np.arange(8)).sum(-1).astype(np.uint8)


def value_of(masks: np.ndarray, **changes) -> dict:
    value = {
        "packed_masks": pack(masks),
        "n_frames": len(masks),
        "scores": [0.5, 0.9],
        "orig_size": (30, 40),
    }
    return value | changes


MASKS = np.random.default_rng(0).random((3, 2, 5, 16)) < 0.5


def test_nobody():
    tracks = read_sam3_tracks({"packed_masks": None, "n_frames": 4, "orig_size": (30, 40)})
    assert (len(tracks), tracks.num_people, tracks.scores) == (4, 0, ())
    assert tracks.masks(3).shape[0] == 0


def test_masks_are_unpacked():
    tracks = read_sam3_tracks(value_of(MASKS))
    assert (len(tracks), tracks.num_people, tracks.size_wh) == (3, 2, (40, 30))
    assert tracks.scores == (0.5, 0.9)
    for frame in range(3):
        np.testing.assert_array_equal(tracks.masks(frame), MASKS[frame])


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (None, (1, 1)),
        ([], (1, 1)),
        ([0.5], (0.5, 1)),
        ([np.nan, 0.2, 0.3], (1, 0.2)),
        ("a", (1, 1)),
    ],
)
def test_scores_that_are_missing_are_1(scores, expected):
    assert read_sam3_tracks(value_of(MASKS, scores=scores)).scores == expected


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "SAM3_TRACK_DATA is None"),
        ([], "expected packed masks"),
        ({}, "expected packed masks"),
        (value_of(MASKS, orig_size=None), "orig_size None"),
        (value_of(MASKS, orig_size=(0, 5)), "orig_size"),
        (value_of(MASKS, orig_size=(10**9, 5)), "orig_size"),
        (value_of(MASKS, packed_masks=None, n_frames="2"), "n_frames '2'"),
        (value_of(MASKS, packed_masks=None, n_frames=-1), "n_frames -1"),
        (value_of(MASKS, packed_masks=MASKS), "type bool"),
        (value_of(MASKS, packed_masks=np.zeros((3, 5, 2), np.uint8)), "shape (3, 5, 2)"),
        (value_of(MASKS, packed_masks=np.zeros((3, 1, 0, 2), np.uint8)), "shape (3, 1, 0, 2)"),
    ],
)
def test_something_else_says_what_to_connect(value, told):
    with pytest.raises(ValueError, match=r"Run SAM3 Video Track.*update ComfyUI") as error:
        read_sam3_tracks(value)
    assert told in str(error.value)
