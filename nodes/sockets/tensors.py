"""Tensors of other nodes, looked at before anything is done with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...skeletons.foundation.checks import short_repr


def check_tensor(value: Any, what: str, expected: str) -> None:
    """Raises ValueError if a socket has no tensor: a graph of the HTTP API may give any JSON.

    Args:
        value: what came in.
        what: the type of the socket.
        expected: what comes through it, in words.
    """
    if not isinstance(value, Tensor):
        of_many = isinstance(value, (list, tuple, np.ndarray))
        told = f"a {type(value).__name__} of {len(value)}" if of_many else short_repr(value)
        raise ValueError(
            f"{what} is {told}, expected {expected}. Connect the output {what} of "
            "another node, such as Load Image."
        )


def check_numbers(tensor: Tensor, what: str) -> None:
    """Raises ValueError if a tensor has no values to look at, or not those of pixels."""
    if tensor.device.type == "meta":
        raise ValueError(f"{what} is on the device 'meta', where there are no values.")
    if tensor.is_complex():
        raise ValueError(f"{what} holds {tensor.dtype}, expected numbers from 0 to 1.")


def mask_from_comfy(mask: Tensor) -> NDArray[np.float32]:
    """MASK, (H, W), (B, H, W) or (B, 1, H, W) of 0 to 1 -> (B, H, W) float32; NaN counts as 0.

    Raises:
        ValueError: it is no tensor, has another shape, no pixels, or no values.
    """
    check_tensor(mask, "MASK", "a tensor (frames, height, width)")
    if not (mask.ndim in (2, 3) or (mask.ndim == 4 and mask.shape[1] == 1)) or not mask.numel():
        raise ValueError(
            f"MASK has shape {tuple(mask.shape)}, expected (frames, height, width) with at least "
            "one pixel."
        )
    check_numbers(mask, "MASK")
    masks = mask.detach().reshape(-1, *mask.shape[-2:]).float().cpu()
    return np.asarray(torch.nan_to_num(masks).numpy(), dtype=np.float32)
