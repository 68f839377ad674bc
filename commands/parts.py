"""``sapiens-pose parts``: pose files in; faces, hands, feet as boxes, masks and crops out."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..skeletons.choices import PARTS
from .arguments.types import finite_number, share
from .error_text import told
from .files.pose_files import picture_called, read_all, unique_stems

if TYPE_CHECKING:
    from ..skeletons.foundation.arrays import Image
    from ..skeletons.pose import Frame
    from ..skeletons.poses.body_parts import BodyPart, PartOptions

log = logging.getLogger(__name__)

BOXES_NAME = "boxes.json"
LARGEST_CROP = 4096
"""Side in pixels."""


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
    add("--part", choices=list(PARTS), default="face", help="(default: %(default)s)")
    add(
        "--padding",
        type=finite_number,
        default=0.25,
        help="room on each side, as a share of the longer side (default: %(default)s)",
    )
    add(
        "--square",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="square boxes, moved into the picture where they fit (default: on)",
    )
    add("--crop-size", type=int, default=512, metavar="PX", help="(default: %(default)s)")
    add(
        "--dilation",
        type=finite_number,
        default=0.15,
        help="how far a mask reaches beyond the points, as a share of the longer side of their "
        "box (default: %(default)s)",
    )
    add(
        "--min-keypoints",
        type=int,
        default=2,
        metavar="N",
        help="a part with fewer visible points is not there (default: %(default)s)",
    )
    add(
        "--score-threshold",
        type=share,
        default=0.3,
        help="points that score less do not count (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Cuts the part out of every frame of every file; returns 1 if any of them failed."""
    from ..skeletons.foundation.atomic_files import prepare_folder, write_text
    from ..skeletons.poses.body_parts import clip_to_canvas

    options = _part_options(arguments)
    frames = list(read_all(arguments.inputs))
    prepare_folder(arguments.output)
    boxes: dict[str, list[tuple[int, int, int, int]]] = {}
    failures = 0
    stems = unique_stems([name for name, _ in frames])
    for stem, (name, frame) in zip(stems, frames, strict=True):
        try:
            if isinstance(frame, Exception):
                raise frame
            frame, picture = _with_picture(frame, name, arguments.image)
            found = _write(arguments, stem, frame, picture, options)
        except (ValueError, OSError, MemoryError) as error:
            failures += 1
            log.error("%s: %s", name, told(error))
        else:
            if name in boxes:
                log.warning(
                    "Several pictures are called %s: %s has the boxes of the last one alone.",
                    name,
                    BOXES_NAME,
                )
            boxes[name] = [clip_to_canvas(part.box, frame.canvas_wh) for part in found]
            log.info("%s: %s found: %d", name, arguments.part, len(found))
    write_text(arguments.output / BOXES_NAME, json.dumps(boxes) + "\n")
    return 1 if failures else 0


def _part_options(arguments: argparse.Namespace) -> PartOptions:
    from ..skeletons.poses.body_parts import PartOptions

    if not 16 <= arguments.crop_size <= LARGEST_CROP:
        raise ValueError(
            f"--crop-size is {arguments.crop_size} pixels, expected 16 to {LARGEST_CROP}."
        )
    return PartOptions(
        part=arguments.part,
        padding=arguments.padding,
        square=arguments.square,
        score_threshold=arguments.score_threshold,
        min_keypoints=arguments.min_keypoints,
        dilation=arguments.dilation,
    )


def _with_picture(frame: Frame, name: str, path: Path | None) -> tuple[Frame, Image | None]:
    """The frame in pixels of its picture, and the picture, if there is to be one."""
    from ..skeletons.poses.body_part_crops import fit_to_canvas
    from .files.images import read_image

    if path is None:
        return frame, None
    image_rgb = read_image(picture_called(name, path))
    return fit_to_canvas(frame, (image_rgb.shape[1], image_rgb.shape[0])), image_rgb


def _write(
    arguments: argparse.Namespace,
    stem: str,
    frame: Frame,
    image_rgb: Image | None,
    options: PartOptions,
) -> list[BodyPart]:
    """Writes the mask and the crops of one picture; the parts that were found."""
    from ..skeletons.foundation.atomic_files import write_bytes
    from ..skeletons.poses.body_parts import cut_crop, draw_mask, find_parts
    from .files.images import encode_png

    found = []
    for place, pose in enumerate(frame.poses):
        person = place if pose.person_id is None else pose.person_id
        for part in filter(None, find_parts(pose, options)):
            found.append(part)
            if image_rgb is not None:
                picture = encode_png(cut_crop(image_rgb, part.box, arguments.crop_size))
                write_bytes(arguments.output / f"{stem}_{part.name}_{person}.png", picture)
    mask = encode_png(draw_mask(found, frame.canvas_wh, options.dilation))
    write_bytes(arguments.output / f"{stem}_mask.png", mask)
    return found
