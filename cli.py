"""The command line: ``sapiens-pose``."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from . import __version__
from .commands import batch, convert, download, edit, estimate, parts, render, retarget
from .commands.error_text import error_text, unforeseen_error_text
from .commands.stop_signals import run_until_stopped
from .commands.trust import check, evaluate

log = logging.getLogger(__name__)

COMMANDS = (estimate, batch, convert, render, parts, retarget, edit, download, check, evaluate)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns 0 if all went well and 1 if anything failed.

    Raises:
        KeyboardInterrupt: Ctrl-C, or what else asks ``run_program`` to stop.
    """
    parser = argparse.ArgumentParser(
        prog="sapiens-pose", description="Meta's Sapiens human pose models on your images."
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr, force=True)
    try:
        return int(options.run(options))
    except (ValueError, OSError, RuntimeError, ImportError, MemoryError) as error:
        log.error("sapiens-pose: %s", error_text(error))
    except Exception as error:
        log.error("sapiens-pose: %s", unforeseen_error_text(error))
        log.debug("", exc_info=True)
    return 1


def run_program() -> int:
    """``main`` as a process of its own, which stop signals end cleanly."""
    return run_until_stopped(main)


if __name__ == "__main__":
    sys.exit(run_program())
