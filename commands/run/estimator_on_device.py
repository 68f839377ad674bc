"""From command-line options to a loaded model: which weights, which device, which precision."""

from __future__ import annotations

import logging

import torch

from ...sapiens_core.checkpoints.load import load_model
from ...sapiens_core.estimator import PoseEstimator
from ...skeletons.foundation.checks import first_line
from ..arguments.model import ModelSettings

log = logging.getLogger(__name__)

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def load_estimator(settings: ModelSettings, device_name: str) -> PoseEstimator:
    """The network on a device, ready to run.

    Raises:
        ValueError: there is no such device, or the weights are not usable.
        OSError: the weights cannot be read.
    """
    device = choose_device(device_name)
    dtype = choose_dtype(settings.dtype, device)
    model = load_model(
        settings.weights,
        num_heads=settings.num_heads,
        input_size_hw=settings.input_size_hw,
        dtype=dtype,
    )
    count, name = model.config.num_keypoints, settings.weights.name
    log.info("%s: %d keypoints, %s on %s", name, count, _name(dtype), device)
    model = model.to(device)
    if settings.compile:
        compile_in_place(model)
    return PoseEstimator(model, device, dtype)


def compile_in_place(model: torch.nn.Module) -> None:
    """Has PyTorch compile a network at its first use; what it cannot compile runs as it is."""
    torch._dynamo.config.suppress_errors = True
    log.info("The network is compiled at the first picture; that takes a while.")
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
    there = torch.cuda.device_count() if kind == "cuda" else 0
    if (index or "0").isdecimal() and int(index or 0) < there:
        return name
    return str(choose_device(name))


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """The floating point type called ``name``; ``auto`` is bf16 on GPUs that have it, else fp32."""
    if name != "auto":
        return DTYPES[name]
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float32


def _name(dtype: torch.dtype) -> str:
    return next(name for name, value in DTYPES.items() if value == dtype)
