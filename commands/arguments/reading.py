"""What a command line says of pose files that do not say it themselves."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...skeletons.options.files import READING
from .from_options import add_options, make_options

if TYPE_CHECKING:
    from ...skeletons.formats.read_options import ReadOptions


def add_reading_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of reading as a group of their own."""
    group = parser.add_argument_group("reading")
    rows = READING["canvas_wh"], READING["units"], READING["hands_swapped"]
    add_options(group.add_argument, *rows)


def reading_options(arguments: argparse.Namespace) -> ReadOptions:
    """The options that were given."""
    from ...skeletons.formats.read_options import ReadOptions

    return make_options(ReadOptions, arguments, READING)
