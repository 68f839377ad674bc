"""Writing the image that each help page begins with: ``python docs/make_help_images.py``.

Runs in the Python of the ComfyUI that ``make comfyui`` installs, with the folder of the installed
package on ``PYTHONPATH``; it starts ComfyUI by itself. Names of nodes make only their images.
"""

from __future__ import annotations

import sys

from editor import browser_page, build, open_editor, run, take_screenshot
from help_graphs import HELP_GRAPHS
from make_workflows import to_server_format
from own_comfyui import ROOT, run_comfyui

IMAGES = ROOT / "web" / "docs" / "images"
QUALITY = 50
"""The words on the widgets are sharp, and the twelve images have 200 kB together."""


def main(names: list[str]) -> None:
    """Write the images of some nodes, or of all."""
    with run_comfyui() as address, browser_page() as page:
        for name in names or HELP_GRAPHS:
            open_editor(page, address)
            build(page, to_server_format("help", HELP_GRAPHS[name]))
            run(page)
            take_screenshot(page, IMAGES / f"{name}_graph.webp", 1.0, quality=QUALITY)


if __name__ == "__main__":
    main(sys.argv[1:])
