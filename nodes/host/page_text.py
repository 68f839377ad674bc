"""Sentences on a node of the page, in the page's language.

ComfyUI translates names and tooltips of nodes; what is told while a graph runs is our own affair.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import folder_paths
from comfy_execution.utils import get_executing_context
from server import PromptServer

log = logging.getLogger(__name__)

LOCALES = Path(__file__).resolve().parents[2] / "locales"

TOLD = "sapiens_text"
"""Key of what a node told, in its ``ui``: ``web/page_texts.js`` shows it again when ComfyUI takes
the node from its cache."""


def tell(*sentences: str, **values: object) -> str:
    """Shows sentences on the node that is running, and writes the English ones into the log.

    Args:
        sentences: in English; ``{name}`` stands for a value. Those in
            ``locales/zh/messages.json`` are shown in Chinese where the page is.
        values: by name.

    Returns:
        What the page shows.
    """
    return tell_all([(sentence, values) for sentence in sentences])


def tell_all(
    sentences: Sequence[tuple[str, Mapping[str, object]]], level: int = logging.INFO
) -> str:
    """As ``tell``, each sentence with values of its own, at a level of the log."""
    log.log(level, "%s", " ".join(text.format(**values) for text, values in sentences))
    translations = _translations(_page_language())
    shown = (translations.get(text, text).format(**values) for text, values in sentences)
    return show(" ".join(shown))


def announce(text: str, level: int = logging.INFO) -> str:
    """Shows a finished text on the node that is running, writes it into the log, and returns it."""
    log.log(level, "%s", text)
    return show(text)


def as_told(text: str) -> dict[str, list[str]]:
    """What a node puts into its ``ui``, so that a run from the cache tells it again.

    ComfyUI sends the ``ui`` of output nodes alone again; on others the page leaves the text.
    """
    return {TOLD: [text]} if text else {}


def show(text: str) -> str:
    """Shows a finished text on the node that is running, and returns it."""
    context, server = get_executing_context(), getattr(PromptServer, "instance", None)
    if context is not None and server is not None:
        server.send_progress_text(text, context.node_id)
    return text


def _page_language() -> str:
    """As the user has chosen it in ComfyUI's settings; English where nobody has chosen one."""
    path = Path(folder_paths.get_user_directory()) / "default" / "comfy.settings.json"
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "en"
    return str(settings.get("Comfy.Locale", "en")) if isinstance(settings, dict) else "en"


@lru_cache
def _translations(language: str) -> dict[str, str]:
    path = LOCALES / language / "messages.json"
    known = {folder.name for folder in LOCALES.iterdir()}
    if language not in known or not path.is_file():
        return {}
    return dict(json.loads(path.read_text(encoding="utf-8")))
