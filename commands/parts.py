"""``sapiens-pose parts``: pose files in; faces, hands, feet as boxes, masks and crops out."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..skeletons.choices import PARTS
from ..skeletons.options.cutting import CUTTING
from .arguments.from_options import add_options, make_options
from .arguments.reading import add_reading_arguments, reading_options
from .error_text import error_text
from .files.pose_files import find_image, make_unique_stems, open_all

if TYPE_CHECKING:
    from ..skeletons.formats.pose_file import PoseFile
    from ..skeletons.foundation.arrays import Image
    from ..skeletons.pose import Frame, Pose
    from ..skeletons.poses.body_parts import BodyPart, PartOptions

log = logging.getLogger(__name__)

BOXES_NAME = "boxes.json"


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "parts",
        help="cut out faces, hands or feet",
        description="Find a body part of every person in pose files of any known format. "
        f"OUT gets one mask per image, {BOXES_NAME} with the boxes by image name, as 'estimate "
        "--bboxes' reads it, and, with --image, one crop per visible part: photo_face_0.png is "
        "that of the first person, or of the one with person_id 0.",
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("inputs", nargs="+", type=Path, metavar="POSE.json", help="pose files")
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the results")
    add(
        "--image",
        type=Path,
        metavar="PATH",
        help="what crops are cut from: the image, or a folder with an image named as each pose",
    )
    add_options(add, *CUTTING)
    add_reading_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Cuts the part out of every frame of every file; returns 1 if any of them failed."""
    from ..skeletons.foundation.atomic_files import prepare_folder
    from .files.reserved_names import reserve_names

    options = _part_options(arguments)
    files, failures = open_all(arguments.inputs, reading_options(arguments))
    names = [name for file in files for name in file.names]
    stems = make_unique_stems(names)
    prepare_folder(arguments.output)
    with reserve_names(arguments.output, _results(arguments, stems, files)):
        frames = chain.from_iterable(file.frames for file in files)
        failures += _cut_all(arguments, zip(stems, names, frames, strict=True), options)
    return 1 if failures else 0


def _results(
    arguments: argparse.Namespace, stems: list[str], files: list[PoseFile]
) -> Iterator[Path]:
    """The files that may be written: nobody knows yet which parts are seen."""
    yield arguments.output / BOXES_NAME
    frames = chain.from_iterable(file.frames for file in files)
    for stem, frame in zip(stems, frames, strict=True):
        yield _mask_path(arguments, stem)
        for index, pose in enumerate(frame.poses):
            for part in PARTS[arguments.part]:
                yield _crop_path(arguments, stem, part, index, pose)


def _mask_path(arguments: argparse.Namespace, stem: str) -> Path:
    return Path(arguments.output / f"{stem}_mask.png")


def _crop_path(arguments: argparse.Namespace, stem: str, part: str, index: int, pose: Pose) -> Path:
    person = index if pose.person_id is None else pose.person_id
    return Path(arguments.output / f"{stem}_{part}_{person}.png")


def _cut_all(
    arguments: argparse.Namespace, frames: Iterable[tuple[str, str, Frame]], options: PartOptions
) -> int:
    """How many frames failed; each comes with the stem of its results and the name of its image."""
    from ..skeletons.foundation.atomic_files import write_text
    from ..skeletons.poses.body_parts import clip_to_canvas

    boxes: dict[str, list[tuple[int, int, int, int]]] = {}
    failures = 0
    for stem, name, frame in frames:
        try:
            frame, image_rgb = _load_image(frame, name, arguments.image)
            parts = _write(arguments, stem, frame, image_rgb, options)
        except (ValueError, OSError, MemoryError) as error:
            failures += 1
            log.error("%s: %s", name, error_text(error))
        else:
            if name in boxes:
                log.warning(
                    "Several images are called %s; %s has only the boxes of the last one.",
                    name,
                    BOXES_NAME,
                )
            boxes[name] = [clip_to_canvas(part.box, frame.canvas_wh) for part in parts]
            log.info("%s: %s found: %d", name, arguments.part, len(parts))
    write_text(arguments.output / BOXES_NAME, json.dumps(boxes) + "\n")
    return failures


def _part_options(arguments: argparse.Namespace) -> PartOptions:
    from ..skeletons.poses.body_parts import PartOptions

    return make_options(PartOptions, arguments, CUTTING)


def _load_image(frame: Frame, name: str, path: Path | None) -> tuple[Frame, Image | None]:
    """The frame and its image; if one is given, the frame in the pixels of that image."""
    from ..skeletons.poses.body_part_crops import fit_to_canvas
    from .files.images import read_image

    if path is None:
        return frame, None
    image_rgb = read_image(find_image(name, path))
    return fit_to_canvas(frame, (image_rgb.shape[1], image_rgb.shape[0])), image_rgb


def _write(
    arguments: argparse.Namespace,
    stem: str,
    frame: Frame,
    image_rgb: Image | None,
    options: PartOptions,
) -> list[BodyPart]:
    """Writes the mask and the crops of one image; returns its parts."""
    from ..skeletons.foundation.atomic_files import write_bytes
    from ..skeletons.poses.body_parts import cut_crop, draw_mask, find_parts
    from .files.images import encode_png

    parts = []
    for index, pose in enumerate(frame.poses):
        for part in filter(None, find_parts(pose, options)):
            parts.append(part)
            if image_rgb is not None:
                crop = encode_png(cut_crop(image_rgb, part.box, arguments.crop_size))
                write_bytes(_crop_path(arguments, stem, part.name, index, pose), crop)
    mask = encode_png(draw_mask(parts, frame.canvas_wh, options.dilation))
    write_bytes(_mask_path(arguments, stem), mask)
    return parts
