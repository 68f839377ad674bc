"""The real frontend in a headless Chromium."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from base_folder import PACK_NAME
from graphs import numbered

if TYPE_CHECKING:
    from pathlib import Path

    from graphs import Prompt
    from over_http import Server
    from playwright.sync_api import Browser, Page, Route

READY = """() => window.app?.graph
    && Object.keys(window.LiteGraph?.registered_node_types ?? {}).length > 100"""
TIMEOUT_S = 300  # of anything; a busy machine takes minutes for what takes seconds
# What the page says at its start, early or late, of files that a new folder of ComfyUI lacks and
# of ComfyUI's own templates, which the tests do not install; and of files that examples only name:
# frontend 1.39 asks how large the models are that it offers.
AT_START = re.compile(
    r"type=input&filename=(your_|example\.)|/user\.css|/api/userdata|/templates/"
    r"|Error loading (core workflow templates|fuse options)"
    r"|https://huggingface\.co/|Error fetching file size"
    r"|ComfyApp graph accessed before initialization"
)
SIZE = {"width": 1600, "height": 950}
NODE_AT = (500, 300)
"""Where a node is put that is clicked on: the left edge, and the top below the title."""


class Frontend:
    """ComfyUI's page.

    Attributes:
        page: Playwright's page.
        errors: what the page wrote to its console as an error, without ``AT_START``.
    """

    def __init__(self, page: Page, url: str) -> None:
        from playwright.sync_api import TimeoutError

        self.page = page
        self.errors: list[str] = []
        # The sheet over the page by which frontend 1.39 offers missing models.
        self._offer = page.get_by_role("dialog").filter(has_text="Missing Models")
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(TIMEOUT_S * 1000)
        page.goto(url, wait_until="load")
        page.wait_for_function(READY)
        choice = page.locator("[aria-labelledby=global-workflow-template-selector]")
        with suppress(TimeoutError):  # frontend 1.58 has no such choice
            choice.wait_for(timeout=60_000)
        until = time.monotonic() + TIMEOUT_S
        while True:  # a page that is not ready yet does not hear the key
            page.keyboard.press("Escape")
            with suppress(TimeoutError):
                choice.wait_for(state="hidden", timeout=5000)
                break
            with suppress(TimeoutError):  # frontend 1.39 does not hear it at all
                choice.locator("button").first.click(timeout=5000)
            assert time.monotonic() < until, "the choice of templates stays open"
        page.wait_for_load_state("networkidle")

    def _note(self, message: Any) -> None:
        error = f"{message.text} ({message.location.get('url')})"
        if message.type == "error" and (PACK_NAME in error or not AT_START.search(error)):
            self.errors.append(error)

    def load(self, workflow: dict[str, Any]) -> None:
        """Opens a workflow as the page saves it."""
        self._open("workflow => app.loadGraphData(workflow)", workflow)

    def load_prompt(self, prompt: Prompt) -> None:
        """Opens a graph in the server's format."""
        self._open("prompt => app.loadApiJson(prompt, 'test')", numbered(prompt))

    def _open(self, script: str, graph: Any) -> None:
        self.errors.clear()
        self.page.evaluate(script, graph)
        self.page.wait_for_timeout(1000)

    def unknown_nodes(self) -> list[str]:
        """Types of the nodes on the page that ComfyUI does not know."""
        script = "app.graph._nodes.filter(node => node.has_errors).map(node => node.type)"
        return list(self.page.evaluate(script))

    def serialize(self) -> dict[str, Any]:
        """The graph as the page would save it."""
        return dict(self.page.evaluate("app.graph.serialize()"))

    def text(self) -> str:
        """All words of the page outside the canvas."""
        return str(self.page.evaluate("document.body.innerText"))

    def offered_models(self) -> dict[str, str]:
        """Files that the page offers to download for the graph, and the folders they go to."""
        if self._offer.count():
            rows = re.findall(r"(?m)^(.+) / (.+)\nDownload", self._offer.inner_text())
            return {name: folder for folder, name in rows}
        self.page.get_by_role("button", name="View details").click()
        self.page.get_by_text("Download all").wait_for()
        return dict(re.findall(r"(?m)^(.+)\n(.+)\nDownload$", self.text()))

    def _close_offer(self) -> None:
        if self._offer.count():
            self.page.keyboard.press("Escape")
            self._offer.wait_for(state="hidden")

    def press_run(self, server: Server) -> dict[str, Any]:
        """Presses Run and waits for the end; returns the server's record of the run."""
        before = server.get("/history").keys()
        self._close_offer()
        self.page.get_by_test_id("queue-button").click()
        until = time.monotonic() + TIMEOUT_S
        while not (new := server.get("/history").keys() - before):
            assert time.monotonic() < until, f"nothing ran; the page says: {self.text()}"
            self.page.wait_for_timeout(200)
        (run_id,) = new
        return dict(server.get(f"/history/{run_id}")[run_id])

    def use_nodes_2(self, on: bool) -> None:
        """Chooses between the two ways in which the page draws nodes; the server keeps it."""
        self.set("Comfy.VueNodes.Enabled", on)

    def set(self, setting: str, value: Any) -> None:
        """Changes one of the page's settings, as its dialog does."""
        script = "([name, value]) => app.extensionManager.setting.set(name, value)"
        self.page.evaluate(script, [setting, value])

    def press_button(self, node_type: str, name: str, height: int = 20) -> None:
        """Clicks on the middle of a button of a node, ``height`` pixels high."""
        self._show(node_type)
        button = self.page.get_by_role("button", name=name)
        if button.count():
            button.first.click()
            return
        script = """([type, name]) => {
            const node = app.graph._nodes.find(node => node.type === type);
            const button = node.widgets.find(one => one.label === name);
            if (!button) throw Error(node.widgets.map(one => `${one.name}: ${one.label}`));
            return [node.size[0] / 2, button.last_y];
        }"""
        x, y = self.page.evaluate(script, [node_type, name])
        self.page.mouse.click(NODE_AT[0] + x, NODE_AT[1] + y + height / 2)

    def drop(self, node_type: str, path: Path) -> None:
        """Drops a file onto the title of a node, as from another window."""
        self._show(node_type)
        self.page.evaluate(
            """([x, y, name, content]) => {
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(new File([content], name));
                const target = document.elementFromPoint(x, y);
                const common = {bubbles: true, cancelable: true, clientX: x, clientY: y};
                for (const kind of ["dragover", "drop"])
                    target.dispatchEvent(new DragEvent(kind, {...common, dataTransfer}));
            }""",
            [NODE_AT[0] + 60, NODE_AT[1] - 15, path.name, path.read_text()],
        )

    def _show(self, node_type: str) -> None:
        """Brings a node to ``NODE_AT``, unscaled."""
        script = """([type, x, y]) => {
            const node = app.graph._nodes.find(node => node.type === type);
            const edge = app.canvas.canvas.getBoundingClientRect();
            app.canvas.ds.scale = 1;
            app.canvas.ds.offset = [x - edge.left - node.pos[0], y - edge.top - node.pos[1]];
            app.canvas.setDirty(true, true);
        }"""
        self.page.evaluate(script, [node_type, *NODE_AT])
        self.page.wait_for_timeout(500)

    def widget(self, node_type: str, name: str) -> tuple[Any, list[Any]]:
        """The value of a node's widget, and what its menu lists."""
        script = """([type, name]) => {
            const node = app.graph._nodes.find(node => node.type === type);
            const widget = node.widgets.find(widget => widget.name === name);
            return [widget.value, widget.options.values ?? []];
        }"""
        value, choices = self.page.evaluate(script, [node_type, name])
        return value, choices

    def widgets(self, node_type: str) -> tuple[dict[str, Any], list[str]]:
        """All values of a node's inputs by name, and the names of those that the page shows."""
        script = """type => {
            const node = app.graph._nodes.find(node => node.type === type);
            const inputs = node.widgets.filter(widget => !widget.name.startsWith("$$")); // no texts
            const shown = inputs.filter(widget => !widget.hidden && !widget.options.hidden);
            return [
                inputs.map(widget => [widget.name, widget.value]),
                shown.map(widget => widget.name),
            ];
        }"""
        values, shown = self.page.evaluate(script, node_type)
        return dict(values), shown

    def choose(self, node_type: str, **values: Any) -> None:
        """Sets widgets of a node by name."""
        script = """([type, values]) => {
            const node = app.graph._nodes.find(node => node.type === type);
            for (const widget of node.widgets)
                if (widget.name in values) widget.value = values[widget.name];
        }"""
        self.page.evaluate(script, [node_type, values])

    def pictures_on(self, node_type: str) -> list[list[int]]:
        """Width and height of each picture that a node shows, once they have come."""
        shown = self.page.wait_for_function(
            """type => {
                const images = app.graph._nodes.find(node => node.type === type).imgs;
                return images?.length && images.every(image => image.complete)
                    && images.map(image => [image.naturalWidth, image.naturalHeight]);
            }""",
            arg=node_type,
        )
        return list(shown.json_value())

    def display_name(self, node_type: str) -> str:
        """A node's name as people read it, in the page's language."""
        return str(self.page.evaluate("type => LiteGraph.createNode(type).title", node_type))

    def open_help(self, node_type: str) -> tuple[str, list[int]]:
        """Opens the help of a node; returns its title and the widths of its pictures."""
        self.page.evaluate(
            """type => {
                app.graph.clear();
                const node = LiteGraph.createNode(type);
                app.graph.add(node);
                app.canvas.selectNode(node);
                app.canvas.fitViewToSelectionAnimated?.();
            }""",
            node_type,
        )
        self.page.get_by_test_id("info-button").first.click()
        content = self.page.locator(".node-help-content")
        content.locator("h1, h2").first.wait_for()
        self.page.wait_for_function(
            """() => [...document.querySelectorAll(".node-help-content img")]
                .every(image => image.complete)"""
        )
        widths = content.locator("img").evaluate_all("all => all.map(one => one.naturalWidth)")
        return content.locator("h1, h2").first.inner_text(), widths

    def found(self, words: Sequence[str]) -> dict[str, list[str]]:
        """The names of the nodes that the search of the page lists for each word."""
        self.page.evaluate("app.graph.clear()")
        field = self._search(words[0], SIZE["width"] / 2, SIZE["height"] / 2)
        names = {}
        for word in words:
            field.fill(word)
            self.page.wait_for_timeout(1000)
            listed = self.page.get_by_role("option").all_inner_texts()
            names[word] = [text.split("\n")[0].strip() for text in listed if text]
        self.page.keyboard.press("Escape")
        return names

    def empty(self) -> None:
        """Takes all nodes away, and shows the canvas unscaled from its corner."""
        self._close_offer()
        self.page.evaluate(
            "app.graph.clear(); app.canvas.ds.reset(); app.canvas.setDirty(true, true)"
        )
        self.errors.clear()

    def _search(self, word: str, x: float, y: float) -> Any:
        """Double-clicks on the empty canvas and writes a word into the search that opens.

        A slow page takes a double click for two, and opens no search or closes it again.
        """
        from playwright.sync_api import TimeoutError

        field = self.page.get_by_placeholder(re.compile("Add a node|Search Nodes"))
        until = time.monotonic() + TIMEOUT_S
        while time.monotonic() < until:
            self.page.mouse.dblclick(x, y)
            try:
                field.wait_for(timeout=10_000)
                self.page.wait_for_timeout(500)
                field.fill(word, timeout=3000)
            except TimeoutError:
                continue
            return field
        raise AssertionError(f"no search opens; the page says: {self.text()}")

    def add_node(self, word: str, x: int, y: int) -> None:
        """Double-clicks on the empty canvas, and takes what the search for a word puts first."""
        self._search(word, x, y)
        self.page.wait_for_timeout(1000)
        self.page.keyboard.press("Enter")
        self.page.wait_for_timeout(500)
        self.page.mouse.click(x, y)  # the new node follows the mouse until it is put down

    def connect(self, source: str, output: str, target: str, socket: str) -> None:
        """Drags a wire from an output to an input, each named with the type of its node."""
        script = """([type, name, isInput]) => {
            const node = app.graph._nodes.find(node => node.type === type);
            const sockets = isInput ? node.inputs : node.outputs;
            const slot = sockets.findIndex(each => each.name === name);
            const place = node.getConnectionPos(isInput, slot);
            const edge = app.canvas.canvas.getBoundingClientRect();
            const [x, y] = app.canvas.ds.convertOffsetToCanvas([place[0], place[1]]);
            return [edge.left + x, edge.top + y];
        }"""
        start = self.page.evaluate(script, [source, output, False])
        end = self.page.evaluate(script, [target, socket, True])
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=5)
        self.page.mouse.up()

    def screenshot(self, path: Path) -> None:
        """Writes what is seen as a PNG."""
        self.page.screenshot(path=str(path))


def open_frontend(
    browser: Browser, url: str, locale: str = "en-US", other_nodes: Mapping[str, Any] | None = None
) -> Frontend:
    """The page of the server at ``url``, as someone sees it who has never been there and has
    closed the choice of templates that ComfyUI shows then.

    The page can reach nothing but this machine, and takes ``other_nodes`` for nodes of the server.
    """

    def keep_home(route: Route) -> None:
        if urlparse(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            route.abort()

    def add_others(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json=response.json() | other_nodes)

    context = browser.new_context(viewport=SIZE, locale=locale)
    context.route("http*://**", keep_home)
    if other_nodes:
        context.route("**/object_info", add_others)
    context.request.post(f"{url}/api/settings/Comfy.TutorialCompleted", data="false")
    return Frontend(context.new_page(), url)
