"""What the example workflows are made of: nodes and their sizes, notes, and model files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import (
    CHECKPOINTS,
    DEFAULT_SIZE,
    find_checkpoint,
)

EXAMPLE_IMAGE = "example.png"  # comes with ComfyUI
HUB = "https://huggingface.co"


@dataclass(frozen=True)
class ModelFile:
    """A file that ComfyUI's missing-model dialog can offer."""

    name: str
    url: str
    directory: str


@dataclass(frozen=True)
class Node:
    """A node: what it is, its left, top, width and height, and its inputs as the server has them.

    An input is a value, or ``[id of the other node, number of its output]``. Inputs that are not
    given keep their defaults.
    """

    kind: str
    bounds: tuple[int, int, int, int]
    inputs: dict[str, Any] = field(default_factory=dict)
    files: tuple[ModelFile, ...] = ()


@dataclass(frozen=True)
class Note:
    """Text on the canvas, in Markdown."""

    bounds: tuple[int, int, int, int]
    text: str


@dataclass(frozen=True)
class Group:
    """A coloured frame behind nodes."""

    title: str
    bounds: tuple[int, int, int, int]
    color: str


@dataclass(frozen=True)
class Workflow:
    """One example; ``nodes`` by number."""

    nodes: dict[int, Node]
    notes: tuple[Note, ...]
    groups: tuple[Group, ...] = ()


SAPIENS_FILES = tuple(
    ModelFile(row.base_name, row.url, "sapiens") for row in CHECKPOINTS if not row.needs_account
)
DETECTOR = ModelFile(
    "rt_detr_v4-x-hgnet_fp16.safetensors",
    f"{HUB}/Comfy-Org/SDPose/resolve/main/diffusion_models/rt_detr_v4-x-hgnet_fp16.safetensors",
    "diffusion_models",
)
STABLE_DIFFUSION = ModelFile(
    "v1-5-pruned-emaonly-fp16.safetensors",
    f"{HUB}/Comfy-Org/stable-diffusion-v1-5-archive/resolve/main/"
    "v1-5-pruned-emaonly-fp16.safetensors",
    "checkpoints",
)
CONTROLNET = ModelFile(
    "control_v11p_sd15_openpose_fp16.safetensors",
    f"{HUB}/comfyanonymous/ControlNet-v1-1_fp16_safetensors/resolve/main/"
    "control_v11p_sd15_openpose_fp16.safetensors",
    "controlnet",
)
SDXL = ModelFile(
    "sd_xl_base_1.0.safetensors",
    f"{HUB}/stabilityai/stable-diffusion-xl-base-1.0/resolve/main/sd_xl_base_1.0.safetensors",
    "checkpoints",
)
XINSIR = ModelFile(
    "diffusion_pytorch_model.safetensors",
    f"{HUB}/xinsir/controlnet-openpose-sdxl-1.0/resolve/main/diffusion_pytorch_model.safetensors",
    "controlnet",
)
_Z_IMAGE_FILES = f"{HUB}/Comfy-Org/z_image_turbo/resolve/main/split_files"
Z_IMAGE = ModelFile(
    "z_image_turbo_bf16.safetensors",
    f"{_Z_IMAGE_FILES}/diffusion_models/z_image_turbo_bf16.safetensors",
    "diffusion_models",
)
Z_IMAGE_TEXT = ModelFile(
    "qwen_3_4b.safetensors",
    f"{_Z_IMAGE_FILES}/text_encoders/qwen_3_4b.safetensors",
    "text_encoders",
)
Z_IMAGE_VAE = ModelFile("ae.safetensors", f"{_Z_IMAGE_FILES}/vae/ae.safetensors", "vae")
Z_IMAGE_FUN = ModelFile(
    "Z-Image-Turbo-Fun-Controlnet-Union.safetensors",
    f"{HUB}/alibaba-pai/Z-Image-Turbo-Fun-Controlnet-Union/resolve/main/"
    "Z-Image-Turbo-Fun-Controlnet-Union.safetensors",
    "model_patches",
)

SAM3 = ModelFile(
    "sam3.1_multiplex_fp16.safetensors",
    f"{HUB}/Comfy-Org/sam3.1/resolve/main/checkpoints/sam3.1_multiplex_fp16.safetensors",
    "checkpoints",
)

BLUE, GREEN, GOLD = "#3f789e", "#588157", "#b58b2a"
LOADER_SIZE, POSE_SIZE, RENDER_SIZE = (320, 150), (320, 700), (320, 660)


def image_node(left: int, top: int) -> Node:
    """Load Image."""
    return Node("LoadImage", (left, top, 320, 330), {"image": EXAMPLE_IMAGE})


def loader_node(left: int, top: int) -> Node:
    """Our loader. It names the file, because the dialog offers only files that are named."""
    name = find_checkpoint(DEFAULT_SIZE, 308).base_name
    bounds = (left, top, *LOADER_SIZE)
    return Node("SapiensPoseLoader", bounds, {"checkpoint": name}, SAPIENS_FILES)


def pose_node(left: int, top: int, model: int, image: list[int], **inputs: Any) -> Node:
    """Sapiens Pose."""
    return Node(
        "SapiensPose", (left, top, *POSE_SIZE), {"model": [model, 0], "image": image, **inputs}
    )


def render_node(left: int, top: int, poses: list[int], **inputs: Any) -> Node:
    """Render Sapiens Pose."""
    return Node("SapiensPoseRender", (left, top, *RENDER_SIZE), {"poses": poses, **inputs})


def prompt_node(left: int, top: int, text: str, clip_output: int = 1) -> Node:
    """A prompt, read by the text encoder that node 5 gives."""
    return Node("CLIPTextEncode", (left, top, 320, 130), {"text": text, "clip": [5, clip_output]})


def clip_nodes() -> dict[int, Node]:
    """A clip and the tracked and smoothed poses in it, nodes 1 to 6."""
    return {
        1: Node("LoadVideo", (60, 60, 320, 400), {"file": "your_video.mp4"}),
        2: loader_node(430, 250),
        3: Node("GetVideoComponents", (430, 60, 320, 110), {"video": [1, 0]}),
        4: pose_node(800, 60, 2, [3, 0], flip_test=False),
        5: Node("SapiensPoseTrack", (1170, 60, 320, 300), {"poses": [4, 0], "image": [3, 0]}),
        6: Node("SapiensPoseSmooth", (1170, 430, 320, 290), {"poses": [5, 0], "fps": [3, 2]}),
    }


def video_nodes(number: int, left: int, images: int, name: str) -> dict[int, Node]:
    """The images of a node as a video file with the clip's rate and sound: two nodes."""
    sources = {"images": [images, 0], "fps": [3, 2], "audio": [3, 1]}
    saved = {"video": [number, 0], "filename_prefix": f"video/{name}"}
    return {
        number: Node("CreateVideo", (left, 60, 320, 110), sources),
        number + 1: Node("SaveVideo", (left, 240, 320, 440), saved),
    }
