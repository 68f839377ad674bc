"""Writing the English node texts from the nodes: ``python docs/make_locales.py``.

Runs in the Python of a ComfyUI, with its folder and that of the installed package on
``PYTHONPATH``. The other languages are written by hand and must have the same keys.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ENGLISH = ROOT / "locales" / "en" / "nodeDefs.json"


Texts = dict[str, Any]


def node_texts(schema: Any) -> Texts:
    """The texts of one node that are translated."""
    return {
        "display_name": schema.display_name,
        "description": schema.description,
        "inputs": {socket.id: _socket_texts(socket) for socket in schema.inputs},
        "outputs": {str(i): _socket_texts(socket) for i, socket in enumerate(schema.outputs)},
    }


def _socket_texts(socket: Any) -> Texts:
    name = {"name": socket.display_name or socket.id}
    return name | {"tooltip": socket.tooltip} if socket.tooltip else name


def texts_of(nodes: Iterable[Any]) -> dict[str, Texts]:
    """The texts of node classes, by node id."""
    schemas = [node.define_schema() for node in nodes]
    return {schema.node_id: node_texts(schema) for schema in schemas}


def dumps(texts: dict[str, Texts]) -> str:
    """The content of the file."""
    return json.dumps(texts, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file."""
    sys.argv[1:] = ["--cpu"]  # what ComfyUI reads; without it, a machine without GPU is an error
    import comfy.options

    comfy.options.enable_args_parsing()
    from comfyui_sapiens_pose.nodes.extension import NODES
    from comfyui_sapiens_pose.nodes.host import model_files

    model_files.register_folder()
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    ENGLISH.write_text(dumps(texts_of(NODES)), encoding="utf-8")


if __name__ == "__main__":
    main()
