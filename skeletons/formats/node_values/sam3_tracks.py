"""``SAM3_TRACK_DATA``: the people of a clip as SAM 3 follows them in ComfyUI's own nodes.

Facts of ComfyUI 0.30 to 0.33 (``forward_video``, ``pack_masks`` and ``unpack_masks`` of
``comfy/ldm/sam3/tracker.py``, ``comfy_extras/nodes_sam3.py``): a dict with ``packed_masks``, which
is None if nobody was found; ``n_frames``; ``scores``, one per object; and ``orig_size``, height and
width of the images. Eight pixels of a row are a byte, the first of them its lowest bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...foundation.checks import short_repr
from ...foundation.limits import MAX_FRAMES, MAX_RESOLUTION_PX

NEEDED = (
    "Connect track_data of Run SAM3 Video Track, a node of ComfyUI itself. If yours does not have "
    "it, update ComfyUI, or connect boxes or masks."
)


@dataclass(frozen=True, eq=False)
class Sam3Tracks:
    """The people of a clip by their masks; the index of a person is the same in every frame.

    Attributes:
        packed: (T, N, h, w / 8) uint8 masks, eight pixels in a byte; their size may differ from the
            images'. A mask without pixels: the person is absent.
        scores: N scores of the people, about 0 to 1.
        size_wh: width and height of the images that they were found in.
    """

    packed: NDArray[np.uint8]
    scores: tuple[float, ...]
    size_wh: tuple[int, int]

    def __len__(self) -> int:
        return len(self.packed)

    @property
    def num_people(self) -> int:
        """How many people are followed."""
        return self.packed.shape[1]

    def masks(self, frame: int) -> NDArray[np.bool_]:
        """(N, h, w) the mask of each person in a frame."""
        bits = np.unpackbits(self.packed[frame], axis=-1, bitorder="little")
        return bits.view(np.bool_)


def read_sam3_tracks(value: Any) -> Sam3Tracks:
    """The people of a ``SAM3_TRACK_DATA`` value whose ``packed_masks`` are an array.

    Raises:
        ValueError: it is something else, or a part of it cannot be read.
    """
    if not isinstance(value, Mapping) or "packed_masks" not in value:
        raise ValueError(
            f"SAM3_TRACK_DATA is {short_repr(value)}, expected packed masks of people. {NEEDED}"
        )
    packed = value["packed_masks"]
    size_wh = _size_wh(value.get("orig_size"))
    if packed is None:
        count = value.get("n_frames")
        if not isinstance(count, int) or not 0 <= count <= MAX_FRAMES:
            raise ValueError(
                f"SAM3_TRACK_DATA has n_frames {short_repr(count)}, expected a number of frames. "
                f"{NEEDED}"
            )
        return Sam3Tracks(np.zeros((count, 0, 1, 1), np.uint8), (), size_wh)
    packed = np.asarray(packed)
    if packed.dtype != np.uint8 or packed.ndim != 4 or 0 in packed.shape[2:]:
        raise ValueError(
            f"SAM3_TRACK_DATA has packed_masks of shape {packed.shape} and type {packed.dtype}, "
            f"expected uint8 (frames, people, height, width / 8). {NEEDED}"
        )
    return Sam3Tracks(packed, _scores(value.get("scores"), packed.shape[1]), size_wh)


def _size_wh(size_hw: Any) -> tuple[int, int]:
    try:
        height, width = (int(side) for side in size_hw)
    except (TypeError, ValueError, OverflowError):
        height = width = 0
    if not (1 <= height <= MAX_RESOLUTION_PX and 1 <= width <= MAX_RESOLUTION_PX):
        raise ValueError(
            f"SAM3_TRACK_DATA has orig_size {short_repr(size_hw)}, expected the height and width "
            f"of the images in pixels. {NEEDED}"
        )
    return width, height


def _scores(values: Any, count: int) -> tuple[float, ...]:
    """The score of each person; 1 where there is none."""
    try:
        found = [float(score) for score in values or ()]
    except (TypeError, ValueError, OverflowError):
        found = []
    return tuple(s if np.isfinite(s) else 1.0 for s in (found + [1.0] * count)[:count])
