"""What a node raises, and what it says of it on itself.

The page shows the name of an error's class before its sentence, and both only after a click.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import comfy.model_management as mm

from ...sapiens_core.out_of_memory import explain_out_of_memory
from .page_text import show, tell

CANCELLED = "Cancelled. Run again to continue."
"""What is done is kept: a download's bytes in its folder, people and keypoints in memory."""
PACKAGE = __name__.rpartition(".nodes.")[0]


@contextmanager
def explain_errors(work: str) -> Iterator[None]:
    """Shows an error's sentence on the node, and turns our own classes into Python's or PyTorch's.

    A context manager and, as all of its kind, a decorator too.

    Args:
        work: what is done inside, as for ``explain_out_of_memory``, which is applied too.
    """
    try:
        with explain_out_of_memory(work):
            yield
    except mm.InterruptProcessingException:  # an Exception in older ComfyUIs
        tell(CANCELLED)
        raise
    except Exception as error:
        if str(error):
            show(str(error))
        known = next(
            kind for kind in type(error).__mro__ if not kind.__module__.startswith(PACKAGE)
        )
        if known is type(error):
            raise
        raise known(str(error)) from error
