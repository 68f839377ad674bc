"""The skeletons that image and video models were trained on, each as its makers draw it.

``MODELS`` has a row for each model; ``draw`` paints a frame as a row says.
"""

from .frames import draw
from .model_advice import advice, explain_size, sampler_size
from .rows import MODELS, Look

__all__ = ["MODELS", "Look", "advice", "draw", "explain_size", "sampler_size"]
