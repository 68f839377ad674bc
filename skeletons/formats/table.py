"""Every file format of poses that is read and written: one table for commands, nodes and docs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..choices import FORMAT_SUMMARIES
from ..foundation.atomic_files import write_text
from ..foundation.safe_json import read_json
from ..foundation.safe_names import file_name_of
from ..keypoint_sets import COCO_17, COCO_WHOLEBODY_133, KeypointSet
from ..pose import Frame
from . import (
    coco,
    openpose_json,
    pose_keypoint_reader,
    pose_keypoint_writer,
    sapiens_clip_json,
    sapiens_json,
)
from .pose_keypoint_reader import DEFAULT_OPTIONS as READ_DEFAULTS
from .pose_keypoint_reader import ReadOptions
from .pose_keypoint_writer import DEFAULT_OPTIONS as ENCODE_DEFAULTS
from .pose_keypoint_writer import EncodeOptions


@dataclass(frozen=True)
class Format:
    """A file format, as functions on parsed JSON.

    Attributes:
        name: as on the command line.
        one_image_per_file: whether a file holds a single frame.
        suffix: the end of the names of its files.
        recognise: whether parsed JSON is of this format.
        decode: the frames of parsed JSON; ValueError says what cannot be read.
        image_names: the names of the images of these frames in the JSON; empty if it has none.
        encode: frames, and the names of their images, to JSON types.
    """

    name: str
    one_image_per_file: bool
    suffix: str
    recognise: Callable[[Any], bool]
    decode: Callable[[Any, ReadOptions], tuple[Frame, ...]]
    image_names: Callable[[Any], tuple[str, ...]]
    encode: Callable[[Sequence[Frame], Sequence[str], EncodeOptions], Any]

    @property
    def summary(self) -> str:
        """One line for people."""
        return FORMAT_SUMMARIES[self.name]


def read_poses(path: Path | str, options: ReadOptions = READ_DEFAULTS) -> tuple[Frame, ...]:
    """The frames in a file of any format in ``FORMATS``, which is recognised from its content.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not JSON, or of no known format, or cannot be read.
    """
    path = Path(path)
    return _decode(path, read_json(path), options)[1]


def read_named_poses(
    path: Path | str, options: ReadOptions = READ_DEFAULTS
) -> tuple[tuple[str, Frame], ...]:
    """As ``read_poses``, each frame with the name of its image: a file name without folders.

    Images that the file does not name are named after the file.

    Raises:
        FileNotFoundError, ValueError: as ``read_poses``, or a name cannot be that of a file.
    """
    path = Path(path)
    document = read_json(path)
    file_format, frames = _decode(path, document, options)
    names = file_format.image_names(document)
    stem = image_stem(path)
    if len(names) != len(frames):
        names = (stem,) if len(frames) == 1 else tuple(f"{stem}_{i:05}" for i in range(len(frames)))
    try:
        names = tuple(file_name_of(name) for name in names)
    except ValueError as error:
        raise ValueError(f"{path}: {error!s}") from error
    return tuple(zip(names, frames, strict=True))


def _decode(path: Path, document: Any, options: ReadOptions) -> tuple[Format, tuple[Frame, ...]]:
    try:
        file_format = recognise(document)
        return file_format, file_format.decode(document, options)
    except ValueError as error:
        raise ValueError(f"{path}: {error!s}") from error


def recognise(document: Any) -> Format:
    """The format of parsed JSON; ValueError if the format is unknown."""
    for file_format in FORMATS.values():
        if file_format.recognise(document):
            return file_format
    raise ValueError(
        f"This JSON is none of the formats that can be read: {', '.join(FORMATS)}. Expected "
        "'people', 'instance_info', or a list of results with 'image_id' and 'keypoints'."
    )


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


def _is_coco(document: Any, *, wholebody: bool) -> bool:
    return (
        isinstance(document, list)
        and bool(document)
        and all(isinstance(item, dict) and "image_id" in item for item in document)
        and any(coco.is_wholebody(result) for result in document) == wholebody
    )


def _is_comfy(document: Any) -> bool:
    if isinstance(document, dict):
        return "canvas_width" in document or "animals" in document
    return isinstance(document, list) and all(
        isinstance(item, dict) and not {"people", "animals", "canvas_width"}.isdisjoint(item)
        for item in document
    )


def _is_sapiens(document: Any) -> bool:
    return sapiens_clip_json.is_clip(document) or (
        isinstance(document, dict) and "instance_info" in document
    )


def _image_ids(names: Sequence[str]) -> Sequence[int]:
    """The numbers that are the names of images, or their indices if any name is not a number."""
    stems = [Path(name).stem for name in names]
    numbers = [int(stem) for stem in stems if stem.isascii() and stem.isdigit()]
    return numbers if len(set(numbers)) == len(names) else range(len(names))


def _coco(name: str, keypoint_set: KeypointSet) -> Format:
    return Format(
        name=name,
        one_image_per_file=False,
        suffix=".json",
        recognise=lambda document: _is_coco(document, wholebody=name == "coco-wholebody"),
        decode=lambda document, options: coco.decode(document, options.canvas_wh),
        image_names=lambda document: tuple(map(str, coco.image_ids(document))),
        encode=lambda frames, names, options: coco.encode(frames, keypoint_set, _image_ids(names)),
    )


FORMATS: dict[str, Format] = {
    file_format.name: file_format
    for file_format in (
        Format(
            name="comfy",
            one_image_per_file=False,
            suffix=".json",
            recognise=_is_comfy,
            decode=pose_keypoint_reader.decode,
            image_names=lambda document: (),
            encode=lambda frames, names, options: pose_keypoint_writer.encode(frames, options),
        ),
        Format(
            name="openpose",
            one_image_per_file=True,
            suffix="_keypoints.json",
            recognise=lambda document: isinstance(document, dict) and "people" in document,
            decode=pose_keypoint_reader.decode,
            image_names=lambda document: (),
            encode=lambda frames, names, options: openpose_json.encode(frames[0], options),
        ),
        _coco("coco", COCO_17),
        _coco("coco-wholebody", COCO_WHOLEBODY_133),
        Format(
            name="sapiens",
            one_image_per_file=True,
            suffix=".json",
            recognise=_is_sapiens,
            decode=lambda document, options: sapiens_clip_json.decode(document, options.canvas_wh),
            image_names=sapiens_clip_json.image_names,
            encode=lambda frames, names, options: sapiens_json.encode(frames[0], names[0]),
        ),
    )
}
"""Every file format by its name, in the order in which they are tried on a file."""
