"""Memory that ran out: each library reports it in its own way, this pack by one error type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..skeletons.foundation.checks import first_line

MESSAGES = ("can't allocate memory", "not enough memory", "out of memory")
"""Texts of PyTorch's allocators: on the CPU, on the CPU under Windows, and on devices without an
error type of their own."""


class OutOfMemory(torch.cuda.OutOfMemoryError):
    """Memory ran out; the message says during which work, and what to do.

    A subclass of PyTorch's error, so that ComfyUI frees memory before the next run.
    """


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of PyTorch, numpy or OpenCV means that memory ran out."""
    import cv2

    if isinstance(error, (MemoryError, torch.cuda.OutOfMemoryError)):
        return True
    if isinstance(error, cv2.error):
        # Not by its code, which OpenCV keeps in the class: it may be another error's.
        return "Insufficient memory" in str(error)
    return isinstance(error, RuntimeError) and any(text in str(error) for text in MESSAGES)


@contextmanager
def explain_out_of_memory(work: str) -> Iterator[None]:
    """Replaces errors that mean "out of memory" by one whose message says what to do.

    A context manager and, as all of its kind, a decorator too.

    Args:
        work: what is done inside, as the message names it: a phrase in -ing, such as
            ``"loading the model"``.

    Raises:
        OutOfMemory: in place of any error that means so; others pass as they are.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, OutOfMemory) or not is_out_of_memory(error):
            raise
        raise OutOfMemory(
            f"Memory ran out while {work}. Use a smaller model or image, a lower precision or "
            "fewer frames at once, or close other programs, and run it again; what was saved "
            f"before is kept. ({first_line(error)})"
        ) from error
