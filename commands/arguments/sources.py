"""The inputs of a command line, and which parts of them are taken."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .types import parse_time, positive_count


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the inputs, and the arguments that say which of them are taken."""
    parser.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="INPUT",
        help="pictures, videos, folders, patterns such as '*.jpg' or '**/*.jpg' in quotation "
        "marks, or text files with one path a line",
    )
    parser.add_argument(
        "--recursive", action="store_true", help="also look into the folders of folders"
    )
    group: Any = parser.add_argument_group("parts of videos")
    group.add_argument(
        "--every",
        type=positive_count,
        default=1,
        metavar="N",
        help="only every n-th frame of a video",
    )
    group.add_argument(
        "--start", type=parse_time, default=0.0, metavar="TIME", help="from there on: s or h:mm:ss"
    )
    group.add_argument("--end", type=parse_time, metavar="TIME", help="up to there: s or h:mm:ss")
