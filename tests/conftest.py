"""What all tests share: where the golden numbers and the bundled photos lie."""

import gc
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.hub import Hub, point_at, serve
from helpers.samples import sample

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = Path(__file__).resolve().parent / "golden"
SAPIENS1 = GOLDEN / "sapiens1"
SAPIENS2 = GOLDEN / "sapiens2"

os.environ["HF_HUB_CACHE"] = str(Path(tempfile.gettempdir()) / "no-hub-cache")
"""What whoever runs the tests has downloaded is not found by them."""

HEADS = {17: 4, 133: 3, 308: 3}
"""Attention heads of the golden tiny networks, by their number of keypoints."""


@pytest.hookimpl(tryfirst=True)  # before pytest looks at ``-m``
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs transformers is for ``make exhaustive``: importing it takes five seconds.

    In ``make test``, the nodes find people with it.
    """
    for item in items:
        if "transformers" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.exhaustive)
            item.add_marker(pytest.mark.needs_transformers)


def pytest_runtest_teardown() -> None:
    """Hypothesis times the garbage collector by a callback, which stays.

    Called in the depth of a text that is nested too deeply, it would overflow in another test.
    """
    gc.callbacks[:] = [each for each in gc.callbacks if "hypothesis" not in each.__module__]


def pytest_report_header() -> str:
    """The versions that numbers depend on."""
    return f"opencv {cv2.__version__}, numpy {np.__version__}, torch {version('torch')}"


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def sapiens1() -> Path:
    """Golden files made by running the Sapiens v1 reference."""
    return SAPIENS1


@pytest.fixture(scope="session")
def sapiens2() -> Path:
    """Golden files made by running the Sapiens2 reference."""
    return SAPIENS2


@pytest.fixture(scope="session", params=sorted(HEADS), ids=lambda count: f"{count} keypoints")
def e2e(request: pytest.FixtureRequest) -> tuple[Path, int, dict[str, np.ndarray]]:
    """Checkpoint, head count and reference arrays of one tiny network."""
    count = request.param
    with np.load(SAPIENS1 / f"e2e_{count}.npz") as arrays:
        return SAPIENS1 / f"tiny_{count}.safetensors", HEADS[count], dict(arrays)


@pytest.fixture(autouse=True)
def _few_threads() -> None:
    import torch  # late, because the process that only hands out tests needs none

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 2)))


SECONDS = 60
"""A bound for a hostile file on a busy machine; most take none."""


@pytest.fixture
def bounded() -> Iterator[None]:
    """A hostile file takes neither long nor a gigabyte and a half more than the process had."""
    # late, because ComfyUI's tests know the package by another name
    from comfyui_sapiens_pose.commands.trust.machine import process_peak_bytes

    started, before = time.monotonic(), process_peak_bytes()
    yield
    assert time.monotonic() - started < SECONDS
    assert process_peak_bytes() - before < 1.5 * 2**30


@pytest.fixture
def hub_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Hub]]:
    """Starts a server with the values of ``Hub``; the last one started is the client's hub.

    Between two tries the client waits a twentieth of a second instead of a whole one.
    """
    resume = "comfyui_sapiens_pose.sapiens_core.checkpoints.http_resume"
    monkeypatch.setattr(f"{resume}.PAUSE_S", 0.05)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no_token"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with ExitStack() as servers:

        def start(**values: object) -> Hub:
            hub = servers.enter_context(serve(Hub(**values)))  # type: ignore[arg-type]
            point_at(hub, monkeypatch)
            return hub

        yield start


@pytest.fixture(scope="session")
def transformers() -> object:
    """The library of the detector, which takes seconds to import."""
    reason = "needs transformers 4.50 or newer: pip install -e .[detector]"
    return pytest.importorskip("transformers", "4.50", reason=reason)


@pytest.fixture(scope="session")
def detector_file_of(
    transformers: object, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Files as the hub has them, of random detectors, by size; each is made once."""
    from helpers.detectors import random_network

    @cache
    def make(size: str) -> Path:
        folder = tmp_path_factory.mktemp(size)
        random_network(transformers, size).save_pretrained(folder)
        return folder / "model.safetensors"

    return make


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a connection fails."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


FUZZ_CASES = int(os.environ.get("FUZZ_CASES", 100_000))


@pytest.fixture
def memory_path(tmp_path: Path) -> Iterator[Path]:
    """A folder whose files are quick to write thousands of times: in memory, if that can be."""
    shared_memory = Path("/dev/shm")
    if not shared_memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=shared_memory) as folder:
        yield Path(folder)


@pytest.fixture(
    params=[*sample([20, 100], [20]), pytest.param(FUZZ_CASES, marks=pytest.mark.slow)],
    ids=lambda count: f"{count} cases",
)
def cases(request: pytest.FixtureRequest) -> int:
    """With how many mutated inputs a target is fuzzed; FUZZ_CASES sets that of ``-m slow``."""
    return request.param
