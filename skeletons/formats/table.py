"""Every file format of poses that is written, and the reading of files of any program."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..choices import FORMAT_SUMMARIES
from ..foundation.atomic_files import write_text
from ..foundation.safe_json import parse_json, read_json
from ..foundation.safe_names import file_name_of
from ..keypoint_sets import COCO_17, COCO_WHOLEBODY_133
from ..pose import Frame, canvas_around
from . import coco, openpose_editor, openpose_json, pose_keypoint_writer, sapiens_json
from .pose_keypoint_writer import DEFAULT_OPTIONS as ENCODE_DEFAULTS
from .pose_keypoint_writer import EncodeOptions
from .read_options import DEFAULT_OPTIONS as READ_DEFAULTS
from .read_options import ReadOptions
from .readers.build import canvas_of_clip, scale_to_pixels
from .readers.read import find_people, read_document

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
    return _read(Path(path), read_json(Path(path)), options, None)[1]


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
    shared_wh: tuple[int, int] | None = None,
) -> NamedFrames:
    """As ``read_poses``, each frame with the name of its image: a file name without folders.

    Images that the file does not name are named after the file. ``shared_wh`` is the canvas of the
    clip that the file belongs to, see ``shared_canvases``.

    Raises:
        FileNotFoundError, ValueError: as ``read_poses``, or a name cannot be that of a file.
    """
    path = Path(path)
    names, frames = _read(path, read_json(path), options, shared_wh)
    stem = image_stem(path)
    if not names:
        names = (stem,) if len(frames) == 1 else tuple(f"{stem}_{i:05}" for i in range(len(frames)))
    try:
        names = tuple(file_name_of(name) for name in names)
    except ValueError as error:
        raise ValueError(f"{path}: {error!s}") from error
    return tuple(zip(names, frames, strict=True))


def shared_canvases(
    paths: Sequence[Path], options: ReadOptions = READ_DEFAULTS
) -> dict[Path, tuple[int, int]]:
    """The canvas of each file that holds a frame of a clip and does not say how large it is.

    Files of one folder whose names differ in their last number alone are a clip, as OpenPose
    writes them: ``walk_000000000000_keypoints.json``. A file without a size has that of the others
    in its clip, or the smallest that holds everybody in them. Files that cannot be read are left
    out; reading them says why.
    """
    clips: dict[tuple[Path, str], list[Path]] = {}
    for path in paths:
        clips.setdefault((path.parent, re.sub(r"\d+$", "", image_stem(path))), []).append(path)
    shared: dict[Path, tuple[int, int]] = {}
    for members in clips.values():
        sizes = {} if len(members) < 2 else {path: _sizes(path, options) for path in members}
        said = {size for known, _ in sizes.values() for size in known}
        needed = [size for _, guessed in sizes.values() for size in guessed]
        if needed:
            largest = said.pop() if len(said) == 1 else tuple(map(max, zip(*needed, strict=True)))
            shared |= {path: largest for path, (_, guessed) in sizes.items() if guessed}
    return shared


def _sizes(path: Path, options: ReadOptions) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The canvases that a file says, and the one that its other frames need."""
    try:
        found = find_people(read_json(path), options)
        scale_to_pixels(found, options)
    except (OSError, ValueError):
        return [], []
    sizes = [frame.frame.canvas_wh if frame.frame else frame.canvas_wh for frame in found]
    said = [size for size in sizes if size]
    return said, [canvas_of_clip(found) or canvas_around()] if None in sizes else []


def _read(
    path: Path, document: Any, options: ReadOptions, shared_wh: tuple[int, int] | None
) -> tuple[tuple[str, ...], tuple[Frame, ...]]:
    try:
        return read_document(document, options, shared_wh)
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
    if file_format.one_image_per_file and len(named_frames) != 1:
        raise ValueError(
            f"A file of the format {file_format.name!r} holds one picture, {len(named_frames)} "
            "were given. Write them to a folder, one file each."
        )
    names = [name for name, _ in named_frames]
    document = file_format.encode([frame for _, frame in named_frames], names, options)
    write_text(path, json.dumps(document, allow_nan=False))


def image_stem(path: Path) -> str:
    """The name of an image without its suffix, from the name of the file of its poses."""
    name = path.name.removesuffix(".gz").removesuffix(".json")
    return name.removesuffix("_keypoints") or name


COCO_SETS = {"coco": COCO_17, "coco-wholebody": COCO_WHOLEBODY_133}
"""The keypoint sets of COCO's formats."""


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
