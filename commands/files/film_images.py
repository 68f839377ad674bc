"""EXR, Radiance HDR and DPX, the images of films and renderers, which Pillow does not read.

PyAV does. OpenCV reads the first two only where it was built for them: its wheels from 5.0 on are
not for EXR.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...skeletons.foundation.arrays import Image
from ..videos.open_video import load_av

MAX_FILM_PIXELS = 2**26
"""Maximum size of such an image, in pixels: two 8K frames. Each takes 24 bytes while it is read."""

_ROWS = 256
"""Number of rows that are converted at a time, so that no third copy is in memory."""


def read_film_image(path: Path, content: bytes, demuxer: str) -> Image:
    """Reads an image as (H, W, 3) uint8 RGB; linear light is shown as sRGB, beyond 1 as white.

    Args:
        path: how it is called in messages.
        content: the file's bytes.
        demuxer: FFmpeg's reader; left to itself, FFmpeg takes some files for lists of others.

    Raises:
        ValueError: it cannot be read, or has more than ``MAX_FILM_PIXELS``.
        ImportError: PyAV is not installed.
    """
    av = load_av()
    try:
        with av.open(io.BytesIO(content), format=demuxer) as container:
            stream = container.streams.video[0]
            stream.codec_context.options = {"max_pixels": str(MAX_FILM_PIXELS)}
            frame = next(container.decode(stream), None)
            if frame is None:
                raise _unreadable_error(path)
            if "f32" not in frame.format.name:
                return np.asarray(frame.to_ndarray(format="rgb24"))
            return _linear_to_srgb(frame.to_ndarray(format="gbrpf32le"))
    except (av.FFmpegError, IndexError) as error:
        raise _unreadable_error(path) from error


def _unreadable_error(path: Path) -> ValueError:
    return ValueError(
        f"{path} cannot be read as an image: it is damaged, or has more than "
        f"{MAX_FILM_PIXELS:,} pixels."
    )


def _linear_to_srgb(light: NDArray[np.float32]) -> Image:
    """(H, W, 3) linear light, any number -> uint8, by IEC 61966-2-1; NaN is black."""
    image = np.empty(light.shape, np.uint8)
    for start in range(0, len(light), _ROWS):
        rows = np.clip(np.nan_to_num(light[start : start + _ROWS], nan=0.0), 0, 1)
        curve = np.where(rows <= 0.0031308, 12.92 * rows, 1.055 * rows ** (1 / 2.4) - 0.055)
        image[start : start + _ROWS] = np.rint(curve * 255)
    return image
