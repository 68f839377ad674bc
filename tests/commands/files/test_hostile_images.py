"""Images made to do harm: refused with a clear sentence, in bounded time and memory."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.commands.trust.machine import process_peak_bytes
from helpers import odd_pictures

pytestmark = pytest.mark.usefixtures("bounded")


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (odd_pictures.bomb(), r"more than 178,956,970 pixels|at most 178,956,970"),
        (odd_pictures.png_of(2**31 - 1, 2**31 - 1), "more than 178,956,970 pixels"),
        (odd_pictures.png_of(100_000, 100), "sides of at most 32,766"),
        (odd_pictures.bmp_of(30_000, 30_000), "more than 178,956,970 pixels"),
        (b"", r"cannot be read as an image \(0 bytes\)"),
        (b"no picture", "cannot be read as an image"),
        (b"GIF89a" + b"\xff" * 10_000, "cannot be read as an image|pixels"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot be read as an image"),
    ],
    ids=["bomb", "2^62", "too wide", "bmp", "empty", "text", "gif", "svg"],
)
def test_pictures(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "hostile.png"
    path.write_bytes(content)
    before = process_peak_bytes()
    with pytest.raises(ValueError, match=message):
        read_image(path)
    assert process_peak_bytes() - before < 2**28


@pytest.mark.promise("Files cost what they weigh")
def test_a_chunk_longer_than_its_file(tmp_path: Path) -> None:
    """Its pixels are there; no room is made for 2 GB that the file does not have."""
    path = tmp_path / "hostile.png"
    whole = odd_pictures.kinds()["png"]
    at = whole.index(b"IDAT")
    path.write_bytes(whole[: at - 4] + struct.pack(">I", 2**31 - 1) + whole[at:])
    before = process_peak_bytes()
    assert (read_image(path) == 90).all()
    assert process_peak_bytes() - before < 2**28


@pytest.mark.promise("One bad input does not stop the others")
def test_a_file_of_a_terabyte_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "hostile.png"
    path.write_bytes(odd_pictures.kinds()["png"])
    with path.open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(ValueError, match="1,099,511,627,776 bytes; images of at most"):
        read_image(path)
