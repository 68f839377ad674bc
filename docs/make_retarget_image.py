"""Drawing the images of retargeting, for help and example: ``python docs/make_retarget_image.py``.

All people are puppets of the tests, ``tests/helpers/puppets.py``. Needs the package to be
installed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.foundation.arrays import Image
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.retarget.retarget import retarget
from panels import add_caption, resize_to_height, write_image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from helpers import puppets

ROOT = Path(__file__).resolve().parents[1]
PATH = ROOT / "web" / "docs" / "images" / "SapiensPoseRetarget.webp"
EXAMPLE = ROOT / "example_workflows" / "video_to_another_character.jpg"
ROWS = (("child", "wave"), ("cartoon", "squat"), ("broad", "reach"))
"""Body and motion of each row."""
ANGLE = 0.35
"""Of the driver's camera, in radians."""
MOMENTS = (0, 12, 24)
"""Frames that are shown."""
WINDOW = (slice(270, 990), slice(60, 660))
"""Rows and columns of the canvas that are shown."""
HEIGHT = 240
STYLE = DrawOptions("openpose", draw_feet=True, line_width=6)


def draw(frame: Frame) -> Image:
    """What is in the window, small."""
    return resize_to_height(np.ascontiguousarray(render(frame, STYLE).image_rgb[WINDOW]), HEIGHT)


def draw_row(caption: str, frames: Sequence[Frame]) -> Image:
    """Frames side by side."""
    return add_caption(np.hstack([draw(frame) for frame in frames]), caption)


def make_image() -> Image:
    """A row for each body: driver, reference and result."""
    rows = []
    for body, kind in ROWS:
        driver = puppets.frames_of(
            puppets.film(puppets.ADULT, puppets.make_motion(kind).turned(ANGLE))
        )
        reference = puppets.portrait(puppets.BODIES[body])
        result = retarget(driver, {None: [reference]})
        cells = [
            draw_row("driver", [driver[moment] for moment in MOMENTS]),
            draw_row("reference", [Frame(puppets.CANVAS, (reference,))]),
            draw_row("result", [result[moment] for moment in MOMENTS]),
        ]
        rows.append(np.hstack(cells))
    return np.vstack(rows)


def make_thumbnail() -> Image:
    """The square image of the example: a driver and what it becomes."""
    body, kind = "cartoon", "wave"
    driver = puppets.frames_of(puppets.film(puppets.ADULT, puppets.make_motion(kind).turned(ANGLE)))
    result = retarget(driver, {None: [puppets.portrait(puppets.BODIES[body])]})
    images = (render(clip[MOMENTS[-1]], STYLE).image_rgb for clip in (driver, result))
    halves = [np.ascontiguousarray(image[200:1000, 130:530]) for image in images]
    return resize_to_height(np.hstack(halves), 400)


if __name__ == "__main__":
    write_image(PATH, make_image(), quality=75)
    write_image(EXAMPLE, make_thumbnail())
