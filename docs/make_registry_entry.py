"""What the Comfy Registry shows beside the texts: ``python docs/make_registry_entry.py``.

Draws the icon and the banner, and writes the addresses in ``pyproject.toml`` that follow from the
one under ``Repository``, which is the only one to be filled in by hand.
"""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.foundation.arrays import Image
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_text
from comfyui_sapiens_pose.skeletons.pose import Frame
from panels import FONT
from synthetic_person import Stance, person

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "pyproject.toml"
ICON, BANNER = "docs/images/icon.png", "docs/images/banner.png"

ICON_SIDE = 400
"""Pixels; the largest square that the registry takes."""
BANNER_WH = (1260, 540)
"""Pixels; the registry shows banners of 21:9."""
SHARP = 2
"""Factor by which drawings are made larger before they are shrunk."""
TOP_RGB, BOTTOM_RGB = (24, 24, 40), (10, 10, 16)
WHITE, PALE = (245, 245, 245), (170, 175, 190)

HANDS_UP = {"left_arm": (140, 172), "right_arm": (118, 160)}
WAVING = {"left_arm": (35, 150), "right_arm": (30, 20)}


def make_background(width: int, height: int) -> Image:
    """(height, width, 3) RGB, a dark vertical blend, as large as what is drawn before shrinking."""
    share = np.linspace(0, 1, height)[:, None, None]
    rows = np.asarray(TOP_RGB) * (1 - share) + np.asarray(BOTTOM_RGB) * share
    return np.ascontiguousarray(np.broadcast_to(rows, (height, width, 3)).round().astype(np.uint8))


def draw_over(canvas: Image, stance: Stance, **options) -> Image:
    """The canvas with a synthetic person drawn over it."""
    size_wh = canvas.shape[1::-1]
    frame = Frame(size_wh, [person(stance, size_wh)])
    return render(frame, DrawOptions(background="image", **options), canvas).image_rgb


def shrink(canvas: Image) -> Image:
    """The drawing in the size in which it is shown."""
    height, width = canvas.shape[:2]
    size_wh = (width // SHARP, height // SHARP)
    return cv2.resize(canvas, size_wh, interpolation=cv2.INTER_AREA)


def make_icon() -> Image:
    """(400, 400, 3) RGB: the upper half of a skeleton, in thick limbs."""
    side = ICON_SIDE * SHARP
    canvas = make_background(side, side)
    stance = Stance((side // 2, 250), 150, **HANDS_UP)
    look = {"draw_hands": False, "draw_face": False, "line_width": 30, "point_radius": 20}
    return shrink(draw_over(canvas, stance, style="openpose", **look))


def make_banner() -> Image:
    """(540, 1260, 3) RGB: the name, an OpenPose skeleton, and all 308 keypoints."""
    width, height = BANNER_WH[0] * SHARP, BANNER_WH[1] * SHARP
    canvas = make_background(width, height)
    slim = {"style": "openpose", "line_width": 14, "point_radius": 11, "draw_face": False}
    canvas = draw_over(canvas, Stance((1560, 200), 112, **HANDS_UP), draw_hands=False, **slim)
    canvas = draw_over(canvas, Stance((2130, 200), 128, **WAVING), style="dense")
    for text, y, scale, weight, color in (
        ("Sapiens Pose", 460, 4.6, 10, WHITE),
        ("for ComfyUI", 580, 2.6, 5, PALE),
        ("OpenPose skeletons and 308 keypoints", 710, 1.6, 3, PALE),
    ):
        cv2.putText(canvas, text, (110, y), FONT, scale, color, weight, cv2.LINE_AA)
    return shrink(canvas)


def with_addresses(project: str) -> str:
    """``pyproject.toml`` with the addresses that follow from ``Repository``.

    Raises:
        ValueError: Repository is missing or is not https://github.com/OWNER/NAME.
    """
    found = re.search(r'^Repository = "https://github\.com/([\w.-]+/[\w.-]+)"$', project, re.M)
    if not found:
        raise ValueError("pyproject.toml needs Repository = https://github.com/OWNER/NAME.")
    page = f"https://github.com/{found[1]}"
    raw = f"https://raw.githubusercontent.com/{found[1]}/main"
    for key, address in {
        "Documentation": f"{page}/blob/main/docs/README.md",
        "Issues": f"{page}/issues",
        "Icon": f"{raw}/{ICON}",
        "Banner": f"{raw}/{BANNER}",
    }.items():
        project, count = re.subn(rf'^{key} = ".*"$', f'{key} = "{address}"', project, flags=re.M)
        if count != 1:
            raise ValueError(f"pyproject.toml has {count} lines {key} = ...; expected 1.")
    return project


def main() -> None:
    """Draws both images and writes the addresses."""
    (ROOT / ICON).write_bytes(encode_png(make_icon()))
    (ROOT / BANNER).write_bytes(encode_png(make_banner()))
    write_text(PROJECT, with_addresses(PROJECT.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
