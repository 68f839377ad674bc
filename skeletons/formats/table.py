"""Every file format of poses that is written, and the reading of files of any program."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..choices import FORMAT_SUMMARIES
from ..foundation.atomic_files import write_text
from ..foundation.safe_json import parse_json
from ..foundation.safe_names import file_name_of
from ..pose import Frame
from . import coco, openpose_editor, openpose_json, pose_keypoint_writer, sapiens_json
from .clips.clip_text import COCO_SETS, ClipText
from .clips.compact import round_frame
from .clips.own_clips import ForeignEntryError, NamedFrame, read_own_clip
from .clips.shared_canvases import SharedCanvases, image_stem
from .pose_keypoint_writer import DEFAULT_OPTIONS as ENCODE_DEFAULTS
from .pose_keypoint_writer import EncodeOptions
from .read_options import DEFAULT_OPTIONS as READ_DEFAULTS
from .read_options import ReadOptions
from .readers.read import read_document, read_file

NamedFrames = tuple[tuple[str, Frame], ...]
"""Frames with the names of their images."""


@dataclass(frozen=True)
class Format:
    """A file format that is written.

    Attributes:
        name: as on the command line.
        one_image_per_file: whether a file holds a single frame.
        suffix: the end of the names of its files.
        encode: frames, and the names of their images, to JSON types.
    """

    name: str
    one_image_per_file: bool
    suffix: str
    encode: Callable[[Sequence[Frame], Sequence[str], EncodeOptions], Any]

    @property
    def summary(self) -> str:
        """One line for people."""
        return FORMAT_SUMMARIES[self.name]


def read_poses(path: Path | str, options: ReadOptions = READ_DEFAULTS) -> tuple[Frame, ...]:
    """The frames in a file of any format of ``docs/formats.md``, recognised from its content.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not JSON, or of no known format, or cannot be read.
    """
    path = Path(path)
    try:
        return tuple(frame for _, frame in read_own_clip(path, options))
    except ForeignEntryError:
        return tuple(frame for _, frame in read_whole_file(path, options))


def read_pose_text(text: str, options: ReadOptions = READ_DEFAULTS) -> tuple[Frame, ...]:
    """As ``read_poses``, from JSON text, as other packs hand it on.

    Raises:
        ValueError: as ``read_poses``; the message begins with "The JSON text".
    """
    try:
        return read_document(parse_json(text), options)[1]
    except ValueError as error:
        raise ValueError(f"The JSON text cannot be read: {error!s}") from error


def read_named_poses(
    path: Path | str,
    options: ReadOptions = READ_DEFAULTS,
    shared: SharedCanvases | None = None,
) -> NamedFrames:
    """As ``read_poses``, each frame with the name of its image: a file name without folders.

    Images that the file does not name are named after the file. ``shared`` finds the canvas of the
    clip that the file belongs to.

    Raises:
        FileNotFoundError, ValueError: as ``read_poses``, or a name cannot be that of a file.
    """
    path = Path(path)
    try:
        found = list(read_own_clip(path, options))
    except ForeignEntryError:
        found = list(read_whole_file(path, options, shared))
    names = image_names(path, [name for name, _ in found])
    return tuple(zip(names, (frame for _, frame in found), strict=True))


def read_whole_file(
    path: Path, options: ReadOptions, shared: SharedCanvases | None = None
) -> Iterator[NamedFrame]:
    """The frames of a file of any program, with the names of their images where it names them all.

    Raises:
        FileNotFoundError, ValueError: as ``read_poses``.
    """
    find_wh = partial(shared.find, path) if shared else None
    names, frames = read_file(path, options, find_wh)
    yield from zip(names or [None] * len(frames), frames, strict=True)


def image_names(path: Path, names: Sequence[str | None]) -> tuple[str, ...]:
    """The names of a file's images: its own if it has one for each, else the file's, numbered.

    Raises:
        ValueError: a name cannot be that of a file.
    """
    stem = image_stem(path)
    own = [name for name in names if name]
    if not own or len(own) < len(names):
        own = [stem] if len(names) == 1 else [f"{stem}_{i:05}" for i in range(len(names))]
    try:
        return tuple(file_name_of(name) for name in own)
    except ValueError as error:
        raise ValueError(f"{path}: {error!s}") from error


def write_poses(
    path: Path | str,
    named_frames: Sequence[tuple[str, Frame]],
    file_format: Format,
    options: EncodeOptions = ENCODE_DEFAULTS,
) -> None:
    """Write frames with the names of their images to one file, which is complete or not there.

    Raises:
        ValueError: the format holds one image per file, and there are more or fewer.
    """
    names = [name for name, _ in named_frames]
    frames = [frame for _, frame in named_frames]
    write_text(path, encode_text(names, frames, file_format, options))


def encode_text(
    names: Sequence[str],
    frames: Iterable[Frame],
    file_format: Format,
    options: EncodeOptions = ENCODE_DEFAULTS,
) -> Iterator[str]:
    """The text of a file, frame by frame where the format holds several.

    Args:
        names: of the images.
        frames: their people, as many.
        file_format: of the file.
        options: how POSE_KEYPOINT is encoded, and how numbers are rounded in every format.

    Raises:
        ValueError: the format holds one image per file, and there are more or fewer.
    """
    decimals = options.decimals
    if decimals is not None:
        frames = (round_frame(frame, decimals) for frame in frames)
    if file_format.one_image_per_file:
        if len(names) != 1:
            raise ValueError(
                f"A file of the format {file_format.name!r} holds one image, but {len(names)} were "
                "given. Write them to a folder, one file each."
            )
        yield json.dumps(file_format.encode(list(frames), names, options), allow_nan=False)
        return
    text = ClipText(file_format.name, options)
    for number, name, frame in zip(coco.image_ids(names), names, frames, strict=True):
        yield text.add(frame, name, number)
    yield text.end()


def _coco(name: str) -> Format:
    return Format(
        name=name,
        one_image_per_file=False,
        suffix=".json",
        encode=lambda frames, names, options: coco.encode(frames, COCO_SETS[name], names),
    )


FORMATS: dict[str, Format] = {
    file_format.name: file_format
    for file_format in (
        Format(
            name="comfy",
            one_image_per_file=False,
            suffix=".json",
            encode=lambda frames, names, options: pose_keypoint_writer.encode(frames, options),
        ),
        Format(
            name="openpose",
            one_image_per_file=True,
            suffix="_keypoints.json",
            encode=lambda frames, names, options: openpose_json.encode(frames[0], options),
        ),
        Format(
            name="openpose-editor",
            one_image_per_file=True,
            suffix=".json",
            encode=lambda frames, names, options: openpose_editor.encode(frames[0], options),
        ),
        *map(_coco, COCO_SETS),
        Format(
            name="sapiens",
            one_image_per_file=True,
            suffix=".json",
            encode=lambda frames, names, options: sapiens_json.encode(frames[0], names[0]),
        ),
    )
}
"""Every file format that is written, by its name."""
