"""The real ComfyUI, installed by ``make comfyui``: in this process, and as a server with a page.

A test that asks for the server is marked ``served``. Those come last, because Playwright keeps this
thread's event loop to itself from the first page on, and ComfyUI in this process needs it.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from base_folder import DETECTOR, PACK_NAME, ROOT, why_no_comfyui
from chromium import find_browser, run_browser
from helpers.samples import sample
from in_browser import open_frontend


def _name_the_package() -> None:
    """Shared helpers import the package by its name, and it is not installed beside ComfyUI."""
    if importlib.util.find_spec(PACK_NAME):
        return
    spec = importlib.util.spec_from_file_location(
        PACK_NAME, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    assert spec
    assert spec.loader
    sys.modules[PACK_NAME] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[PACK_NAME])


_name_the_package()


@pytest.hookimpl(tryfirst=True)  # before pytest looks at ``-m``
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks and puts last what needs the server; skips what is here if there is no ComfyUI."""
    reason = why_no_comfyui()
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
        if "server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.served)
    items.sort(key=lambda item: item.get_closest_marker("served") is not None)


LOADED = pytest.StashKey[str]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tells what was tested, and how long ComfyUI waits for the pack at its start."""
    if LOADED in config.stash:
        terminalreporter.write_line(config.stash[LOADED])


@pytest.fixture(scope="session")
def comfyui(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> object:
    """ComfyUI in this process; see ``in_process.Comfy``."""
    from in_process import Comfy

    comfy = Comfy(tmp_path_factory.mktemp("comfyui"))
    pytestconfig.stash[LOADED] = (
        f"ComfyUI {comfy.version} loaded the pack in {comfy.load_seconds * 1000:.0f} ms."
    )
    return comfy


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """ComfyUI as a server; see ``over_http.Server``."""
    from over_http import serve

    with serve(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A Chromium without a window."""
    if not find_browser():
        pytest.skip("there is no Chromium; `apt-get install chromium` brings one")
    with run_browser() as running:
        yield running


@pytest.fixture(scope="session")
def opened_page(browser: Any, server: Any) -> Any:
    """ComfyUI's page; opening it takes longer than most tests on it, so all share it."""
    return open_frontend(browser, server.url)


@pytest.fixture(params=sample([False, True], [False]), ids=["classic", "nodes 2.0"], scope="module")
def is_nodes_2(request: pytest.FixtureRequest) -> bool:
    """Which of the two ways of the page to draw nodes a test wants."""
    return bool(request.param)


@pytest.fixture
def page(opened_page: Any) -> Any:
    """ComfyUI's page with an empty graph, in the classic way to draw nodes."""
    opened_page.use_nodes_2(False)
    opened_page.empty()
    return opened_page


@pytest.fixture
def drawn_page(page: Any, is_nodes_2: bool) -> Any:
    """The same with its nodes drawn in either way."""
    page.use_nodes_2(is_nodes_2)
    return page


@pytest.fixture(scope="session")
def detector_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of the smaller detector."""
    transformers = pytest.importorskip("transformers", "4.50")
    import torch

    backbone = {"hidden_sizes": [64, 128, 256, 512], "depths": [2] * 4, "layer_type": "basic"}
    config = transformers.RTDetrV2Config(
        backbone_config=transformers.RTDetrResNetConfig(**backbone, out_indices=[2, 3, 4]),
        num_labels=80,
        encoder_in_channels=[128, 256, 512],
        hidden_expansion=0.5,
        decoder_layers=3,
    )
    torch.manual_seed(0)
    model = transformers.RTDetrV2ForObjectDetection(config)
    folder = tmp_path_factory.mktemp("detector")
    model.save_pretrained(folder)
    return folder / "model.safetensors"


@pytest.fixture(scope="module")
def detector(comfyui: Any, detector_file: Path) -> Iterator[None]:
    """The smaller detector in models/sapiens, where a download would go."""
    path = comfyui.base / "models" / "sapiens" / DETECTOR
    path.symlink_to(detector_file)
    yield
    path.unlink()


@pytest.fixture
def source(comfyui: Any) -> Iterator[Callable[[str, Any], dict[str, Any]]]:
    """Adds a node ``Odd`` whose only output is a given value of a given type."""
    added = "OddValueOfTheTests"

    def add(kind: str, value: Any) -> dict[str, Any]:
        class Odd:
            @classmethod
            def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
                return {"required": {}}

            RETURN_TYPES = (kind,)
            FUNCTION = "give"
            CATEGORY = "test"

            def give(self) -> tuple[Any]:
                return (value,)

        comfyui.nodes.NODE_CLASS_MAPPINGS[added] = Odd
        return {"class_type": added, "inputs": {}}

    yield add
    comfyui.nodes.NODE_CLASS_MAPPINGS.pop(added, None)
