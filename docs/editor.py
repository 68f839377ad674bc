"""ComfyUI's editor in a headless browser: build a graph, save it, run it, take a screenshot.

Needs a running ComfyUI with this pack, ``pip install playwright pillow``, and Chromium.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
READY = "window.app?.graph && Object.keys(LiteGraph.registered_node_types).length > 100"
MARGIN = 24

# Fills an empty graph with a workflow in the server's format, then sets positions and sizes.
BUILD = """async ({prompt, bounds, files, notes, groups, id}) => {
  await app.loadApiJson(prompt, id);
  for (const [node, [left, top, width, height]] of Object.entries(bounds)) {
    const it = app.graph.getNodeById(+node);
    it.pos = [left, top];
    it.setSize([width, Math.max(height, it.computeSize()[1])]);
    if (files[node]) it.properties.models = files[node];
  }
  for (const {text, bounds: [left, top, width, height]} of notes) {
    const note = LiteGraph.createNode('MarkdownNote');
    note.pos = [left, top];
    note.size = [width, height];
    note.widgets[0].value = text;
    app.graph.add(note);
  }
  for (const {title, color, bounds: [left, top, width, height]} of groups) {
    const group = new LiteGraph.LGraphGroup(title);
    group.color = color;
    group.pos = [left, top];
    group.size = [width, height];
    app.graph.add(group);
  }
  return JSON.stringify(app.graph.serialize());
}"""

# Left, top, right and bottom of some nodes or of the whole graph, with titles and badges.
BOUNDS = """(wanted) => {
  const nodes = app.graph._nodes.filter(n => !wanted || wanted.includes(Number(n.id)));
  const all = [...nodes.map(n => [n.pos[0], n.pos[1] - 50, n.size[0], n.size[1] + 50]),
               ...(wanted ? [] : app.graph._groups.map(g => [...g.pos, ...g.size]))];
  return [Math.min(...all.map(a => a[0])), Math.min(...all.map(a => a[1])),
          Math.max(...all.map(a => a[0] + a[2])), Math.max(...all.map(a => a[1] + a[3]))];
}"""
LOOK_AT = """([left, top, scale]) => {
  app.canvas.ds.scale = scale;
  app.canvas.ds.offset = [-left, -top];
  app.canvas.setDirty(true, true);
}"""
# The editor's bars, panels and messages hide the graph.
BARE_CANVAS = """async () => {
  for (const name of ['Comfy.Minimap.Visible', 'Comfy.Graph.CanvasMenu', 'Comfy.Graph.CanvasInfo',
                      'Comfy.RightSidePanel.IsOpen'])
    await app.extensionManager.setting.set(name, false);
  if (!app.extensionManager.focusMode) app.extensionManager.toggleFocusMode();
}"""
HIDE = "button, .p-toast { visibility: hidden !important } .lg-node button { visibility: visible }"
EDITOR = ".sapiens-editor button { visibility: visible !important }"


@contextmanager
def browser_page() -> Iterator[Page]:
    """A new page of a headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser.new_page()
        browser.close()


def open_editor(page: Page, address: str) -> None:
    """Load the editor again, without open dialogs and without the graph before."""
    page.set_viewport_size({"width": 1600, "height": 950})
    page.request.post(f"{address}/api/settings/Comfy.TutorialCompleted", data="true")
    if page.url.startswith(address):
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.goto(address)
    page.wait_for_function(READY, timeout=120_000)
    page.wait_for_timeout(1500)
    page.keyboard.press("Escape")


def build(page: Page, graph: dict[str, Any]) -> dict[str, Any]:
    """Build the graph and return it in the editor's file format."""
    return dict(json.loads(page.evaluate(BUILD, graph)))


def show(page: Page, workflow: dict[str, Any]) -> None:
    """Open a workflow file."""
    page.evaluate("workflow => app.loadGraphData(workflow)", workflow)
    page.wait_for_timeout(1500)


def run(page: Page, outputs: Sequence[int] | None = None) -> None:
    """Run the graph, or only what the nodes ``outputs`` need, and wait for the end."""
    page.evaluate(
        "async nodes => await app.queuePrompt(0, 1, nodes ?? undefined)",
        outputs and [str(node) for node in outputs],
    )
    idle = "async () => (await (await fetch('/prompt')).json()).exec_info.queue_remaining === 0"
    page.wait_for_timeout(500)
    while not page.evaluate(idle):
        page.wait_for_timeout(300)
    page.wait_for_timeout(2000)


def take_screenshot(
    page: Page,
    path: Path,
    scale: float,
    nodes: Sequence[int] | None = None,
    quality: int = 85,
) -> None:
    """Write a screenshot of some nodes or of all, without the editor's bars, as WebP."""
    page.evaluate(BARE_CANVAS)
    page.add_style_tag(content=HIDE + EDITOR)
    left, top, right, bottom = page.evaluate(BOUNDS, nodes)
    size = {
        "width": round((right - left + 2 * MARGIN) * scale),
        "height": round((bottom - top + 2 * MARGIN) * scale),
    }
    page.set_viewport_size(size)
    page.wait_for_timeout(500)
    page.evaluate(LOOK_AT, [left - MARGIN, top - MARGIN, scale])
    page.wait_for_timeout(1500)
    with Image.open(io.BytesIO(page.screenshot())) as image:
        image.save(path, quality=quality, method=6)


def dumps(workflow: dict[str, Any]) -> str:
    """The text of a workflow file."""
    return json.dumps(workflow, indent=2, ensure_ascii=False) + "\n"
