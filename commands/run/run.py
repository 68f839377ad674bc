"""A run of ``sapiens-pose estimate``: chunks are done in any order, sources written in theirs."""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial

from tqdm.contrib.logging import logging_redirect_tqdm

from ...sapiens_core.checkpoints.shards import find_checkpoint_files
from ...sapiens_core.network.pose_net import SapiensPoseNet
from ...skeletons.foundation.atomic_files import prepare_folder
from ..failures import Cause
from ..files.reserved_names import reserve_names
from ..patience import Patience
from ..videos.frame_store import FrameStore
from .chunk_worker import ChunkWorker, OnProgress
from .chunks import Chunk, Failure, Result, Selected
from .clip_people import Tally
from .plan import Plan, make_plan
from .resume_store import ResumeStore, remove_leftovers
from .worker_pool import WorkerPool
from .writing.arrivals import Arrivals
from .writing.run_bar import Progress
from .writing.source_writer import SourceWriter

log = logging.getLogger(__name__)

Process = Callable[[Sequence[Chunk]], Iterator[tuple[Chunk, list[Result]]]]
"""Does chunks; yields each with its results, in the order in which they get done."""


def estimate(options: argparse.Namespace) -> int:
    """Does all that the options ask for; returns 1 if an image or video failed.

    Raises:
        ValueError, OSError, ImportError, RuntimeError: it cannot be done.
    """
    plan = make_plan(options)
    patience = Patience(options.patience)
    folder = plan.work.folder
    prepare_folder(folder)
    with ExitStack() as stack:
        stack.enter_context(logging_redirect_tqdm())
        store = stack.enter_context(ResumeStore(folder, plan.command, plan.version))
        stack.enter_context(reserve_names(folder, plan.all_results()))
        try:
            num_failed, num_unwritten = process_sources(plan, store, patience)
        except KeyboardInterrupt:
            log.info("Stopped. To resume, repeat the command.")
            raise
        if not num_unwritten:
            store.remove()
    num_failed += plan.num_unreadable
    num_inputs = plan.num_images + plan.num_unreadable
    if num_inputs != 1:
        log.info("%d images -> %s", num_inputs - num_failed, folder)
    plan.left_out.tell()
    if num_failed:
        log.error("%d of %d images failed; the others are done.", num_failed, num_inputs)
    if num_unwritten:
        log.error("What was found is kept; repeat the command to write it again.")
    return 1 if num_failed or num_unwritten else 0


def process_sources(
    plan: Plan, store: ResumeStore, patience: Patience, model: SapiensPoseNet | None = None
) -> tuple[int, int]:
    """Does what is not done yet.

    Args:
        plan: what there is to do.
        store: what is done.
        patience: with disks that fail.
        model: the pose network, if it was loaded already; on several devices each loads its own.

    Raises:
        PlaceError: a disk or share fails, and patience has ended.

    Returns:
        The number of images and frames that failed, and of clips and tables that were not written.
    """
    remove_leftovers(plan.all_results())
    waiting = [
        chunk
        for source in plan.sources
        for chunk in source.chunks
        if not _is_done(plan, store, chunk)
    ]
    num_left = sum(len(chunk.items) for chunk in waiting)
    if num_left < plan.num_images:
        log.info("Resuming: %d of %d images are left.", num_left, plan.num_images)
    num_failed, tally = 0, Tally()
    num_frames = sum(len(source.items) for source in plan.sources if source.is_clip)
    with ExitStack() as stack:
        progress = Progress(plan.num_images, num_frames, plan.num_images - num_left)
        stack.enter_context(progress)
        frames = FrameStore()
        arrivals = Arrivals(store, [chunk.number for chunk in waiting])
        writer = stack.enter_context(SourceWriter(plan, store, arrivals, frames, progress))
        start = partial(_start_processing, plan, progress.add, stack, model, frames)
        for chunk, results in _process_until_done(start, waiting, progress.add, patience):
            patience.keep_trying(partial(store.save, chunk, results))
            arrivals.tell(chunk)
            num_failed += _report(plan, chunk, list(tally.count(results)))
            writer.check()
    tally.add_all(writer.tally)
    tally.warn_if_nobody_is_left()
    return num_failed, writer.num_unwritten()


def _is_done(plan: Plan, store: ResumeStore, chunk: Chunk) -> bool:
    """Whether an earlier run did it, and what was written then is still there."""
    paths = [path for item in chunk.items for path in plan.image_results(item)]
    return (chunk.is_clip or all(path.exists() for path in paths)) and chunk in store


def _process_until_done(
    start: Callable[[], Process],
    chunks: Sequence[Chunk],
    on_progress: OnProgress,
    patience: Patience,
) -> Iterator[tuple[Chunk, list[Result]]]:
    """Each chunk with its results; where a place failed, the chunk comes again after the others.

    Nothing is started if there is no chunk. Memory is not waited for, unlike in ``batch``: what
    failed is not kept, so that the same command tries it again.
    """
    if not chunks:
        return
    process = start()
    waiting = list(chunks)
    while waiting:
        again = []
        for chunk, results in process(waiting):
            failures = [result for result in results if isinstance(result, Failure)]
            of_place = [failure for failure in failures if failure.cause is Cause.PLACE]
            if not of_place:
                patience.succeed()
                yield chunk, results
                continue
            on_progress(-len(chunk.items))
            again.append(chunk)
            time.sleep(patience.fail(of_place[0].message))
        waiting = again


def _start_processing(
    plan: Plan,
    on_progress: OnProgress,
    stack: ExitStack,
    model: SapiensPoseNet | None,
    frames: FrameStore,
) -> Process:
    """Loads the model here, or prepares workers; ``stack`` ends what was begun."""
    if len(plan.devices) == 1:
        draws_on_them = "overlay" in plan.clip_outputs.drawings and plan.work.outputs.styles
        worker = ChunkWorker(plan.work, plan.devices[0], model, frames if draws_on_them else None)
        stack.callback(worker.close)
        return partial(_process_here, worker, on_progress)
    find_checkpoint_files(plan.work.model.weights)  # before each worker is started to say so
    # A worker that crashed cannot remove what it was writing.
    stack.callback(remove_leftovers, plan.all_results())
    return stack.enter_context(WorkerPool(plan.work, plan.devices, on_progress)).run


def _process_here(
    worker: ChunkWorker, on_progress: OnProgress, chunks: Sequence[Chunk]
) -> Iterator[tuple[Chunk, list[Result]]]:
    for chunk in chunks:
        num_shown = 0

        def show(num_done: int) -> None:
            nonlocal num_shown
            on_progress(max(0, num_done - num_shown))
            num_shown = max(num_shown, num_done)

        results = worker.process(chunk, show)
        show(len(chunk.items))
        yield chunk, results


def _report(plan: Plan, chunk: Chunk, results: Sequence[Result]) -> int:
    """Logs which images failed, of videos only at their end; returns how many these are."""
    failures = [result for result in results if isinstance(result, Failure)]
    if chunk.items[0].frame is None:
        for failure in failures:
            log.error("%s", failure.message)
    if plan.num_images == 1 and isinstance(results[0], Selected):
        item, selected = chunk.items[0], results[0]
        log.info("%s: people found: %d", item.image_path.name, selected.num_found)
        log.info("\n".join(f"  {path}" for path in plan.image_results(item)))
    return len(failures)
