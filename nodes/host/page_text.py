"""Sentences on a node of the page, in the page's language.

ComfyUI translates names and tooltips of nodes; what is told while a graph runs is our own affair.
"""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from pathlib import Path

import folder_paths
from comfy_api.latest import io
from server import PromptServer

log = logging.getLogger(__name__)

LOCALES = Path(__file__).resolve().parents[2] / "locales"


def tell(node: type[io.ComfyNode], *sentences: str, **values: object) -> None:
    """Shows sentences on a node, and writes the English ones into the log.

    Args:
        node: the class that runs, with ``unique_id`` among its hidden inputs.
        sentences: in English, as in ``locales/zh/messages.json``; ``{name}`` stands for a value.
        values: by name.
    """
    log.info("%s", " ".join(sentences).format(**values))
    translations = _translations(_page_language())
    text = " ".join(translations.get(each, each) for each in sentences).format(**values)
    PromptServer.instance.send_progress_text(text, node.hidden.unique_id)


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
