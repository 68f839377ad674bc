"""Drawing poses: ``render`` draws a frame in one of ``STYLES``, as ``DrawOptions`` say;
``render_image`` leaves out the mask.

Or as a model was trained on it, where they name one; ``advice`` tells what that model cannot take.
"""

from .options import DrawOptions
from .styles import STYLES, Rendering, Style, render, render_image
from .trained import advice

__all__ = ["STYLES", "DrawOptions", "Rendering", "Style", "advice", "render", "render_image"]
