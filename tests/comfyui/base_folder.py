"""A throw-away folder for ComfyUI with this pack, the miniature and a photo in it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACK_NAME = "comfyui_sapiens_pose"
MINIATURE = "sapiens_miniature_17.safetensors"
MINIATURE_ELSEWHERE = "elsewhere.safetensors"
SAPIENS2 = "cfg_pose.safetensors"
"""A tiny Sapiens2 with random weights, of the golden files."""
PHOTO = "000000000785.jpg"
DETECTOR = "rtdetr_v2_r18vd.safetensors"
"""The smaller detector; its random weights are in models/sapiens for some tests."""
CORE_POSES = "o05_three_1024x1024.core_pose.json"
"""POSE_KEYPOINT of three people as ComfyUI's own SDPose nodes write it."""
CLIP = "clip.mp4"
"""The photo as a film of three frames."""

COMFYUI_DIR = Path(os.environ.get("COMFYUI_DIR") or ROOT / ".venv-comfyui" / "ComfyUI")
"""ComfyUI's source tree; the variable of the same name points to another one."""


def why_no_comfyui() -> str:
    """Why the tests cannot run here; empty if they can."""
    if not (COMFYUI_DIR / "main.py").is_file():
        return f"there is no ComfyUI in {COMFYUI_DIR}; `make comfyui` installs it"
    try:
        import comfy_kitchen  # noqa: F401
    except ImportError:
        return f"{sys.executable} lacks ComfyUI's packages; run these tests by `make comfyui-tests`"
    return ""


def make(base: Path) -> Path:
    """Fills ``base``; a copy of the miniature lies where only extra_model_paths.yaml leads.

    Returns:
        Path of the extra_model_paths.yaml.
    """
    for name in ("models/sapiens", "input", "output", "temp", "user", "custom_nodes", "elsewhere"):
        (base / name).mkdir(parents=True)
    (base / "custom_nodes" / PACK_NAME).symlink_to(ROOT)
    shutil.copy(ROOT / "miniature" / MINIATURE, base / "models" / "sapiens")
    shutil.copy(ROOT / "miniature" / MINIATURE, base / "elsewhere" / MINIATURE_ELSEWHERE)
    shutil.copy(ROOT / "tests" / "golden" / "sapiens2" / SAPIENS2, base / "models" / "sapiens")
    shutil.copy(ROOT / "miniature" / "photos" / PHOTO, base / "input")
    shutil.copy(ROOT / "tests" / "golden" / "openpose" / CORE_POSES, base / "input")
    _film(base / "input" / PHOTO, base / "input" / CLIP)
    paths = base / "extra_model_paths.yaml"
    paths.write_text(f"test:\n  base_path: {base}\n  sapiens: elsewhere\n")
    return paths


def _film(photo: Path, clip: Path) -> None:
    import av
    from PIL import Image

    with Image.open(photo) as opened:
        # Films have even sides.
        picture = opened.resize((320, 212))
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", rate=8)
        stream.width, stream.height, stream.pix_fmt = *picture.size, "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode())
