"""ComfyUI as a server, and a small client that speaks to it as the browser does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
from base_folder import COMFYUI_DIR, make
from graphs import Prompt, with_defaults
from in_process import Run

START_TIMEOUT_S = 600
RUN_TIMEOUT_S = 300
ENDINGS = ("execution_success", "execution_error", "execution_interrupted")
ARGUMENTS = (
    "--cpu",
    "--disable-api-nodes",
    "--disable-auto-launch",
    "--database-url=sqlite:///:memory:",
    "--listen=127.0.0.1",
)


@dataclass
class Server:
    """A running server.

    Attributes:
        url: its address.
        base: the folder with its models, inputs and outputs.
        log: file with all that it printed.
        pid: number of its process.
        temporary: where it puts temporary files, other than ComfyUI's previews.
    """

    url: str
    base: Path
    log: Path
    pid: int
    temporary: Path

    @cached_property
    def object_info(self) -> dict[str, Any]:
        """All node types, as the page gets to know them."""
        return self.get("/object_info")

    def get(self, path: str) -> Any:
        """The JSON or bytes at ``path``."""
        answer = requests.get(self.url + path, timeout=60)
        answer.raise_for_status()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.json() if is_json else answer.content

    def post(self, path: str, content: Any) -> requests.Response:
        """Sends JSON."""
        return requests.post(self.url + path, json=content, timeout=60)

    def run(
        self, prompt: Prompt, on_event: Callable[[str, Any], None] = lambda kind, data: None
    ) -> Run:
        """Queues a graph and follows it to its end over a websocket.

        ``on_event`` gets kind and data of each event as it comes; pictures come as kind
        ``binary`` with bytes.
        """
        import websocket

        client = uuid.uuid4().hex
        prompt = with_defaults(prompt, lambda kind: self.object_info[kind]["input"]["required"])
        address = f"{self.url.replace('http', 'ws')}/ws?clientId={client}"
        connection = websocket.create_connection(address, timeout=RUN_TIMEOUT_S)
        try:
            features = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
            connection.send(json.dumps(features))
            answer = self.post("/prompt", {"prompt": prompt, "client_id": client}).json()
            node_errors = answer.get("node_errors", {})
            if "prompt_id" not in answer:
                return Run(success=False, node_errors=node_errors)
            events = _follow(connection, answer["prompt_id"], on_event)
        finally:
            connection.close()
        history = self._history(answer["prompt_id"])
        return Run(
            success=history["status"]["status_str"] == "success",
            outputs=history["outputs"],
            node_errors=node_errors,
            messages=history["status"]["messages"],
            events=events,
        )

    def _history(self, prompt_id: str) -> Any:
        """The record of a graph, which is written just after its last event."""
        until = time.monotonic() + 10
        while prompt_id not in (history := self.get(f"/history/{prompt_id}")):
            assert time.monotonic() < until, "the history is silent about a finished graph"
            time.sleep(0.05)
        return history[prompt_id]


def _follow(
    connection: Any, prompt_id: str, on_event: Callable[[str, Any], None]
) -> list[tuple[str, Any]]:
    events: list[tuple[str, Any]] = []
    while not (events and events[-1][0] in ENDINGS and events[-1][1]["prompt_id"] == prompt_id):
        message = connection.recv()
        if isinstance(message, bytes):
            event = ("binary", message)
        else:
            content = json.loads(message)
            event = (content["type"], content["data"])
        events.append(event)
        on_event(*event)
    return events


@contextmanager
def serve(base: Path, *arguments: str, **variables: str) -> Iterator[Server]:
    """Runs ComfyUI on a free port, with its folders under ``base`` and this pack loaded.

    ``arguments`` are given to ComfyUI, too, and ``variables`` are set in its environment.
    """
    extra_paths = make(base)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log, temporary = base / "server.log", base / "tmpdir"
    temporary.mkdir()
    command = [sys.executable, "main.py", *ARGUMENTS, f"--port={port}", f"--base-directory={base}"]
    command += [f"--extra-model-paths-config={extra_paths}", *arguments]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TMPDIR": str(temporary), **variables}
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=COMFYUI_DIR, stdout=file, stderr=subprocess.STDOUT, env=environment
        )
    try:
        server = Server(f"http://127.0.0.1:{port}", base, log, process.pid, temporary)
        _wait_until_ready(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            server.get("/system_stats")
            return
        except requests.RequestException:
            ended = process.poll() is not None
            if ended or time.monotonic() > until:
                log = server.log.read_text(errors="replace")
                raise RuntimeError(f"ComfyUI did not start. Its log:\n{log}") from None
        time.sleep(0.2)
