"""The pose network and what finds people, loaded onto a device of this machine."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch

from ...sapiens_core.checkpoints.load import copy_model, load_model
from ...sapiens_core.detection.people import People
from ...sapiens_core.detection.rt_detr import DetectOptions, PersonDetector, load_detector
from ...sapiens_core.estimator import PoseEstimator
from ...sapiens_core.network.fast_bf16 import has_fast_bf16
from ...sapiens_core.network.pose_net import SapiensPoseNet
from ...skeletons.foundation.arrays import Image
from ...skeletons.foundation.checks import first_line
from ..arguments.model import ModelSettings
from ..arguments.people import PeopleSettings
from ..files.boxes_file import BoxesFile
from ..files.masks_folder import MasksFolder

log = logging.getLogger(__name__)

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

PeopleFinder = Callable[[Sequence[Path], Sequence[Image]], list[People]]
"""From the paths and pixels of some images to the people of each."""


def load_estimator(
    settings: ModelSettings, device_name: str, model: SapiensPoseNet | None = None
) -> PoseEstimator:
    """The pose network on a device, ready to run.

    Args:
        settings: which network.
        device_name: such as ``auto``.
        model: the same network, if it was loaded already; it stays as it is.

    Raises:
        ValueError: there is no such device, or the weights are not usable.
        OSError: the weights cannot be read.
    """
    device = choose_device(device_name)
    dtype = choose_dtype(settings.dtype, device)
    model = load_network(settings, dtype) if model is None else copy_model(model, dtype)
    count, name = model.config.num_keypoints, settings.weights.name
    log.info("%s: %d keypoints, %s on %s", name, count, dtype_name(dtype), device)
    model = model.to(device)
    if settings.compile:
        compile_in_place(model)
    return PoseEstimator(model, device, dtype)


def load_network(settings: ModelSettings, dtype: torch.dtype | None = None) -> SapiensPoseNet:
    """The pose network on the CPU; without ``dtype`` in its file's own type.

    Raises:
        ValueError, OSError: the weights are not usable.
    """
    return load_model(
        settings.weights,
        num_heads=settings.num_heads,
        input_size_hw=settings.input_size_hw,
        dtype=dtype,
    )


def load_people_finder(settings: PeopleSettings, device_name: str) -> PeopleFinder:
    """A function that finds people by boxes, masks or a detector, or takes each image as a person.

    If it fails on one image, it raises for all images that it was given.

    Raises:
        ValueError, OSError: the boxes file, the masks or the detector's weights cannot be used.
        ImportError: the detector's library is missing.
    """
    if settings.masks:
        masks = MasksFolder.at(settings.masks)
        return lambda paths, images_rgb: list(map(masks.people, paths, images_rgb))
    if settings.boxes:
        boxes, count = BoxesFile.read(settings.boxes), settings.num_images
        return lambda paths, _: [boxes.people(path, count) for path in paths]
    if settings.detector_weights:
        return _load_detector(settings, settings.detector_weights, device_name)
    return lambda _, images_rgb: list(map(People.whole_image, images_rgb))


def _load_detector(settings: PeopleSettings, weights: Path, device_name: str) -> PeopleFinder:
    device = choose_device(device_name)
    detector = PersonDetector(load_detector(weights).to(device), device)
    log.info("%s: people, on %s", weights.name, device)
    options = DetectOptions(settings.score_threshold, settings.max_overlap, settings.min_side_px)
    return lambda _, images_rgb: detector.detect(images_rgb, options)


def compile_in_place(model: torch.nn.Module) -> None:
    """Has PyTorch compile a network at its first use; what it cannot compile runs as it is."""
    torch._dynamo.config.suppress_errors = True
    log.info("The network is compiled at the first image; this takes a while.")
    model.compile()


def choose_device(name: str) -> torch.device:
    """The device called ``name``; ``auto`` takes a GPU if PyTorch sees one.

    Raises:
        ValueError: PyTorch knows no such device, or cannot use it here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        torch.empty(1, device=name).item()  # there are devices without values
    except (RuntimeError, AssertionError, ImportError) as error:
        raise ValueError(f"Device {name!r} cannot be used here: {first_line(error)}") from error
    return torch.device(name)


def check_device(name: str) -> str:
    """The full name of a device; a GPU is looked up without taking any of its memory.

    Raises:
        ValueError: as ``choose_device``.
    """
    kind, _, index = name.partition(":")
    num_gpus = torch.cuda.device_count() if kind == "cuda" else 0
    if (index or "0").isdecimal() and int(index or 0) < num_gpus:
        return name
    return str(choose_device(name))


def choose_dtype(
    name: str, device: torch.device, cpu: Mapping[str, object] | None = None
) -> torch.dtype:
    """The floating point type called ``name``; ``auto`` is bf16 on hardware with it, else fp32.

    Args:
        name: as on the command line.
        device: where the network runs.
        cpu: what the processor can do, see ``has_fast_bf16``; by default what this one can.
    """
    if name != "auto":
        return DTYPES[name]
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    if device.type == "cpu" and has_fast_bf16(cpu):
        return torch.bfloat16
    return torch.float32


def dtype_name(dtype: torch.dtype) -> str:
    """The name of a floating point type, as ``choose_dtype`` takes it."""
    return next(name for name, value in DTYPES.items() if value == dtype)
