"""How much is held in memory at a time."""

from __future__ import annotations

import pytest
from comfyui_sapiens_pose.skeletons.foundation.limits import check_batch

pytestmark = pytest.mark.promise("Files cost what they weigh")


def test_batches_of_drawings() -> None:
    check_batch(4000, (1920, 1080))
    with pytest.raises(ValueError, match="1,000,000 drawings of 512 x 512 pixels are too many"):
        check_batch(10**6, (512, 512))
