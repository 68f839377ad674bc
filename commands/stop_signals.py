"""Signals that ask a program to stop: a kill or a closed terminal does what Ctrl-C does."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C, ``kill`` or a service manager, and a terminal that closes. Windows has no SIGHUP."""
STOP_SIGNALS = tuple(signal.Signals[name] for name in NAMES if hasattr(signal, name))
SIGNALS_TO_END_AT_ONCE = 3
"""One stops cleanly, a second one is ignored meanwhile, and who sends a third does not want to
wait."""


class Stopped(KeyboardInterrupt):
    """A signal asks the program to stop.

    Args:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run_until_stopped(program: Callable[[], int]) -> int:
    """Runs a program in which the first stop signal raises ``Stopped``.

    Signals that are ignored stay ignored, as those of a terminal are behind ``nohup``. To be
    called once, by the main thread, for all that the process does.

    Returns:
        The program's exit code; if it was stopped, 128 and the number of the signal.
    """
    received = 0
    first = int(signal.SIGINT)

    def stop(number: int, _: object) -> None:
        nonlocal received, first
        received += 1
        if received == 1:
            first = number
            raise Stopped(number)
        if received >= SIGNALS_TO_END_AT_ONCE:
            _end_at_once(number)

    for each in _heeded():
        signal.signal(each, stop)
    try:
        return program()
    except KeyboardInterrupt:  # not always ours: Ray makes one of its own of it
        return 128 + first
    finally:
        received = max(received, 1)  # Python's own end would show a traceback
        # When Python takes its handlers away, at its very end, a late signal would kill it.
        atexit.register(_ignore_stop_signals)


@contextmanager
def stop_signals_held() -> Iterator[None]:
    """Stop signals wait for the end of the context, so that no process is started by halves.

    Processes that are started in it never receive those of a terminal, which has the group of all
    processes receive them; ``terminate`` ends them at any moment. For the main thread.
    """
    held: list[int] = []
    before = {each: signal.getsignal(each) for each in _heeded()}
    # A mask alone would not do: another thread may receive a signal, this one then handles it.
    for each in before:
        signal.signal(each, lambda number, _: held.append(number))
    try:
        with _blocked_in_new_processes():
            yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    if held:
        signal.raise_signal(held[0])


@contextmanager
def _blocked_in_new_processes() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Python starts it together with the first process, and would unblock SIGINT then.
    resource_tracker.ensure_running()
    of_terminals = [each for each in STOP_SIGNALS if each != signal.SIGTERM]
    before = signal.pthread_sigmask(signal.SIG_BLOCK, of_terminals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _heeded() -> list[signal.Signals]:
    """Stop signals with a handler, Python's or the system's, and not ignored."""
    unheeded = (signal.SIG_IGN, None)
    return [each for each in STOP_SIGNALS if signal.getsignal(each) not in unheeded]


def _ignore_stop_signals() -> None:
    for each in STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)


def _end_at_once(number: int) -> None:
    for process in multiprocessing.active_children():
        process.kill()
    os._exit(128 + number)
