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
    return _write(content, ".bin")


def _write_image(image: Image) -> str:
    height, width = image.shape[:2]
    scale = min(1.0, MAX_SIDE / max(height, width))
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    small = image if scale == 1 else cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)
    bgr = np.ascontiguousarray(small[..., ::-1])
    _, content = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return _write(content.tobytes(), ".jpg")


def _write(content: bytes, ending: str) -> str:
    """Writes a file unless it is there; its name is a digest of the content."""
    folder = Path(folder_paths.get_temp_directory()) / SUBFOLDER
    name = hashlib.sha256(content).hexdigest()[:16] + ending
    if not (folder / name).exists():
        prepare_folder(folder)
        write_bytes(folder / name, content)
    return name
