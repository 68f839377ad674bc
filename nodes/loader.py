"""Load Sapiens Pose Model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from comfy_api.latest import io

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
from .host import model_files
from .sockets.image_sockets import SapiensModel

OFFICIAL = "official file"
PRECISIONS = ["auto", "fp32", "bf16", "fp16"]
SIZES = {title(size): size for size in MODEL_SIZES}
KEYPOINTS = {
    f"{count} {name}": count
    for count, name in zip(
        KEYPOINT_COUNTS, ("COCO body", "COCO-WholeBody", "Goliath (all)"), strict=True
    )
}
LICENSES = "; ".join(
    dict.fromkeys(
        f"{title(row.size).split()[0]}: {row.license.name}, {row.license.summary}"
        for row in CHECKPOINTS
    )
)


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
            search_aliases=["sapiens", "pose model", "dwpose", "openpose", "keypoints"],
            inputs=[
                io.Combo.Input(
                    "size",
                    options=list(SIZES),
                    default=title(DEFAULT_SIZE),
                    tooltip="Larger is more accurate, slower, and needs more memory.",
                ),
                io.Combo.Input(
                    "keypoints",
                    options=list(KEYPOINTS),
                    default=next(name for name, count in KEYPOINTS.items() if count == 308),
                    tooltip="What the model finds on each person. 308 has body, feet, hands and a "
                    "dense face, gives the OpenPose skeleton too, and needs no account to "
                    "download. Sapiens2 models have 308 only.",
                ),
                io.Combo.Input(
                    "precision",
                    options=PRECISIONS,
                    default="auto",
                    tooltip="auto: bf16 where your GPU has it, else fp32.",
                ),
                io.Combo.Input(
                    "checkpoint",
                    options=[OFFICIAL, *model_files.local_files()],
                    default=OFFICIAL,
                    advanced=True,
                    tooltip="Any Sapiens checkpoint in models/sapiens instead of the official "
                    "file; size and keypoints are then read from it.",
                ),
                io.Boolean.Input(
                    "download",
                    default=True,
                    advanced=True,
                    tooltip="Download the official file if it is not on disk yet.",
                ),
            ],
            outputs=[SapiensModel.Output("model", tooltip="For the Sapiens Pose node.")],
        )

    @classmethod
    def validate_inputs(cls, size: str, keypoints: str, checkpoint: str) -> bool | str:
        """Says before the run what cannot be loaded."""
        if checkpoint != OFFICIAL and model_files.local_path(checkpoint):
            return True
        if size not in SIZES or keypoints not in KEYPOINTS:
            return f"Choose a size of {list(SIZES)} and keypoints of {list(KEYPOINTS)}."
        try:
            _official_row(size, keypoints, checkpoint)
        except ValueError as error:
            return str(error)
        return True

    @classmethod
    def fingerprint_inputs(cls, checkpoint: str, **_: Any) -> str:
        """A local file that was replaced is loaded again."""
        path = None if checkpoint == OFFICIAL else model_files.local_path(checkpoint)
        return f"{path}:{path.stat().st_mtime_ns}" if path else OFFICIAL

    @classmethod
    @explain_out_of_memory("loading the model")
    def execute(
        cls, size: str, keypoints: str, precision: str, checkpoint: str, download: bool
    ) -> io.NodeOutput:
        """Finds or fetches the file and loads it."""
        from .host.managed_model import ManagedModel

        check("precision", precision, one_of(PRECISIONS))
        check("checkpoint", checkpoint, TEXT)
        path = None if checkpoint == OFFICIAL else model_files.local_path(checkpoint)
        if path is None:
            path = _official_path(_official_row(size, keypoints, checkpoint), download)
        return io.NodeOutput(ManagedModel(path, precision))


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
    from ..sapiens_core.checkpoints.download import find_on_disk, find_or_download
    from .host.progress import report_progress

    folders = model_files.folders()
    if not may_download and not find_on_disk(row, folders):
        raise FileNotFoundError(
            f"{row.base_name} ({row.file_bytes / 1e9:.2f} GB) is not in "
            f"{', '.join(map(str, folders))}. Turn on 'download', or fetch it by hand from "
            f"{row.url}."
        )
    return find_or_download(row, folders, on_progress=report_progress)
