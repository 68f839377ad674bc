"""The one type that every room hands pixels on in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(H, W, 3) uint8 RGB image, 0 to 255."""
