"""The example workflows, as they are and as they can run in a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from base_folder import CLIP, MINIATURE, PHOTO, ROOT

EXAMPLES = sorted((ROOT / "example_workflows").glob("*.json"))
STAND_INS = {
    "LoadImage": {0: PHOTO},
    "LoadVideo": {0: CLIP},
    "SapiensPoseLoader": {3: MINIATURE},
    "SapiensPose": {0: "whole image"},
    "SapiensPosePreprocessor": {0: MINIATURE, 1: "whole image"},
}
"""By node type, widgets that take another value in a test, by their number."""

MODEL_TYPES = {"MODEL", "MODEL_PATCH", "CLIP", "CLIP_VISION", "VAE", "CONTROL_NET"}
MUTED = 2
"""Value of a node's ``mode`` with which it and its links are left out of a run."""

Workflow = dict[str, Any]
"""A graph as the page saves it."""


def read_example(path: Path) -> Workflow:
    """One example as users get it."""
    return dict(json.loads(path.read_text()))


def runnable(workflow: Workflow, object_info: Mapping[str, Any]) -> Workflow:
    """The same graph on the miniature, without what needs other models than ours.

    Args:
        workflow: the graph; it is changed.
        object_info: all node types, as ComfyUI describes them.
    """
    for node in workflow["nodes"]:
        for number, value in STAND_INS.get(node["type"], {}).items():
            node["widgets_values"][number] = value
    muted = {node["id"] for node in workflow["nodes"] if _loads_a_model(node)}
    links = [(link[1], link[3], link[4]) for link in workflow["links"]]
    nodes = {node["id"]: node for node in workflow["nodes"]}
    count = -1
    while count != len(muted):
        count = len(muted)
        muted |= {
            target
            for source, target, slot in links
            if source in muted and _is_required(nodes[target], slot, object_info)
        }
    for node_id in muted:
        nodes[node_id]["mode"] = MUTED
    return workflow


def _loads_a_model(node: Mapping[str, Any]) -> bool:
    linked = [port for port in node.get("inputs") or [] if port.get("link") is not None]
    return not linked and bool(MODEL_TYPES & {port["type"] for port in node.get("outputs") or []})


def _is_required(node: Mapping[str, Any], slot: int, object_info: Mapping[str, Any]) -> bool:
    name = node["inputs"][slot]["name"]
    return name in object_info[node["type"]]["input"].get("required", {})
