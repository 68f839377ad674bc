"""What ``sapiens-pose estimate`` is going to do: everything is decided before anything is done."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ... import __version__
from ...sapiens_core.checkpoints.shards import find_checkpoint_files
from ...skeletons.foundation.safe_names import find_long_name, max_name_bytes
from ..arguments.clip import ClipSettings
from ..arguments.model import model_settings
from ..arguments.people import people_settings, pose_options
from ..files.endings import LeftOut
from ..files.find_inputs import are_found_again
from ..files.keypoint_table import require_library
from ..videos.open_video import load_av
from .chunk_worker import WorkSettings
from .chunks import Chunk, Item
from .clip_outputs import ClipOutputs
from .models_on_device import check_device
from .outputs import Outputs
from .resume_store import digest, file_state
from .sources import Source, find_sources

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """All choices of a run.

    Attributes:
        command: distinguishes runs into one folder.
        version: changes with the settings and inputs.
        sources: what is worked on: all images, and each video.
        inputs: the files that were named.
        num_unreadable: number of inputs that were reported and left out.
        left_out: what folders and patterns hold that is not looked at.
        work: how a chunk is done.
        clips: what is done with the people of clips.
        clip_outputs: which files a video gets.
        table: kind of table, if one is written.
        devices: one for each worker.
    """

    command: str
    version: str
    sources: tuple[Source, ...]
    inputs: tuple[Path, ...]
    num_unreadable: int
    left_out: LeftOut
    work: WorkSettings
    clips: ClipSettings
    clip_outputs: ClipOutputs
    table: str | None
    devices: tuple[str, ...]

    @cached_property
    def num_images(self) -> int:
        """Number of images and frames."""
        return sum(len(source.items) for source in self.sources)

    @property
    def references(self) -> tuple[Path, ...]:
        """The pose files of those whose bodies people get."""
        return self.clips.retargeting.references if self.clips.retargeting else ()

    def image_results(self, item: Item) -> list[Path]:
        """The files that an image gets."""
        return self.work.outputs.paths(self.work.folder / item.name)

    def table_path(self, source: Source) -> Path:
        """The table of a source's keypoints: all images share one, each video has its own."""
        return self.work.folder / f"{source.name or 'keypoints'}.{self.table}"

    def source_results(self, source: Source) -> list[Path]:
        """The files that a source gets."""
        table = [self.table_path(source)] if self.table else []
        if source.video is None:
            return [*table, *(path for item in source.items for path in self.image_results(item))]
        folder = self.work.folder
        return [*table, *self.clip_outputs.paths(folder / source.name, source.items, folder)]

    def all_results(self) -> list[Path]:
        """The files that all sources get."""
        return [path for source in self.sources for path in self.source_results(source)]


def make_plan(options: argparse.Namespace) -> Plan:
    """Finds and checks everything that the options name; weights are downloaded.

    Raises:
        ValueError, OSError, ImportError: something cannot be used.
    """
    clips = ClipSettings.of(options)
    poses, devices = pose_options(options), parse_devices(options)
    outputs, drawings = Outputs.of(options), _parse_drawings(options)
    _check_table(options)
    found = find_sources(options)
    if drawings and any(source.video for source in found.sources):
        load_av()  # which animated images do without until their drawings are written
    people = people_settings(options, sum(len(source.items) for source in found.sources))
    one_json = options.json == "clip" and any(source.video for source in found.sources)
    plan = Plan(
        command=digest([str(path.absolute()) for path in options.inputs]),
        version="",
        sources=found.sources,
        inputs=found.paths,
        num_unreadable=found.num_failed,
        left_out=found.left_out,
        work=WorkSettings(
            model=model_settings(options),
            people=people,
            poses=poses,
            selection=clips.selection,
            outputs=outputs,
            folder=options.output,
            retargeting=clips.retargeting,
            keeps_images=clips.tracking is not None,
        ),
        clips=clips,
        clip_outputs=ClipOutputs(
            outputs,
            drawings,
            json_each_frame=not one_json,
            keeps_size=not (clips.retargeting and clips.retargeting.moves_canvas),
        ),
        table=options.table,
        devices=devices,
    )
    plan = _leave_out_long_names(plan)
    _check_results(plan, options)
    plan = replace(plan, version=_compute_version(plan))
    return _leave_out_existing(plan) if options.skip_existing else plan


def _compute_version(plan: Plan) -> str:
    """Of settings and inputs, but not of devices, so that others may resume the run."""
    people, mask = plan.work.people, plan.work.selection.mask
    path = plan.work.model.weights  # that it is not there is told later
    weights = find_checkpoint_files(path) if path.exists() else [path]
    used = people.boxes, people.masks, people.detector_weights, mask
    named = *plan.inputs, *weights, *filter(None, used), *plan.references
    files = [file_state(path) for path in named]
    settings = plan.work, plan.clips, plan.clip_outputs, plan.table
    return digest(__version__, settings, files, [source.chunks for source in plan.sources])


def _leave_out_existing(plan: Plan) -> Plan:
    """The plan without the images that have all their results; a clip is left out as a whole.

    Chunks keep their numbers, so that an unfinished run can still be resumed.
    """
    sources = []
    for source in plan.sources:
        if not source.is_clip:
            chunks = [_missing_items(plan, chunk) for chunk in source.chunks]
            source = replace(source, chunks=tuple(chunk for chunk in chunks if chunk.items))
        elif _all_exist(plan.source_results(source)):
            continue
        if source.chunks:
            sources.append(source)
    return replace(plan, sources=tuple(sources))


def _leave_out_long_names(plan: Plan) -> Plan:
    """The plan without inputs whose results would have too long names; each is reported.

    Otherwise that would be known only when the poses are found.
    """
    limit = max_name_bytes(plan.work.folder)
    sources, faults = [], []
    for source in plan.sources:
        if source.video:
            fault_of = dict.fromkeys(
                source.items, find_long_name(plan.source_results(source), limit)
            )
            faults.append(fault_of[source.items[0]])
        else:
            fault_of = {i: find_long_name(plan.image_results(i), limit) for i in source.items}
            faults += fault_of.values()
        chunks = [
            replace(chunk, items=tuple(item for item in chunk.items if not fault_of[item]))
            for chunk in source.chunks
        ]
        if kept := tuple(chunk for chunk in chunks if chunk.items):
            sources.append(replace(source, chunks=kept))
    faults = [fault for fault in faults if fault]
    for fault in faults:
        log.error("%s", fault)
    num_unreadable = plan.num_unreadable + len(faults)
    return replace(plan, sources=tuple(sources), num_unreadable=num_unreadable)


def _missing_items(plan: Plan, chunk: Chunk) -> Chunk:
    kept = [item for item in chunk.items if not _all_exist(plan.image_results(item))]
    return replace(chunk, items=tuple(kept))


def _all_exist(paths: Sequence[Path]) -> bool:
    return bool(paths) and all(path.exists() for path in paths)


def parse_devices(options: argparse.Namespace) -> tuple[str, ...]:
    """The device of each worker.

    Raises:
        ValueError: no device is named, two arguments contradict, or a device cannot be used.
    """
    if options.devices and options.device != "auto":
        raise ValueError(
            "--device is for one device, --devices for several; give only one of them."
        )
    names = (options.devices or options.device).split(",")
    names = [name.strip() for name in names if name.strip()]
    if not names:
        raise ValueError("No device is named; give one such as cpu or cuda:0, or omit it.")
    # By turns, so that each device has its first model before any has its second.
    return tuple(map(check_device, names)) * options.jobs_per_device


def _parse_drawings(options: argparse.Namespace) -> tuple[str, ...]:
    if options.video:
        wanted = tuple(dict.fromkeys(options.video))
        if "none" in wanted and len(wanted) > 1:
            raise ValueError(f"--video {' '.join(wanted)}: give 'none' alone, or omit it.")
        return () if "none" in wanted else wanted
    return ("skeleton", "overlay") if options.overlay else ("skeleton",)


def _check_table(options: argparse.Namespace) -> None:
    if not options.table:
        return
    require_library(options.table)
    if options.skip_existing:
        raise ValueError(
            "--table would lack the images that --skip-existing skips; give only one of them."
        )


def _check_results(plan: Plan, options: argparse.Namespace) -> None:
    """Raises ValueError if two results share a path, or one is an input of this or the next run."""
    # os.path, and not Path.resolve, which fails at links in a circle.
    inputs = {os.path.realpath(path) for path in (*plan.inputs, *plan.references)}
    taken: set[str] = set()
    results = plan.all_results()
    for path in results:
        if os.path.realpath(path) in inputs:
            raise ValueError(
                f"The result {path} would overwrite an input; give another folder with -o."
            )
        if str(path).casefold() in taken:
            raise ValueError(
                f"Two inputs would give the same result {path}. Rename one of them, or give each "
                "its "
                "own folder with -o."
            )
        taken.add(str(path).casefold())
    if are_found_again(results, options.inputs, options.recursive, options.output):
        raise ValueError(
            f"The results would go to {options.output}, which is also searched for images: the "
            "next run would take them as inputs. Give another folder with -o."
        )
