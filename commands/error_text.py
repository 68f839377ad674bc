"""The text of errors, as people read it."""

from __future__ import annotations

import traceback
from pathlib import PurePath


def error_text(error: Exception) -> str:
    """What an error says; Python says nothing of memory, and not what to do without PyTorch."""
    if isinstance(error, ModuleNotFoundError) and error.name == "torch":
        return (
            "PyTorch is not installed, and this package does not choose one for you. Run: pip "
            "install torch (https://pytorch.org shows which one fits your GPU)."
        )
    if isinstance(error, MemoryError) and not str(error):
        return (
            "Memory ran out. Use a smaller file or fewer files at once, or close other programs, "
            "and "
            "run it again; what was saved before is kept."
        )
    return str(error)


def unforeseen_error_text(error: Exception) -> str:
    """What a mistake of this program says to its user, and to whom the user reports it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = "/".join(PurePath(last.filename).parts[-2:])
    message = " ".join(str(error).split()) or "without a text"
    return (
        f"An unexpected error: {type(error).__name__} at {where}:{last.lineno}: "
        f"{message}. What was finished is kept; please report this with the command that you gave."
    )
