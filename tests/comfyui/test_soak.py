"""Many graphs in one server leave nothing behind; ``benchmarks/soak.py`` runs a thousand."""

import sys
from pathlib import Path

import pytest
from soak import broken_promises, soak

RUNS, STEP, WARM = 30, 5, 15


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_many_graphs_leave_nothing_behind(tmp_path: Path) -> None:
    readings = soak(tmp_path / "base", RUNS, STEP)
    assert broken_promises(readings, WARM) == []
