"""``sapiens-pose batch``: large image sets on many GPUs and machines, with Ray."""

from __future__ import annotations

import argparse
import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..skeletons.options.files import SOURCES
from ..skeletons.options.running import CLUSTER, FAILING, FETCHING
from .arguments.from_options import add_options
from .arguments.model import add_network_arguments
from .arguments.outputs import add_output_arguments
from .arguments.people import add_people_arguments
from .files.endings import describe_endings

if TYPE_CHECKING:
    from .files.endings import LeftOut
    from .ray_batch.layout import Layout
    from .ray_batch.shard import Job
    from .run.chunk_worker import WorkSettings

log = logging.getLogger(__name__)


_DESCRIPTION = """\
Find poses in large image sets, on all GPUs of a machine or of a Ray cluster. All machines must see
the folder OUT. It gets people/*.parquet with one row per person, inputs/*.parquet with one row per
input, errors.parquet with the failed inputs, and a manifest; with --format and --style also JSON
and drawings. To resume a stopped run, repeat the command."""


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "batch", help="find poses in large image sets, with Ray", description=_DESCRIPTION
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="Images, videos, folders, patterns, text files with one path per line, Parquet files "
        "with a column of paths, or addresses of any of them, such as s3://bucket/folder. Folders "
        f"are searched for images ({describe_endings('image')}) and videos "
        f"({describe_endings('video')}).",
    )
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the results")
    add_options(add, *(SOURCES[name] for name in ("recursive", "path_column", "every")), *FAILING)
    add_options(parser.add_argument_group("files behind addresses").add_argument, *FETCHING)
    add_options(parser.add_argument_group("cluster").add_argument, *CLUSTER)
    add_network_arguments(parser)
    add_people_arguments(parser)
    add_output_arguments(parser, default=())


def run(options: argparse.Namespace) -> int:
    """Does what is not done yet; returns 1 if any input failed."""
    from filelock import FileLock, Timeout

    from .ray_batch.cluster import load_ray
    from .ray_batch.layout import Layout

    layout = Layout(options.output.absolute())
    layout.check_links()
    check_options(options, layout)
    load_ray()  # before anything is downloaded
    layout.crash_logs.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(layout.lock, timeout=0):
            return _run_locked(options, layout)
    except KeyboardInterrupt:
        log.info("Stopped. To resume, repeat the command.")
        raise
    except Timeout:
        raise ValueError(f"Another run is writing into {options.output}.") from None


def _run_locked(options: argparse.Namespace, layout: Layout) -> int:
    from .files.endings import LeftOut
    from .ray_batch.cluster import connect

    left_out = LeftOut()
    job, num_shards = prepare(options, layout, left_out)
    if options.retry_errors:
        layout.forget_failed()
    done = layout.find_done()
    if done:
        log.info("Resuming: %d of %d shards are done.", len(done), num_shards)
    if len(done) < num_shards:
        with connect(options.address) as ray:
            _process_shards(ray, job, num_shards, options)
    code = conclude(layout, num_shards)
    left_out.tell()
    return code


def prepare(options: argparse.Namespace, layout: Layout, left_out: LeftOut) -> tuple[Job, int]:
    """Writes plan and manifest; returns what the workers need to know, and the number of shards.

    ``left_out`` counts what folders, patterns and addresses hold that is not looked at.

    Raises:
        ValueError: something asked for is not possible, or the output folder holds results of
            another run.
        OSError: inputs or weights cannot be read or fetched, or the plan cannot be written.
        ImportError: a library is missing.
    """
    from uuid import uuid4

    from .. import __version__
    from ..sapiens_core.checkpoints.shards import checkpoint_sha256
    from .ray_batch.addresses import find_places
    from .ray_batch.inputs import find_sources
    from .ray_batch.layout import settle_manifest, split_into_shards, write_plan
    from .ray_batch.shard import Job
    from .ray_batch.shard_items import tell_long_results
    from .remote.time_limits import TimeLimits
    from .run.outputs import Outputs

    places = find_places(options.inputs)
    sources = find_sources(options, places, left_out)
    shards = split_into_shards(sources, options.part_size)
    told = tell_long_results(shards, places, Outputs.of(options), layout)
    planned = write_plan(layout.new_plan, told)
    work = _make_work_settings(options, layout, planned["inputs"])
    limits = TimeLimits(options.connect_limit, options.stall_limit, options.file_limit)
    sha256 = checkpoint_sha256(work.model.weights)
    job = Job(layout, work, sha256, __version__, places, limits, run=uuid4().hex)
    settle_manifest(layout, {"version": __version__, **_describe(job), **planned})
    layout.new_plan.replace(layout.plan)
    return job, planned["parts"]


def check_options(options: argparse.Namespace, layout: Layout) -> None:
    """Raises ValueError for what is wrong whatever the inputs are."""
    from ..skeletons.choices import CUSTOM
    from ..skeletons.draw import DrawOptions
    from .arguments.drawing import look_options
    from .files.find_inputs import are_found_again
    from .ray_batch.addresses import is_address

    if options.overlay and not options.style:
        raise ValueError("--overlay needs a drawing style; add --style.")
    draws = options.style or options.for_model != CUSTOM
    if not draws and look_options(options) != DrawOptions():
        raise ValueError("Options of drawing have no effect here; add --style or --for-model.")
    drawing = layout.files / "part-000000" / "photo.png"
    searched = [Path(text) for text in options.inputs if not is_address(text)]
    if draws and are_found_again([drawing], searched, options.recursive, layout.folder):
        raise ValueError(
            f"The drawings would go to {layout.folder}, which is also searched for images: the "
            "next run would take them as inputs. Give another folder with -o."
        )


def _make_work_settings(
    options: argparse.Namespace, layout: Layout, num_images: int
) -> WorkSettings:
    """What the options ask for; paths are absolute, as a worker may run in another folder."""
    from ..skeletons.poses.select import SelectOptions
    from .arguments.model import model_settings
    from .arguments.people import people_settings, pose_options
    from .arguments.selection import Selection
    from .run.chunk_worker import WorkSettings
    from .run.outputs import Outputs

    model, people = model_settings(options), people_settings(options, num_images)
    return WorkSettings(
        model=replace(model, weights=model.weights.absolute()),
        people=replace(
            people,
            boxes=people.boxes and people.boxes.absolute(),
            masks=people.masks and people.masks.absolute(),
            detector_weights=people.detector_weights and people.detector_weights.absolute(),
        ),
        poses=pose_options(options),
        selection=Selection(SelectOptions()),
        outputs=Outputs.of(options),
        folder=layout.files,
    )


def _describe(job: Job) -> dict[str, Any]:
    """All that results depend on, for the manifest: files by name and digest."""
    from ..skeletons.foundation.file_digest import file_sha256

    settings = asdict(job.work)
    files = {"boxes": job.work.people.boxes, "detector_weights": job.work.people.detector_weights}
    settings["people"] |= {
        name: {"file": path.name, "sha256": file_sha256(path)}
        for name, path in files.items()
        if path
    }
    settings["model"] |= {"weights": {"file": job.work.model.weights.name, "sha256": job.sha256}}
    del settings["folder"]
    return settings


def _process_shards(ray: Any, job: Job, num_shards: int, options: argparse.Namespace) -> None:
    """Has the shards done that are not done yet."""
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    from .patience import Patience
    from .ray_batch.actor_pool import ActorPool
    from .ray_batch.cluster import divide_resources

    resources = divide_resources(
        ray.cluster_resources(), options.actors, options.gpus_per_actor, options.cpus_per_actor
    )
    log.info(
        "%d workers with %g GPUs and %g cores each.",
        resources.num_actors,
        resources.gpus,
        resources.cpus,
    )
    done = job.layout.find_done()
    waiting = [shard for shard in range(num_shards) if shard not in done]
    with (
        logging_redirect_tqdm(),
        tqdm(total=num_shards, initial=len(done), unit="shard") as progress,
    ):
        for summary in ActorPool(ray, job, resources, Patience(options.patience)).run(waiting):
            progress.update()
            if summary.errors:
                log.warning("%d of %d: %s", summary.errors, summary.inputs, summary.first_error)


def conclude(layout: Layout, num_shards: int) -> int:
    """Writes the table of errors and logs what there is; returns 1 if any input failed."""
    from .ray_batch.tables import count_rows, read_errors, write_table

    done = sorted(layout.find_done())
    if len(done) < num_shards:
        raise RuntimeError(
            f"{num_shards - len(done)} of {num_shards} shards are not in {layout.folder}. If there "
            "are several machines, all must see that folder under that path. To resume, repeat "
            "the command."
        )
    errors = read_errors(layout.inputs(shard) for shard in done)
    write_table(layout.errors, errors)
    num_inputs = count_rows(layout.inputs(shard) for shard in done)
    num_people = count_rows(layout.people(shard) for shard in done)
    log.info("Inputs: %d, people: %d -> %s", num_inputs, num_people, layout.folder)
    if len(errors):
        log.error("Failed inputs: %d; %s says why.", len(errors), layout.errors)
    return 1 if len(errors) else 0
