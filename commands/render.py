"""``sapiens-pose render``: pose files in, skeleton images out."""

from __future__ import annotations

import argparse
import logging
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .arguments.drawing import add_drawing_arguments, drawing_options
from .arguments.reading import add_reading_arguments, reading_options
from .error_text import error_text
from .files.pose_files import find_image, make_unique_stems, open_all

if TYPE_CHECKING:
    from ..skeletons.draw import Rendering
    from ..skeletons.foundation.arrays import Image

log = logging.getLogger(__name__)


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "render",
        help="draw pose files",
        description="Draw the people in pose files of any format that can be read.",
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("inputs", nargs="+", type=Path, metavar="POSE.json", help="pose files")
    add(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="OUT",
        help="folder for the images, or a .png for a single one",
    )
    add("--mask", action="store_true", help="also write where the skeleton is, as *_mask.png")
    add(
        "--image",
        type=Path,
        metavar="PATH",
        help="for --background image: the image, or a folder with an image named as each pose",
    )
    add_reading_arguments(parser)
    add_drawing_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draws every frame of every file; returns 1 if any of them failed."""
    from ..skeletons.draw import advice, render
    from ..skeletons.foundation.atomic_files import prepare_folder

    options = drawing_options(arguments)
    if arguments.image and options.background != "image":
        raise ValueError("--image needs --background image; add it.")
    files, failures = open_all(arguments.inputs, reading_options(arguments))
    names = [name for file in files for name in file.names]
    single = arguments.output.suffix.lower() == ".png"
    count = len(names) + failures
    if single and count != 1:
        raise ValueError(f"{count} images cannot all go into {arguments.output}; give a folder.")
    prepare_folder(arguments.output.parent if single else arguments.output)
    frames = chain.from_iterable(file.frames for file in files)
    told: set[str] = set()
    for stem, name, frame in zip(make_unique_stems(names), names, frames, strict=True):
        path = arguments.output if single else arguments.output / f"{stem}.png"
        for sentence in map(str, advice(frame, options)):
            if sentence not in told:
                log.warning("%s: %s", name, sentence)
            told.add(sentence)
        try:
            image_rgb = _read_background(arguments, name, path)
            _write(path, render(frame, options, image_rgb), arguments)
        except (ValueError, OSError, MemoryError) as error:
            failures += 1
            log.error("%s: %s", name, error_text(error))
        else:
            log.info("%s: %d people -> %s", name, len(frame.poses), path)
    return 1 if failures else 0


def _read_background(arguments: argparse.Namespace, name: str, result: Path) -> Image | None:
    """The image to draw on, if one is given; ValueError if the result would replace it."""
    from .files.images import read_image

    if arguments.image is None:
        return None
    path = find_image(name, arguments.image)
    if path.resolve() in (result.resolve(), _mask_path(result).resolve()):
        raise ValueError(
            f"The drawing would overwrite the image {path}; give another folder with -o."
        )
    return read_image(path)


def _mask_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}_mask.png")


def _write(path: Path, rendering: Rendering, arguments: argparse.Namespace) -> None:
    from ..skeletons.foundation import atomic_files
    from .files.images import encode_png

    is_transparent = arguments.background == "transparent"
    image = rendering.rgba if is_transparent else rendering.image_rgb
    atomic_files.write_bytes(path, encode_png(image))
    if arguments.mask:
        atomic_files.write_bytes(_mask_path(path), encode_png(rendering.mask))
