"""The progress bar of a run: finding poses and writing clips are both part of it."""

from __future__ import annotations

from threading import Lock
from types import TracebackType

from tqdm import tqdm


class Progress:
    """A bar that counts images and frames, and is full when the last file is whole.

    An image is done when its poses are found, for its files are written then. A frame of a clip is
    half done when they are found, and done when it is written. Several threads may tell of it.

    Args:
        num_images: of the run.
        num_frames: how many of them are frames of clips.
        num_found: those whose poses an earlier run found.
    """

    def __init__(self, num_images: int, num_frames: int, num_found: int) -> None:
        self._num_images = num_images
        self._num_steps = num_images + num_frames
        self._num_done = num_found
        self._lock = Lock()
        self._bar = tqdm(
            total=num_images, initial=self.num_shown, unit="image", disable=num_images < 2
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._bar.close()

    def add(self, count: int) -> None:
        """Poses were found in so many images, or so many frames written; less than 0 takes back."""
        with self._lock:
            before = self.num_shown
            self._num_done += count
            if self.num_shown != before:
                self._bar.update(self.num_shown - before)

    @property
    def num_shown(self) -> int:
        """What the bar shows: all images and frames only when the last step is done."""
        return self._num_done * self._num_images // self._num_steps if self._num_steps else 0
