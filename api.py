"""The public Python API: what stays from version to version. ``docs/python.md`` has examples.

    from comfyui_sapiens_pose.api import find_poses, load_estimator, render

Everything in ``__all__`` is public, with the arguments and attributes that its documentation names.
All else may change.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from numpy.typing import ArrayLike

from .commands.arguments.model import ModelSettings, fetch, models_folders
from .commands.files.images import encode_png
from .commands.files.images import read_image as _read_image
from .commands.run.models_on_device import load_estimator as _load_estimator
from .commands.videos.clip_frames import VideoInfo
from .commands.videos.read_info import read_info
from .commands.videos.video_reader import VideoReader
from .commands.videos.video_writer import VideoWriter
from .sapiens_core.checkpoints.shards import find_checkpoint_file
from .sapiens_core.checkpoints.zoo import DEFAULT_SIZE, find_checkpoint
from .sapiens_core.crop import normalise
from .sapiens_core.detection.people import People
from .sapiens_core.estimator import EstimateOptions, PoseEstimator
from .sapiens_core.pipeline import PoseOptions
from .sapiens_core.pipeline import find_poses as _find_poses
from .skeletons.draw import DrawOptions, render
from .skeletons.formats.table import FORMATS, read_poses
from .skeletons.formats.table import write_poses as _write_poses
from .skeletons.foundation.arrays import Image
from .skeletons.foundation.atomic_files import write_bytes
from .skeletons.pose import Frame, Pose

__all__ = [
    "DrawOptions",
    "EstimateOptions",
    "Frame",
    "People",
    "Pose",
    "PoseEstimator",
    "PoseOptions",
    "VideoInfo",
    "VideoReader",
    "VideoWriter",
    "find_poses",
    "load_estimator",
    "normalise",
    "read_image",
    "read_poses",
    "read_video_info",
    "render",
    "write_image",
    "write_poses",
]


def load_estimator(
    model: str = DEFAULT_SIZE,
    keypoints: int = 308,
    *,
    weights: str | Path | None = None,
    device: str = "auto",
    precision: str = "auto",
    models_dir: str | Path | None = None,
) -> PoseEstimator:
    """A network on a device, ready for ``find_poses``.

    Args:
        model: an official model, such as ``sapiens2-0.4b`` or ``1b``; its file is looked for on
            disk, and downloaded if it is not there.
        keypoints: 17, 133 or 308.
        weights: a file or folder of your own instead.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``.
        precision: ``auto``, ``fp32``, ``bf16`` or ``fp16``.
        models_dir: where official files lie and go; None for ComfyUI's folders or
            ``models/sapiens`` here.

    Raises:
        ValueError: there is no such model or device, or the weights are not usable.
        OSError: the weights cannot be read or downloaded.
    """
    if weights is None:
        folders = models_folders(None if models_dir is None else Path(models_dir))
        path = fetch(find_checkpoint(model, keypoints), folders)
    else:
        path = Path(weights)
        path = find_checkpoint_file(path) if path.is_dir() else path
    return _load_estimator(ModelSettings(path, dtype=precision), device)


def find_poses(
    estimator: PoseEstimator,
    images_rgb: Sequence[Image],
    people: Sequence[People | ArrayLike] | None = None,
    options: PoseOptions | None = None,
) -> list[Frame]:
    """The people of several images, with their keypoints in image pixels.

    Args:
        estimator: of ``load_estimator``.
        images_rgb: (H, W, 3) uint8 RGB images; sizes may differ.
        people: for each image its ``People``, or (N, 4) boxes: left, top, right, bottom in pixels;
            None takes each image as one person.
        options: of all stages.

    Returns:
        One frame per image, people in the order of their boxes.

    Raises:
        ValueError: an image or box has the wrong form, or their numbers differ.
    """
    if people is None:
        groups = list(map(People.whole_image, images_rgb))
    else:
        groups = [each if isinstance(each, People) else People(each) for each in people]
    return _find_poses(estimator, images_rgb, groups, options)


def read_image(path: str | Path) -> Image:
    """An image file as (H, W, 3) uint8 RGB, upright.

    Raises:
        FileNotFoundError, ValueError: it is not there, or no image that can be read.
    """
    return _read_image(Path(path))


def read_video_info(path: str | Path) -> VideoInfo:
    """Size and rate of a video, and ``frames()``, each of which ``VideoReader(info.path)`` reads.

    Raises:
        FileNotFoundError, ValueError: it is not there, or no video that can be read.
        ImportError: PyAV is not installed.
    """
    return read_info(Path(path))


def write_poses(
    path: str | Path,
    frames: Sequence[Frame],
    format_name: str = "sapiens",
    *,
    names: Sequence[str],
) -> None:
    """Writes frames to one file.

    Args:
        path: of the file.
        frames: one or more.
        format_name: as ``estimate --format`` names it, such as ``comfy``, ``openpose``, ``coco``.
        names: of the images.

    Raises:
        ValueError: there is no such format, or a name for each frame is missing.
        OSError: it cannot be written.
    """
    if format_name not in FORMATS:
        raise ValueError(f"format_name is {format_name!r}, expected one of {', '.join(FORMATS)}.")
    if len(names) != len(frames):
        raise ValueError(f"{len(names)} names were given for {len(frames)} frames.")
    _write_poses(path, list(zip(names, frames, strict=True)), FORMATS[format_name])


def write_image(path: str | Path, image_rgb: Image) -> None:
    """Writes (H, W, 3) uint8 RGB as a PNG file.

    Raises:
        OSError: it cannot be written.
    """
    write_bytes(Path(path), encode_png(image_rgb))
