"""Results of two runs that may use other numbers of threads: the same but for rounding."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import av
import cv2
import numpy as np

MAX_DIFFERENCE_PX = 0.01
"""Of numbers; with oneDNN's SSE4.1, one thread and two found keypoints 0.00035 pixels apart."""
MAX_MEAN_LEVELS, CLEAR_LEVELS, MAX_CLEAR = 0.5, 16, 1e-3
"""Of drawings, in grey levels: on average, and how many of the values may differ clearly. x264's
bytes are not the same each time on a busy machine with many cores."""


def assert_same_files(files: Mapping[str, bytes], expected: Mapping[str, bytes]) -> None:
    """The same names, and contents that mean the same: JSON, tables, images and videos."""
    assert sorted(files) == sorted(expected)
    for name, content in files.items():
        if content != expected[name]:
            kind = PurePosixPath(name).suffix
            assert kind in SAME, f"{name} differs"
            SAME[kind](content, expected[name], name)


def _assert_same_json(content: bytes, expected: bytes, name: str) -> None:
    found, wanted = (dict(_leaves(json.loads(each))) for each in (content, expected))
    numbers = [key for key, value in wanted.items() if isinstance(value, float)]
    assert {**found, **dict.fromkeys(numbers)} == {**wanted, **dict.fromkeys(numbers)}, name
    _assert_close([found[key] for key in numbers], [wanted[key] for key in numbers], name)


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """All that is no list or object, by where it stands."""
    if not isinstance(value, (dict, list)):
        yield place, value
        return
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _leaves(each, f"{place}/{key}")


def _assert_same_table(content: bytes, expected: bytes, name: str) -> None:
    with np.load(io.BytesIO(content)) as table, np.load(io.BytesIO(expected)) as wanted:
        assert table.files == wanted.files
        for column in wanted.files:
            if wanted[column].dtype.kind == "f":
                _assert_close(table[column], wanted[column], name)
            else:
                np.testing.assert_array_equal(table[column], wanted[column])


def _assert_close(numbers: Any, expected: Any, name: str) -> None:
    np.testing.assert_allclose(numbers, expected, rtol=0, atol=MAX_DIFFERENCE_PX, err_msg=name)


def _assert_same_image(content: bytes, expected: bytes, name: str) -> None:
    image, wanted = (
        cv2.imdecode(np.frombuffer(each, np.uint8), cv2.IMREAD_UNCHANGED)
        for each in (content, expected)
    )
    _assert_alike(image, wanted, name)


def _assert_same_video(content: bytes, expected: bytes, name: str) -> None:
    with av.open(io.BytesIO(content)) as video, av.open(io.BytesIO(expected)) as wanted:
        for one, other in zip(video.decode(video=0), wanted.decode(video=0), strict=True):
            assert one.time == other.time
            _assert_alike(one.to_ndarray(format="rgb24"), other.to_ndarray(format="rgb24"), name)


def _assert_alike(image: np.ndarray, expected: np.ndarray, name: str) -> None:
    assert image.shape == expected.shape
    difference = np.abs(image.astype(int) - expected)
    assert difference.mean() <= MAX_MEAN_LEVELS, name
    assert (difference > CLEAR_LEVELS).mean() <= MAX_CLEAR, name


SAME = {
    ".json": _assert_same_json,
    ".npz": _assert_same_table,
    ".png": _assert_same_image,
    ".mp4": _assert_same_video,
}
