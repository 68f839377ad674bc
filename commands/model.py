"""From command-line options to a loaded model: which weights, which device, which precision."""

from __future__ import annotations

import argparse
import logging

import torch

from ..sapiens_core.estimator import PoseEstimator
from ..sapiens_core.weights import load_model
from .download import official_weights

log = logging.getLogger(__name__)

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def load_estimator(options: argparse.Namespace) -> PoseEstimator:
    """The estimator that the options ask for, its weights found on disk or downloaded.

    Raises:
        ValueError: there is no such model or device, or the weights are not usable.
        OSError, DownloadError: the weights cannot be read or fetched.
    """
    device = choose_device(options.device)
    dtype = choose_dtype(options.dtype, device)
    path = options.weights or official_weights(options)
    model = load_model(
        path, num_heads=options.num_heads, input_size_hw=options.input_size, dtype=dtype
    )
    log.info(
        "%s: %d keypoints, %s on %s", path.name, model.config.num_keypoints, _name(dtype), device
    )
    model = model.to(device)
    if options.compile:
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
        reason = str(error).split("\n", 1)[0]
        raise ValueError(f"Device {name!r} cannot be used here: {reason}") from error
    return torch.device(name)


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """The floating point type called ``name``; ``auto`` is bf16 on GPUs that have it, else fp32."""
    if name != "auto":
        return DTYPES[name]
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float32


def _name(dtype: torch.dtype) -> str:
    return next(name for name, value in DTYPES.items() if value == dtype)
