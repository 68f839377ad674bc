"""How a clip gets other bodies, as the command line says it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...skeletons.options.option import Option
from ...skeletons.options.retargeting import RETARGETING
from .from_options import Add, add_option, add_options, make_options

if TYPE_CHECKING:
    from ...skeletons.retarget.retarget import RetargetOptions

PLACEMENTS = {name.replace(" ", "-"): name for name in RETARGETING["placement"].choices}
"""The placements by their names on the command line, where spaces would need quotation marks."""


def _rows() -> list[Option]:
    placement = RETARGETING["placement"]
    choices = dict(zip(PLACEMENTS, placement.choices.values(), strict=True))
    own_name = placement.default.replace(" ", "-")
    changed = ("reference", "placement", "score_threshold")
    return [
        replace(placement, choices=choices, default=own_name),
        *(row for row in RETARGETING if row.name not in changed),
        replace(RETARGETING["score_threshold"], flag="--score-threshold"),
    ]


def add_retarget_arguments(add: Add) -> None:
    """Adds the arguments that ``retarget_options`` reads, and ``--reference`` and ``--match``."""
    add_option(add, RETARGETING["reference"], required=True)
    add_options(add, *_rows())


def retarget_options(args: argparse.Namespace) -> RetargetOptions:
    """As the command line asks for; ValueError if a value is out of range."""
    from ...skeletons.retarget.retarget import RetargetOptions

    rows = [row for row in _rows() if row.name not in ("placement", "match")]
    placement: Any = PLACEMENTS[args.placement]
    return make_options(RetargetOptions, args, rows, placement=placement)
