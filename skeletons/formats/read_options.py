"""What a pose file does not say of itself, and the user may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..options.files import READING

Units = Literal["pixels", "fractions", "plus-minus-one"]


@dataclass(frozen=True)
class ReadOptions:
    """What a file does not say of itself, see ``READING`` in ``skeletons/options/files.py``.

    Raises:
        ValueError: the size is none, or a switch neither on nor off.
    """

    canvas_wh: tuple[int, int] | None = READING["canvas_wh"].default
    hands_swapped: bool = READING["hands_swapped"].default
    lossless: bool = READING["lossless"].default
    units: Units | None = READING["units"].default

    def __post_init__(self) -> None:
        READING.check(self)


DEFAULT_OPTIONS = ReadOptions()
