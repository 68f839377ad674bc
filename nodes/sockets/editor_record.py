"""What the editor on ComfyUI's page needs to know of a run: detected poses and small images.

They are files in ComfyUI's temp folder, named by their content, and fetched by ``/view``: a node
that was served from the cache, copied, or put into a subgraph still finds its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import folder_paths
import numpy as np

from ...skeletons.edits.detection_file import encode_detection
from ...skeletons.foundation.arrays import Image
from ...skeletons.foundation.atomic_files import prepare_folder, write_bytes
from ...skeletons.pose import Frame

SUBFOLDER = "sapiens_pose"

MAX_SIDE, JPEG_QUALITY = 1280, 85
"""Of the small images: as large as the editor shows them, and as small as photos stay clean."""


def write_detection(frames: Sequence[Frame], images: Sequence[Image]) -> str:
    """Writes the poses, and the images that they were found in, and returns the file's name.

    Args:
        frames: as detected.
        images: (H, W, 3) uint8 RGB; none, one per frame, or fewer: the last serves the others.
    """
    names = [_write_image(image) for image in images[: len(frames)]]
    if names:
        names += names[-1:] * (len(frames) - len(names))
    content = encode_detection(frames, names)
    name = _name(hashlib.sha256(content).hexdigest(), ".bin")
    if not (_folder() / name).exists():
        _write(name, content)
    return name


def _write_image(image: Image) -> str:
    """Writes a small JPEG unless it is there; its name is a digest of the image itself."""
    key = hashlib.sha256(f"{image.shape} {MAX_SIDE} {JPEG_QUALITY}".encode())
    key.update(np.ascontiguousarray(image).data)
    name = _name(key.hexdigest(), ".jpg")
    if (_folder() / name).exists():
        return name
    height, width = image.shape[:2]
    scale = min(1.0, MAX_SIDE / max(height, width))
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    small = image if scale == 1 else cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)
    bgr = np.ascontiguousarray(small[..., ::-1])
    _, content = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    _write(name, content.tobytes())
    return name


def _folder() -> Path:
    return Path(folder_paths.get_temp_directory()) / SUBFOLDER


def _name(digest: str, ending: str) -> str:
    return digest[:16] + ending


def _write(name: str, content: bytes) -> None:
    prepare_folder(_folder())
    write_bytes(_folder() / name, content)
