"""Which processors run the network in bfloat16 by themselves."""

from __future__ import annotations

import pytest
import torch
from comfyui_sapiens_pose.commands.run.models_on_device import choose_dtype
from comfyui_sapiens_pose.sapiens_core.network.fast_bf16 import has_fast_bf16


@pytest.mark.parametrize(
    ("capabilities", "is_fast"),
    [
        ({"avx2": True, "amx_bf16": False, "avx512_bf16": False, "cpu_name": "old"}, False),
        ({"avx512_f": True, "amx_tile": True}, False),
        ({"amx_bf16": True}, True),
        ({"avx512_bf16": True}, True),
        ({}, False),
    ],
)
def test_auto_is_bf16_where_the_processor_multiplies_it(
    capabilities: dict[str, object], is_fast: bool
) -> None:
    assert has_fast_bf16(capabilities) is is_fast
    expected = torch.bfloat16 if is_fast else torch.float32
    assert choose_dtype("auto", torch.device("cpu"), capabilities) == expected
    assert choose_dtype("fp32", torch.device("cpu"), capabilities) == torch.float32
