"""Writes ``example_workflows`` and their pictures: ``python docs/make_workflows.py ADDRESS``.

ADDRESS is that of a running ComfyUI with this pack, such as http://127.0.0.1:8188. Its input
folder needs the photo 785 of ``miniature/photos``, poses found in it as ``skier.json``, and a clip
``skier.mp4``; its ``models/sapiens`` the miniature, which is what the pictures show at work. Files
by the names of the other models must be there, so that they are not shown as missing.
"""

from __future__ import annotations

import dataclasses
import sys
import uuid
from pathlib import Path
from typing import Any

from comfyui_sapiens_pose import __version__
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import DETECTORS
from editor import browser_page, build, dumps, open_editor, photograph, run, show
from playwright.sync_api import Page
from workflow_nodes import Workflow
from workflows import HELP, WORKFLOWS

ROOT = Path(__file__).resolve().parents[1]
FILES = ROOT / "example_workflows"
PICTURES = ROOT / "docs" / "images"
HELP_PICTURES = ROOT / "web" / "docs" / "images"

WHOLE_IMAGE = "whole image"
MINIATURE = "sapiens_miniature_17.safetensors"
SHOWN = {"example.png": "000000000785.jpg", "your_video.mp4": "skier.mp4"}

# What can run without the models of others: these nodes and what they need.
RUNNABLE: dict[str, list[int] | None] = {
    "photo_to_openpose_controlnet": [3, 4],
    "all_308_points_to_json": [3, 4, 6, 7],
    "rtdetr_people_to_sdpose_drawing": None,
    "video_to_skeleton_frames": [4, 7, 9],
    "one_person_of_a_video": [4, 8, 10, 12],
}


def in_server_format(name: str, workflow: Workflow) -> dict[str, Any]:
    """What ``editor.build`` takes."""
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


def tidied(name: str, graph: dict[str, Any]) -> dict[str, Any]:
    """The graph without what differs from run to run, and with our version on our nodes."""
    graph["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"sapiens-pose/{name}"))
    graph["extra"] = {"ds": {"scale": 0.7, "offset": [460, 80]}}
    for node in graph["nodes"]:
        if node["type"].startswith("SapiensPose"):
            node["properties"] |= {"cnr_id": "sapiens-pose", "ver": __version__}
    return graph


def with_miniature(graph: dict[str, Any]) -> dict[str, Any]:
    """The graph as it is photographed: with what is here, and without a detector."""
    swaps = {"sapiens2_0.4b_pose.safetensors": MINIATURE, DETECTORS[0].title: WHOLE_IMAGE, **SHOWN}
    nodes = [
        node | {"widgets_values": [swaps.get(v, v) for v in node["widgets_values"]]}
        if isinstance(node.get("widgets_values"), list)
        else node
        for node in graph["nodes"]
    ]
    return graph | {"nodes": nodes}


def write_examples(page: Page, address: str) -> None:
    """The example workflows and their pictures."""
    for name, workflow in WORKFLOWS.items():
        open_editor(page, address)
        graph = tidied(name, build(page, in_server_format(name, workflow)))
        (FILES / f"{name}.json").write_text(dumps(graph), encoding="utf-8")
        show(page, with_miniature(graph))
        if RUNNABLE[name]:
            run(page, RUNNABLE[name])
        photograph(page, PICTURES / f"workflow_{name}.webp", 0.7)


def write_help_pictures(page: Page, address: str) -> None:
    """Pictures of nodes at work, for their help pages."""
    for workflow, pages in HELP:
        open_editor(page, address)
        show(page, with_miniature(build(page, in_server_format("help", workflow))))
        run(page)
        for node, shown in pages.items():
            photograph(page, HELP_PICTURES / f"{node}.webp", 1.0, shown)


def main(address: str) -> None:
    """Writes everything."""
    FILES.mkdir(exist_ok=True)
    HELP_PICTURES.mkdir(parents=True, exist_ok=True)
    with browser_page() as page:
        write_examples(page, address)
        write_help_pictures(page, address)


if __name__ == "__main__":
    main(sys.argv[1])
