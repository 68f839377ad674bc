"""Lets torchvision be imported beside a PyTorch without CUDA, in the tests' environment only.

PyPI's torchvision is linked to CUDA. Without CUDA its compiled part does not load, and its Python
part ends with "operator torchvision::nms does not exist" unless the operators are declared. They
still fail when called; transforms and the like, which ComfyUI uses, work.
"""

import importlib.abc
import sys


class _DeclareOperators(importlib.abc.MetaPathFinder):
    library = None

    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            sys.meta_path.remove(self)
            import torch

            if torch.version.cuda is None:
                _DeclareOperators.library = torch.library.Library("torchvision", "DEF")
                for operator in ("nms", "qnms"):
                    signature = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
                    self.library.define(operator + signature)


sys.meta_path.insert(0, _DeclareOperators())
