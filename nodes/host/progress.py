"""Progress bars and cancelling in ComfyUI."""

from __future__ import annotations

import logging
from collections.abc import Callable

import comfy.model_management as mm
import comfy.utils
from comfy_execution.utils import get_executing_context
from server import PromptServer

log = logging.getLogger(__name__)


def tell(text: str) -> None:
    """Writes a sentence into the log, and on the node that is running."""
    log.info("%s", text)
    context, server = get_executing_context(), getattr(PromptServer, "instance", None)
    if context is not None and server is not None:
        server.send_progress_text(text, context.node_id)


def report_progress(done: int, total: int) -> None:
    """Shows how much of the current node's work is done; ends the run if the user cancelled."""
    # A new bar is shown at once, and ComfyUI checks for a cancel whenever it shows one.
    if total:
        comfy.utils.ProgressBar(total).update_absolute(done, total)


def progress_of(total: int) -> Callable[[int, int], None]:
    """A callback for the number done and in total; it ends the run if the user cancelled."""
    mm.throw_exception_if_processing_interrupted()
    bar = comfy.utils.ProgressBar(max(1, total))

    def report(done: int, total: int) -> None:
        mm.throw_exception_if_processing_interrupted()
        bar.update_absolute(done, max(1, total))

    return report
