"""From the inputs of a command line to what is worked on: pictures, and frames of videos."""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..arguments.types import positive_count

if TYPE_CHECKING:
    from ..files.video import VideoInfo
    from .chunks import Item

log = logging.getLogger(__name__)


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the inputs, and the arguments that say which of them are taken."""
    parser.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="INPUT",
        help="pictures, videos, folders, patterns such as '*.jpg' or '**/*.jpg' in quotation "
        "marks, or text files with one path a line",
    )
    parser.add_argument(
        "--recursive", action="store_true", help="also look into the folders of folders"
    )
    group: Any = parser.add_argument_group("parts of videos")
    group.add_argument(
        "--every",
        type=positive_count,
        default=1,
        metavar="N",
        help="only every n-th frame of a video",
    )
    group.add_argument(
        "--start", type=parse_time, default=0.0, metavar="TIME", help="from there on: s or h:mm:ss"
    )
    group.add_argument("--end", type=parse_time, metavar="TIME", help="up to there: s or h:mm:ss")


def parse_time(text: str) -> float:
    """``75``, ``75.5``, ``1:15.5`` or ``0:01:15.5`` in seconds.

    Raises:
        argparse.ArgumentTypeError: it is no such time.
    """
    seconds = 0.0
    parts = text.split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 3 or not all(0 <= number < float("inf") for number in numbers):
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 75.5 or 0:01:15.5")
    for number in numbers:
        seconds = 60 * seconds + number
    return seconds


@dataclass(frozen=True)
class Source:
    """What belongs together: one video, or all pictures.

    Attributes:
        name: path without ending of the video's results below the folder for them.
        items: its pictures or frames, in order.
        is_clip: whether they follow one another in time.
        video: of which the items are frames; None for pictures.
    """

    name: str
    items: tuple[Item, ...]
    is_clip: bool
    video: VideoInfo | None = None


@dataclass(frozen=True)
class Sources:
    """All that a run is about.

    Attributes:
        sources: what to work on.
        paths: the files that were named.
        num_failed: videos that could not be opened; the log says why.
    """

    sources: tuple[Source, ...]
    paths: tuple[Path, ...]
    num_failed: int


def find_sources(options: argparse.Namespace) -> Sources:
    """What the options name; the pictures first, then each video.

    Raises:
        FileNotFoundError, ValueError: an input is not there, or has nothing in it.
        ImportError: there is a video, and PyAV is not installed.
    """
    from ..files.find_inputs import find_inputs, output_names
    from .chunks import Item

    found = find_inputs(options.inputs, options.recursive, leave_out=options.output)
    names = output_names([each.relative for each in found])
    pairs = list(zip(found, names, strict=True))
    pictures = [Item(each.path, name) for each, name in pairs if not each.is_video]
    sources = [Source("", tuple(pictures), options.clip)] if pictures else []
    videos = [(each.path, name) for each, name in pairs if each.is_video]
    _check(options, has_pictures=bool(pictures), has_videos=bool(videos))
    num_failed = 0
    for path, name in videos:
        try:
            sources.append(_video(path, name, options))
        except (ValueError, OSError) as error:
            num_failed += 1
            log.error("%s", error)
    return Sources(tuple(sources), tuple(each.path for each in found), num_failed)


def _check(options: argparse.Namespace, *, has_pictures: bool, has_videos: bool) -> None:
    from ..arguments.clip import needs_ids

    if needs_ids(options) and has_pictures and not options.clip:
        raise ValueError(
            "--track, --smooth, --select-ids and --sort track-id are for videos and for the frames "
            "of a clip; add --clip if the pictures are that."
        )
    if not has_videos and (options.every != 1 or options.start or options.end is not None):
        raise ValueError("--every, --start and --end are for videos, and there is none.")


def _video(path: Path, name: str, options: argparse.Namespace) -> Source:
    from ..files.video import read_info
    from .chunks import clip_items

    info = read_info(path)
    frames = info.frames(options.every, options.start, options.end)
    if info.missing:
        log.warning(
            "%s ends early: %d of its %d frames are missing.",
            path,
            info.missing,
            info.missing + len(info.ticks),
        )
    return Source(name, tuple(clip_items(path, name, frames)), True, info)
