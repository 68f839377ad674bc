"""EXR, HDR and DPX: linear light becomes sRGB."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.files import film_images
from comfyui_sapiens_pose.commands.files.images import encode_png, read_image
from comfyui_sapiens_pose.commands.trust.machine import process_peak_bytes

LIGHT = np.linspace(-0.2, 1.5, 8 * 16 * 3, dtype=np.float32).reshape(8, 16, 3)
"""(H, W, 3), from below black to beyond white."""


def write(path: Path, pixels: str, array: np.ndarray) -> Path:
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream({".dpx": "dpx"}.get(path.suffix, "exr"), rate=25)
        stream.height, stream.width = array.shape[:2]
        stream.pix_fmt = pixels
        frame = av.VideoFrame.from_ndarray(array, format=pixels)
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def srgb(light: np.ndarray) -> np.ndarray:
    light = np.clip(light.astype(np.float64), 0, 1)
    low = light <= 0.0031308
    return 255 * np.where(low, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def test_exr_is_linear_light(tmp_path: Path) -> None:
    path = write(tmp_path / "render.EXR", "gbrpf32le", LIGHT)
    image_rgb = read_image(path)
    assert image_rgb.dtype == np.uint8
    assert np.abs(image_rgb - srgb(LIGHT)).max() < 0.51


def test_hdr_is_linear_light(tmp_path: Path) -> None:
    """Radiance: red, green, blue, and the exponent that they share, made by its definition."""
    light = np.abs(LIGHT)
    exponents = np.ceil(np.log2(np.maximum(light.max(axis=-1, keepdims=True), 1e-9)))
    values = np.minimum(light / 2.0**exponents * 256, 255)
    content = np.concatenate([values, exponents + 128], axis=-1).astype(np.uint8)
    path = tmp_path / "sky.hdr"
    head = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 8 +X 16\n"
    path.write_bytes(head + content.tobytes())
    assert np.abs(read_image(path) - srgb(light)).max() < 4


def test_dpx_keeps_its_values(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 255, (8, 16, 3), dtype=np.uint8)
    np.testing.assert_array_equal(read_image(write(tmp_path / "a.dpx", "rgb24", image)), image)


@pytest.mark.parametrize("value", [np.nan, -np.inf, np.inf])
def test_what_is_no_number_is_black_or_white(tmp_path: Path, value: float) -> None:
    light = np.full((8, 16, 3), value, np.float32)
    expected = 255 if value == np.inf else 0
    assert (read_image(write(tmp_path / "a.exr", "gbrpf32le", light)) == expected).all()


@pytest.mark.parametrize("name", ["a.exr", "a.hdr", "a.dpx"])
@pytest.mark.parametrize(
    "content", [b"", b"\x76\x2f\x31\x01no image", b"SDPX", b"#?RADIANCE\n\n-Y"]
)
def test_what_is_none_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=r"cannot be read as an image"):
        read_image(tmp_path / name)


def test_content_decides_and_not_the_ending(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", "gbrpf32le", LIGHT).rename(tmp_path / "a.jpg")
    assert read_image(path).shape == LIGHT.shape
    (tmp_path / "b.exr").write_bytes(encode_png(np.full((4, 6, 3), 90, np.uint8)))
    assert (read_image(tmp_path / "b.exr") == 90).all()


@pytest.mark.promise("Files cost what they weigh")
def test_an_exr_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    content = bytearray(write(tmp_path / "a.exr", "gbrpf32le", LIGHT).read_bytes())
    for name in (b"dataWindow\0box2i\0", b"displayWindow\0box2i\0"):
        at = content.index(name) + len(name) + 4
        content[at : at + 16] = struct.pack("<4i", 0, 0, 29_999, 29_999)
    (tmp_path / "b.exr").write_bytes(content)
    before = process_peak_bytes()
    with pytest.raises(ValueError, match="cannot be read as an image"):
        read_image(tmp_path / "b.exr")
    assert process_peak_bytes() - before < 2**27


@pytest.mark.promise("Files cost what they weigh")
def test_the_limit_is_that_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.exr", "gbrpf32le", np.zeros((100, 200, 3), np.float32))
    assert read_image(path).shape == (100, 200, 3)
    monkeypatch.setattr(film_images, "MAX_FILM_PIXELS", 10_000)
    with pytest.raises(ValueError, match="cannot be read as an image"):
        read_image(path)


def test_without_pyav_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "a.exr").write_bytes(b"\x76\x2f\x31\x01")
    with pytest.raises(ValueError, match="EXR, HDR and DPX need PyAV: pip install av"):
        read_image(tmp_path / "a.exr")
