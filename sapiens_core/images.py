"""Reads pictures, and writes them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


def read_image(path: Path) -> NDArray[np.uint8]:
    """Reads a picture as (H, W, 3) uint8 RGB, turned upright by its EXIF orientation.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a picture that OpenCV can read.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no picture {path}.")
    # imdecode, because imread cannot open paths with non-Latin letters on Windows.
    content = np.fromfile(path, dtype=np.uint8)
    try:
        image_bgr = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    except cv2.error as error:
        raise ValueError(f"{path} cannot be read as a picture: {error}") from error
    if image_bgr is None:
        raise ValueError(f"{path} is not a picture that can be read ({content.size} bytes).")
    return np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """(H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA, uint8 -> the bytes of a PNG file."""
    stored = np.asarray(image)
    if image.ndim == 3:
        has_alpha = image.shape[2] == 4
        code = cv2.COLOR_RGBA2BGRA if has_alpha else cv2.COLOR_RGB2BGR
        stored = np.asarray(cv2.cvtColor(image, code), dtype=np.uint8)
    done, content = cv2.imencode(".png", stored)
    if not done:
        raise ValueError(f"A picture of shape {image.shape} cannot be written as PNG.")
    return content.tobytes()
