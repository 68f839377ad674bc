"""Finds and reads pictures, and writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


def find_images(inputs: Iterable[Path]) -> list[Path]:
    """The pictures that the inputs stand for, in order.

    A folder stands for the pictures directly in it, by name, ``frame2`` before ``frame10``; a
    ``.txt`` file for the paths in it, one a line, relative to the file's folder; anything else is
    taken as a picture.

    Raises:
        FileNotFoundError: an input does not exist.
        ValueError: a folder has no picture.
    """
    found: list[Path] = []
    for path in inputs:
        if not path.exists():
            raise FileNotFoundError(f"There is no file or folder {path}.")
        if path.is_dir():
            pictures = [entry for entry in path.iterdir() if entry.suffix.lower() in IMAGE_SUFFIXES]
            pictures.sort(key=_natural_order)
            if not pictures:
                raise ValueError(
                    f"Folder {path} has no picture; known are {', '.join(sorted(IMAGE_SUFFIXES))}."
                )
            found += pictures
        elif path.suffix.lower() == ".txt":
            lines = path.read_text(encoding="utf-8-sig").splitlines()
            found += [path.parent / line.strip() for line in lines if line.strip()]
        else:
            found.append(path)
    return found


def _natural_order(path: Path) -> tuple[list[tuple[int, str]], str]:
    """Numbers in a name count as numbers; names that differ in zeros alone, as text."""
    pieces = re.split(r"([0-9]+)", path.name)
    return [(int(text), "") if text.isdigit() else (-1, text) for text in pieces], path.name


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
    image_bgr = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
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
