"""``sapiens-pose parts``: pose files in; faces, hands, feet as boxes, masks and crops out."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..skeletons.options.cutting import CUTTING
from .arguments.from_options import add_options, make_options
from .arguments.reading import add_reading_arguments, reading_options
from .error_text import error_text
from .files.pose_files import find_image, make_unique_stems, read_all

if TYPE_CHECKING:
    from ..skeletons.foundation.arrays import Image
    from ..skeletons.pose import Frame
    from ..skeletons.poses.body_parts import BodyPart, PartOptions

log = logging.getLogger(__name__)

BOXES_NAME = "boxes.json"


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "parts",
        help="cut faces, hands or feet out",
        description="Find a part of every person in pose files of any format that can be read. "
        f"OUT gets a mask for each picture, {BOXES_NAME} with the boxes by picture name, as "
        "'estimate --bboxes' reads it, and, with --image, a crop for each part that is seen: "
        "photo_face_0.png is that of the first person, or of the one with person_id 0.",
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("inputs", nargs="+", type=Path, metavar="POSE.json", help="pose files")
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the results")
    add(
        "--image",
        type=Path,
        metavar="PATH",
        help="what crops are cut from: the picture, or a folder with a picture named as each pose",
    )
    add_options(add, *CUTTING)
    add_reading_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Cuts the part out of every frame of every file; returns 1 if any of them failed."""
    from ..skeletons.foundation.atomic_files import prepare_folder, write_text
    from ..skeletons.poses.body_parts import clip_to_canvas

    options = _part_options(arguments)
    frames = list(read_all(arguments.inputs, reading_options(arguments)))
    prepare_folder(arguments.output)
    boxes: dict[str, list[tuple[int, int, int, int]]] = {}
    failures = 0
    stems = make_unique_stems([name for name, _ in frames])
    for stem, (name, frame) in zip(stems, frames, strict=True):
        try:
            if isinstance(frame, Exception):
                raise frame
            frame, image_rgb = _load_image(frame, name, arguments.image)
            parts = _write(arguments, stem, frame, image_rgb, options)
        except (ValueError, OSError, MemoryError) as error:
            failures += 1
            log.error("%s: %s", name, error_text(error))
        else:
            if name in boxes:
                log.warning(
                    "Several pictures are called %s: %s has the boxes of the last one alone.",
                    name,
                    BOXES_NAME,
                )
            boxes[name] = [clip_to_canvas(part.box, frame.canvas_wh) for part in parts]
            log.info("%s: %s found: %d", name, arguments.part, len(parts))
    write_text(arguments.output / BOXES_NAME, json.dumps(boxes) + "\n")
    return 1 if failures else 0


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
        person = index if pose.person_id is None else pose.person_id
        for part in filter(None, find_parts(pose, options)):
            parts.append(part)
            if image_rgb is not None:
                crop = encode_png(cut_crop(image_rgb, part.box, arguments.crop_size))
                write_bytes(arguments.output / f"{stem}_{part.name}_{person}.png", crop)
    mask = encode_png(draw_mask(parts, frame.canvas_wh, options.dilation))
    write_bytes(arguments.output / f"{stem}_mask.png", mask)
    return parts
