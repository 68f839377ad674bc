"""On the path of workers: whoever reads a picture called ``poison.png`` dies of it.

``broken.png`` raises the error of a device that is spoilt.
"""

import importlib.abc
import importlib.util
import os
import signal
import sys

MODULE = "comfyui_sapiens_pose.commands.files.images"


class _Poison(importlib.abc.MetaPathFinder):
    """Changes one module right after it was loaded."""

    def find_spec(self, name, path, target=None):
        if name != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def load_and_poison(module):
            load(module)
            read = module.read_image

            def read_or_die(path):
                if path.name == "poison.png":
                    os.kill(os.getpid(), signal.SIGSEGV)
                if path.name == "broken.png":
                    raise RuntimeError("CUDA error: illegal memory access")
                return read(path)

            module.read_image = read_or_die

        spec.loader.exec_module = load_and_poison
        return spec


sys.meta_path.insert(0, _Poison())
