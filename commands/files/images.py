"""Reads image files, and encodes images as PNG."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from ...skeletons.foundation.arrays import Image
from ...skeletons.foundation.limits import MAX_IMAGE_PIXELS, check_image_size

MAX_FILE_BYTES = 2**30
"""Maximum size of an image file, in bytes."""

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"

_FORMATS = ("BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
"""Pillow's names of what OpenCV reads."""

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


def read_image(path: Path) -> Image:
    """Reads an image as (H, W, 3) uint8 RGB, turned upright by its EXIF orientation.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not an image that OpenCV can read, or a larger one than
            ``MAX_IMAGE_PIXELS``, ``MAX_IMAGE_SIDE`` and ``MAX_FILE_BYTES`` allow, which its header
            tells before it is decoded.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no picture {path}.")
    _check_header(path)
    # imdecode, because imread cannot open paths with non-Latin characters on Windows.
    # Not fromfile, which takes what came before a disk's error for the whole file.
    content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    if not _png_is_complete(content):
        raise _unreadable_error(path)
    try:
        image_bgr = cv2.imdecode(content, cv2.IMREAD_COLOR)
    except cv2.error as error:
        from ...sapiens_core.out_of_memory import is_out_of_memory

        if is_out_of_memory(error):
            raise
        raise _unreadable_error(path) from error
    if image_bgr is None:
        raise _unreadable_error(path)
    return np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _check_header(path: Path) -> None:
    """Raises ValueError unless the first bytes are those of an image that can be decoded.

    A bomb of a few kilobytes would take gigabytes, decoded.
    """
    size_bytes = path.stat().st_size
    if size_bytes > MAX_FILE_BYTES:
        raise ValueError(
            f"{path} has {size_bytes:,} bytes; pictures of at most {MAX_FILE_BYTES:,} can be read."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with PillowImage.open(path, formats=_FORMATS) as opened:
                width, height = opened.size
    except PillowImage.DecompressionBombError as error:
        raise ValueError(
            f"{path} has more than {MAX_IMAGE_PIXELS:,} pixels. Make it smaller first."
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error) as error:
        raise _unreadable_error(path) from error
    # Again, because other packs turn Pillow's own limit off.
    check_image_size(width, height, str(path))


def _png_is_complete(content: NDArray[np.uint8]) -> bool:
    """False for a PNG file with a chunk that says it is longer than the rest of the file.

    OpenCV makes room for a chunk before it reads it: 4 GB for a file of 78 bytes.
    """
    start, end = len(PNG_MAGIC), len(content)
    if content[:start].tobytes() != PNG_MAGIC:
        return True
    while start + 8 <= end:
        length = int.from_bytes(content[start : start + 4].tobytes(), "big")
        start += 12 + length  # its four bytes, and those of name and checksum
    return start <= end


def _unreadable_error(path: Path) -> ValueError:
    return ValueError(
        f"{path} is not a picture that can be read ({path.stat().st_size} bytes). Known are "
        f"{', '.join(sorted(IMAGE_SUFFIXES))}."
    )


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """(H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA, uint8 -> the bytes of a PNG file."""
    stored = np.asarray(image)
    if image.ndim == 3:
        has_alpha = image.shape[2] == 4
        code = cv2.COLOR_RGBA2BGRA if has_alpha else cv2.COLOR_RGB2BGR
        stored = np.asarray(cv2.cvtColor(image, code), dtype=np.uint8)
    is_done, content = cv2.imencode(".png", stored)
    if not is_done:
        raise ValueError(f"A picture of shape {image.shape} cannot be written as PNG.")
    return content.tobytes()
