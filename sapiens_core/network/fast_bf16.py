"""Whether the processor multiplies bfloat16 in hardware, so that it is faster than float32."""

from __future__ import annotations

from collections.abc import Mapping

import torch

FAST_BF16 = ("amx_bf16", "avx512_bf16")
"""What such processors say of themselves, by PyTorch's names: AMX of Intel's since 2023, AVX-512 of
AMD's since 2022. On a processor with the first, a 0.3B pass took 0.30 to 0.34 of the processor time
of float32. Others emulate it, and take many times as long."""


def cpu_capabilities() -> Mapping[str, object]:
    """What this processor can do, by PyTorch's names; nothing if PyTorch is too old to say."""
    get = getattr(torch.cpu, "get_capabilities", None)
    capabilities: Mapping[str, object] = get() if get else {}
    return capabilities


def has_fast_bf16(capabilities: Mapping[str, object] | None = None) -> bool:
    """Whether a processor multiplies bfloat16 fast.

    The same on every run, as a measurement would not be: poses must not change with how busy a
    machine is.

    Args:
        capabilities: of the processor, see ``cpu_capabilities``; by default this one's.
    """
    if capabilities is None:
        capabilities = cpu_capabilities()
    return any(capabilities.get(name) is True for name in FAST_BF16)
