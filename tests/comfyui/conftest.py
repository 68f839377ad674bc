"""The real ComfyUI, installed by ``make comfyui``: in this process, and as a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from base_folder import why_no_comfyui


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what is in this folder if there is no ComfyUI."""
    reason = why_no_comfyui()
    if not reason:
        return
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


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
