"""The real frontend in a headless Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from base_folder import PACK_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, Route

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
READY = """() => window.app?.graph
    && Object.keys(window.LiteGraph?.registered_node_types ?? {}).length > 100"""
SIZE = {"width": 1600, "height": 950}
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_browser() -> str | None:
    """Path of a Chromium; the variable CHROMIUM may name one."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Frontend:
    """ComfyUI's page.

    Attributes:
        page: Playwright's page.
        errors: what the page wrote to its console as an error, if it came after opening or
            concerns this pack.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(url, wait_until="load")
        page.wait_for_function(READY, timeout=120_000)
        page.wait_for_timeout(1500)
        # The first start shows a choice of templates.
        page.keyboard.press("Escape")
        # ComfyUI asks for files of its own that a new folder lacks.
        self.errors = [error for error in self.errors if PACK_NAME in error]

    def _note(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def load(self, workflow: dict[str, Any]) -> None:
        """Shows a workflow as it is saved by the frontend, and moves it into view."""
        self.page.evaluate("workflow => app.loadGraphData(workflow)", workflow)
        self.page.wait_for_timeout(1000)
        self.fit()

    def fit(self) -> None:
        """Moves the whole graph into view."""
        self.page.evaluate(
            """() => {
                const boxes = [...app.graph._nodes, ...(app.graph._groups ?? [])]
                    .map(item => item.getBounding ? item.getBounding() : item.boundingRect);
                const left = Math.min(...boxes.map(box => box[0]));
                const top = Math.min(...boxes.map(box => box[1]));
                const right = Math.max(...boxes.map(box => box[0] + box[2]));
                const bottom = Math.max(...boxes.map(box => box[1] + box[3]));
                const view = app.canvas.ds;
                const room = [window.innerWidth - 200, window.innerHeight - 200];
                view.scale = Math.min(1, room[0] / (right - left), room[1] / (bottom - top));
                view.offset[0] = 120 / view.scale - left;
                view.offset[1] = 100 / view.scale - top;
                app.canvas.setDirty(true, true);
            }"""
        )
        self.page.wait_for_timeout(500)

    def missing_nodes(self) -> list[str]:
        """Types of the shown nodes that ComfyUI does not know."""
        return self.page.evaluate(
            """() => app.graph._nodes.map(node => node.type)
                .filter(type => !LiteGraph.registered_node_types[type]
                    && !['Note', 'MarkdownNote', 'Reroute'].includes(type))"""
        )

    def screenshot(self, path: Path) -> None:
        """Writes what is seen as a PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(path))


@contextmanager
def open_frontend(url: str) -> Iterator[Frontend]:
    """A new Chromium that shows the server at ``url`` and can reach nothing else."""
    from playwright.sync_api import sync_playwright

    def keep_home(route: Route) -> None:
        if urlparse(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            route.abort()

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        try:
            context = chromium.new_context(viewport=SIZE)
            context.route("http*://**", keep_home)
            yield Frontend(context.new_page(), url)
        finally:
            chromium.close()
