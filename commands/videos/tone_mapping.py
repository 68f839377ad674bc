"""Colours of decoded frames as RGB for an ordinary display, also those of HDR video.

HDR, which is video with the transfer functions PQ or HLG of ITU-R BT.2100, is shown as FFmpeg's
common chain of filters does, for a display of 1,000 cd/m2::

    zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0:peak=10,
    zscale=t=bt709

That is: light in units of 100 cd/m2, in the primaries of BT.709; the brightest of a pixel's
three values through John Hable's curve ("Uncharted 2: HDR Lighting", GDC 2010), the others in
proportion, so that hues stay; and a display's gamma of 2.4 (BT.1886). The builds of FFmpeg in PyAV
have no ``zscale``. What the files say of their own peaks is not looked at, so that all frames and
clips are mapped alike.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...skeletons.foundation.arrays import Image

PQ, HLG = 16, 18
"""Transfer functions, as ITU-T H.273 counts them."""
PEAK = 10.0
"""Light that becomes white, in units of 100 cd/m2."""
GAMMA = 2.4
"""Of the display, ITU-R BT.1886."""
BT2020_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    np.float32,
)
"""Linear light from the primaries of BT.2020 to those of BT.709: ITU-R BT.2407, section 2."""
LUMA_BT2020 = np.array([[0.2627, 0.6780, 0.0593]], np.float32)
"""How much red, green and blue count in brightness: ITU-R BT.2020, table 4."""
MAX_PIXELS_AT_ONCE = 2**20
"""Maximum number of pixels that are mapped together: they take 40 bytes each."""

_Floats = NDArray[np.float32]


def read_rgb(frame: Any, transfer: int) -> Image:
    """A PyAV frame as (H, W, 3) uint8 RGB, not turned yet.

    Args:
        frame: decoded.
        transfer: its transfer function, as ITU-T H.273 counts them.
    """
    # Unless a colour space is named, PyAV 14 takes every video's colours for those of BT.601.
    if transfer not in (PQ, HLG):
        return np.asarray(frame.to_ndarray(format="rgb24", dst_colorspace="DEFAULT"), np.uint8)
    signal = frame.to_ndarray(format="rgb48le", dst_colorspace="DEFAULT")
    image_rgb = np.empty(signal.shape, np.uint8)
    num_rows = max(1, MAX_PIXELS_AT_ONCE // signal.shape[1])
    for top in range(0, signal.shape[0], num_rows):
        light = _light_of(transfer)(signal[top : top + num_rows])
        light = np.asarray(cv2.transform(light, BT2020_TO_BT709), np.float32)
        image_rgb[top : top + num_rows] = _show(light)
    return image_rgb


def _show(light: _Floats) -> Image:
    """Linear light, (H, W, 3) in units of 100 cd/m2 and primaries of BT.709, as uint8 RGB."""
    brightest = np.maximum(light.max(axis=2, keepdims=True), 1e-6)
    shown = light * (_hable(brightest) / _hable(np.float32(PEAK)) / brightest)
    encoded = np.clip(shown, 0, 1) ** np.float32(1 / GAMMA)
    return np.asarray(encoded * 255 + 0.5, np.uint8)


def _hable(light: Any) -> Any:
    toe = 0.02 / 0.30
    return (light * (light * 0.15 + 0.05) + 0.004) / (light * (light * 0.15 + 0.50) + 0.06) - toe


def _light_of(transfer: int) -> Callable[[NDArray[np.uint16]], _Floats]:
    """What turns a signal of 16 bits into light in units of 100 cd/m2."""
    return _light_of_pq if transfer == PQ else _light_of_hlg


def _light_of_pq(signal: NDArray[np.uint16]) -> _Floats:
    return _pq_table()[signal]


def _light_of_hlg(signal: NDArray[np.uint16]) -> _Floats:
    scene = _hlg_table()[signal]
    luminance = cv2.transform(scene, LUMA_BT2020)[..., None]
    return scene * (PEAK * luminance ** np.float32(0.2))


@cache
def _pq_table() -> _Floats:
    """The electro-optical transfer function of ITU-R BT.2100, table 4, for 16 bits."""
    powered = np.linspace(0, 1, 2**16) ** (32 / 2523)
    ratio = np.maximum(powered - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * powered)
    return np.asarray(100 * ratio ** (8192 / 1305), np.float32)


@cache
def _hlg_table() -> _Floats:
    """The inverse of the opto-electrical transfer function of ITU-R BT.2100, table 5, 16 bits."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    signal = np.linspace(0, 1, 2**16)
    bright = (np.exp((signal - c) / a) + b) / 12
    return np.asarray(np.where(signal <= 0.5, signal**2 / 3, bright), np.float32)
