"""What ``sapiens-pose estimate`` is going to do: everything is decided before anything is done."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ... import __version__
from ..arguments.clip import ClipSettings
from ..arguments.model import model_settings
from ..arguments.people import people_settings, pose_options
from ..files.keypoint_table import require_library
from .chunk_worker import WorkSettings
from .chunks import Item, Unit, in_units
from .clip_outputs import ClipOutputs
from .estimator_on_device import check_device
from .outputs import Outputs
from .resume_store import digest, file_state
from .sources import Source, find_sources

MAX_JOBS_PER_DEVICE = 64
"""Each has a model of its own."""


@dataclass(frozen=True)
class Plan:
    """All choices of a run.

    Attributes:
        command: tells runs into one folder apart.
        version: of settings and inputs.
        sources: what is worked on: all pictures, and each video.
        units: of each source.
        inputs: the files that were named.
        num_unreadable: videos that could not be opened.
        work: how a unit is done.
        clips: what becomes of the people of clips.
        clip_outputs: what is written of videos.
        table: kind of table, if one is written.
        devices: one for each worker.
    """

    command: str
    version: str
    sources: tuple[Source, ...]
    units: tuple[tuple[Unit, ...], ...]
    inputs: tuple[Path, ...]
    num_unreadable: int
    work: WorkSettings
    clips: ClipSettings
    clip_outputs: ClipOutputs
    table: str | None
    devices: tuple[str, ...]

    @property
    def num_pictures(self) -> int:
        """Pictures and frames."""
        return sum(len(source.items) for source in self.sources)

    def picture_paths(self, item: Item) -> list[Path]:
        """What is written of a picture."""
        return self.work.outputs.paths(self.work.folder / item.name)

    def table_path(self, source: Source) -> Path:
        """Where the keypoints of a source go: all pictures share a table, a video has its own."""
        return self.work.folder / f"{source.name or 'keypoints'}.{self.table}"

    def paths(self, source: Source) -> list[Path]:
        """All that is written of a source."""
        table = [self.table_path(source)] if self.table else []
        if source.video is None:
            return [*table, *(path for item in source.items for path in self.picture_paths(item))]
        folder = self.work.folder
        return [*table, *self.clip_outputs.paths(folder / source.name, source.items, folder)]

    def all_paths(self) -> list[Path]:
        """All that is written of all sources."""
        return [path for source in self.sources for path in self.paths(source)]


def make_plan(options: argparse.Namespace) -> Plan:
    """Finds and checks everything that the options name; weights are downloaded.

    Raises:
        ValueError, OSError, ImportError: something cannot be used.
    """
    clips = ClipSettings.of(options)
    poses, devices = pose_options(options), _devices(options)
    outputs, drawings = Outputs.of(options), _drawings(options)
    _check_table(options)
    found = find_sources(options)
    people = people_settings(options, sum(len(source.items) for source in found.sources))
    one_json = options.json == "clip" and any(source.video for source in found.sources)
    plan = Plan(
        command=digest([str(path.absolute()) for path in options.inputs]),
        version="",
        sources=found.sources,
        units=(),
        inputs=found.paths,
        num_unreadable=found.num_failed,
        work=WorkSettings(
            model=model_settings(options),
            people=people,
            poses=poses,
            selection=clips.selection,
            outputs=outputs,
            folder=options.output,
        ),
        clips=clips,
        clip_outputs=ClipOutputs(outputs, drawings, json_each_frame=not one_json),
        table=options.table,
        devices=devices,
    )
    _check_results(plan, options)
    plan = replace(plan, units=tuple(_in_units(plan.sources)))
    plan = replace(plan, version=_version(plan))
    return _without_existing(plan) if options.skip_existing else plan


def _in_units(sources: Sequence[Source]) -> Iterator[tuple[Unit, ...]]:
    first_number = 0
    for source in sources:
        units = tuple(in_units(source.items, is_clip=source.is_clip, first_number=first_number))
        first_number += len(units)
        yield units


def _version(plan: Plan) -> str:
    """Of settings and inputs; devices do not count, so that another one may go on."""
    people, mask = plan.work.people, plan.work.selection.mask
    used = plan.work.model.weights, people.boxes, people.masks, people.detector_weights, mask
    files = [file_state(path) for path in (*plan.inputs, *filter(None, used))]
    settings = plan.work, plan.clips, plan.clip_outputs, plan.table
    return digest(__version__, settings, files, plan.units)


def _without_existing(plan: Plan) -> Plan:
    """The plan without the pictures whose results are there; a clip is there or not.

    Units keep their numbers, so that a run that was stopped is still known.
    """

    def left(source: Source, unit: Unit) -> Unit:
        if source.is_clip:
            return unit
        kept = [item for item in unit.items if not _exist(plan.picture_paths(item))]
        return replace(unit, items=tuple(kept))

    sources, all_units = [], []
    for source, units in zip(plan.sources, plan.units, strict=True):
        if source.is_clip and _exist(plan.paths(source)):
            continue
        some = tuple(each for unit in units if (each := left(source, unit)).items)
        if some:
            items = tuple(item for unit in some for item in unit.items)
            sources.append(replace(source, items=items))
            all_units.append(some)
    return replace(plan, sources=tuple(sources), units=tuple(all_units))


def _exist(paths: Sequence[Path]) -> bool:
    return bool(paths) and all(path.exists() for path in paths)


def _devices(options: argparse.Namespace) -> tuple[str, ...]:
    if not 1 <= options.jobs_per_device <= MAX_JOBS_PER_DEVICE:
        raise ValueError(
            f"--jobs-per-device is {options.jobs_per_device}, expected 1 to {MAX_JOBS_PER_DEVICE}."
        )
    if options.devices and options.device != "auto":
        raise ValueError("--device is one device, --devices are several; give one of the two.")
    names = (options.devices or options.device).split(",")
    names = [name.strip() for name in names if name.strip()]
    if not names:
        raise ValueError("No device is named; give one such as cpu or cuda:0, or leave it away.")
    # By turns, so that each device has its first model before any has its second.
    return tuple(map(check_device, names)) * options.jobs_per_device


def _drawings(options: argparse.Namespace) -> tuple[str, ...]:
    if options.video:
        wanted = tuple(dict.fromkeys(options.video))
        if "none" in wanted and len(wanted) > 1:
            raise ValueError(f"--video {' '.join(wanted)}: give 'none' alone, or leave it away.")
        return () if "none" in wanted else wanted
    return ("skeleton", "overlay") if options.overlay else ("skeleton",)


def _check_table(options: argparse.Namespace) -> None:
    if not options.table:
        return
    require_library(options.table)
    if options.skip_existing:
        raise ValueError(
            "--table would lack the pictures that --skip-existing leaves out; give one of the two."
        )


def _check_results(plan: Plan, options: argparse.Namespace) -> None:
    """Every result has a place of its own, and none is an input, of this run or of the next."""
    from ..files.find_inputs import are_found_again

    inputs = {path.resolve() for path in plan.inputs}
    taken: set[str] = set()
    results = plan.all_paths()
    for path in results:
        if path.resolve() in inputs:
            raise ValueError(
                f"The result {path} would take the place of an input; give another folder with -o."
            )
        if str(path).casefold() in taken:
            raise ValueError(
                f"Results of two inputs would be called {path}. Rename one of them, or give each a "
                "folder of its own with -o."
            )
        taken.add(str(path).casefold())
    if are_found_again(results, options.inputs, options.recursive, options.output):
        raise ValueError(
            f"The results go into {options.output}, where pictures are looked for: the next run "
            "would take them for pictures. Give another folder with -o."
        )
