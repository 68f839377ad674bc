"""From command-line options to a loaded model: which weights, which device, which precision."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from ..sapiens_core.download import announcement, find_on_disk, find_or_download
from ..sapiens_core.estimator import PoseEstimator
from ..sapiens_core.weights import load_model
from ..sapiens_core.zoo import find_checkpoint

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
    path = options.weights or _official_weights(options)
    model = load_model(
        path, num_heads=options.num_heads, input_size_hw=options.input_size, dtype=dtype
    )
    log.info(
        "%s: %d keypoints, %s on %s", path.name, model.config.num_keypoints, _name(dtype), device
    )
    return PoseEstimator(model.to(device), device, dtype)


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
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).split("\\n", 1)[0]
        raise ValueError(f"Device {name!r} cannot be used here: {reason}") from error
    return torch.device(name)


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """The floating point type called ``name``; ``auto`` is bf16 on GPUs that have it, else fp32."""
    if name != "auto":
        return DTYPES[name]
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float32


def models_folder(argument: Path | None) -> Path:
    """Where official weights lie: as asked, else ComfyUI's folder, else ``models/sapiens`` here."""
    if argument:
        return argument
    pack = Path(__file__).resolve().parent.parent
    if pack.parent.name == "custom_nodes":
        return pack.parent.parent / "models" / "sapiens"
    return Path("models") / "sapiens"


def _official_weights(options: argparse.Namespace) -> Path:
    checkpoint = find_checkpoint(options.model, options.keypoints)
    folder = models_folder(options.models_dir)
    if not find_on_disk(checkpoint, [folder]):
        log.info("%s", announcement(checkpoint, folder))
    return find_or_download(checkpoint, [folder])


def _name(dtype: torch.dtype) -> str:
    return next(name for name, value in DTYPES.items() if value == dtype)
