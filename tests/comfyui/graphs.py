"""Graphs in ComfyUI's API format: nodes by id, with ``class_type`` and ``inputs``."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from base_folder import CORE_POSES, MINIATURE, PHOTO

Prompt = dict[str, dict[str, Any]]


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    """One node; a link is a list of the other node's id and the number of its output."""
    return {"class_type": class_type, "inputs": inputs}


NODES = {
    "SapiensPosePreprocessor": "Pose Keypoints OpenPose",
    "SapiensPoseLoader": "Load Sapiens Pose Model",
    "SapiensPose": "Sapiens Pose",
    "SapiensPoseOptions": "Sapiens Pose Options",
    "SapiensPoseSelect": "Select Sapiens People",
    "SapiensPoseTrack": "Track Sapiens People",
    "SapiensPoseSmooth": "Smooth Sapiens Poses",
    "SapiensPoseRetarget": "Retarget Sapiens Poses",
    "SapiensPoseEdit": "Edit Sapiens Pose",
    "SapiensPoseLibrary": "Sapiens Pose Library",
    "SapiensPoseParts": "Sapiens Body Parts",
    "SapiensPoseRender": "Render Sapiens Pose",
    "SapiensRenderOptions": "Sapiens Render Options",
    "SapiensWanAnimateInputs": "Wan Animate Inputs",
    "SapiensIdentityMasks": "Sapiens Identity Masks",
    "SapiensPoseConvert": "Convert Sapiens Poses",
    "SapiensPoseToJSON": "Sapiens Pose to JSON",
    "SapiensPoseSave": "Save Sapiens Pose",
    "SapiensPoseLoad": "Load Sapiens Pose",
}
"""Ids, which saved workflows depend on, and display names."""

PHOTO_TO_SKELETON: Prompt = {
    "photo": node("LoadImage", image=PHOTO),
    "model": node("SapiensPoseLoader", checkpoint=MINIATURE),
    "pose": node("SapiensPose", model=["model", 0], image=["photo", 0], detector="whole image"),
    "render": node("SapiensPoseRender", poses=["pose", 0]),
    "show": node("PreviewImage", images=["render", 0]),
}
"""What most artists want: the skeleton of a photo."""

THREE_FRAMES: Prompt = {
    **PHOTO_TO_SKELETON,
    "two": node("ImageBatch", image1=["photo", 0], image2=["photo", 0]),
    "three": node("ImageBatch", image1=["two", 0], image2=["photo", 0]),
    "white": node("EmptyImage", width=640, height=425, color=0xFFFFFF),
    "black": node("EmptyImage", width=640, height=425, color=0),
    "white-black": node("ImageBatch", image1=["white", 0], image2=["black", 0]),
    "masks": node("ImageBatch", image1=["white-black", 0], image2=["white", 0]),
    "mask": node("ImageToMask", image=["masks", 0], channel="red"),
    "pose": node("SapiensPose", model=["model", 0], image=["three", 0], mask=["mask", 0]),
}
"""Somebody, nobody, somebody: the mask of the middle frame is empty."""

FILE_TO_SKELETON: Prompt = {
    "file": node("SapiensPoseLoad", file=CORE_POSES),
    "render": node("SapiensPoseRender", poses=["file", 0]),
    "show": node("PreviewImage", images=["render", 0]),
}


def changed(prompt: Prompt, node_id: str, **inputs: Any) -> Prompt:
    """The same graph with other inputs of one node."""
    prompt = copy.deepcopy(prompt)
    prompt[node_id]["inputs"].update(inputs)
    return prompt


def with_defaults(prompt: Prompt, inputs_of: Callable[[str], Mapping[str, Any]]) -> Prompt:
    """A copy in which required inputs that are left out have their defaults, as on the page.

    Args:
        prompt: the graph.
        inputs_of: a node type's ``required`` inputs, as /object_info describes them.
    """
    prompt = copy.deepcopy(prompt)
    for row in prompt.values():
        for name, spec in inputs_of(row["class_type"]).items():
            has_default, value = _default(*spec)
            if has_default:
                row["inputs"].setdefault(name, value)
    return prompt


def _default(kind: Any, options: Mapping[str, Any] | None = None) -> tuple[bool, Any]:
    options = options or {}
    if "default" in options:
        return True, options["default"]
    choices = kind if isinstance(kind, list) else options.get("options")
    return (True, choices[0]) if choices else (False, None)


def numbered(prompt: Prompt) -> Prompt:
    """A graph whose ids are numbers, as the page wants them."""
    ids = {name: str(number) for number, name in enumerate(prompt, 1)}

    def renamed(value: Any) -> Any:
        return [ids[value[0]], value[1]] if isinstance(value, list) else value

    return {
        ids[name]: node | {"inputs": {key: renamed(each) for key, each in node["inputs"].items()}}
        for name, node in prompt.items()
    }
