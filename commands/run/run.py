"""A run of ``sapiens-pose estimate``: chunks are done in any order, sources finished in theirs."""

from __future__ import annotations

import argparse
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from ...sapiens_core.checkpoints.shards import find_checkpoint_files
from ...sapiens_core.network.pose_net import SapiensPoseNet
from ...sapiens_core.out_of_memory import OutOfMemory, explain_out_of_memory
from ...skeletons.foundation.atomic_files import prepare_folder, replace_atomically
from ...skeletons.pose import Frame
from ..failures import Cause
from ..files.images import read_image
from ..files.keypoint_table import TABLES
from ..files.reserved_names import reserve_names
from ..patience import Patience
from .chunk_worker import ChunkWorker, OnProgress
from .chunks import Chunk, Failure, Item, Result, Selected
from .clip_people import Tally, process_clip
from .plan import Plan, make_plan
from .resume_store import ResumeStore, remove_leftovers
from .sources import Source
from .worker_pool import WorkerPool

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
        (source.name, chunk)
        for source in plan.sources
        for chunk in source.chunks
        if not _is_done(plan, store, chunk)
    ]
    num_waiting = Counter(name for name, _ in waiting)
    source_of = {chunk.number: name for name, chunk in waiting}
    num_left = sum(len(chunk.items) for _, chunk in waiting)
    if num_left < plan.num_images:
        log.info("Resuming: %d of %d images are left.", num_left, plan.num_images)
    num_failed = num_unwritten = 0
    tally = Tally()
    with _progress_bar(plan.num_images, num_left) as bar, ExitStack() as stack:
        chunks = [chunk for _, chunk in waiting]
        start = partial(_start_processing, plan, bar.update, stack, model)
        done = _process_until_done(start, chunks, bar.update, patience)
        for source in plan.sources:
            while num_waiting[source.name]:
                chunk, results = next(done)
                patience.keep_trying(partial(store.save, chunk, results))
                num_waiting[source_of[chunk.number]] -= 1
                num_failed += _report(plan, chunk, list(tally.count(results)))
            num_unwritten += not _finish_source(plan, store, source, tally)
    tally.warn_if_nobody_is_left()
    return num_failed, num_unwritten


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
    plan: Plan, on_progress: OnProgress, stack: ExitStack, model: SapiensPoseNet | None
) -> Process:
    """Loads the model here, or prepares workers; ``stack`` ends what was begun."""
    if len(plan.devices) == 1:
        worker = ChunkWorker(plan.work, plan.devices[0], model)
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


def _finish_source(plan: Plan, store: ResumeStore, source: Source, tally: Tally) -> bool:
    """Writes what all of a source must be known for; returns whether that went well."""
    if not (source.is_clip or plan.table) or _is_finished(plan, store, source):
        return True
    results = (result for chunk in source.chunks for result in store.load(chunk))
    failures: list[Failure] = []
    try:
        with explain_out_of_memory(f"writing the results of {source.name}"):
            _write_source(plan, source, results, tally, failures)
    except (ValueError, OSError, OutOfMemory) as error:
        log.error("%s", error)
        if len(failures) < len(source.items):
            return False
    if source.video and failures:
        path, total = source.video.path, len(source.items)
        reason = failures[0].message
        log.error(
            "%d of the %d frames of %s failed; the first: %s", len(failures), total, path, reason
        )
    if not failures:  # a run that goes on tries these again, and then there is more to write
        store.mark_written(source.chunks[0])
    return True


def _is_finished(plan: Plan, store: ResumeStore, source: Source) -> bool:
    """Whether an earlier run wrote all of a source, and it is still there."""
    results = plan.source_results(source)
    return store.is_written(source.chunks[0]) and all(path.exists() for path in results)


def _write_source(
    plan: Plan, source: Source, results: Iterable[Result], tally: Tally, failures: list[Failure]
) -> None:
    """Writes the table of a source, and the files of a clip; adds what failed to ``failures``.

    Raises:
        ValueError, OSError: something cannot be written.
    """
    if source.is_clip:
        results = tally.count(process_clip(results, plan.clips, source.fps))
    pairs = _collect_failures(zip(source.items, results, strict=True), failures)
    with ExitStack() as stack:
        if plan.table:
            pairs = _add_to_table(pairs, plan, source, stack)
        _write_images(plan, source, pairs)


def _collect_failures(
    pairs: Iterable[tuple[Item, Result]], failures: list[Failure]
) -> Iterator[tuple[Item, Result]]:
    """The pairs as they are; what failed is added to ``failures``."""
    for item, result in pairs:
        if isinstance(result, Failure):
            failures.append(result)
        yield item, result


def _add_to_table(
    pairs: Iterable[tuple[Item, Result]], plan: Plan, source: Source, stack: ExitStack
) -> Iterator[tuple[Item, Result]]:
    """The pairs as they are; their people are added to the source's table."""
    path = stack.enter_context(replace_atomically(plan.table_path(source)))
    table: Any = stack.enter_context(TABLES[plan.table or ""](path))
    for item, result in pairs:
        if isinstance(result, Frame):
            table.add(item.path, item.frame, result)
        yield item, result


def _write_images(plan: Plan, source: Source, pairs: Iterable[tuple[Item, Result]]) -> None:
    """Writes the files of a video or of images that are a clip; others have theirs already.

    Raises:
        ValueError, OSError: something cannot be written.
    """
    work = plan.work
    if source.video:
        plan.clip_outputs.write(work.folder / source.name, source.video, pairs, work.folder)
        return
    for item, result in pairs:
        if source.is_clip and isinstance(result, Frame):
            image_rgb = read_image(item.path) if work.outputs.overlay else None
            work.outputs.write(work.folder / item.name, item.path.name, image_rgb, result)


def _progress_bar(total: int, num_left: int) -> Any:
    return tqdm(total=total, initial=total - num_left, unit="image", disable=total < 2)
