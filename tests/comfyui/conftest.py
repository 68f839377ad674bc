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


@pytest.fixture(scope="session")
def comfy(tmp_path_factory: pytest.TempPathFactory) -> object:
    """ComfyUI in this process; see ``inprocess.Comfy``."""
    from inprocess import Comfy

    return Comfy(tmp_path_factory.mktemp("comfyui"))
