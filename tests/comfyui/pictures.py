"""Reads pictures; importable, if not usable, where ComfyUI's packages are missing."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np


def read_picture(source: Path | bytes) -> np.ndarray:
    """(H, W, C) uint8 pixels of a picture file or of its content."""
    from PIL import Image

    file = io.BytesIO(source) if isinstance(source, bytes) else source
    return np.asarray(Image.open(file))
