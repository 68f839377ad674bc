"""Picture files of every kind that is read, and some that must not be."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

SIZE_WH = (6, 4)


def grey(value: int = 90) -> Image.Image:
    return Image.new("RGB", SIZE_WH, (value, value, value))


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def turned(orientation: int) -> bytes:
    """A JPEG with an EXIF orientation; its left half is white."""
    picture = Image.new("RGB", (32, 16))
    picture.paste((255, 255, 255), (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(picture, "JPEG", exif=exif)


def png_of(width: int, height: int, rows: bytes = b"") -> bytes:
    """A black-and-white PNG that says it has this size, whatever rows it holds."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(rows, 9)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def bomb(side: int = 20_000) -> bytes:
    """A whole PNG of a few kilobytes, with ``side`` x ``side`` black pixels."""
    return png_of(side, side, bytes((side // 8 + 1) * side))


def bmp_of(width: int, height: int) -> bytes:
    """A BMP that says it has this size, without pixels."""
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header


def kinds() -> dict[str, bytes]:
    """Grey pictures by what is special about them."""
    frames = [grey(90), grey(200)]
    sixteen_bit = Image.fromarray(np.full(SIZE_WH[::-1], 90 * 256, np.uint16))
    return {
        "jpeg": saved(grey(), "JPEG", quality=95),
        "progressive": saved(grey(), "JPEG", progressive=True, quality=95),
        "grey jpeg": saved(grey().convert("L"), "JPEG", quality=95),
        "cmyk jpeg": saved(Image.new("CMYK", SIZE_WH, (165, 165, 165, 0)), "JPEG", quality=95),
        "png": saved(grey(), "PNG"),
        "palette": saved(grey().quantize(4), "PNG"),
        "alpha": saved(Image.new("RGBA", SIZE_WH, (90, 90, 90, 10)), "PNG"),
        "grey alpha": saved(Image.new("LA", SIZE_WH, (90, 10)), "PNG"),
        "16 bit": saved(sixteen_bit, "PNG"),
        "animated png": saved(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        "webp": saved(grey(), "WEBP", lossless=True),
        "animated webp": saved(
            frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True
        ),
        "bmp": saved(grey(), "BMP"),
        "tiff": saved(grey(), "TIFF"),
        "pages of tiff": saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]),
        "gif": saved(grey().convert("L"), "GIF"),
        "animated gif": saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "jpeg 2000": saved(grey(), "JPEG2000"),
        "netpbm": saved(grey(), "PPM"),
        "cmyk tiff": saved(Image.new("CMYK", SIZE_WH, (165, 165, 165, 0)), "TIFF"),
    }


def animations() -> list[bytes]:
    """A GIF, an APNG and a WebP of three frames."""
    frames = [grey(90), grey(200), grey(20)]
    more: dict[str, object] = {"save_all": True, "append_images": frames[1:], "duration": 40}
    return [saved(frames[0], kind, **more) for kind in ("GIF", "PNG", "WEBP")]
