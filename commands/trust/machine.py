"""What figures depend on beside the weights: the device, and the versions of everything."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from ... import __version__

if TYPE_CHECKING:
    import torch

PACKAGES = (
    *("torch", "numpy", "opencv-python", "opencv-python-headless", "safetensors"),
    *("transformers", "pycocotools"),
)
"""Packages whose versions are told where they are installed."""


def versions() -> dict[str, str]:
    """This package, Python, the system and the packages that figures depend on."""
    found = {"sapiens-pose": __version__, "python": platform.python_version()}
    found["system"] = f"{platform.system()} {platform.machine()}"
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def device_name(device: torch.device) -> str:
    """A device as people know it, such as the name of the GPU."""
    import torch

    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} ({device})"
    if device.type == "cpu":
        return f"{_processor()} (cpu, {torch.get_num_threads()} threads)"
    return str(device)


def _processor() -> str:
    """Name of the processor, or of its architecture where the system does not tell."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if "model name" in line]
    except (OSError, IndexError):
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def peak_memory_bytes(device: torch.device) -> int | None:
    """Most memory that this process has taken so far; None where the system does not tell.

    On a GPU that of the device, otherwise that of the computer.
    """
    if device.type == "cuda":
        import torch

        return int(torch.cuda.max_memory_allocated(device))
    return None if sys.platform == "win32" else process_peak_bytes()


def process_peak_bytes() -> int:
    """Most memory of the computer that this process has taken so far.

    Raises:
        ImportError: the system is Windows.
    """
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)
