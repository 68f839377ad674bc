"""Checks of names and paths from untrusted files, before files are named by them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PureWindowsPath

MAX_NAME_BYTES = 200
"""Maximum length of a file's name, in bytes: file systems allow 255, the rest is for suffixes."""

MOST_NAME_BYTES = 255
"""Maximum length of a file's name on most file systems, in bytes."""

WINDOWS_FORBIDS = '?*<>|"'
"""Signs that no name has on Windows, beside the colon and those between folders."""

_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
"""The names of Windows devices, which no suffix makes usable."""


def file_name_of(path: str) -> str:
    """The file name of a path of any system, without its folders, which mean nothing here.

    It is the name of a file that exists somewhere. For a new file, see ``portable_name``.

    Raises:
        ValueError: no file can have it, or it is a device's name on Windows.
    """
    name = PureWindowsPath(path).name
    _refuse(name, _find_fault(name))
    return name


def check_file_name(name: str) -> None:
    """Raises ValueError unless a file can be called ``name``, here and on other systems."""
    _refuse(name, _find_fault(name) or _find_windows_fault(name))


def _refuse(name: str, reason: str) -> None:
    if reason:
        raise ValueError(f"{name[:200]!r} cannot be the name of a file: {reason}.")


def portable_name(name: str) -> str:
    """The name for a new file on any system: what Windows does not allow in it becomes ``_``.

    A colon is replaced on Windows alone: elsewhere it is common in the names of screenshots.

    Args:
        name: one that ``file_name_of`` gives.
    """
    replaced = "".join("_" if letter in _forbidden() else letter for letter in name)
    kept = replaced.rstrip(". ")
    return kept + "_" * (len(replaced) - len(kept))


def _forbidden() -> str:
    return WINDOWS_FORBIDS + (":" if os.name == "nt" else "")


def find_long_name(paths: Iterable[Path], limit_bytes: int) -> str:
    """Which of some files cannot be written because its name is too long; empty if all can."""
    for path in paths:
        num_bytes = len(os.fsencode(path.name))
        if num_bytes > limit_bytes:
            return (
                f"The result {path.name[:40]}...{path.name[-40:]} would have a name of {num_bytes} "
                f"bytes, expected at most {limit_bytes} in this folder. Give the input a shorter "
                "name."
            )
    return ""


def max_name_bytes(folder: Path) -> int:
    """The maximum length of a name in a folder, which need not exist yet, in bytes."""
    if hasattr(os, "pathconf"):
        existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        with suppress(OSError, ValueError):
            return os.pathconf(existing, "PC_NAME_MAX")
    return MOST_NAME_BYTES


def check_inside(path: Path, folder: Path, what: str) -> None:
    """Raises ValueError if a path leads out of a folder, by ``..`` or by a symbolic link.

    Args:
        path: what is to be read or written; it need not exist.
        folder: where it must stay.
        what: the folder's name in the message.
    """
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(
            f"{path} leads out of {what} {folder}, to {path.resolve()}. Copy it into the folder, "
            "or choose another place."
        )


def check_no_link(path: Path, folder: Path) -> None:
    """Raises ValueError if any step from a folder to a path in it is a symbolic link.

    For files that are written and deleted without the user having named them. The folder itself
    may be a link.

    Args:
        path: a path below the folder; it need not exist.
        folder: the folder that the user named.
    """
    target = path.resolve()
    if target != folder.resolve() / path.relative_to(folder):
        raise ValueError(
            f"{path} leads to {target} by a link, and files would be written and deleted there. "
            "Remove the link, or give another output folder."
        )


def _find_windows_fault(name: str) -> str:
    """Why no file can have this name on Windows; empty if one can."""
    if any(sign in name for sign in WINDOWS_FORBIDS):
        return f"Windows allows none of {' '.join(WINDOWS_FORBIDS)} in it"
    if name.endswith((".", " ")):
        return "it ends in a dot or a space, which Windows removes"
    return ""


def _find_fault(name: str) -> str:
    """Why no file can have this name; empty if a file can."""
    if name.strip(". ") == "":
        return "it is empty or only dots"
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        return "it contains a control character"
    if "/" in name or "\\" in name or (os.name == "nt" and ":" in name):
        return "it contains a folder"
    if _RESERVED.fullmatch(name.partition(".")[0].rstrip()):
        return "Windows reserves it for a device"
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        return f"it is longer than {MAX_NAME_BYTES} bytes"
    if any(0xD800 <= ord(letter) < 0xE000 for letter in name):
        return "it contains an unpaired surrogate"
    return ""
