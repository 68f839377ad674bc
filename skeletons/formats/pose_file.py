"""Pose files as commands use them: the names of all images first, then their frames.

Who writes results must know all names before the first, and a long clip does not fit into memory.
So a file is read once for the names, and what it holds is kept if there is room; if not, its frames
are read again when they are needed, one at a time where this package wrote them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..pose import Frame
from .clips.own_clips import ForeignEntryError, NamedFrame, read_own_clip
from .clips.shared_canvases import SharedCanvases
from .read_options import DEFAULT_OPTIONS, ReadOptions
from .table import image_names, read_whole_file

MAX_HELD_KEYPOINTS = 2**24
"""Maximum number of keypoints in all files that are kept: 400 MB, half an hour of one person with
308 of them at 30 frames per second."""


@dataclass(frozen=True)
class PoseFile:
    """A file that can be read.

    Attributes:
        path: where it is.
        names: of its images: file names without folders.
        frames: the people of each image; can be gone through again and again.
    """

    path: Path
    names: Sequence[str]
    frames: Iterable[Frame]


class _FramesOnDisk:
    """Frames that are read again each time."""

    def __init__(self, read: Callable[[], Iterator[NamedFrame]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[Frame]:
        try:
            for _, frame in self._read():
                yield frame
        except ForeignEntryError as error:
            raise ValueError(
                "A pose file was changed while it was read. Run this again."
            ) from error


def open_pose_files(
    paths: Sequence[Path], options: ReadOptions = DEFAULT_OPTIONS
) -> Iterator[PoseFile | OSError | ValueError]:
    """Each file, or why it cannot be read."""
    shared = SharedCanvases(paths, options)
    room = MAX_HELD_KEYPOINTS
    for path in paths:
        try:
            file = _open(path, options, shared, room)
        except (OSError, ValueError) as error:
            yield error
            continue
        if isinstance(file.frames, tuple):
            room -= sum(map(_count_keypoints, file.frames))
        yield file


def _open(path: Path, options: ReadOptions, shared: SharedCanvases, room: int) -> PoseFile:
    with suppress(ForeignEntryError):  # after which no frames of the first try are kept
        return _read_once(path, partial(read_own_clip, path, options), room)
    return _read_once(path, partial(read_whole_file, path, options, shared), room)


def _read_once(path: Path, read: Callable[[], Iterator[NamedFrame]], room: int) -> PoseFile:
    """The file, with its frames if they have no more keypoints than there is ``room`` for."""
    names: list[str | None] = []
    held: list[Frame] = []
    for name, frame in read():
        names.append(name)
        room -= _count_keypoints(frame)
        if room >= 0:
            held.append(frame)
        else:
            held.clear()
    frames = tuple(held) if room >= 0 else _FramesOnDisk(read)
    return PoseFile(path, image_names(path, names), frames)


def _count_keypoints(frame: Frame) -> int:
    return sum(len(pose.scores) for pose in frame.poses)
