"""Drawing poses: ``render`` draws a frame in one of ``STYLES``, as ``DrawOptions`` say."""

from .options import DrawOptions
from .styles import STYLES, Rendering, Style, render

__all__ = ["STYLES", "DrawOptions", "Rendering", "Style", "render"]
