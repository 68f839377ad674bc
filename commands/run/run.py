"""A run of ``sapiens-pose estimate``: units are done in any order, clips are finished in theirs."""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from ...skeletons.foundation.atomic_files import prepare_folder, replace_atomically
from ...skeletons.pose import Frame
from ..files.keypoint_table import TABLES
from .chunks import Failure, Item, Result, Selected, Unit
from .clip_people import Tally, people_of_clip
from .plan import Plan, make_plan
from .resume_store import RunStore, remove_leftovers

if TYPE_CHECKING:
    from .chunk_worker import OnPictures
    from .sources import Source

log = logging.getLogger(__name__)


def estimate(options: argparse.Namespace) -> int:
    """Does all that the options ask for; returns 1 if a picture or video failed.

    Raises:
        ValueError, OSError, ImportError, RuntimeError: it cannot be done.
    """
    from tqdm.contrib.logging import logging_redirect_tqdm

    plan = make_plan(options)
    prepare_folder(plan.work.folder)
    with logging_redirect_tqdm(), RunStore(plan.work.folder, plan.command, plan.version) as store:
        try:
            num_failed, num_unwritten = _work(plan, store)
        except KeyboardInterrupt:
            log.info("Stopped. The same command goes on from here.")
            raise
        if not num_unwritten:
            store.remove()
    num_failed += plan.num_unreadable
    num_inputs = plan.num_pictures + plan.num_unreadable
    if num_inputs != 1:
        log.info("%d pictures -> %s", num_inputs - num_failed, plan.work.folder)
    if num_failed:
        log.error("%d of %d pictures failed; the others are done.", num_failed, num_inputs)
    if num_unwritten:
        log.error("What was found is kept: the same command tries again to write it.")
    return 1 if num_failed or num_unwritten else 0


def _work(plan: Plan, store: RunStore) -> tuple[int, int]:
    """Does what is not done yet; the pictures and frames that failed, and the clips and tables."""
    remove_leftovers(plan.all_paths())
    waiting = [
        (place, unit)
        for place, units in enumerate(plan.units)
        for unit in units
        if not _is_done(plan, store, unit)
    ]
    left = Counter(place for place, _ in waiting)
    place_of = {unit.number: place for place, unit in waiting}
    num_left = sum(len(unit.items) for _, unit in waiting)
    if num_left < plan.num_pictures:
        log.info("Going on: %d of %d pictures are left.", num_left, plan.num_pictures)
    num_failed = num_unwritten = 0
    tally = Tally()
    with _progress(plan.num_pictures, num_left) as bar, ExitStack() as stack:
        done = _results(plan, [unit for _, unit in waiting], bar.update, stack)
        for place, source in enumerate(plan.sources):
            while left[place]:
                unit, results = next(done)
                store.save(unit, results)
                left[place_of[unit.number]] -= 1
                num_failed += _tell(plan, unit, list(tally.counted(results)))
            num_unwritten += not _finish(plan, store, place, source, tally)
    tally.tell()
    return num_failed, num_unwritten


def _results(
    plan: Plan, units: Sequence[Unit], on_pictures: OnPictures, stack: ExitStack
) -> Iterator[tuple[Unit, list[Result]]]:
    """Each unit with its results, done here or by workers; ``stack`` ends what was begun."""
    if not units:
        return iter(())
    if len(plan.devices) > 1:
        from ...sapiens_core.checkpoints.load import check_checkpoint_exists
        from .worker_pool import WorkerPool

        check_checkpoint_exists(plan.work.model.weights)  # before each worker is started to say so
        # A worker that died cannot remove what it was writing.
        stack.callback(remove_leftovers, plan.all_paths())
        return stack.enter_context(WorkerPool(plan.work, plan.devices, on_pictures)).run(units)
    return _done_here(plan, units, on_pictures, stack)


def _done_here(
    plan: Plan, units: Sequence[Unit], on_pictures: OnPictures, stack: ExitStack
) -> Iterator[tuple[Unit, list[Result]]]:
    from .chunk_worker import UnitWorker

    worker = UnitWorker(plan.work, plan.devices[0])
    stack.callback(worker.close)
    for unit in units:
        shown = 0

        def show(pictures: int) -> None:
            nonlocal shown
            on_pictures(max(0, pictures - shown))
            shown = max(shown, pictures)

        results = worker.do(unit, show)
        show(len(unit.items))
        yield unit, results


def _is_done(plan: Plan, store: RunStore, unit: Unit) -> bool:
    """Whether an earlier run did it, and what was written then is still there."""
    paths = [path for item in unit.items for path in plan.picture_paths(item)]
    return (unit.is_clip or all(path.exists() for path in paths)) and unit in store


def _tell(plan: Plan, unit: Unit, results: Sequence[Result]) -> int:
    """Says which pictures failed, and how many these are; of videos, that comes at their end."""
    failures = [result for result in results if isinstance(result, Failure)]
    if unit.items[0].frame is None:
        for failure in failures:
            log.error("%s", failure.message)
    if plan.num_pictures == 1 and isinstance(results[0], Selected):
        item, one = unit.items[0], results[0]
        log.info("%s: people found: %d", item.picture_path.name, one.num_found)
        log.info("\n".join(f"  {path}" for path in plan.picture_paths(item)))
    return len(failures)


def _finish(plan: Plan, store: RunStore, place: int, source: Source, tally: Tally) -> bool:
    """Writes what could not be written before all of a source was known; whether that went well."""
    from ...sapiens_core.out_of_memory import OutOfMemory, explain_out_of_memory

    first = plan.units[place][0]
    if not (source.is_clip or plan.table) or _is_finished(plan, store, first, source):
        return True
    results: Iterator[Result] = (
        result for unit in plan.units[place] for result in store.load(unit)
    )
    if source.is_clip:
        results = tally.counted(people_of_clip(results, plan.clips))
    failures: list[Failure] = []
    try:
        with ExitStack() as stack:
            stack.enter_context(explain_out_of_memory(f"writing the results of {source.name}"))
            pairs = _noted(zip(source.items, results, strict=True), failures)
            if plan.table:
                pairs = _tabled(pairs, plan, source, stack)
            _write(plan, source, pairs)
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
        store.mark(first)
    return True


def _is_finished(plan: Plan, store: RunStore, first: Unit, source: Source) -> bool:
    """Whether an earlier run wrote all of a source, and it is still there."""
    return store.is_marked(first) and all(path.exists() for path in plan.paths(source))


def _noted(
    pairs: Iterable[tuple[Item, Result]], failures: list[Failure]
) -> Iterator[tuple[Item, Result]]:
    """The pairs as they are; what failed is added to ``failures``."""
    for item, result in pairs:
        if isinstance(result, Failure):
            failures.append(result)
        yield item, result


def _tabled(
    pairs: Iterable[tuple[Item, Result]], plan: Plan, source: Source, stack: ExitStack
) -> Iterator[tuple[Item, Result]]:
    """The pairs as they are; who is in them goes into the table."""
    part = stack.enter_context(replace_atomically(plan.table_path(source)))
    table: Any = stack.enter_context(TABLES[plan.table or ""](part))
    for item, result in pairs:
        if isinstance(result, Frame):
            table.add(item.path, item.frame, result)
        yield item, result


def _write(plan: Plan, source: Source, pairs: Iterable[tuple[Item, Result]]) -> None:
    """Writes a video's results, or those of pictures that are a clip.

    Raises:
        ValueError, OSError: something cannot be written.
    """
    from ..files.images import read_image

    work = plan.work
    if source.video:
        plan.clip_outputs.write(work.folder / source.name, source.video, pairs, work.folder)
        return
    for item, result in pairs:
        if source.is_clip and isinstance(result, Frame):
            image_rgb = read_image(item.path) if work.outputs.overlay else None
            work.outputs.write(work.folder / item.name, item.path.name, image_rgb, result)


def _progress(total: int, num_left: int) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, initial=total - num_left, unit="picture", disable=total < 2)
