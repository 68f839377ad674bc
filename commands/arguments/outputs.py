"""What is written of each image and video, as the command line says it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from ...skeletons.choices import FORMAT_SUMMARIES, STYLE_SUMMARIES
from .thresholds import add_threshold_arguments
from .types import share


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
