"""Drawings that no memory holds, and lines that no canvas holds, are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render, styles
from comfyui_sapiens_pose.skeletons.pose import Frame

pytestmark = [
    pytest.mark.usefixtures("bounded"),
    pytest.mark.promise("Files cost what they weigh"),
]


@pytest.mark.parametrize(
    ("canvas_wh", "options", "message"),
    [
        ((10**6, 10**6), {}, "1,000,000 x 1,000,000 pixels; at most 268,435,456 can be drawn"),
        ((10**9, 1), {}, "1,000,000,000 x 1 pixels"),
        ((64, 48), {"canvas_wh": (10**6, 10**6)}, "can be drawn"),
        ((64, 48), {"detect_resolution": 10**400}, "a whole number from 0 to 16384"),
        ((1, 20_000), {"detect_resolution": 16_384}, "this detect_resolution"),
        (
            (1, 20_000),
            {"canvas_wh": (8192, 8192), "layout": "fill", "background": "image"},
            "laid over the whole canvas, has 8,192 x 163,840,000 pixels",
        ),
        ((64, 48), {"line_width": 1e9}, "line_width is 1000000000.0, expected 0 to 1000"),
        ((64, 48), {"point_radius": float("nan")}, "point_radius is nan, expected 0 to 1000"),
        ((64, 48), {"face_point_radius": float("inf")}, "face_point_radius is inf"),
        ((64, 48), {"score_threshold": float("nan")}, "score_threshold is nan, expected a number"),
        ((64, 48), {"image_opacity": float("nan")}, "image_opacity is nan, expected 0 to 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_drawings(canvas_wh: tuple[int, int], options: dict[str, Any], message: str) -> None:
    image_rgb = np.zeros((*canvas_wh[::-1], 3), np.uint8) if max(canvas_wh) < 10**5 else None
    with pytest.raises(ValueError, match=message):
        render(Frame(canvas_wh), DrawOptions(**options), image_rgb)


def fail_in_numpy() -> None:
    raise MemoryError


def fail_in_opencv() -> None:
    cv2.resize(np.zeros((2, 2, 3)), (2**31 - 1, 2**20))


@pytest.mark.promise("Memory that runs out is explained")
@pytest.mark.parametrize("fail", [fail_in_numpy, fail_in_opencv])
@pytest.mark.parametrize(
    ("options", "size"), [(DrawOptions(), "40 x 30"), (DrawOptions(canvas_wh=(50, 70)), "50 x 70")]
)
def test_memory_that_runs_out_while_drawing_is_told_with_the_size(
    monkeypatch: pytest.MonkeyPatch, fail: Callable[[], None], options: DrawOptions, size: str
) -> None:
    monkeypatch.setattr(styles, "blank_canvas", lambda *_, **__: fail())
    with pytest.raises(MemoryError) as raised:
        render(Frame((40, 30)), options)
    expected = f"Memory ran out while drawing {size} pixels; choose a smaller size."
    assert str(raised.value) == expected


def test_other_errors_of_opencv_are_not_taken_for_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        styles, "blank_canvas", lambda *_, **__: cv2.resize(np.zeros((0, 0)), (1, 1))
    )
    with pytest.raises(cv2.error, match="empty"):
        render(Frame((40, 30)))
