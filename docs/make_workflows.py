"""Writing ``example_workflows`` and their screenshots: ``python docs/make_workflows.py``.

Runs in the Python of the ComfyUI that ``make comfyui`` installs, with the folder of the installed
package on ``PYTHONPATH``; it starts ComfyUI by itself. Names of examples make only these.
"""

from __future__ import annotations

import dataclasses
import sys
import uuid
from typing import Any

from comfyui_sapiens_pose import __version__
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import (
    DEFAULT_SIZE,
    DETECTORS,
    find_checkpoint,
    menu_title,
)
from editor import browser_page, build, dumps, open_editor, run, show, take_screenshot
from own_comfyui import ROOT, run_comfyui
from workflow_nodes import Workflow
from workflows import WORKFLOWS

FILES = ROOT / "example_workflows"
IMAGES = ROOT / "docs" / "images"

WHOLE_IMAGE = "whole image"
MINIATURE = "sapiens_miniature_17.safetensors"
REPLACED_FILES = {"example.png": "000000000785.jpg", "your_video.mp4": "clip.mp4"}

RUNNABLE: dict[str, list[int] | None] = {
    "photo_to_skeleton": [2, 3],
    "photo_to_openpose_controlnet": [3, 4],
    "photo_to_sdxl_xinsir": [2, 3],
    "photo_to_z_image_fun": [2, 3],
    "all_308_points_to_json": [3, 4, 6, 7],
    "rtdetr_people_to_sdpose_drawing": None,
    "video_to_skeleton_frames": [4, 7, 9],
    "one_person_of_a_video": [4, 8, 10, 12],
    "video_to_another_character": [4, 9, 10, 13],
    "edit_a_pose": [3, 4, 5, 6],
    "video_to_wan_animate": [4, 7, 8],
    "video_to_vace": [4, 7],
    "video_to_ltx2": [4, 7],
    "people_of_a_video_by_sam3": [],
}
"""Nodes that can run, with what they need, without models of others; none: nothing can."""


def to_server_format(name: str, workflow: Workflow) -> dict[str, Any]:
    """The argument of ``editor.build``."""
    nodes = workflow.nodes.items()
    return {
        "id": name,
        "prompt": {
            str(number): {"class_type": node.kind, "inputs": _inputs(node.inputs)}
            for number, node in nodes
        },
        "bounds": {str(number): node.bounds for number, node in nodes},
        "files": {
            str(number): [dataclasses.asdict(file) for file in node.files]
            for number, node in nodes
            if node.files
        },
        "notes": [dataclasses.asdict(note) for note in workflow.notes],
        "groups": [dataclasses.asdict(group) for group in workflow.groups],
    }


def _inputs(inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [str(value[0]), value[1]] if isinstance(value, list) else value
        for name, value in inputs.items()
    }


def tidy(name: str, graph: dict[str, Any]) -> dict[str, Any]:
    """The graph with fixed ids and view, and with our version on our nodes."""
    graph["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"sapiens-pose/{name}"))
    graph["extra"] = {"ds": {"scale": 0.7, "offset": [460, 80]}}
    for node in graph["nodes"]:
        if node["type"].startswith("Sapiens"):
            node["properties"] |= {"cnr_id": "sapiens-pose", "ver": __version__}
    return graph


def use_miniature(graph: dict[str, Any]) -> dict[str, Any]:
    """The graph as it runs for a screenshot: with the files at hand, and without a detector."""
    swaps = {
        "sapiens2_0.4b_pose.safetensors": MINIATURE,
        menu_title(find_checkpoint(DEFAULT_SIZE, 308)): MINIATURE,
        DETECTORS[0].title: WHOLE_IMAGE,
        **REPLACED_FILES,
    }
    nodes = [
        node | {"widgets_values": [swaps.get(value, value) for value in node["widgets_values"]]}
        if isinstance(node.get("widgets_values"), list)
        else node
        for node in graph["nodes"]
    ]
    return graph | {"nodes": nodes}


def main(names: list[str]) -> None:
    """Write some example workflows and their screenshots, or all."""
    with run_comfyui() as address, browser_page() as page:
        for name in names or WORKFLOWS:
            open_editor(page, address)
            graph = tidy(name, build(page, to_server_format(name, WORKFLOWS[name])))
            (FILES / f"{name}.json").write_text(dumps(graph), encoding="utf-8")
            show(page, use_miniature(graph))
            if RUNNABLE[name]:
                run(page, RUNNABLE[name])
            take_screenshot(page, IMAGES / f"workflow_{name}.webp", 0.7)


if __name__ == "__main__":
    main(sys.argv[1:])
