"""``sapiens-pose batch``: very many pictures on many GPUs and machines, through Ray Data."""

from __future__ import annotations

import argparse
import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .arguments.model import add_network_arguments
from .arguments.outputs import add_output_arguments
from .arguments.people import add_people_arguments
from .arguments.types import finite_number, positive_count

if TYPE_CHECKING:
    from .ray_batch.layout import Layout
    from .ray_batch.shard import Job
    from .run.chunk_worker import WorkSettings

log = logging.getLogger(__name__)

PART_SIZE = 512
"""Pictures: a minute or so of a GPU. So much is done again when a machine goes away."""

FAILED_ROUNDS = 20
"""So often in a row no part may come to an end; each round, one more bad picture is found."""

_DESCRIPTION = """\
Find poses in very many pictures, on all GPUs of a machine or of a Ray cluster. OUT, which all
machines must see, gets people/*.parquet with a row for each person, inputs/*.parquet with a row
for each input, errors.parquet with those that came to nothing, and a manifest; JSON and drawings
if --format and --style ask for them. A run that was stopped goes on when it is started again."""


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "batch", help="find poses in very many pictures, with Ray", description=_DESCRIPTION
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="pictures, videos, folders, patterns, text files with one path a line, Parquet files "
        "with a column of paths, or addresses of any of them, such as s3://bucket/folder",
    )
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the results")
    add("--recursive", action="store_true", help="also what is in the folders of a folder")
    add("--path-column", default="path", metavar="NAME", help="of Parquet (default: %(default)s)")
    add(
        "--every",
        type=positive_count,
        default=1,
        metavar="N",
        help="of videos, each N-th frame only",
    )
    _add_cluster_arguments(parser)
    add_network_arguments(parser)
    add_people_arguments(parser)
    add_output_arguments(parser, default=())


def _add_cluster_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("cluster").add_argument
    add(
        "--address",
        default="local",
        help="local: this machine alone; auto: the Ray cluster that runs here; or the address of "
        "one (default: %(default)s)",
    )
    add("--actors", type=int, metavar="N", help="workers (default: as many as there is room for)")
    add(
        "--gpus-per-actor",
        type=finite_number,
        metavar="G",
        help="GPUs of each, 0.5 for two on one (default: 1 if there are any)",
    )
    add(
        "--cpus-per-actor",
        type=finite_number,
        metavar="C",
        help="cores of each (default: 1 beside a GPU, else 4)",
    )
    add(
        "--part-size",
        type=int,
        default=PART_SIZE,
        metavar="N",
        help="pictures that a worker does at a time, and that share files (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Does what is not done yet; returns 1 if any input came to nothing."""
    from filelock import FileLock, Timeout

    from .ray_batch.cluster import load_ray
    from .ray_batch.layout import Layout

    layout = Layout(options.output.absolute())
    layout.check_links()
    load_ray()  # before anything is downloaded
    layout.attempts.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(layout.lock, timeout=0):
            return _run(options, layout)
    except KeyboardInterrupt:
        log.info("Stopped. The same command goes on from here.")
        raise
    except Timeout:
        raise ValueError(f"Another run is writing into {options.output}.") from None


def _run(options: argparse.Namespace, layout: Layout) -> int:
    from .ray_batch.cluster import cluster

    job, num_parts = prepare(options, layout)
    done = layout.done()
    if done:
        log.info("Going on: %d of %d parts are done.", len(done), num_parts)
    layout.forget_attempts()
    if len(done) < num_parts:
        with cluster(options.address) as ray:
            _do_all(ray, job, num_parts, options)
    return conclude(layout, num_parts)


def prepare(options: argparse.Namespace, layout: Layout) -> tuple[Job, int]:
    """What the workers need to know, and the number of parts; plan and manifest are on disk then.

    Raises:
        ValueError: something asked for is not possible, or the output folder holds results of
            another run.
        OSError: inputs or weights cannot be read or fetched, or the plan cannot be written.
        ImportError: a library is missing.
    """
    from .. import __version__
    from ..skeletons.foundation.file_digest import file_sha256
    from .ray_batch.inputs import find_sources
    from .ray_batch.layout import in_parts, settle_manifest, write_plan
    from .ray_batch.shard import Job

    _check(options, layout)
    planned = write_plan(layout.new_plan, in_parts(find_sources(options), options.part_size))
    work = _work(options, layout, planned["inputs"])
    job = Job(layout, work, file_sha256(work.model.weights), __version__)
    settle_manifest(layout, {"version": __version__, **_describe(job), **planned})
    layout.new_plan.replace(layout.plan)
    return job, planned["parts"]


def _check(options: argparse.Namespace, layout: Layout) -> None:
    """Raises ValueError for what is wrong whatever the inputs are."""
    from .files.find_inputs import are_found_again
    from .ray_batch.remote_files import is_address

    if options.part_size < 1:
        raise ValueError(f"Part size is {options.part_size}, expected 1 or more.")
    if options.overlay and not options.style:
        raise ValueError("--overlay draws a --style over each picture; say which.")
    drawing = layout.files / "part-000000" / "photo.png"
    searched = [Path(text) for text in options.inputs if not is_address(text)]
    if options.style and are_found_again([drawing], searched, options.recursive, layout.folder):
        raise ValueError(
            f"The drawings go into {layout.folder}, where pictures are looked for: the next run "
            "would take them for pictures. Give another folder with -o."
        )


def _work(options: argparse.Namespace, layout: Layout, num_images: int) -> WorkSettings:
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


def _do_all(ray: Any, job: Job, num_parts: int, options: argparse.Namespace) -> None:
    """Has parts done until all are; those whose workers went away, in another round."""
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    from .ray_batch.cluster import do_parts, share_of

    share = share_of(
        ray.cluster_resources(), options.actors, options.gpus_per_actor, options.cpus_per_actor
    )
    log.info("%d workers with %g GPUs and %g cores each.", share.workers, share.gpus, share.cpus)
    done = job.layout.done()
    failed_rounds = 0
    with (
        logging_redirect_tqdm(),
        tqdm(total=num_parts, initial=len(done), unit="part") as progress,
    ):
        while failed_rounds < FAILED_ROUNDS:
            pending = [part for part in range(num_parts) if part not in done]
            if not pending:
                return
            for summary in do_parts(ray, job, pending, share):
                progress.update()
                if summary.errors:
                    log.warning("%d of %d: %s", summary.errors, summary.inputs, summary.first_error)
            before, done = done, job.layout.done()
            failed_rounds = failed_rounds + 1 if done == before else 0
            if len(done) < num_parts:
                log.warning("Workers went away; %d parts are begun anew.", num_parts - len(done))


def conclude(layout: Layout, num_parts: int) -> int:
    """Writes the table of errors and says what there is; 1 if any input came to nothing."""
    from .ray_batch.tables import count_rows, errors_table, write_table

    done = sorted(layout.done())
    if len(done) < num_parts:
        raise RuntimeError(
            f"{num_parts - len(done)} of {num_parts} parts are not in {layout.folder}. If there "
            "are several machines, all must see that folder under that path. The same command "
            "goes on."
        )
    errors = errors_table(layout.inputs(part) for part in done)
    write_table(layout.errors, errors)
    inputs = count_rows(layout.inputs(part) for part in done)
    people = count_rows(layout.people(part) for part in done)
    log.info("Inputs: %d, people: %d -> %s", inputs, people, layout.folder)
    if len(errors):
        log.error("Inputs that came to nothing: %d; %s says why.", len(errors), layout.errors)
    return 1 if len(errors) else 0
