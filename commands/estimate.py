"""``sapiens-pose estimate``: pictures in, poses as JSON and skeleton pictures out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..skeletons.choices import FORMAT_SUMMARIES, STYLE_SUMMARIES
from .arguments.clip import add_clip_arguments
from .arguments.people import add_people_arguments
from .arguments.thresholds import add_threshold_arguments
from .arguments.types import share
from .download import add_model_arguments
from .run.sources import add_source_arguments

LARGEST_INPUT = 8192
"""Side of a person's crop in pixels: eight times the height that networks are trained at."""


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "estimate",
        help="find poses in pictures and videos",
        description="Find poses in pictures and videos. A run that was stopped goes on where it "
        "was when the same command is given again.",
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add_source_arguments(parser)
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the results")
    add_network_arguments(parser)
    add_device_arguments(parser)
    add_people_arguments(parser)
    add_output_arguments(parser)
    add_run_arguments(parser)
    add_clip_arguments(parser)


def add_network_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments about which network runs, and how."""
    add_model_arguments(parser)
    add = parser.add_argument
    add("--weights", type=Path, metavar="FILE", help="this checkpoint instead of an official one")
    add(
        "--input-size",
        type=parse_size,
        metavar="HxW",
        help="height and width of a person's crop in pixels, multiples of 16, at most "
        f"{LARGEST_INPUT} (default: what the model was trained at)",
    )
    add("--num-heads", type=int, metavar="N", help="attention heads, for unusual --weights")
    add(
        "--flip",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="also look at the mirrored person: twice the time, slightly better (default: on)",
    )
    add("--dtype", default="auto", choices=("auto", "fp32", "bf16", "fp16"), help="precision")
    add(
        "--compile",
        action="store_true",
        help="let PyTorch compile the network: a minute or more before the first picture, faster "
        "from then on; worth it for many pictures on a GPU",
    )
    add("--batch-size", type=int, default=4, metavar="N", help="people in one pass (default: 4)")


def add_device_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments about where networks run on this machine."""
    add = parser.add_argument
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps, ... (default: auto)")
    add(
        "--devices",
        metavar="LIST",
        help="several devices at a time, such as cuda:0,cuda:1, each with a model of its own",
    )
    add(
        "--jobs-per-device",
        type=int,
        default=1,
        metavar="N",
        help="models on each device, or on the processor (default: %(default)s)",
    )


def add_output_arguments(
    parser: argparse.ArgumentParser, default: Sequence[str] = ("sapiens",)
) -> None:
    """Adds the arguments about what is written of a picture; style and format by ``default``."""
    add = parser.add_argument
    default_help = " ".join(default) or "none"
    add(
        "--score-threshold",
        type=share,
        default=0.3,
        help="keypoints below this score are not drawn (default: %(default)s)",
    )
    add_threshold_arguments(add, "--score-threshold")
    add(
        "--style",
        nargs="+",
        choices=list(STYLE_SUMMARIES),
        default=list(default),
        help=f"how the skeleton is drawn; several give several pictures (default: {default_help})",
    )
    add(
        "--format",
        nargs="+",
        choices=list(FORMAT_SUMMARIES),
        default=list(default),
        help=f"the JSON's layout; several give several files (default: {default_help})",
    )
    add("--overlay", action="store_true", help="also draw the skeleton over the picture")


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments about a whole run and about videos."""
    add = parser.add_argument
    add(
        "--table",
        choices=("parquet", "npz"),
        help="also write all keypoints as one table, keypoints.parquet (needs pyarrow) or .npz",
    )
    add(
        "--skip-existing",
        action="store_true",
        help="leave out pictures and videos whose results are there",
    )
    group: Any = parser.add_argument_group("videos")
    group.add_argument(
        "--video",
        nargs="+",
        choices=("skeleton", "overlay", "none"),
        help="what is drawn of a video (default: skeleton, with --overlay also overlay)",
    )
    group.add_argument(
        "--json",
        choices=("clip", "frame"),
        default="clip",
        help="one JSON for a video, or one for each of its frames (default: %(default)s)",
    )


def parse_size(text: str) -> tuple[int, int]:
    """``1024x768`` -> height 1024, width 768.

    Raises:
        argparse.ArgumentTypeError: it is not two whole numbers with an x between them, or one of
            them is larger than ``LARGEST_INPUT``.
    """
    height, _, width = text.lower().partition("x")
    if not (height.isdecimal() and width.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size like 1024x768 (height x width)")
    if len(text) > 20 or max(int(height), int(width)) > LARGEST_INPUT:
        raise argparse.ArgumentTypeError(
            f"{text[:20]!r} has a side of more than {LARGEST_INPUT} pixels"
        )
    return int(height), int(width)


def run(options: argparse.Namespace) -> int:
    """Estimates every picture and video; returns 1 if any of them failed."""
    from .run.run import estimate

    return estimate(options)
