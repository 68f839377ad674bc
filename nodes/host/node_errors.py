"""What a node raises: the page shows the name of an error's class before its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...sapiens_core.out_of_memory import explain_out_of_memory

PACKAGE = __name__.rpartition(".nodes.")[0]


@contextmanager
def explain_errors(work: str) -> Iterator[None]:
    """Turns errors of this package's own classes into Python's or PyTorch's, with their sentence.

    A context manager and, as all of its kind, a decorator too.

    Args:
        work: what is done inside, as for ``explain_out_of_memory``, which is applied too.
    """
    try:
        with explain_out_of_memory(work):
            yield
    except Exception as error:
        known = next(
            kind for kind in type(error).__mro__ if not kind.__module__.startswith(PACKAGE)
        )
        if known is type(error):
            raise
        raise known(str(error)) from error
