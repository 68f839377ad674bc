"""Example workflows that end in an image of a diffusion model, as data: Stable Diffusion
1.5, SDXL and Z-Image."""

from __future__ import annotations

from typing import Any

from workflow_nodes import (
    BLUE,
    CONTROLNET,
    GREEN,
    SDXL,
    STABLE_DIFFUSION,
    XINSIR,
    Z_IMAGE,
    Z_IMAGE_FUN,
    Z_IMAGE_TEXT,
    Z_IMAGE_VAE,
    Group,
    ModelFile,
    Node,
    Note,
    Workflow,
    image_node,
    loader_node,
    pose_node,
    prompt_node,
    render_node,
)
from workflow_notes import CONTROLNET_NOTE, XINSIR_NOTE, Z_IMAGE_NOTE

SIDE = 1024
"""Width and height of the skeletons and of what is made of them."""
TEXT = "a dancer on a stage, warm light, photo"


def _skeleton(for_model: str) -> dict[int, Node]:
    """A photo, its poses, and the skeleton as a model was trained on it, as node 3."""
    return {
        1: image_node(60, 60),
        2: Node("SapiensPosePreprocessor", (430, 60, 320, 560), {"image": [1, 0]}),
        3: render_node(800, 60, [2, 2], for_model=for_model, width=SIDE, height=SIDE),
    }


def _latent(kind: str, left: int, top: int) -> Node:
    return Node(kind, (left, top, 320, 110), {"width": SIDE, "height": SIDE})


def _groups() -> tuple[Group, ...]:
    return (
        Group("1  Pose", (40, -20, 1100, 840), BLUE),
        Group("2  Image", (40, 830, 1840, 520), GREEN),
    )


def _steered_nodes(
    checkpoint: ModelFile,
    controlnet: ModelFile,
    text: str,
    apply: dict[str, Any],
    latent: Node,
    sampling: dict[str, Any],
) -> dict[int, Node]:
    """A model that a ControlNet steers, and the image it makes, nodes 5 to 13.

    Args:
        checkpoint, controlnet: the files.
        text: the prompt.
        apply: inputs of ControlNetApplyAdvanced: the skeleton, and what is not as usual.
        latent: the empty image.
        sampling: inputs of KSampler: guidance, and what is not as usual.
    """
    return {
        5: Node(
            "CheckpointLoaderSimple",
            (60, 910, 320, 100),
            {"ckpt_name": checkpoint.name},
            (checkpoint,),
        ),
        6: prompt_node(430, 910, text),
        7: prompt_node(430, 1100, "blurry, deformed, text, watermark"),
        8: Node(
            "ControlNetLoader",
            (60, 1070, 320, 60),
            {"control_net_name": controlnet.name},
            (controlnet,),
        ),
        9: Node(
            "ControlNetApplyAdvanced",
            (800, 910, 320, 190),
            {"positive": [6, 0], "negative": [7, 0], "control_net": [8, 0], **apply},
        ),
        10: latent,
        11: Node(
            "KSampler",
            (1170, 910, 320, 270),
            {
                "model": [5, 0],
                "positive": [9, 0],
                "negative": [9, 1],
                "latent_image": [10, 0],
                "seed": 785,
                "sampler_name": "dpmpp_2m",
                "scheduler": "karras",
                **sampling,
            },
        ),
        12: Node("VAEDecode", (1170, 1240, 320, 50), {"samples": [11, 0], "vae": [5, 2]}),
        13: _saved_image(12),
    }


def _saved_image(image: int) -> Node:
    inputs = {"images": [image, 0], "filename_prefix": "sapiens_pose"}
    return Node("SaveImage", (1540, 910, 320, 400), inputs)


def sd15_with_openpose() -> Workflow:
    """The OpenPose ControlNet steers Stable Diffusion 1.5."""
    text = "a skier on a snowy mountain, red jacket, sunny day, film photo"
    latent = Node("EmptyLatentImage", (800, 1170, 320, 110), {"width": 768, "height": 512})
    nodes = {
        1: image_node(60, 260),
        2: loader_node(60, 60),
        3: pose_node(430, 60, 2, [1, 0]),
        4: render_node(800, 60, [3, 0], width=768, height=512),
        **_steered_nodes(
            *(STABLE_DIFFUSION, CONTROLNET, text, {"image": [4, 0]}, latent, {"cfg": 7.0})
        ),
    }
    return Workflow(nodes, (Note((1170, 60, 690, 220), CONTROLNET_NOTE),), _groups())


def sdxl_with_xinsir() -> Workflow:
    """xinsir's ControlNet steers SDXL."""
    apply = {"image": [3, 0], "strength": 0.9}
    latent = _latent("EmptyLatentImage", 800, 1170)
    nodes = _skeleton("xinsir") | _steered_nodes(
        SDXL, XINSIR, TEXT, apply, latent, {"steps": 30, "cfg": 6.0}
    )
    return Workflow(nodes, (Note((1170, 60, 690, 330), XINSIR_NOTE),), _groups())


def z_image_with_fun() -> Workflow:
    """Z-Image-Turbo with the Fun model patch, as in ComfyUI's own "Pose to Image"."""
    nodes = _skeleton("fun") | {
        5: Node(
            "CLIPLoader",
            (60, 910, 320, 110),
            {"clip_name": Z_IMAGE_TEXT.name, "type": "lumina2"},
            (Z_IMAGE_TEXT,),
        ),
        6: prompt_node(430, 910, TEXT, clip_output=0),
        7: Node("ConditioningZeroOut", (430, 1100, 320, 30), {"conditioning": [6, 0]}),
        8: Node("UNETLoader", (60, 1070, 320, 90), {"unet_name": Z_IMAGE.name}, (Z_IMAGE,)),
        9: Node("VAELoader", (430, 1190, 320, 60), {"vae_name": Z_IMAGE_VAE.name}, (Z_IMAGE_VAE,)),
        10: Node(
            "ModelPatchLoader", (60, 1220, 320, 60), {"name": Z_IMAGE_FUN.name}, (Z_IMAGE_FUN,)
        ),
        11: Node(
            "ZImageFunControlnet",
            (800, 910, 320, 150),
            {"model": [8, 0], "model_patch": [10, 0], "vae": [9, 0], "image": [3, 0]},
        ),
        12: Node("ModelSamplingAuraFlow", (800, 1120, 320, 60), {"model": [11, 0], "shift": 3.0}),
        13: _latent("EmptySD3LatentImage", 800, 1230),
        14: Node(
            "KSampler",
            (1170, 910, 320, 270),
            {
                "model": [12, 0],
                "positive": [6, 0],
                "negative": [7, 0],
                "latent_image": [13, 0],
                "seed": 785,
                "steps": 9,
                "cfg": 1.0,
                "sampler_name": "res_multistep",
                "scheduler": "simple",
            },
        ),
        15: Node("VAEDecode", (1170, 1240, 320, 50), {"samples": [14, 0], "vae": [9, 0]}),
        16: _saved_image(15),
    }
    return Workflow(nodes, (Note((1170, 60, 690, 330), Z_IMAGE_NOTE),), _groups())
