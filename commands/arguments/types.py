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


def share(text: str) -> float:
    """``0.3``, which is of 0 to 1; argparse's own error if it is not."""
    number = finite_number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not from 0 to 1")
    return number


def positive_count(text: str) -> int:
    """``3`` as a whole number; argparse's own error if it is none, or less than 1."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


MOST = 1_000_000_000
"""Of anything that is counted: beyond, arrays of counts run out of bits."""


def whole_number(text: str) -> int:
    """``3`` as a whole number; argparse's own error if it is none, or less than 0, or too large."""
    if not text.strip().isdecimal() or len(text) > len(str(MOST)) or int(text) > MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {MOST}")
    return int(text)
