"""Checks of names and paths from untrusted files, before files are named by them."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path, PureWindowsPath

MAX_NAME_BYTES = 200
"""Maximum length of a file's name, in bytes: file systems allow 255, the rest is for suffixes."""

_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
"""The names of Windows devices, which no suffix makes usable."""


def file_name_of(path: str) -> str:
    """The file name of a path of any system, without its folders, which mean nothing here.

    Raises:
        ValueError: as ``check_file_name``.
    """
    name = PureWindowsPath(path).name
    check_file_name(name)
    return name


def check_file_name(name: str) -> None:
    """Raises ValueError unless a file can be called ``name``, here and on other systems."""
    reason = _find_fault(name)
    if reason:
        raise ValueError(f"{name[:200]!r} cannot be the name of a file: {reason}.")


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


def _find_fault(name: str) -> str:
    """Why no file can have this name; empty if a file can."""
    if name.strip(". ") == "":
        return "it is empty or nothing but dots"
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        return "it holds a control character"
    if "/" in name or "\\" in name or (os.name == "nt" and ":" in name):
        return "it holds a folder"
    if _RESERVED.fullmatch(name.partition(".")[0].rstrip()):
        return "Windows keeps it for a device"
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        return f"it is longer than {MAX_NAME_BYTES} bytes"
    if any(0xD800 <= ord(letter) < 0xE000 for letter in name):
        return "it holds half a letter"
    return ""
