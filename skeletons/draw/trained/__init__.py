"""The skeletons that image and video models were trained on, each as its makers draw it.

``MODELS`` has a row for each model; ``draw`` paints a frame as a row says.
"""

from .frames import draw
from .model_advice import advice, explain_size, sampler_size
from .rows import FACES, MODELS, RESIZES, TOES, Look
from .rules import DRAWN_AT, WIDTH_RULES

__all__ = [
    "DRAWN_AT",
    "FACES",
    "MODELS",
    "RESIZES",
    "TOES",
    "WIDTH_RULES",
    "Look",
    "advice",
    "draw",
    "explain_size",
    "sampler_size",
]
