"""``sapiens-pose download``: official weights onto this disk, before they are needed."""

from __future__ import annotations

import argparse
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass

from .arguments.model import add_model_arguments, official_weights

log = logging.getLogger(__name__)


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "download",
        help="download official weights",
        description="Download official weights. An interrupted download resumes where it stopped.",
    )
    parser.set_defaults(run=run)
    add_model_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Fetches the weights unless they are there; prints where they are."""
    log.info("%s", official_weights(options))
    return 0
