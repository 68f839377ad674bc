"""What users see, to be looked at: ``python tests/comfyui/screenshots.py [FOLDER]``.

Runs in ComfyUI's Python, of the ComfyUI that ``COMFYUI_DIR`` names; a frontend package that lies
first on ``PYTHONPATH`` is taken. Writes into FOLDER, or ``artefacts``, one image for each way of
drawing nodes, theme and size of the window: the preprocessor, and a main node that found nobody.
"""

from __future__ import annotations

import sys
import tempfile
from itertools import product
from pathlib import Path

from base_folder import MINIATURE, PHOTO, ROOT
from chromium import run_browser
from graphs import PHOTO_TO_SKELETON, changed, node, with_defaults
from in_browser import Frontend, open_frontend
from over_http import Server, serve

NODES_2 = {"classic": False, "nodes_2": True}
THEMES = ("dark", "light")
SIZES_WH = ((1280, 800), (800, 600))
PLACES = {
    "LoadImage": (0, 0),
    "SapiensPoseLoader": (0, 420),
    "SapiensPosePreprocessor": (360, 0),
    "SapiensPose": (720, 0),
}
SHOW = """places => {
    for (const node of app.graph._nodes) node.pos = places[node.type];
    app.canvas.ds.scale = 0.7;
    app.canvas.ds.offset = [110, 110];
    app.canvas.setDirty(true, true);
}"""


def graph_of(number: int) -> dict:
    """A skeleton, and beside it nobody; another graph for each number, so that it runs anew."""
    found = changed(PHOTO_TO_SKELETON, "pose", mask=["photo", 1], feet_threshold=number / 100)
    alone = {"model": MINIATURE, "detector": "whole image", "resolution": 192 + 64 * number}
    return {
        "photo": node("LoadImage", image=PHOTO),
        "all": node("SapiensPosePreprocessor", image=["photo", 0], **alone),
        **{name: found[name] for name in ("model", "pose")},
    }


def write_screenshots(page: Frontend, server: Server, folder: Path) -> None:
    """All of them, of one page."""
    host = server.get("/system_stats")["system"]
    version = f"{host['comfyui_version']}_{page.page.evaluate('__COMFYUI_FRONTEND_VERSION__')}"
    for number, (name, theme) in enumerate(product(NODES_2, THEMES)):
        page.use_nodes_2(NODES_2[name])
        page.set("Comfy.ColorPalette", theme)
        page.load_prompt(
            with_defaults(
                graph_of(number), lambda kind: server.object_info[kind]["input"]["required"]
            )
        )
        page.press_run(server)
        page.page.wait_for_timeout(2000)
        for width, height in SIZES_WH:
            page.page.set_viewport_size({"width": width, "height": height})
            page.page.evaluate(SHOW, PLACES)
            page.page.wait_for_timeout(1500)
            page.screenshot(folder / f"{version}_{name}_{theme}_{width}.png")


def main(folder: Path) -> None:
    """Start a ComfyUI and write its screenshots."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as base, serve(Path(base)) as server, run_browser() as it:
        write_screenshots(open_frontend(it, server.url), server, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "artefacts")
