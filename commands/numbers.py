"""Numbers as they are typed on the command line."""

from __future__ import annotations

import argparse
import math


def finite_number(text: str) -> float:
    """``0.3`` as a number; argparse's own error if it is none, or infinite, or NaN."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number such as 0.3")
    return number


def positive_count(text: str) -> int:
    """``3`` as a whole number; argparse's own error if it is none, or less than 1."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)
