"""Reads image files, and encodes images as PNG.

Pillow decodes them, as it does for ComfyUI's Load Image, so that a file has the same pixels in a
graph and here. Plain JPEG files, which are most, go to OpenCV: it takes two thirds of the time and
gives the same pixels, but turns some kinds of files by their EXIF orientation and others not,
depending on its version. So turning is done here, for both.
"""

from __future__ import annotations

import io
import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags
from PIL import Image as PillowImage

from ...skeletons.foundation.arrays import Image
from ...skeletons.foundation.limits import MAX_IMAGE_PIXELS, check_image_size
from .endings import GROUPS, find_missing_package, suffix_of

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 2**30
"""Maximum size of an image file, in bytes."""

DECODER_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError),
    *(AttributeError, AssertionError, OverflowError, RuntimeError, struct.error, zlib.error),
    *(PillowImage.DecompressionBombError, PillowImage.DecompressionBombWarning),
)
"""What Pillow's decoders raise for damaged files, and for those of too many pixels."""

_FILM_MARKS = {
    b"\x76\x2f\x31\x01": "exr_pipe",
    **dict.fromkeys((b"SDPX", b"XPDS"), "dpx_pipe"),
    **dict.fromkeys((b"#?RA", b"#?RG"), "hdr_pipe"),
}
"""How the files begin that FFmpeg reads and Pillow does not, with FFmpeg's name of their reader."""

ANIMATED_FORMATS = ("GIF", "PNG", "WEBP", "AVIF")
"""Pillow's formats whose frames follow one another in time; others hold pages or layers."""

_FORMATS = ", ".join(group.formats[0] for group in GROUPS if group.formats and group.by_content)

_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
_AVIF_BRANDS = (b"avif", b"avis")
_ANY_BRANDS = (b"mif1", b"msf1")
"""What bytes 8 to 12 of such files are: of either kind the last, before a list of more brands."""


def read_image(path: Path) -> Image:
    """Reads an image as (H, W, 3) uint8 RGB, turned upright by its EXIF orientation.

    Of several pages or frames it is the first. Alpha is left out, and colour profiles are not
    applied; ``_to_rgb`` says what becomes of more than 8 bits.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not an image that can be read here, or a larger one than
            ``MAX_IMAGE_PIXELS``, ``MAX_IMAGE_SIDE`` and ``MAX_FILE_BYTES`` allow, which its header
            tells before it is decoded.
    """
    content = read_content(path)
    if content[:4] in _FILM_MARKS:
        return _read_film_image(path, content)
    with quiet_decoders(), open_image(path, content) as opened:
        if opened.format in ("JPEG", "MPO") and opened.mode in ("L", "RGB"):
            image_rgb = _decode_jpeg(path, content)
        else:
            image_rgb = decode_frame(path, opened)
        image_rgb = turn_upright(image_rgb, find_orientation(opened))
        if opened.format in ANIMATED_FORMATS and _is_animated(opened):
            log.warning("%s is animated; only its first frame is used.", path)
    return image_rgb


def _read_film_image(path: Path, content: bytes) -> Image:
    if advice := find_missing_package(".exr"):
        raise ValueError(f"{path} cannot be read: {advice}.")
    from .film_images import read_film_image

    return read_film_image(path, content, _FILM_MARKS[content[:4]])


@contextmanager
def quiet_decoders() -> Iterator[None]:
    """Within it Pillow warns of nothing, and raises an error where it warns of too many pixels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", PillowImage.DecompressionBombWarning)
        yield


def read_content(path: Path) -> bytes:
    """The bytes of an image file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it has more than ``MAX_FILE_BYTES``.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no image {path}.")
    size_bytes = path.stat().st_size
    if size_bytes > MAX_FILE_BYTES:
        raise ValueError(
            f"{path} has {size_bytes:,} bytes; images of at most {MAX_FILE_BYTES:,} can be read."
        )
    return path.read_bytes()


def open_image(path: Path, content: bytes) -> Any:
    """Pillow's image, of which only the header is read.

    Raises:
        ValueError: it is not an image that can be read here, or too large a one.
    """
    _check_decoder(path, content)
    try:
        opened = PillowImage.open(io.BytesIO(content), formats=_list_formats(path))
    except (PillowImage.DecompressionBombError, PillowImage.DecompressionBombWarning) as error:
        raise ValueError(
            f"{path} has more than {MAX_IMAGE_PIXELS:,} pixels. Make it smaller first."
        ) from error
    except DECODER_ERRORS as error:
        raise unreadable_error(path) from error
    # Again, because other packs turn Pillow's own limit off.
    check_image_size(*opened.size, str(path))
    return opened


def _check_decoder(path: Path, content: bytes) -> None:
    """Makes HEIC known to Pillow; raises ValueError if what reads HEIC or AVIF is not installed."""
    advice = ""
    brands = content[8:64] if content[4:8] == b"ftyp" else b""
    if brands[:4] in _AVIF_BRANDS or (brands[:4] in _ANY_BRANDS and b"avif" in brands):
        advice = find_missing_package(".avif")
    elif brands[:4] in (*_HEIF_BRANDS, *_ANY_BRANDS):
        advice = find_missing_package(".heic")
        if not advice:
            import pillow_heif

            pillow_heif.register_heif_opener(thumbnails=False)
    if advice:
        raise ValueError(f"{path} cannot be read: {advice}.")


def _list_formats(path: Path) -> list[str]:
    """Pillow's names of what a file may be: what is common, and what its ending says."""
    suffix = suffix_of(path.name)
    wanted = [
        name
        for group in GROUPS
        if group.by_content or suffix in group.endings
        for name in group.formats
    ]
    PillowImage.init()
    return [name for name in wanted if name in PillowImage.OPEN]


def decode_frame(path: Path, opened: Any) -> Image:
    """The pixels of Pillow's image, (H, W, 3) uint8 RGB, not turned.

    Raises:
        ValueError: it is damaged.
    """
    try:
        opened.load()
        return _to_rgb(opened)
    except DECODER_ERRORS as error:
        raise unreadable_error(path) from error


def _to_rgb(opened: Any) -> Image:
    """Pillow's own 8-bit RGB; of more bits per value the highest 8.

    Pillow would clip those of grey images: 65,535 is white here. Floating-point values are shares
    of white, unless most are above 1: then 255 is white. NaN is black.
    """
    mode = opened.mode
    if mode.startswith("I"):
        grey = np.clip(np.asarray(opened) >> 8, 0, 255)
    elif mode == "F":
        values = np.nan_to_num(np.asarray(opened), nan=0.0)
        white = 255 if np.median(values) > 1 else 1
        grey = np.rint(np.clip(values / white, 0, 1) * 255)
    else:
        if mode in ("RGBa", "La"):
            opened = opened.convert("RGBA" if mode == "RGBa" else "LA")
        return np.array(opened if opened.mode == "RGB" else opened.convert("RGB"))
    return np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2)


def _decode_jpeg(path: Path, content: bytes) -> Image:
    """A JPEG's pixels, not turned; what is missing of one that is cut off is grey."""
    # imdecode, because imread cannot open paths with non-Latin characters on Windows.
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image_bgr = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), flags)
    except cv2.error as error:
        from ...sapiens_core.out_of_memory import is_out_of_memory

        if is_out_of_memory(error):
            raise
        raise unreadable_error(path) from error
    if image_bgr is None:
        raise unreadable_error(path)
    return np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def find_orientation(opened: Any) -> int:
    """The EXIF orientation, 1 to 8, of pixels that are loaded; 1 if there is none that is known.

    Pillow turns TIFF files as it loads them, and libheif all files. Then both say 1, but for Pillow
    10.0, which would have a TIFF file turned twice.
    """
    if opened.format == "TIFF":
        return 1
    try:
        orientation = opened.getexif().get(ExifTags.Base.Orientation, 1)
    except DECODER_ERRORS:  # damaged EXIF data, beside good pixels
        return 1
    return orientation if orientation in range(1, 9) else 1


def turn_upright(image: Image, orientation: int) -> Image:
    """(H, W, 3) as a viewer shows it, by its EXIF orientation (EXIF 2.32, tag 0x0112).

    5 to 8 have rows and columns exchanged; then the rows, or the columns, or both are reversed.
    """
    if orientation >= 5:
        image = image.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return np.ascontiguousarray(image)


def _is_animated(opened: Any) -> bool:
    try:
        return bool(getattr(opened, "is_animated", False))
    except DECODER_ERRORS:
        return False


def unreadable_error(path: Path) -> ValueError:
    """The error for what is no image, or damaged."""
    return ValueError(
        f"{path} cannot be read as an image ({path.stat().st_size} bytes): it is damaged, "
        f"or none of {_FORMATS}."
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
        raise ValueError(f"An image of shape {image.shape} cannot be written as PNG.")
    return content.tobytes()
