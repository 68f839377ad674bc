"""Numbers from the shapes of a state dict, from which each module infers its configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Size

Shapes = Mapping[str, Size]
"""Shape of every tensor of a checkpoint, by its key."""


def shape_of(shapes: Shapes, key: str, dimensions: int) -> tuple[int, ...]:
    """The shape of one tensor.

    Raises:
        ValueError: there is no such tensor, it has another number of dimensions, or one of them
            is 0. The message continues a sentence that ends in "cannot be used: ".
    """
    if key not in shapes:
        raise ValueError(
            f"it has no tensor {key!r}, which every Sapiens pose model of its generation has"
        )
    if len(shapes[key]) != dimensions:
        raise ValueError(
            f"tensor {key!r} has shape {tuple(shapes[key])}, expected {dimensions} dimensions"
        )
    if 0 in shapes[key]:
        raise ValueError(f"tensor {key!r} has shape {tuple(shapes[key])}, which holds nothing")
    return tuple(shapes[key])


def count_of(shapes: Shapes, pattern: str) -> int:
    """One more than the largest number that ``pattern`` captures in any whole key, or 0."""
    matches = (re.fullmatch(pattern, key) for key in shapes)
    return max((int(match.group(1)) + 1 for match in matches if match), default=0)
