"""What is written of each image and video, as the command line says it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from ...skeletons.options.drawing import DRAWING
from ...skeletons.options.files import OUTPUTS
from ...skeletons.options.running import FAILING
from .drawing import add_look_arguments
from .from_options import add_option, add_options
from .thresholds import add_threshold_arguments


def add_output_arguments(
    parser: argparse.ArgumentParser, default: Sequence[str] = ("sapiens",)
) -> None:
    """Adds the arguments about what is written per image; style and format by ``default``."""
    add = parser.add_argument
    add_option(add, DRAWING["score_threshold"])
    add_threshold_arguments(add, "--score-threshold")
    for row in (DRAWING["style"], OUTPUTS["format"]):
        note = "Several of them give several files."
        add_option(add, replace(row, default=list(default), several=True, flag_note=note))
    note = "An overlay has the style."
    add_option(add, replace(DRAWING["for_model"], flag_note=note))
    add_option(add, OUTPUTS["overlay"])
    add_look_arguments(parser)


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments about a whole run and about videos."""
    add_options(parser.add_argument, OUTPUTS["table"], OUTPUTS["skip_existing"], *FAILING)
    group = parser.add_argument_group("videos")
    add_options(group.add_argument, OUTPUTS["video"], OUTPUTS["json"])
