"""Runs graphs in this process, by the executor of the real ComfyUI: no HTTP, no frontend."""

from __future__ import annotations

import asyncio
import importlib
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from base_folder import COMFYUI_DIR, PACK_NAME, ROOT, make
from graphs import Prompt, with_defaults
from pictures import read_picture

CORE_NODE_FILES = (
    "nodes_sdpose",
    "nodes_rtdetr",
    "nodes_images",
    "nodes_mask",
    "nodes_preview_any",
    "nodes_primitive",
    "nodes_sam3",
    "nodes_scail",
)
"""Those of ``comfy_extras`` that the tests use; older ComfyUIs lack some."""


class EventLog:
    """The part of ComfyUI's server that the executor talks to."""

    def __init__(self) -> None:
        self.client_id = "test"
        self.last_node_id = None
        self.last_prompt_id = None
        self.prompt_queue = None
        self.sockets_metadata = {"test": {"feature_flags": {"supports_preview_metadata": True}}}
        self.node_replace_manager: Any = None
        self.events: list[tuple[Any, Any]] = []
        self.on_event: Callable[[Any, Any], None] = lambda kind, data: None

    def send_sync(self, event: Any, data: Any, sid: str | None = None) -> None:
        self.events.append((event, data))
        self.on_event(event, data)

    def send_progress_text(self, text: str, node_id: str, sid: str | None = None) -> None:
        self.send_sync("progress_text", {"node": node_id, "text": text})


def _load(nodes: Any, pack: Path) -> None:
    assert asyncio.run(nodes.load_custom_node(str(pack))), f"{pack} did not load"


def _empty_pack(base: Path) -> Path:
    pack = base / "custom_nodes" / "empty"
    pack.mkdir()
    (pack / "__init__.py").write_text("NODE_CLASS_MAPPINGS = {}\n")
    (pack / "pyproject.toml").write_text('[project]\nname = "empty"\nversion = "1.0.0"\n')
    return pack


@dataclass(frozen=True)
class Run:
    """What became of a graph.

    Attributes:
        success: all of it was executed.
        outputs: by node id, what its ``ui`` told.
        node_errors: by node id, what its validation said.
        messages: kind and data of what the executor told.
        events: kind and data of what a browser would have been sent.
    """

    success: bool
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    node_errors: dict[str, Any] = field(default_factory=dict)
    messages: list[tuple[str, Any]] = field(default_factory=list)
    events: list[tuple[Any, Any]] = field(default_factory=list)

    @property
    def executed(self) -> list[str]:
        """Ids of the nodes that ran, rather than being served from the cache."""
        return [data["node"] for kind, data in self.events if kind == "executing" and data["node"]]

    @property
    def kinds(self) -> list[str]:
        """Kinds of the executor's messages."""
        return [kind for kind, _ in self.messages]

    @property
    def failure(self) -> str:
        """The message of the exception that ended the run."""
        return str(dict(self.messages)["execution_error"]["exception_message"]).strip()


class Comfy:
    """ComfyUI in this process, with its folders under ``base`` and this pack loaded.

    Attributes:
        version: ComfyUI's.
        load_seconds: how long the pack took to load.
        imported: names of all modules that loading the pack brought in.
    """

    def __init__(self, base: Path) -> None:
        extra_paths = make(base)
        self.base = base
        self._import(extra_paths)
        # What ComfyUI does for the first of all packs is not this pack's doing.
        _load(self.nodes, _empty_pack(base))
        before = set(sys.modules)
        started = time.perf_counter()
        _load(self.nodes, base / "custom_nodes" / PACK_NAME)
        self.load_seconds = time.perf_counter() - started
        self.imported = set(sys.modules) - before

    def _import(self, extra_paths: Path) -> None:
        # pytest imports this repository under its folder's name, which may be one of ComfyUI's
        # modules: a folder called "main" would stand before main.py.
        sys.modules.pop(ROOT.name, None)
        sys.path.insert(0, str(COMFYUI_DIR))
        from comfy.cli_args import args

        # folder_paths reads these at import.
        args.cpu = not torch.cuda.is_available()
        args.disable_api_nodes = True
        args.base_directory = str(self.base)
        import folder_paths

        # nodes.py may put another `utils` first on the path.
        import utils.extra_config

        utils.extra_config.load_extra_path_config(str(extra_paths))
        # First, as when ComfyUI starts: it readies a GPU for what the others import.
        main = importlib.import_module("main")
        import comfyui_version
        import execution
        import server

        import nodes

        self.version = comfyui_version.__version__
        self.folder_paths, self.execution, self.nodes = folder_paths, execution, nodes
        self.log = EventLog()
        self.log.node_replace_manager = server.NodeReplaceManager()
        server.PromptServer.instance = self.log
        main.hijack_progress(self.log)
        asyncio.run(self._load_core_nodes())

    async def _load_core_nodes(self) -> None:
        """Loads what the tests use: all of ComfyUI's own node files would take much longer."""
        await self.nodes.init_public_apis()
        for name in CORE_NODE_FILES:
            path = COMFYUI_DIR / "comfy_extras" / f"{name}.py"
            if path.is_file():
                assert await self.nodes.load_custom_node(str(path), module_parent="comfy_extras")

    def _required_inputs(self, class_type: str) -> Any:
        return self.nodes.NODE_CLASS_MAPPINGS[class_type].INPUT_TYPES().get("required", {})

    def executor(self) -> Any:
        """A new executor: one with an empty cache."""
        return self.execution.PromptExecutor(
            self.log,
            cache_type=self.execution.CacheType.CLASSIC,
            cache_args={"lru": 0, "ram": 0, "ram_inactive": 0},
        )

    def run(
        self,
        prompt: Prompt,
        executor: Any = None,
        on_event: Callable[[Any, Any], None] = lambda kind, data: None,
    ) -> Run:
        """Validates and executes a graph.

        Args:
            prompt: the graph; inputs that are left out have their defaults.
            executor: whose cache is used; a new one by default.
            on_event: called with kind and data of each event, while the graph runs.
        """
        prompt = with_defaults(prompt, self._required_inputs)
        self.log.events = []
        self.log.on_event = on_event
        prompt_id = uuid.uuid4().hex
        valid, _, outputs, node_errors = asyncio.run(
            self.execution.validate_prompt(prompt_id, prompt, None)
        )
        if not valid:
            return Run(success=False, node_errors=node_errors)
        executor = executor or self.executor()
        executor.execute(prompt, prompt_id, {"client_id": "test"}, outputs)
        return Run(
            success=executor.success,
            outputs=executor.history_result.get("outputs", {}) if executor.success else {},
            node_errors=node_errors,
            messages=executor.status_messages,
            events=self.log.events,
        )

    def loaded_module(self, name: str) -> Any:
        """A module of the pack as ComfyUI has loaded it, by its name from the root."""
        node = self.nodes.NODE_CLASS_MAPPINGS["SapiensPose"]
        return importlib.import_module(f"{node.__module__.removesuffix('.nodes.estimate')}.{name}")

    def forget_models(self) -> None:
        """Lets the pack load its networks anew: they know what they have found before."""
        for name in ("managed_model", "managed_detector"):
            self.loaded_module(f"nodes.host.{name}")._load.cache_clear()

    def pictures(self, shown: dict[str, Any]) -> list[np.ndarray]:
        """(H, W, C) uint8 pictures that the ``ui`` of a node shows."""
        folders = {"temp": self.folder_paths.get_temp_directory(), "output": self.base / "output"}
        return [
            read_picture(Path(folders[row["type"]]) / row["subfolder"] / row["filename"])
            for row in shown["images"]
        ]
