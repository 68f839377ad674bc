"""Load Sapiens Pose Model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from comfy_api.latest import io

from ..sapiens_core.checkpoints.download import find_or_download
from ..sapiens_core.checkpoints.download_errors import link_by_hand
from ..sapiens_core.checkpoints.on_disk import find_on_disk
from ..sapiens_core.checkpoints.zoo import (
    CHECKPOINTS,
    DEFAULT_SIZE,
    KEYPOINT_COUNTS,
    MODEL_SIZES,
    Checkpoint,
    find_checkpoint,
    title,
)
from ..sapiens_core.out_of_memory import explain_out_of_memory
from ..skeletons.foundation.checks import TEXT, check, one_of
from ..skeletons.options.estimating import MODEL
from ..skeletons.options.option import Widget
from .host import model_files
from .host.managed_model import get_model
from .host.model_menu import LICENSES
from .host.page_text import announce
from .host.progress import report_progress
from .sockets.image_sockets import SapiensModel
from .sockets.widgets import check_inputs, widget

OFFICIAL = "official file"
SIZES = {title(size): size for size in MODEL_SIZES}
KEYPOINTS = {
    f"{count} {name}": count
    for count, name in zip(
        KEYPOINT_COUNTS, ("COCO body", "COCO-WholeBody", "Goliath (all)"), strict=True
    )
}


def _widgets() -> list[Any]:
    """The inputs, with the models that there are and the files on the disk."""
    size = replace(
        MODEL["size"],
        choices=dict.fromkeys(MODEL_SIZES, ""),
        default=DEFAULT_SIZE,
        widget=Widget(labels={size: title for title, size in SIZES.items()}),
    )
    keypoints = replace(
        MODEL["keypoints"],
        choices=dict.fromkeys(KEYPOINT_COUNTS, ""),
        widget=Widget(labels={count: title for title, count in KEYPOINTS.items()}),
    )
    files = dict.fromkeys([OFFICIAL, *model_files.local_files()], "")
    checkpoint = replace(MODEL["checkpoint"], choices=files, default=OFFICIAL)
    rows = (size, keypoints, MODEL["precision"], checkpoint, MODEL["download"])
    return [widget(row) for row in rows]


class SapiensPoseLoader(io.ComfyNode):
    """Gives a model to Sapiens Pose."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseLoader",
            display_name="Load Sapiens Pose Model",
            category="Sapiens Pose",
            description=f"Loads a Sapiens pose model from models/sapiens. Licences: {LICENSES}.",
            search_aliases=["sapiens", "pose model", "pose checkpoint"],
            inputs=[
                *_widgets(),
            ],
            outputs=[SapiensModel.Output("model", tooltip="For the Sapiens Pose node.")],
        )

    @classmethod
    def validate_inputs(cls, size: str, keypoints: str, checkpoint: str) -> bool | str:
        """Says before the run what cannot be loaded; None comes through a link, later."""
        if None in (size, keypoints, checkpoint):
            return True
        try:
            check("checkpoint", checkpoint, TEXT)
            if checkpoint == OFFICIAL or not model_files.local_path(checkpoint):
                _official_row(size, keypoints, checkpoint)
        except ValueError as error:
            return str(error)
        return True

    @classmethod
    def fingerprint_inputs(cls, checkpoint: str | None, **_: Any) -> str:
        """A local file that was replaced is loaded again."""
        path = None if checkpoint in (None, OFFICIAL) else model_files.local_path(checkpoint)
        return f"{path}:{model_files.change_time_ns(path)}" if path else OFFICIAL

    @classmethod
    @explain_out_of_memory("loading the model")
    def execute(
        cls, size: str, keypoints: str, precision: str, checkpoint: str, download: bool
    ) -> io.NodeOutput:
        """Finds or fetches the file and loads it."""
        check_inputs(MODEL, precision=precision)
        check("checkpoint", checkpoint, TEXT)
        path = None if checkpoint == OFFICIAL else model_files.local_path(checkpoint)
        if path is None:
            path = _official_path(_official_row(size, keypoints, checkpoint), download)
        return io.NodeOutput(get_model(path, precision))


def _official_row(size: str, keypoints: str, checkpoint: str) -> Checkpoint:
    """The official file that is chosen, or named: a workflow names it to offer it if missing.

    Raises:
        ValueError: there is no such file.
    """
    if checkpoint == OFFICIAL:
        check("size", size, one_of(SIZES))
        check("keypoints", keypoints, one_of(KEYPOINTS))
        return find_checkpoint(SIZES[size], KEYPOINTS[keypoints])
    for row in CHECKPOINTS:
        if row.base_name == checkpoint:
            return row
    raise ValueError(f"There is no file {checkpoint} in models/sapiens any more.")


def _official_path(row: Checkpoint, may_download: bool) -> Path:
    folders = model_files.folders()
    if not may_download and not find_on_disk(row, folders):
        raise FileNotFoundError(
            f"{row.base_name} ({row.file_bytes / 1e9:.2f} GB) is not in "
            f"{', '.join(map(str, folders))}. Turn on 'download', or fetch it by hand from "
            f"{link_by_hand(row)}. Licence: {row.license}."
        )
    return find_or_download(row, folders, on_progress=report_progress, announce=announce)
