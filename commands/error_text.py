"""The text of errors, as people read it."""

from __future__ import annotations


def error_text(error: Exception) -> str:
    """What an error says; Python's ``MemoryError`` says nothing by itself."""
    if isinstance(error, MemoryError) and not str(error):
        return (
            "Memory ran out. Give a smaller file or fewer at once, or close other programs, and "
            "run it again; what was saved before is kept."
        )
    return str(error)
