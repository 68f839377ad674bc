"""Memory that runs out when a test wants it to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

MESSAGE = "CUDA out of memory. Tried to allocate 2.00 GiB."


class FailingMemory(TorchDispatchMode):
    """Every operation of PyTorch asks for memory; ``fails`` says of which number it is refused.

    Attributes:
        count: operations so far.
    """

    def __init__(self, fails: Callable[[int], bool] = lambda number: False) -> None:
        super().__init__()
        self.fails, self.count = fails, 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        if self.fails(self.count - 1):
            raise torch.cuda.OutOfMemoryError(MESSAGE)
        return func(*args, **(kwargs or {}))
