"""A long clip and a large folder take no more memory at their end than at their beginning."""

import re
import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_stays_flat_over_a_long_clip(root):
    command = [sys.executable, root / "benchmarks/memory.py", "--frames", "2000"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (growth,) = re.findall(r"growth since frame 200: (\d+) MB", text)
    assert int(growth) < 100


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("workers", [1, 2])
def test_memory_stays_flat_over_a_large_folder(root, workers):
    command = [sys.executable, root / "benchmarks/folder.py", "--workers", str(workers)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (growth,) = re.findall(r"growth since then: (-?\d+) MB", text)
    assert int(growth) < 100
