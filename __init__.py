"""Sapiens Pose: Meta's Sapiens human pose models as a ComfyUI node pack and a command line."""

__version__ = "0.1.0"
