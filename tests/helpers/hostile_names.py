"""Names that strangers give to files, and a pose file whose image has such a name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EMPTY_NAMES = [(name, "empty or only dots") for name in ("", ".", "..")]
FOLDER_NAMES = [(name, "contains a folder") for name in ("a/b.png", "a\\b.png")]
IMPOSSIBLE_NAMES = [
    ("a\0.png", "control character"),
    ("a\n.png", "control character"),
    ("CON", "Windows reserves it for a device"),
    ("aux.json", "Windows reserves it for a device"),
    ("Nul .tar.gz", "Windows reserves it for a device"),
    ("com1.png", "Windows reserves it for a device"),
    ("lpt³", "Windows reserves it for a device"),
    ("a" * 300, "longer than 200 bytes"),
    ("写" * 100, "longer than 200 bytes"),
    ("\ud800.png", "unpaired surrogate"),
]
"""Each with what is said of it."""
WINDOWS_NAMES = [
    ("a?.png", "a_.png", "Windows allows none of"),
    ('*<>|".png', "_____.png", "Windows allows none of"),
    ("a.png.", "a.png_", "ends in a dot or a space"),
    ("a. .", "a___", "ends in a dot or a space"),
]
"""Those that only Windows does not allow, each with what replaces it, and what is said of it."""


def write_pose_file(folder: Path, image: Any) -> Path:
    """A Sapiens JSON with nobody in it, of an image of this name."""
    folder.mkdir(exist_ok=True)
    path = folder / "pose.json"
    canvas = {"width": 8, "height": 8}
    document = {"image": image, "canvas": canvas, "instance_info": []}
    path.write_bytes(json.dumps(document).encode("utf-8", "surrogatepass"))
    return path
