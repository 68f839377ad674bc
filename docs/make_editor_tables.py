"""Writes the tables of the editor on ComfyUI's page, from those in ``skeletons/keypoint_sets``.

``python docs/make_editor_tables.py`` writes ``web/editor/tables.js``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_text
from comfyui_sapiens_pose.skeletons.keypoint_sets import KEYPOINT_SETS, Color, KeypointSet, Link
from comfyui_sapiens_pose.skeletons.keypoint_sets.tree import (
    HANGING_PARTS,
    anchor_indices,
    hanging_indices,
    parents,
)

TABLES = Path(__file__).resolve().parents[1] / "web" / "editor" / "tables.js"

HEAD = """\
// Made by docs/make_editor_tables.py from skeletons/keypoint_sets; change the tables there.
//
// Of each keypoint set: the names of its joints, the joint that each hangs on (-1: the pelvis),
// which joint each becomes in a mirror, their colours, the links as start, end and colour, and of
// each part the joints that it hangs on and those that it consists of.

"""


def _color(color: Color) -> str:
    return "#" + bytes(color).hex()


def _link(keypoint_set: KeypointSet, link: Link) -> list[Any]:
    return [keypoint_set.index(link.start), keypoint_set.index(link.end), _color(link.color)]


def _rows(keypoint_set: KeypointSet) -> dict[str, Any]:
    return {
        "names": keypoint_set.names,
        "parents": parents(keypoint_set).tolist(),
        "twins": keypoint_set.flip_indices.tolist(),
        "colors": [_color(joint.color) for joint in keypoint_set.joints],
        "links": [_link(keypoint_set, link) for link in keypoint_set.links],
        "denseLinks": [_link(keypoint_set, link) for link in keypoint_set.dense_links],
        "parts": {
            part.name: {
                "anchors": anchor_indices(keypoint_set, part.name).tolist(),
                "joints": hanging_indices(keypoint_set, part.name).tolist(),
            }
            for part in HANGING_PARTS
        },
    }


def tables_text() -> str:
    """The content of the file."""
    lines = [HEAD, "export const KEYPOINT_SETS = {\n"]
    for name, keypoint_set in KEYPOINT_SETS.items():
        lines.append(f"  {name}: {{\n")
        for key, value in _rows(keypoint_set).items():
            lines.append(f"    {key}: {json.dumps(value, separators=(',', ':'))},\n")
        lines.append("  },\n")
    names = json.dumps([part.name for part in HANGING_PARTS])
    return "".join([*lines, "};\n\n", f"export const PART_NAMES = {names};\n"])


if __name__ == "__main__":
    write_text(TABLES, tables_text())
