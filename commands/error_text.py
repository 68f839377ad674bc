"""Errors as they are told to people."""

from __future__ import annotations


def told(error: Exception) -> str:
    """What an error says; that of Python's memory says nothing by itself."""
    if isinstance(error, MemoryError) and not str(error):
        return (
            "Memory ran out. Give a smaller file or fewer at once, or close other programs, and "
            "run it again; what was saved before is kept."
        )
    return str(error)
