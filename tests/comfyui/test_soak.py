"""Many graphs in one server leave nothing behind; ``benchmarks/soak.py`` runs a thousand.

So few, drawn by lot, do not tell whether runs become slower.
"""

import sys
from pathlib import Path

import pytest
from soak import left_behind, soak

pytestmark = pytest.mark.promise("Nothing is left behind")

RUNS, STEP, WARM = 30, 5, 15


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_many_graphs_leave_nothing_behind(tmp_path: Path) -> None:
    readings = soak(tmp_path / "base", RUNS, STEP)
    assert left_behind(readings, WARM) == []
