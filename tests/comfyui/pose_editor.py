"""Edit Sapiens Pose as somebody at ComfyUI's page sees it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from comfyui_sapiens_pose.skeletons.formats.sapiens_clip_json import encode_frame, encode_header
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame
from graphs import PHOTO_TO_SKELETON, node, with_defaults
from synthetic_person import Stance, person

if TYPE_CHECKING:
    from in_browser import Frontend
    from over_http import Server

GRAPH = {
    **{name: PHOTO_TO_SKELETON[name] for name in ("photo", "model", "pose")},
    "edit": node("SapiensPoseEdit", poses=["pose", 0], image=["photo", 0]),
    "json": node("SapiensPoseToJSON", poses=["edit", 0], format="comfy"),
    "show": node("PreviewAny", source=["json", 0]),
}
NODE = """const node = app.graph._nodes.find(node => node.type === 'SapiensPoseEdit');
    const session = node?.sapiensPose?.session;"""


class Editor:
    """The node, the editor on it, and the one that fills the page."""

    def __init__(self, frontend: Frontend, server: Server) -> None:
        self.frontend, self.server, self.page = frontend, server, frontend.page

    def ask(self, script: str) -> Any:
        """The value of an expression that may use ``node`` and ``session``."""
        return self.page.evaluate(f"() => {{ {NODE} return {script}; }}")

    def wait(self, script: str) -> None:
        self.page.wait_for_function(f"() => {{ {NODE} return {script}; }}")

    @property
    def text(self) -> str:
        return str(self.ask("node.widgets.find(widget => widget.name === 'edits').value"))

    @property
    def edits(self) -> dict[str, Any]:
        return dict(json.loads(self.text))

    @property
    def joints(self) -> dict[int, tuple[float, float]]:
        """How far each edited joint was moved, by its index."""
        if not self.text:
            return {}
        numbers = self.edits["people"][0]["keys"]["0"]["joints"]
        return {joint: (x, y) for joint, x, y in np.reshape(numbers, (-1, 3)).tolist()}

    @property
    def status(self) -> str:
        """What is said of what is chosen, in the editor that is in use."""
        shown = "node.sapiensOverlay?.element.open ? node.sapiensOverlay : node.sapiensPose"
        self.page.wait_for_timeout(100)
        return str(self.ask(f"({shown}).status.textContent"))

    def shown(self, person: int = 0) -> Any:
        """(K, 2) x, y of a person in the editor."""
        return np.reshape(self.ask(f"[...session.rows[{person}].shown.points]"), (-1, 2))

    def run(self) -> Any:
        """Presses Run; (K, 2) x, y of the person who comes out, or of all if there are more."""
        record = self.frontend.press_run(self.server)
        return self.people_of(record)

    def people_of(self, record: dict[str, Any]) -> Any:
        """(K, 2) x, y of the person who came out of a run, or a list of them if there are more."""
        assert record["status"]["status_str"] == "success", record["status"]
        self.wait("session.detection !== null")
        texts = [out["text"][0] for out in record["outputs"].values() if "text" in out]
        people = json.loads(texts[0])[0]["sapiens"]["people"]
        found = [np.array(person["keypoints"]) for person in people]
        return found[0] if len(found) == 1 else found

    def drag(self, joint: int, right: float, down: float, person: int = 0) -> None:
        self.wait("session.rows.length > 0")
        self.page.wait_for_timeout(300)
        self.drag_from(self.ask(f"node.sapiensPose.stage.where({person}, {joint})"), right, down)

    def drag_in_overlay(self, joint: int, right: float, down: float, person: int = 0) -> None:
        self.page.wait_for_timeout(100)
        place = self.ask(f"node.sapiensOverlay.stage.where({person}, {joint})")
        self.drag_from(place, right, down)

    def drag_handle(self, name: str, right: float, down: float) -> None:
        """Drags the ``knob``, a ``corner`` or the ``middle`` of the box of the chosen part."""
        self.page.wait_for_timeout(100)
        self.drag_from(self.ask(f"node.sapiensOverlay.stage.handles.{name}"), right, down)

    def drag_from(self, place: list[float], right: float, down: float) -> None:
        x, y = place
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + right / 2, y + down / 2)
        self.page.mouse.move(x + right, y + down)
        self.page.mouse.up()

    def load(self, prompt: dict[str, Any]) -> None:
        """Opens a graph, and shows the node."""
        table = self.server.object_info
        self.frontend.load_prompt(
            with_defaults(prompt, lambda kind: table[kind]["input"]["required"])
        )
        self.frontend._show("SapiensPoseEdit")

    def click_beside(self) -> None:
        """A click on the editor where nobody is, which gives it the focus."""
        rect = "node.sapiensPose.stage.element.getBoundingClientRect()"
        x, y = self.ask(f"[{rect}.left + 8, {rect}.top + 8]")
        self.page.mouse.click(x, y)

    def open(self) -> None:
        """Opens the editor that fills the page, by its button."""
        self.page.get_by_role("button", name="Open editor").first.click()
        self.wait("node.sapiensOverlay?.element.open")
        self.page.wait_for_timeout(300)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def press_until(self, key: str, text: str, most: int = 6) -> None:
        """Presses a key until the edits are a text: a busy machine makes more steps of arrows."""
        while self.text != text:
            assert most, f"{key} does not lead to {text}, but to {self.text}"
            self.press(key)
            most -= 1

    def screenshot(self, name: str) -> None:
        """Into the folder that the variable SCREENSHOTS names, if it does."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.wait_for_timeout(500)
            self.frontend.screenshot(Path(folder) / f"{name}.png")


CLIP_FRAMES = 12
CLIP_WH = 640, 480
"""Of the clip of ``write_clip``."""


def write_clip(path: Path, tilt: float = 0.0, shift: float = 0.0, first_id: int = 1) -> None:
    """A file of two tracked people with 308 keypoints, ``CLIP_FRAMES`` long.

    Args:
        path: in ComfyUI's input folder.
        tilt: of both, in degrees.
        shift: of both to the right, in pixels.
        first_id: id of the left one; the other has the next.
    """
    frames = []
    for number in range(CLIP_FRAMES):
        stances = [
            Stance((x + shift + number, 70), 48, (40 + 3 * number, 60), (20, 45), tilt)
            for x in (180, 440)
        ]
        poses = (person(stance, CLIP_WH) for stance in stances)
        people = [replace(pose, person_id=first_id + index) for index, pose in enumerate(poses)]
        frames.append(Frame(CLIP_WH, tuple(people)))
    rows = [encode_frame(frame, str(number), number, 0.0) for number, frame in enumerate(frames)]
    document = {**encode_header("clip", GOLIATH_308.name), "frames": rows}
    path.write_text(json.dumps(document))


def clip_graph(file: str) -> dict[str, Any]:
    """The clip through the node, with images, and its first frame as text."""
    size = dict(zip(("width", "height"), CLIP_WH, strict=True))
    return {
        "file": node("SapiensPoseLoad", file=file),
        "image": node("EmptyImage", **size, color=0x334455, batch_size=CLIP_FRAMES),
        "edit": node("SapiensPoseEdit", poses=["file", 0], image=["image", 0]),
        "json": node("SapiensPoseToJSON", poses=["edit", 0], format="comfy"),
        "show": node("PreviewAny", source=["json", 0]),
    }
