"""What tests of pose files share."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(name="write")
def _write(tmp_path: Path) -> Callable[[str], Path]:
    """Writes the text of a clip into a file, and gives its path."""

    def write(text: str) -> Path:
        path = tmp_path / "clip.json"
        path.write_text(text)
        return path

    return write
