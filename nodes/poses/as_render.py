"""What Render Sapiens Pose draws as it is set at first, for the previews of other nodes."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from ...skeletons.draw import DrawOptions, render_image
from ...skeletons.options.drawing import DRAWING
from ...skeletons.pose import Frame
from ..host.preview import shown_frames
from ..sockets.frame_blocks import image_to_comfy
from ..sockets.widgets import default_input, option_values

_NOT_DRAWN_BY = ("width", "height", "hands_swapped")
"""Rows that Render looks at by itself."""


def draw_as_render(frames: Sequence[Frame]) -> Tensor:
    """(B, H, W, 3), 0 to 1, of a few of one or more frames."""
    rows = [row for row in DRAWING if row.widget and row.name not in _NOT_DRAWN_BY]
    values = option_values(rows, {row.name: default_input(row) for row in rows})
    options = DrawOptions(canvas_wh=frames[0].canvas_wh, **values)
    some = frames[shown_frames(len(frames))]
    return image_to_comfy([render_image(frame, options) for frame in some])
