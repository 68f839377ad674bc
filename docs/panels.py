"""What the images of the pages have in common: captions, sizes, and writing them to files."""

from __future__ import annotations

from pathlib import Path

import cv2
from comfyui_sapiens_pose.skeletons.foundation.arrays import Image

GREY, FRAME, FONT = (225, 225, 225), (70, 70, 70), cv2.FONT_HERSHEY_SIMPLEX


def add_caption(image_rgb: Image, caption: str, bar_px: int = 30, text_scale: float = 0.5) -> Image:
    """The image under a dark bar with its caption, inside a thin frame."""
    cell = cv2.copyMakeBorder(image_rgb, bar_px, 0, 0, 0, cv2.BORDER_CONSTANT, value=(40, 40, 40))
    baseline_xy = (8, round(bar_px / 2 + 12 * text_scale))  # centres the text
    cv2.putText(cell, caption, baseline_xy, FONT, text_scale, GREY, 1, cv2.LINE_AA)
    return cv2.copyMakeBorder(cell, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=FRAME)


def resize_to_height(image_rgb: Image, height: int) -> Image:
    """The image at another height, in proportion."""
    width = round(image_rgb.shape[1] * height / image_rgb.shape[0])
    return cv2.resize(image_rgb, (width, height), interpolation=cv2.INTER_AREA)


def write_image(path: Path, image_rgb: Image, quality: int = 88) -> None:
    """Write a WebP or JPEG file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flag = cv2.IMWRITE_WEBP_QUALITY if path.suffix == ".webp" else cv2.IMWRITE_JPEG_QUALITY
    path.write_bytes(cv2.imencode(path.suffix, image_rgb[..., ::-1], [flag, quality])[1])
