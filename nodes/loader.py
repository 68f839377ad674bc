"""Load Sapiens Pose Model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from comfy_api.latest import io

from ..sapiens_core.checkpoints.zoo import (
    CHECKPOINTS,
    DEFAULT_SIZE,
    KEYPOINT_COUNTS,
    MODEL_SIZES,
    find_checkpoint,
    title,
)
from ..skeletons.foundation.checks import TEXT, check, one_of
from ..skeletons.options.estimating import MODEL
from ..skeletons.options.option import Widget
from .host import model_files, model_menu
from .host.managed_model import get_model
from .host.node_errors import explain_errors
from .host.page_text import tell
from .sockets.image_sockets import SapiensModel
from .sockets.widgets import HIDDEN, UncheckedMenuInput, check_inputs, widget

OFFICIAL = "official file"
SIZES = {title(size): size for size in MODEL_SIZES}
"""What ``size`` was in graphs of a version that had the keypoints and the file beside it."""
KEYPOINTS = {
    f"{count} {name}": count
    for count, name in zip(
        KEYPOINT_COUNTS, ("COCO body", "COCO-WholeBody", "Goliath (all)"), strict=True
    )
}
DEFAULT = (DEFAULT_SIZE, MODEL["keypoints"].default)
"""Size and keypoints that nobody had to choose."""
INSTEAD = "{file} is used. To choose another model, use the menu 'model'."


def _widgets() -> list[Any]:
    """The inputs: one menu of all models, and for saved graphs what was chosen beside it."""
    model = replace(
        MODEL["size"],
        text="The model: size, keypoints on each person, and size of the file; below these, your "
        "own files in models/sapiens. A larger model is more accurate, slower, and needs more "
        "memory.",
        choices=dict.fromkeys(model_menu.choices(), ""),
        default=model_menu.DEFAULT,
        widget=Widget(title="model", note=f"Licences: {model_menu.LICENSES}."),
    )
    keypoints = replace(
        MODEL["keypoints"],
        choices=dict.fromkeys(KEYPOINT_COUNTS, ""),
        widget=Widget(labels={count: title for title, count in KEYPOINTS.items()}),
    )
    files = dict.fromkeys([OFFICIAL, *model_files.local_files()], "")
    checkpoint = replace(MODEL["checkpoint"], choices=files, default=OFFICIAL)
    return [
        widget(model, extra_dict=model_menu.extra_dict()),
        widget(keypoints, extra_dict=HIDDEN),
        widget(MODEL["precision"]),
        # Looked up in the run: ComfyUI would show one wrong combination as an error of each input.
        widget(checkpoint, UncheckedMenuInput, extra_dict=HIDDEN),
        widget(MODEL["download"]),
    ]


class SapiensPoseLoader(io.ComfyNode):
    """Gives a model to Sapiens Pose."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseLoader",
            display_name="Load Sapiens Pose Model",
            category="Sapiens Pose",
            description="Loads a Sapiens pose model from models/sapiens. Licences: "
            f"{model_menu.LICENSES}.",
            search_aliases=["sapiens", "pose model", "pose checkpoint"],
            inputs=_widgets(),
            outputs=[SapiensModel.Output("model", tooltip="For the Sapiens Pose node.")],
        )

    @classmethod
    def validate_inputs(cls, size: str) -> bool | str:
        """Says before the run that a model is gone; None comes through a link, later.

        ComfyUI shows the sentence once for each input that is named here.
        """
        try:
            return size is None or _is_known(size) or model_menu.no_model(size)
        except ValueError as error:
            return str(error)

    @classmethod
    def fingerprint_inputs(cls, size: str | None, checkpoint: str | None, **_: Any) -> str:
        """A local file that was replaced is loaded again."""
        names = [name for name in (size, checkpoint) if isinstance(name, str)]
        paths = [path for path in map(model_files.local_path, names) if path]
        return repr([(str(path), model_files.change_time_ns(path)) for path in paths])

    @classmethod
    @explain_errors("loading the model")
    def execute(
        cls, size: str, keypoints: str, precision: str, checkpoint: str, download: bool
    ) -> io.NodeOutput:
        """Finds or fetches the file and loads it."""
        check_inputs(MODEL, precision=precision)
        if not _is_known(size):
            raise ValueError(model_menu.no_model(size))
        check("checkpoint", checkpoint, TEXT)
        if checkpoint == OFFICIAL or _counts_alone(size):
            path = _find_by_size(size, keypoints, download)
            if checkpoint not in (OFFICIAL, path.name):
                tell(INSTEAD, file=size)
        else:
            path = _find_checkpoint(size, keypoints, checkpoint, download)
            tell(INSTEAD, file=checkpoint)
        return io.NodeOutput(get_model(path, precision))


def _is_known(size: Any) -> bool:
    """Whether the menu has it, or had it once; ValueError if it is no text."""
    check("size", size, TEXT)
    return size in SIZES or size in model_menu.choices()


def _counts_alone(size: str) -> bool:
    """Whether somebody has chosen from the menu, which has been the only one since."""
    return size not in SIZES and size != model_menu.DEFAULT


def _find_by_size(size: str, keypoints: str, may_download: bool) -> Path:
    if size not in SIZES:
        return model_menu.find_file(size, may_download)
    check("keypoints", keypoints, one_of(KEYPOINTS))
    row = find_checkpoint(SIZES[size], KEYPOINTS[keypoints])
    return model_menu.find_official_file(row, may_download)


def _find_checkpoint(size: str, keypoints: str, checkpoint: str, may_download: bool) -> Path:
    """The file of graphs where size, keypoints and a file of one's own were three inputs.

    The file won. It still does, and the node says so; but if it is another official file than the
    chosen one, nobody knows which of the two was meant.

    Raises:
        ValueError: there is no such file, or two models are named.
    """
    path = model_files.local_path(checkpoint)
    named = next((row for row in CHECKPOINTS if row.base_name == Path(checkpoint).name), None)
    if named and size in SIZES:
        check("keypoints", keypoints, one_of(KEYPOINTS))
        chosen = (SIZES[size], KEYPOINTS[keypoints])
        if chosen not in ((named.size, named.num_keypoints), DEFAULT):
            raise ValueError(
                f"size is {size} and keypoints is {keypoints}, but checkpoint is {checkpoint}. "
                f"Choose one model in the menu 'model', or set checkpoint to '{OFFICIAL}'."
            )
    if path:
        return path
    if named:
        return model_menu.find_official_file(named, may_download)
    raise ValueError(model_menu.no_model(checkpoint))
