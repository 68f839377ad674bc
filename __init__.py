"""Sapiens Pose: Meta's Sapiens human pose models as a ComfyUI node pack and a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .nodes.extension import SapiensPoseExtension

__version__ = "1.0.0"

WEB_DIRECTORY = "./web"


async def comfy_entrypoint() -> SapiensPoseExtension:
    """Called by ComfyUI. Imports late, so that the package is light where there is no ComfyUI."""
    from .nodes.extension import SapiensPoseExtension

    return SapiensPoseExtension()
