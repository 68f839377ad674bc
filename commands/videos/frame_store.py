"""Frames of clips that were decoded once and are wanted again, to be drawn on."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from ...skeletons.foundation.arrays import Image
from .clip_frames import ClipFrame

MAX_HELD_BYTES = 2**30
"""Maximum size of the frames that are held, in bytes: 388 frames of 720p, 172 of Full HD. Decoding
a frame of 720p again takes 12 ms of processor time; memory, beside a model, is what runs out."""


class FrameStore:
    """Decoded frames by clip and index, as long as there is room; several threads may use it.

    A frame beyond the limit is not held: who wants it decodes it again, and sees the same pixels.

    Args:
        max_bytes: limit of all frames together.
    """

    def __init__(self, max_bytes: int = MAX_HELD_BYTES) -> None:
        self._max_bytes = max_bytes
        self._num_bytes = 0
        self._lock = Lock()
        self._held: dict[tuple[Path, int], Image] = {}

    def put(self, path: Path, frame: ClipFrame, image_rgb: Image) -> None:
        """Holds a frame, (H, W, 3) uint8 RGB, if there is room."""
        with self._lock:
            self._remove((path, frame.index))
            if self._num_bytes + image_rgb.nbytes <= self._max_bytes:
                self._held[path, frame.index] = image_rgb
                self._num_bytes += image_rgb.nbytes

    def take(self, path: Path, frame: ClipFrame) -> Image | None:
        """The frame, which is held no more; None if it was not."""
        with self._lock:
            return self._remove((path, frame.index))

    def drop(self, path: Path) -> None:
        """Lets go of all frames of a clip."""
        with self._lock:
            for key in [key for key in self._held if key[0] == path]:
                self._remove(key)

    def _remove(self, key: tuple[Path, int]) -> Image | None:
        image_rgb = self._held.pop(key, None)
        if image_rgb is not None:
            self._num_bytes -= image_rgb.nbytes
        return image_rgb
