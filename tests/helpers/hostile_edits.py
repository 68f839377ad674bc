"""Texts of edits that can be read, and those of strangers who mean no good."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).resolve().parents[1] / "golden" / "edits" / "texts.json"
_KEPT = json.loads(_FILE.read_text(encoding="utf-8"))


def document(**changes: Any) -> dict[str, Any]:
    """Edits of nobody, with changes."""
    plain = {"format": "sapiens_edits", "version": 1, "keypoint_set": "coco_17"}
    return {**plain, "canvas": [640, 480], **changes}


def _many(count: int) -> list[dict[str, Any]]:
    return [{"who": {"order": index}} for index in range(count)]


READABLE: dict[str, str] = _KEPT["readable"]
REFUSED: dict[str, str] = {
    **_KEPT["refused"],
    "nested and unfinished": "[" * 200_000,
    "too long": json.dumps(document(note="x" * 2**18)),
    "too long in bytes": json.dumps(document(note="å" * 140_000), ensure_ascii=False),
    "half a character": json.dumps(document(note="x"))[:-1] + "\ud800",
    "too many people": json.dumps(document(people=_many(101))),
    "too many keys": json.dumps(
        document(people=[{"who": {"order": 0}, "keys": {str(n): {} for n in range(4097)}}])
    ),
    "quotes without end": '"' + '\\"' * 100_000,
}
