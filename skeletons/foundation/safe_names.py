"""Names that come from strangers' files, before they become names of files here."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path, PureWindowsPath

MAX_NAME_BYTES = 200
"""File systems have 255; the rest is for endings and counters."""

_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
"""Devices of Windows, whatever ending follows the name."""


def file_name_of(path: str) -> str:
    """The last part of a path of any system: the folders of its writer mean nothing here.

    Raises:
        ValueError: as ``check_file_name``.
    """
    name = PureWindowsPath(path).name
    check_file_name(name)
    return name


def check_file_name(name: str) -> None:
    """Raises ValueError unless a file can be called ``name``, here and on other systems."""
    reason = _reason(name)
    if reason:
        raise ValueError(f"{name[:200]!r} cannot be the name of a file: {reason}.")


def check_inside(path: Path, folder: Path, what: str) -> None:
    """Raises ValueError if a path leads out of a folder, by ``..`` or by a symbolic link.

    Args:
        path: that is to be read or written; need not exist.
        folder: that it should stay in.
        what: the folder is called in the message.
    """
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(
            f"{path} leads out of {what} {folder}, to {path.resolve()}. Copy it into the folder, "
            "or choose another place."
        )


def check_no_link(path: Path, folder: Path) -> None:
    """Raises ValueError if any step from a folder to a path in it is a symbolic link.

    For what is written and deleted without being asked for. The folder itself may be a link.

    Args:
        path: below the folder; need not exist.
        folder: that its user has named.
    """
    found = path.resolve()
    if found != folder.resolve() / path.relative_to(folder):
        raise ValueError(
            f"{path} leads to {found} by a link, and files would be written and deleted there. "
            "Remove the link, or give another output folder."
        )


def _reason(name: str) -> str:
    """Why no file can have this name; empty if one can."""
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
