"""From the inputs of a command line to what is worked on: pictures, and frames of videos."""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..files.video import VideoInfo
    from .chunks import Item

log = logging.getLogger(__name__)


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
