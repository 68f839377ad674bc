"""``sapiens-pose estimate``: pictures in, poses as JSON and skeleton pictures out."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..skeletons.format_names import SUMMARIES as FORMAT_SUMMARIES
from ..skeletons.style_names import STYLE_SUMMARIES
from .clip import Clip, add_clip_arguments
from .download import add_model_arguments
from .people import add_people_arguments, people_finder, pose_options

if TYPE_CHECKING:
    from .outputs import Outputs

log = logging.getLogger(__name__)


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "estimate", help="find poses in pictures", description="Find poses in pictures."
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add(
        "inputs",
        nargs="+",
        type=Path,
        metavar="INPUT",
        help="pictures, folders, or text files with one path a line",
    )
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the results")
    add_model_arguments(parser)
    add("--weights", type=Path, metavar="FILE", help="this checkpoint instead of an official one")
    add(
        "--input-size",
        type=parse_size,
        metavar="HxW",
        help="height and width of a person's crop in pixels, multiples of 16 (default: what the "
        "model was trained at)",
    )
    add("--num-heads", type=int, metavar="N", help="attention heads, for unusual --weights")
    add_people_arguments(parser)
    add(
        "--flip",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="also look at the mirrored person: twice the time, slightly better (default: on)",
    )
    add(
        "--score-threshold",
        type=float,
        default=0.3,
        help="keypoints below this score are not drawn (default: %(default)s)",
    )
    add(
        "--style",
        nargs="+",
        choices=list(STYLE_SUMMARIES),
        default=["sapiens"],
        help="how the skeleton is drawn; several give several pictures (default: sapiens)",
    )
    add(
        "--format",
        nargs="+",
        choices=list(FORMAT_SUMMARIES),
        default=["sapiens"],
        help="the JSON's layout; several give several files (default: sapiens)",
    )
    add("--overlay", action="store_true", help="also draw the skeleton over the picture")
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps, ... (default: auto)")
    add("--dtype", default="auto", choices=("auto", "fp32", "bf16", "fp16"), help="precision")
    add(
        "--compile",
        action="store_true",
        help="let PyTorch compile the network: a minute or more before the first picture, faster "
        "from then on; worth it for many pictures on a GPU",
    )
    add("--batch-size", type=int, default=4, metavar="N", help="people in one pass (default: 4)")
    add_clip_arguments(parser)


def parse_size(text: str) -> tuple[int, int]:
    """``1024x768`` -> height 1024, width 768.

    Raises:
        argparse.ArgumentTypeError: it is not two whole numbers with an x between them.
    """
    height, _, width = text.lower().partition("x")
    if not (height.isdecimal() and width.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size like 1024x768 (height x width)")
    return int(height), int(width)


def run(options: argparse.Namespace) -> int:
    """Estimates every picture; returns 1 if any of them failed."""
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    from ..sapiens_core.images import find_images, read_image
    from ..sapiens_core.out_of_memory import OutOfMemory, told_if_out_of_memory
    from ..sapiens_core.pipeline import find_poses
    from ..skeletons.atomic import prepare_folder
    from .model import load_estimator
    from .outputs import Outputs

    images = find_images(options.inputs)
    clip = Clip.of(options)
    with told_if_out_of_memory("loading the detector"):
        find_people = people_finder(options, len(images))
    choices = pose_options(options)
    outputs = Outputs(options.format, options.style, options.overlay, options.score_threshold)
    prepare_folder(options.output)
    with told_if_out_of_memory("loading the model"):
        estimator = load_estimator(options)
    stems = output_stems(images)
    failures = 0
    with logging_redirect_tqdm():
        progress = tqdm(images, unit="picture", disable=len(images) < 2)
        for number, image_path in enumerate(progress):
            try:
                with told_if_out_of_memory(f"working on {image_path}"):
                    image_rgb = read_image(image_path)
                    people = find_people(image_path, image_rgb)
                    (frame,) = find_poses(estimator, [image_rgb], [people], choices)
                    base = options.output / stems[number]
                    frame = clip.add(number, image_path, base, frame)
                    written = outputs.write(base, image_path.name, image_rgb, frame)
                if len(images) == 1:
                    log.info("%s: people found: %d", image_path.name, len(frame.poses))
                    log.info("\n".join(f"  {path}" for path in written))
            except (ValueError, OSError, OutOfMemory) as error:
                failures += 1
                log.error("%s", error)
        failures += _write_smoothed(clip, outputs)
    if len(images) > 1:
        log.info("%d pictures -> %s", len(images) - failures, options.output)
    if failures:
        log.error("%d of %d pictures failed; the others are done.", failures, len(images))
    return 1 if failures else 0


def _write_smoothed(clip: Clip, outputs: Outputs) -> int:
    """Writes a clip once more, now that all of it is known; the number of frames that failed."""
    from ..sapiens_core.images import read_image
    from ..sapiens_core.out_of_memory import OutOfMemory, told_if_out_of_memory

    failures = 0
    for image_path, base, frame in clip.smoothed():
        try:
            with told_if_out_of_memory(f"working on {image_path}"):
                image_rgb = read_image(image_path) if outputs.overlay else None
                outputs.write(base, image_path.name, image_rgb, frame)
        except (ValueError, OSError, OutOfMemory) as error:
            failures += 1
            log.error("%s", error)
    return failures


def output_stems(images: Sequence[Path]) -> list[str]:
    """A file name without ending for the results of each picture, no two of them alike.

    The picture's own stem; where several pictures share it (in any mix of upper and lower case),
    the later ones get ``_2``, ``_3`` and so on.
    """
    own = {path.stem.casefold() for path in images}
    taken: set[str] = set()
    stems = []
    for path in images:
        stem, number = path.stem, 1
        while stem.casefold() in taken or (number > 1 and stem.casefold() in own):
            number += 1
            stem = f"{path.stem}_{number}"
        taken.add(stem.casefold())
        stems.append(stem)
    return stems
