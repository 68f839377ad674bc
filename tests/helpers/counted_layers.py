"""Layers of PyTorch that are counted as they are made."""

from torch import nn


class CountedLayers:
    """A namespace of layers that counts what is made from it."""

    def __init__(self):
        self.made = []

    def __getattr__(self, name):
        def make(*args, **kwargs):
            self.made.append(name)
            return getattr(nn, name)(*args, **kwargs)

        return make
