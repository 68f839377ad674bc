"""From the inputs of a command line to what poses are found in: images, and frames of videos."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ..arguments.clip import needs_ids
from ..files.animations import is_clip, read_clip_info
from ..files.endings import LeftOut
from ..files.find_inputs import find_inputs, output_names
from ..videos.clip_frames import VideoInfo
from .chunks import Chunk, Item, make_clip_items, split_into_chunks

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """What belongs together: all images, or one video.

    Attributes:
        name: path of a video's results without ending, relative to the output folder; empty for
            images.
        chunks: its images or frames, in order.
        is_clip: whether they follow one another in time.
        video: the video that the frames are from; None for images.
        fps: frames per second of the items, 0 if not known.
    """

    name: str
    chunks: tuple[Chunk, ...]
    is_clip: bool
    video: VideoInfo | None = None
    fps: float = 0.0

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The images or frames of all chunks, in order."""
        return tuple(item for chunk in self.chunks for item in chunk.items)


@dataclass(frozen=True)
class Sources:
    """All inputs of a run.

    Attributes:
        sources: those that can be worked on.
        paths: the files that were named.
        num_failed: number of videos that could not be opened, and of links and folders that could
            not be followed; the log says why.
        left_out: what folders and patterns hold that is not looked at.
    """

    sources: tuple[Source, ...]
    paths: tuple[Path, ...]
    num_failed: int
    left_out: LeftOut


def find_sources(options: argparse.Namespace) -> Sources:
    """The inputs that the options name: the images first, then each video.

    Raises:
        FileNotFoundError, ValueError: an input is not there, or has nothing in it.
        ImportError: there is a video, and PyAV is not installed.
    """
    left_out = LeftOut()
    inputs = find_inputs(options.inputs, options.recursive, options.output, left_out)
    names = output_names([file.relative for file in inputs])
    faults = [file.fault for file in inputs if file.fault]
    for fault in faults:
        log.error("%s", fault)
    pairs = [pair for pair in zip(inputs, names, strict=True) if not pair[0].fault]
    clips = {file.path for file, _ in pairs if is_clip(file.path)}
    images = [Item(file.path, name) for file, name in pairs if file.path not in clips]
    videos = [(file.path, name) for file, name in pairs if file.path in clips]
    _check_options(options, has_images=bool(images), has_videos=bool(videos))
    sources = [_make_source("", images, is_clip=options.clip)] if images else []
    num_chunks = sum(len(source.chunks) for source in sources)
    num_failed = len(faults)
    for path, name in videos:
        try:
            sources.append(_open_video(path, name, options, num_chunks))
            num_chunks += len(sources[-1].chunks)
        except (ValueError, OSError) as error:
            num_failed += 1
            log.error("%s", error)
    return Sources(tuple(sources), tuple(file.path for file, _ in pairs), num_failed, left_out)


def _check_options(options: argparse.Namespace, *, has_images: bool, has_videos: bool) -> None:
    """Raises ValueError if an option is about clips or videos and there are none."""
    if needs_ids(options) and has_images and not options.clip:
        raise ValueError(
            "--track, --smooth, --select-ids and --sort track-id are for videos and for the frames "
            "of a clip; add --clip if the images are such a clip."
        )
    if not has_videos and (options.every != 1 or options.start or options.end is not None):
        raise ValueError("--every, --start and --end are for videos, but there is none.")


def _open_video(path: Path, name: str, options: argparse.Namespace, first_number: int) -> Source:
    info = read_clip_info(path)
    frames = info.frames(options.every, options.start, options.end)
    if info.missing:
        log.warning(
            "%s ends early: %d of its %d frames are missing.",
            path,
            info.missing,
            info.missing + len(info.ticks),
        )
    items = make_clip_items(path, name, frames)
    source = _make_source(name, items, is_clip=True, video=info, first_number=first_number)
    return replace(source, fps=float(info.rate / options.every))


def _make_source(
    name: str,
    items: Sequence[Item],
    *,
    is_clip: bool,
    video: VideoInfo | None = None,
    first_number: int = 0,
) -> Source:
    chunks = split_into_chunks(items, is_clip=is_clip, first_number=first_number)
    return Source(name, tuple(chunks), is_clip, video)
