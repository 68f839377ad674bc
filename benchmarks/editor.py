"""The pose editor in a browser: processor time of a drag, opening a clip, and keeping a gesture.

    COMFYUI_DIR=... python benchmarks/editor.py

A clip of 200 frames with three people of 308 keypoints, whose edits are a text of 24 kB or more, in
the editor on a node 460 pixels wide, and in the one that fills the page, where the image has 1280
pixels; classic nodes and Nodes 2.0. A wrist is dragged by the mouse, which takes the arm and the
hand along. Processor time is that of all processes of the browser, divided by the frames that were
drawn. Needs the Python of a ComfyUI, as ``make comfyui`` installs it, and Chromium; a frontend
package that lies first on ``PYTHONPATH`` is taken.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from processes import cpu_seconds, descendants

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / name) for name in ("tests/comfyui", "tests", "docs")]

import conftest  # noqa: E402, F401  # gives the package its name
from base_folder import PHOTO  # noqa: E402
from chromium import run_browser  # noqa: E402
from comfyui_sapiens_pose.skeletons.formats.sapiens_clip_json import (  # noqa: E402
    encode_frame,
    encode_header,
)
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308  # noqa: E402
from comfyui_sapiens_pose.skeletons.pose import Frame  # noqa: E402
from graphs import node  # noqa: E402
from in_browser import open_frontend  # noqa: E402
from over_http import serve  # noqa: E402
from pose_editor import NODE, Editor  # noqa: E402
from synthetic_person import Stance, person  # noqa: E402

FRAMES, PEOPLE, MOVES, GESTURES = 200, 3, 90, 10
CLIP_WH = 960, 640
EDITS_BYTES = 24_000
NODE_WIDTH = 460
NODES_2 = {"classic": False, "2.0": True}
PAGE = {"width": 1752, "height": 1000}
"""Beside the lists, 1280 pixels are left for the images."""
WRIST = GOLIATH_308.index("left_wrist")

COUNT_FRAMES = """element => {
    const [canvas] = [...element.querySelectorAll("canvas")].slice(-1);
    const context = canvas.getContext("2d");
    window.drawnFrames = 0;
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    context.clearRect = function (...box) {
        window.drawnFrames += 1;
        return clear.apply(this, box);
    };
}"""
TIME_RELEASE = """element => new Promise(resolve => {
    let start;
    const once = {once: true};
    const begin = () => (start = performance.now());
    window.addEventListener("pointerup", begin, {capture: true, ...once});
    element.addEventListener("pointerup", () => {
        const kept = performance.now() - start;
        requestAnimationFrame(() => {
            const {port1, port2} = new MessageChannel();
            port1.onmessage = () => resolve([kept, performance.now() - start]);
            port2.postMessage(0);
        });
    }, once);
})"""
OPEN = """async (saved) => {
    const start = performance.now();
    await app.loadGraphData(saved);
    const nodes = () => app.graph._nodes.find(node => node.type === "SapiensPoseEdit");
    const frame = () => new Promise(requestAnimationFrame);
    while (!nodes()?.sapiensPose?.session.detection) await frame();
    const found = performance.now();
    nodes().sapiensPose.host.open();
    const {stage} = nodes().sapiensOverlay;
    while (![...stage.images.values()][0]?.complete) await frame();
    await frame();
    await frame();
    return [found - start, performance.now() - start];
}"""


def write_clip(path: Path) -> None:
    """Three tracked people who move a little in each frame."""
    frames = []
    for number in range(FRAMES):
        arms = (40 + number / 5, 60), (20, 45)
        stances = [Stance((180 + 300 * i + number / 4, 90), 62, *arms) for i in range(PEOPLE)]
        poses = (person(stance, CLIP_WH) for stance in stances)
        people = tuple(replace(pose, person_id=1 + i) for i, pose in enumerate(poses))
        frames.append(Frame(CLIP_WH, people))
    rows = [encode_frame(frame, str(number), number, 0.0) for number, frame in enumerate(frames)]
    header = encode_header("clip", GOLIATH_308.name)
    path.write_text(json.dumps({**header, "frames": rows}))


def edits_text() -> str:
    """Key frames of 308 moved joints, as many as ``EDITS_BYTES`` take, on all people in turn."""
    joints = [value for joint in range(308) for value in (joint, 1.5, -2.5)]
    people: list[dict[str, Any]] = [{"who": {"id": 1 + i}, "keys": {}} for i in range(PEOPLE)]
    start = {"format": "sapiens_edits", "version": 1, "keypoint_set": GOLIATH_308.name}
    number = 0
    while True:
        edits = {**start, "canvas": list(CLIP_WH), "base": "", "people": people}
        text = json.dumps(edits, separators=(",", ":"))
        if len(text) >= EDITS_BYTES:
            return text
        people[number % PEOPLE]["keys"][str(20 * number)] = {"joints": joints}
        number += 1


def graph() -> dict[str, Any]:
    """The clip through the node, with a photo as each of its images."""
    width, height = CLIP_WH
    scaled = {"upscale_method": "bilinear", "width": width, "height": height, "crop": "center"}
    return {
        "file": node("SapiensPoseLoad", file="benchmark.json"),
        "photo": node("LoadImage", image=PHOTO),
        "scaled": node("ImageScale", image=["photo", 0], **scaled),
        "image": node("RepeatImageBatch", image=["scaled", 0], amount=FRAMES),
        "edit": node("SapiensPoseEdit", poses=["file", 0], image=["image", 0], edits=edits_text()),
    }


def browser_seconds() -> float:
    """Processor time that all processes of the browser have used until now."""
    total = 0.0
    for process_id in descendants(os.getpid()):
        try:
            name = (Path("/proc") / str(process_id) / "comm").read_text()
            total += cpu_seconds(process_id) if "chrom" in name else 0
        except OSError:  # it has ended
            continue
    return total


def show(editor: Editor) -> None:
    """The node as wide as the figures say, unscaled, within the window."""
    size = [NODE_WIDTH, 640]
    editor.ask(f"(node.setSize({size}), app.canvas.setDirty(true, true), 1)")
    editor.frontend._show("SapiensPoseEdit")
    editor.ask("(app.canvas.ds.offset[1] -= 220, app.canvas.setDirty(true, true), 1)")
    editor.page.wait_for_timeout(1000)


def time_drag(editor: Editor, where: str) -> dict[str, float]:
    """Milliseconds of the browser's processors a drawn frame, of one drag in an editor."""
    page = editor.page
    stage = f"node.{where}.stage"
    x, y = editor.ask(f"{stage}.where(1, {WRIST})")
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(f"() => {{ {NODE} ({COUNT_FRAMES})({stage}.element); }}")
    started, begun = time.monotonic(), browser_seconds()
    page.mouse.move(x + 60, y - 90, steps=MOVES)
    spent, passed = browser_seconds() - begun, time.monotonic() - started
    drawn = page.evaluate("drawnFrames")
    page.mouse.up()
    width = editor.ask(f"{stage}.element.clientWidth")
    return {
        "width": width,
        "frames": drawn,
        "ms a frame": 1000 * spent / drawn,
        "frames a second": drawn / passed,
    }


def time_release(editor: Editor, where: str) -> dict[str, float]:
    """Milliseconds in which a gesture is kept, and until the page is drawn again; medians."""
    page, times = editor.page, []
    for number in range(GESTURES):
        x, y = editor.ask(f"node.{where}.stage.where(1, {WRIST})")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + (-1) ** number * 9, y, steps=3)
        element = f"node.{where}.stage.element"
        page.evaluate(f"() => {{ {NODE} window.released = ({TIME_RELEASE})({element}); }}")
        page.mouse.up()
        times.append(page.evaluate("released"))
        page.wait_for_timeout(200)
    kept, drawn = (statistics.median(column) for column in zip(*times, strict=True))
    return {"kept ms": kept, "drawn ms": drawn, "edits bytes": len(editor.text)}


def measure(editor: Editor) -> None:
    """All figures of the editor in one way of drawing nodes, each as a line of JSON."""
    host = editor.page.evaluate("__COMFYUI_FRONTEND_VERSION__")
    for name, is_nodes_2 in NODES_2.items():
        editor.frontend.use_nodes_2(is_nodes_2)
        editor.page.wait_for_timeout(1000)
        about = {"frontend": host, "nodes": name}

        def tell(what: str, figures: dict[str, float], about: dict[str, str] = about) -> None:
            rounded = {key: round(value, 1) for key, value in figures.items()}
            print(json.dumps({**about, "what": what, **rounded}), flush=True)

        saved = editor.frontend.serialize()
        found, opened = editor.page.evaluate(OPEN, saved)
        tell("opening", {"poses ms": found, "opened ms": opened})
        for _ in range(2):  # the first one warms up
            figures = time_drag(editor, "sapiensOverlay")
        tell("drag in the overlay", figures)
        tell("gesture in the overlay", time_release(editor, "sapiensOverlay"))
        editor.press("Escape")
        show(editor)
        for _ in range(2):
            figures = time_drag(editor, "sapiensPose")
        tell("drag in the node", figures)
        tell("gesture in the node", time_release(editor, "sapiensPose"))
        editor.page.evaluate("saved => app.loadGraphData(saved)", saved)
        editor.page.wait_for_timeout(1000)


def main() -> None:
    """Start a ComfyUI, run the graph once, and measure."""
    with tempfile.TemporaryDirectory() as base, serve(Path(base)) as server, run_browser() as it:
        write_clip(server.base / "input" / "benchmark.json")
        frontend = open_frontend(it, server.url)
        frontend.page.set_viewport_size(PAGE)
        editor = Editor(frontend, server)
        editor.load(graph())
        record = frontend.press_run(server)
        assert record["status"]["status_str"] == "success", record["status"]
        editor.wait("session.detection !== null")
        measure(editor)


if __name__ == "__main__":
    main()
