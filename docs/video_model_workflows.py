"""Examples of skeletons for video models: Wan2.2 Animate, VACE and LTX-2, with ComfyUI's own nodes.

Steps, guidance and shift are those of the models' makers: ``wan/configs/wan_animate_14B.py`` of
Wan2.2 (20 steps, guidance 1, shift 5), ``vace/vace_wan_inference.py`` of VACE (guidance 5, shift
16 at 720p and 8 at 480p), and of LTX-2.3 those of ComfyUI's own "Image to Video (LTX-2.3)", first
stage (distilled LoRA at 0.5, eight steps, guidance 1).
"""

from __future__ import annotations

from typing import Any

from workflow_nodes import (
    BLUE,
    GOLD,
    GREEN,
    HUB,
    Group,
    ModelFile,
    Node,
    Note,
    Workflow,
    clip_nodes,
    image_node,
    render_node,
)
from workflow_notes import LTX_NOTE, VACE_NOTE, WAN_ANIMATE_NOTE

WAN_21 = f"{HUB}/Comfy-Org/Wan_2.1_ComfyUI_repackaged/resolve/main/split_files"
WAN_22 = f"{HUB}/Comfy-Org/Wan_2.2_ComfyUI_Repackaged/resolve/main/split_files"


LTX_23 = f"{HUB}/Lightricks/LTX-2.3/resolve/main"


def _file(repository: str, folder: str, name: str) -> ModelFile:
    return ModelFile(name, f"{repository}/{folder}/{name}", folder)


ANIMATE = _file(WAN_22, "diffusion_models", "wan2.2_animate_14B_bf16.safetensors")
VACE = _file(WAN_21, "diffusion_models", "wan2.1_vace_1.3B_fp16.safetensors")
TEXT_ENCODER = _file(WAN_21, "text_encoders", "umt5_xxl_fp8_e4m3fn_scaled.safetensors")
VAE = _file(WAN_21, "vae", "wan_2.1_vae.safetensors")
CLIP_VISION = _file(WAN_21, "clip_vision", "clip_vision_h.safetensors")

LTX = ModelFile(
    "ltx-2.3-22b-dev-fp8.safetensors",
    f"{HUB}/Lightricks/LTX-2.3-fp8/resolve/main/ltx-2.3-22b-dev-fp8.safetensors",
    "checkpoints",
)
LTX_DISTILLED = ModelFile(
    "ltx-2.3-22b-distilled-lora-384.safetensors",
    f"{LTX_23}/ltx-2.3-22b-distilled-lora-384.safetensors",
    "loras",
)
LTX_UNION = ModelFile(
    "ltx-2.3-22b-ic-lora-union-control-ref0.5.safetensors",
    f"{HUB}/Lightricks/LTX-2.3-22b-IC-LoRA-Union-Control/resolve/main/"
    "ltx-2.3-22b-ic-lora-union-control-ref0.5.safetensors",
    "loras",
)
GEMMA = _file(
    f"{HUB}/Comfy-Org/ltx-2/resolve/main/split_files",
    "text_encoders",
    "gemma_3_12B_it_fp4_mixed.safetensors",
)
LTX_SIGMAS = "1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875, 0.0"

NEGATIVE = "blurry, distorted, extra fingers, bad hands, deformed, static, text, watermark"


def _wan_nodes(model: ModelFile, prompt: str, shift: float) -> dict[int, Node]:
    """Wan's networks and prompts, nodes 20 to 25."""
    return {
        20: Node("UNETLoader", (60, 910, 320, 90), {"unet_name": model.name}, (model,)),
        21: Node(
            "CLIPLoader",
            (60, 1070, 320, 110),
            {"clip_name": TEXT_ENCODER.name, "type": "wan"},
            (TEXT_ENCODER,),
        ),
        22: Node("VAELoader", (60, 1250, 320, 60), {"vae_name": VAE.name}, (VAE,)),
        23: Node("ModelSamplingSD3", (430, 910, 320, 60), {"model": [20, 0], "shift": shift}),
        24: Node("CLIPTextEncode", (430, 1040, 320, 130), {"text": prompt, "clip": [21, 0]}),
        25: Node("CLIPTextEncode", (430, 1240, 320, 130), {"text": NEGATIVE, "clip": [21, 0]}),
    }


def _sampling_nodes(conditioning: int, cfg: float, name: str) -> dict[int, Node]:
    """Sampling, decoding and saving, nodes 30 to 34."""
    sampler: dict[str, Any] = {
        "model": [23, 0],
        "positive": [conditioning, 0],
        "negative": [conditioning, 1],
        "latent_image": [conditioning, 2],
        "seed": 785,
        "steps": 20,
        "cfg": cfg,
        "sampler_name": "uni_pc",
        "scheduler": "simple",
    }
    trimmed = {"samples": [30, 0], "trim_amount": [conditioning, 3]}
    return {
        30: Node("KSampler", (1540, 910, 320, 270), sampler),
        31: Node("TrimVideoLatent", (1540, 1250, 320, 60), trimmed),
        32: Node("VAEDecode", (1910, 910, 320, 50), {"samples": [31, 0], "vae": [22, 0]}),
        33: Node(
            "CreateVideo",
            (1910, 1030, 320, 110),
            {"images": [32, 0], "fps": [3, 2], "audio": [3, 1]},
        ),
        34: Node(
            "SaveVideo",
            (2280, 910, 320, 440),
            {"video": [33, 0], "filename_prefix": f"video/{name}"},
        ),
    }


def wan_animate() -> Workflow:
    """A person in an image moves as a person in a clip does, with the face."""
    nodes = {
        **clip_nodes(),
        7: render_node(1540, 60, [6, 0], for_model="wan_animate", width=832, height=480),
        8: Node(
            "SapiensWanAnimateInputs",
            (1910, 60, 320, 170),
            {"poses": [6, 0], "image": [3, 0], "person_id": 0, "steady": False},
        ),
        9: image_node(430, 1440),
        **_wan_nodes(ANIMATE, "a person moves in front of the camera", 5.0),
        26: Node(
            "CLIPVisionLoader",
            (60, 1380, 320, 60),
            {"clip_name": CLIP_VISION.name},
            (CLIP_VISION,),
        ),
        27: Node(
            "CLIPVisionEncode",
            (800, 1440, 320, 80),
            {"clip_vision": [26, 0], "image": [9, 0], "crop": "none"},
        ),
        28: Node(
            "WanAnimateToVideo",
            (1170, 910, 320, 420),
            {
                "positive": [24, 0],
                "negative": [25, 0],
                "vae": [22, 0],
                "width": [7, 2],
                "height": [7, 3],
                "length": 77,
                "clip_vision_output": [27, 0],
                "reference_image": [9, 0],
                "face_video": [8, 0],
                "pose_video": [7, 0],
            },
        ),
        **_sampling_nodes(28, 1.0, "wan_animate"),
    }
    groups = (
        Group("1  Poses and face of the clip", (40, -20, 2210, 840), BLUE),
        Group("2  Who is to move", (40, 830, 1100, 960), GREEN),
        Group("3  Video", (1150, 830, 1470, 540), GOLD),
    )
    return Workflow(nodes, (Note((1540, 1440, 690, 330), WAN_ANIMATE_NOTE),), groups)


def vace() -> Workflow:
    """People of a prompt move as the people in a clip do."""
    nodes = {
        **clip_nodes(),
        7: render_node(1540, 60, [6, 0], for_model="vace", width=832, height=480),
        **_wan_nodes(VACE, "a dancer in a red coat on a rooftop at dawn, film", 8.0),
        28: Node(
            "WanVaceToVideo",
            (1170, 910, 320, 300),
            {
                "positive": [24, 0],
                "negative": [25, 0],
                "vae": [22, 0],
                "width": [7, 2],
                "height": [7, 3],
                "length": 81,
                "control_video": [7, 0],
            },
        ),
        **_sampling_nodes(28, 5.0, "vace"),
    }
    groups = (
        Group("1  Poses of the clip", (40, -20, 1840, 840), BLUE),
        Group("2  Prompt", (40, 830, 730, 560), GREEN),
        Group("3  Video", (1150, 830, 1470, 540), GOLD),
    )
    return Workflow(nodes, (Note((1910, 60, 690, 300), VACE_NOTE),), groups)


def _ltx_models(prompt: str) -> dict[int, Node]:
    """LTX-2.3 with its two LoRAs, and prompts, nodes 20 to 28."""
    return {
        20: Node("CheckpointLoaderSimple", (60, 910, 320, 100), {"ckpt_name": LTX.name}, (LTX,)),
        21: Node(
            "LTXAVTextEncoderLoader",
            (60, 1080, 320, 110),
            {"text_encoder": GEMMA.name, "ckpt_name": LTX.name},
            (GEMMA, LTX),
        ),
        22: Node("LTXVAudioVAELoader", (60, 1260, 320, 60), {"ckpt_name": LTX.name}, (LTX,)),
        23: Node(
            "LoraLoaderModelOnly",
            (430, 910, 320, 90),
            {"model": [20, 0], "lora_name": LTX_DISTILLED.name, "strength_model": 0.5},
            (LTX_DISTILLED,),
        ),
        24: Node(
            "LoraLoaderModelOnly",
            (430, 1070, 320, 90),
            {"model": [23, 0], "lora_name": LTX_UNION.name},
            (LTX_UNION,),
        ),
        25: Node("GetICLoRAParameters", (430, 1230, 320, 40), {"iclora_model": [24, 0]}),
        26: Node("CLIPTextEncode", (800, 910, 320, 130), {"text": prompt, "clip": [21, 0]}),
        27: Node("CLIPTextEncode", (800, 1110, 320, 130), {"text": NEGATIVE, "clip": [21, 0]}),
        28: Node(
            "LTXVConditioning",
            (800, 1310, 320, 80),
            {"positive": [26, 0], "negative": [27, 0], "frame_rate": [3, 2]},
        ),
    }


def _ltx_sampling() -> dict[int, Node]:
    """The guided latents, sampling, decoding and saving, nodes 30 to 43."""
    return {
        30: Node(
            "EmptyLTXVLatentVideo",
            (1170, 910, 320, 130),
            {"width": [7, 2], "height": [7, 3], "length": 97},
        ),
        31: Node(
            "LTXVAddGuide",
            (1170, 1110, 320, 210),
            {
                "positive": [28, 0],
                "negative": [28, 1],
                "vae": [20, 2],
                "latent": [30, 0],
                "image": [7, 0],
                "iclora_parameters": [25, 0],
            },
        ),
        32: Node("LTXVEmptyLatentAudio", (1170, 1390, 320, 110), {"audio_vae": [22, 0]}),
        33: Node(
            "LTXVConcatAVLatent",
            (1540, 910, 320, 50),
            {"video_latent": [31, 2], "audio_latent": [32, 0]},
        ),
        34: Node(
            "CFGGuider",
            (1540, 1030, 320, 100),
            {"model": [24, 0], "positive": [31, 0], "negative": [31, 1], "cfg": 1.0},
        ),
        35: Node(
            "KSamplerSelect", (1540, 1200, 320, 60), {"sampler_name": "euler_ancestral_cfg_pp"}
        ),
        36: Node("ManualSigmas", (1540, 1330, 320, 60), {"sigmas": LTX_SIGMAS}),
        37: Node("RandomNoise", (1540, 1460, 320, 90), {"noise_seed": 785}),
        38: Node(
            "SamplerCustomAdvanced",
            (1910, 910, 320, 110),
            {
                "noise": [37, 0],
                "guider": [34, 0],
                "sampler": [35, 0],
                "sigmas": [36, 0],
                "latent_image": [33, 0],
            },
        ),
        39: Node("LTXVSeparateAVLatent", (1910, 1090, 320, 50), {"av_latent": [38, 0]}),
        40: Node(
            "LTXVCropGuides",
            (1910, 1210, 320, 70),
            {"positive": [31, 0], "negative": [31, 1], "latent": [39, 0]},
        ),
        41: Node("VAEDecodeTiled", (1910, 1350, 320, 150), {"samples": [40, 2], "vae": [20, 2]}),
        42: Node(
            "CreateVideo",
            (2280, 910, 320, 110),
            {"images": [41, 0], "fps": [3, 2], "audio": [3, 1]},
        ),
        43: Node(
            "SaveVideo",
            (2280, 1090, 320, 440),
            {"video": [42, 0], "filename_prefix": "video/ltx2"},
        ),
    }


def ltx2() -> Workflow:
    """People of a prompt move as the people in a clip do, by the union IC-LoRA of LTX-2.3."""
    nodes = {
        **clip_nodes(),
        7: render_node(1540, 60, [6, 0], for_model="ltx2", width=768, height=448),
        **_ltx_models("a dancer in a red coat on a rooftop at dawn, film"),
        **_ltx_sampling(),
    }
    groups = (
        Group("1  Poses of the clip", (40, -20, 1840, 840), BLUE),
        Group("2  Model and prompt", (40, 830, 1100, 740), GREEN),
        Group("3  Video", (1150, 830, 1470, 740), GOLD),
    )
    return Workflow(nodes, (Note((1910, 60, 690, 360), LTX_NOTE),), groups)
