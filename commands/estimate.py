"""``sapiens-pose estimate``: pictures in, poses as JSON and skeleton pictures out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .arguments.clip import add_clip_arguments
from .arguments.model import add_device_arguments, add_network_arguments
from .arguments.outputs import add_output_arguments, add_run_arguments
from .arguments.people import add_people_arguments
from .arguments.sources import add_source_arguments


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "estimate",
        help="find poses in images and videos",
        description="Find poses in images and videos. To resume a stopped run, repeat the command.",
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


def run(options: argparse.Namespace) -> int:
    """Estimates every picture and video; returns 1 if any of them failed."""
    from .run.run import estimate

    return estimate(options)
