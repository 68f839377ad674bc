"""The device that a command line names."""

from __future__ import annotations

from pathlib import Path

import pytest
from comfyui_sapiens_pose.cli import main
from helpers import odd_pictures
from helpers.command_lines import ESTIMATE

pytestmark = pytest.mark.promise("Any number gets an answer")


def test_a_device_without_values_is_refused(
    tmp_path: Path, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.png").write_bytes(odd_pictures.kinds()["png"])
    weights = root / "miniature" / "sapiens_miniature_17.safetensors"
    arguments = [*ESTIMATE, tmp_path / "a.png", "-o", tmp_path / "out", "--weights", weights]
    assert main([*map(str, arguments), "--device", "meta"]) == 1
    assert "Device 'meta' cannot be used here" in capfd.readouterr().err
