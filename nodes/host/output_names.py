"""Names of saved files: folders, dates and counters that no other server has."""

from __future__ import annotations

import datetime
import glob
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import folder_paths

from ...skeletons.foundation.atomic_files import prepare_folder, write_new_text
from ...skeletons.foundation.safe_names import check_file_name, check_inside

_DATE = re.compile(r"%date:([^%]*)%|%date%")
_DATE_FIELD = re.compile(r"yyyy|yy|MM|M|dd|d|hh|h|mm|m|ss|s")
_PLAIN_DATE = "yyyy-MM-dd"

Pieces = Callable[[], Iterable[str]]
"""Makes the text of a file, from its beginning each time."""


def save_new(filename_prefix: str, texts: Mapping[str, Pieces]) -> tuple[list[Path], str]:
    """Saves texts under the next number of a prefix, by the rules of Save Image.

    Each file is whole or not there. No file is overwritten, not even one that another server saves
    into the same folder at this moment: the later one takes the next number.

    Args:
        filename_prefix: may contain folders and ``%date:yyyy-MM-dd%``, ``%year%`` and the like.
        texts: what is saved, by how the names end after the number.

    Returns:
        The files, and their folder relative to the output folder.

    Raises:
        ValueError: the prefix leads out of the output folder, or is not allowed as a name.
        OSError: nothing can be written there.
    """
    prefix = check_prefix(filename_prefix)
    folder, stem, _, subfolder, _ = folder_paths.get_save_image_path(
        prefix, folder_paths.get_output_directory()
    )
    prepare_folder(Path(folder))
    number = next_number(Path(folder), stem)
    while True:
        name = f"{stem}_{number:05}"
        files = {Path(folder) / f"{name}{ending}": value for ending, value in texts.items()}
        if _write_all_new(files):
            return list(files), subfolder
        number += 1


def _write_all_new(files: Mapping[Path, Pieces]) -> bool:
    """Whether none of the files existed; if one did, none is left of those that were written."""
    written: list[Path] = []
    try:
        for path, pieces in files.items():
            write_new_text(path, pieces())
            written.append(path)
    except FileExistsError:
        for path in written:
            path.unlink(missing_ok=True)
        return False
    return True


def check_prefix(filename_prefix: str) -> str:
    """The prefix with its dates.

    Raises:
        ValueError: before any folder is created, as ComfyUI follows links and allows devices.
    """
    prefix = with_dates(filename_prefix, datetime.datetime.now())
    _check_prefix(prefix)
    return prefix


def _check_prefix(prefix: str) -> None:
    names = [name for name in re.split(r"[/\\]", prefix) if name]
    if ".." in names or prefix.startswith(("/", "\\")) or re.match("[A-Za-z]:", prefix):
        raise ValueError(
            f"{prefix!r} leads outside the output folder. Give a name, or folders and a name, such "
            "as 'poses/pose'."
        )
    for name in names:
        check_file_name(name)
    output = Path(folder_paths.get_output_directory())
    check_inside(output.joinpath(*names), output, "ComfyUI's output folder")


def with_dates(text: str, now: datetime.datetime) -> str:
    """``text`` with every ``%date:FORMAT%`` replaced, as ComfyUI's page does for Save Image."""
    fields = {
        "yyyy": f"{now.year:04}",
        "yy": f"{now.year % 100:02}",
        **{"MM": f"{now.month:02}", "M": str(now.month)},
        **{"dd": f"{now.day:02}", "d": str(now.day)},
        **{"hh": f"{now.hour:02}", "h": str(now.hour)},
        **{"mm": f"{now.minute:02}", "m": str(now.minute)},
        **{"ss": f"{now.second:02}", "s": str(now.second)},
    }

    def fill(match: re.Match[str]) -> str:
        layout = match[1] or _PLAIN_DATE
        return _DATE_FIELD.sub(lambda field: fields[field[0]], layout)

    return _DATE.sub(fill, text)


def next_number(folder: Path, stem: str) -> int:
    """One more than the largest number of the files named ``<stem>_<number>...``."""
    endings = (path.name[len(stem) + 1 :] for path in folder.glob(f"{glob.escape(stem)}_*"))
    numbers = (re.match(r"\d+", ending) for ending in endings)
    return max((int(number[0]) for number in numbers if number), default=0) + 1
