"""The inputs of a command line, and which parts of them are taken."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ...skeletons.options.files import SOURCES
from ..files.endings import describe_endings
from .from_options import add_option
from .types import parse_time


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the inputs, and the arguments that say which of them are taken."""
    parser.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="INPUT",
        help="Images, videos, folders, patterns such as '*.jpg' or '**/*.jpg' in quotation marks, "
        "or text files with one path per line. Folders are searched for images "
        f"({describe_endings('image')}) and videos ({describe_endings('video')}).",
    )
    add_option(parser.add_argument, SOURCES["recursive"])
    group: Any = parser.add_argument_group("parts of videos")
    add_option(group.add_argument, SOURCES["every"])
    add_option(group.add_argument, SOURCES["start"], type=parse_time)
    add_option(group.add_argument, SOURCES["end"], type=parse_time)
