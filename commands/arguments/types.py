"""Numbers, sizes and times as they are typed on the command line."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

from ...skeletons.foundation.checks import Expected
from ...skeletons.foundation.limits import MAX_CROP_SIDE


def number_parser(kind: type[int] | type[float], expected: Expected) -> Callable[[str], float]:
    """Reads a number of a kind; argparse's own error if it is none, or not as expected."""

    def parse(text: str) -> float:
        try:
            number = kind(text)
        except ValueError:
            number = math.nan
        if not expected.accepts(number):
            raise argparse.ArgumentTypeError(f"{text[:20]!r} is given, expected {expected.text}")
        return number

    return parse


def finite_number(text: str) -> float:
    """``0.3`` as a number; argparse's own error if it is none, or infinite, or NaN."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is given, expected a number such as 0.3")
    return number


def parse_size_hw(text: str) -> tuple[int, int]:
    """``1024x768`` -> height 1024, width 768: crops are named so by those who train on them.

    Raises:
        argparse.ArgumentTypeError: it is not two whole numbers with an x between them, or one of
            them is larger than ``MAX_CROP_SIDE``.
    """
    sides = _two_sides(text)
    if sides is None:
        raise argparse.ArgumentTypeError(
            f"{text[:20]!r} is not a size like 1024x768 (height x width)"
        )
    if max(sides) > MAX_CROP_SIDE:
        raise argparse.ArgumentTypeError(
            f"{text[:20]!r} has a side of more than {MAX_CROP_SIDE} pixels"
        )
    return sides


def parse_size_wh(text: str) -> tuple[int, int]:
    """``832x1216`` -> width 832, height 1216, as images are named; argparse's own error if not."""
    sides = _two_sides(text)
    if sides is None or not all(sides):
        raise argparse.ArgumentTypeError(f"size is {text!r}, expected WxH such as 832x1216")
    return sides


def _two_sides(text: str) -> tuple[int, int] | None:
    first, cross, second = text.lower().partition("x")
    if not (cross and first.isdecimal() and second.isdecimal()):
        return None
    # Python reads no number of thousands of digits; the first twenty are too many already.
    return int(first[:20]), int(second[:20])


def parse_time(text: str) -> float:
    """``75``, ``75.5``, ``1:15.5`` or ``0:01:15.5`` in seconds.

    Raises:
        argparse.ArgumentTypeError: it is no such time.
    """
    seconds = 0.0
    parts = text.split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 3 or not all(0 <= number < float("inf") for number in numbers):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 75.5 or 0:01:15.5")
    for number in numbers:
        seconds = 60 * seconds + number
    return seconds
