"""Writes what all of a source must be known for, in a thread of its own, as its poses are found."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from ....sapiens_core.out_of_memory import OutOfMemory, explain_out_of_memory
from ....skeletons.foundation.atomic_files import replace_atomically
from ....skeletons.pose import Frame
from ...files.images import read_image
from ...files.keypoint_table import TABLES
from ...videos.frame_store import FrameStore
from ..chunks import Failure, Item, Result
from ..clip_people import Tally, process_clip
from ..plan import Plan
from ..resume_store import ResumeStore
from ..sources import Source
from .arrivals import Arrivals
from .run_bar import Progress

log = logging.getLogger(__name__)


class SourceWriter:
    """Finishes the sources of a run one after the other while the main thread finds poses.

    Clips that are neither smoothed nor retargeted are drawn and written frame by frame as their
    poses arrive. The others are as soon as all of their poses are known: filters measure the noise
    of a whole path first. What is written then waits for no further clip to be looked at.

    Leaving the context without an error waits for the last source; after one, what is being written
    is given up and removed.

    Args:
        plan: what there is to do.
        store: what was found, and what was written.
        arrivals: which chunks are done.
        frames: decoded frames that the clips are drawn on.
        progress: told of each frame that is written.
    """

    def __init__(
        self,
        plan: Plan,
        store: ResumeStore,
        arrivals: Arrivals,
        frames: FrameStore,
        progress: Progress,
    ) -> None:
        self.tally = Tally()
        self._plan = plan
        self._store = store
        self._arrivals = arrivals
        self._frames = frames
        self._progress = progress
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writing")
        self._unwritten: Future[int] | None = None

    def __enter__(self) -> SourceWriter:
        self._unwritten = self._thread.submit(self._finish_all)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.num_unwritten()
        finally:
            self._arrivals.stop()
            self._thread.shutdown()

    def check(self) -> None:
        """Raises what ended the thread, if anything did."""
        if self._unwritten and self._unwritten.done():
            self._unwritten.result()

    def num_unwritten(self) -> int:
        """The number of sources that could not be written, when all are finished."""
        return self._unwritten.result() if self._unwritten else 0

    def _finish_all(self) -> int:
        return sum(not self._finish(source) for source in self._plan.sources)

    def _finish(self, source: Source) -> bool:
        """Writes a source; returns whether that went well."""
        plan, store = self._plan, self._store
        if not (source.is_clip or plan.table):
            return True
        progress = SourceProgress(self._progress, len(source.items) if source.is_clip else 0)
        try:
            if self._is_finished(source):
                for chunk in source.chunks:
                    self._arrivals.wait(chunk)
                return True
            failures: list[Failure] = []
            try:
                with explain_out_of_memory(f"writing the results of {source.name}"):
                    self._write(source, progress, failures)
            except (ValueError, OSError, OutOfMemory) as error:
                log.error("%s", error)
                if len(failures) < len(source.items):
                    return False
            _tell_failures(source, failures)
            if not failures:  # a run that goes on tries these again, and then there is more
                store.mark_written(source.chunks[0])
            return True
        finally:
            if source.video:
                self._frames.drop(source.video.path)
            progress.finish()

    def _is_finished(self, source: Source) -> bool:
        """Whether an earlier run wrote all of a source, and it is still there."""
        results = self._plan.source_results(source)
        return self._store.is_written(source.chunks[0]) and all(path.exists() for path in results)

    def _write(self, source: Source, progress: SourceProgress, failures: list[Failure]) -> None:
        """Writes the table of a source, and the files of a clip; adds what failed to ``failures``.

        Raises:
            ValueError, OSError: something cannot be written.
        """
        results: Iterable[Result] = self._arrivals.results(source.chunks)
        if source.is_clip:
            results = self.tally.count(process_clip(results, self._plan.clips, source.fps))
        pairs = _collect_failures(zip(source.items, results, strict=True), failures)
        with ExitStack() as stack:
            if self._plan.table:
                pairs = _add_to_table(pairs, self._plan, source, stack)
            self._write_images(source, progress.count(self._until_stopped(pairs)))

    def _until_stopped(self, pairs: Iterable[tuple[Item, Result]]) -> Iterator[tuple[Item, Result]]:
        for pair in pairs:
            self._arrivals.check()
            yield pair

    def _write_images(self, source: Source, pairs: Iterable[tuple[Item, Result]]) -> None:
        """Writes the files of a video or of images that are a clip; others have theirs already.

        Raises:
            ValueError, OSError: something cannot be written.
        """
        work = self._plan.work
        if source.video:
            base = work.folder / source.name
            self._plan.clip_outputs.write(base, source.video, pairs, work.folder, self._frames)
            return
        for item, result in pairs:
            if source.is_clip and isinstance(result, Frame):
                image_rgb = read_image(item.path) if work.outputs.overlay else None
                work.outputs.write(work.folder / item.name, item.path.name, image_rgb, result)


class SourceProgress:
    """How many frames of a clip are written; the last one counts when all files are whole."""

    def __init__(self, progress: Progress, num_frames: int) -> None:
        self._progress = progress
        self._num_left = num_frames

    def count(self, pairs: Iterable[tuple[Item, Result]]) -> Iterator[tuple[Item, Result]]:
        """Yields the pairs as they are, each counted when the next one is asked for."""
        for pair in pairs:
            yield pair
            if self._num_left > 1:
                self._num_left -= 1
                self._progress.add(1)

    def finish(self) -> None:
        """All is written, or given up."""
        self._progress.add(self._num_left)
        self._num_left = 0


def _tell_failures(source: Source, failures: list[Failure]) -> None:
    if source.video and failures:
        path, total = source.video.path, len(source.items)
        reason = failures[0].message
        log.error(
            "%d of the %d frames of %s failed; the first: %s", len(failures), total, path, reason
        )


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
