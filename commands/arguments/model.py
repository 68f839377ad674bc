"""Which network runs, in what precision and where; its weights found on disk or downloaded."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...skeletons.options.estimating import ESTIMATING, MODEL
from ...skeletons.options.running import DEVICES
from .from_options import add_option, add_options, make_options
from .types import parse_size_hw

if TYPE_CHECKING:
    from ...sapiens_core.checkpoints.zoo import Checkpoint


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that ``official_weights`` reads."""
    from ...sapiens_core.checkpoints.zoo import DEFAULT_SIZE, KEYPOINT_COUNTS, MODEL_SIZES

    add = parser.add_argument
    sizes, counts = dict.fromkeys(MODEL_SIZES, ""), dict.fromkeys(KEYPOINT_COUNTS, "")
    add_option(add, replace(MODEL["size"], choices=sizes, default=DEFAULT_SIZE))
    add_option(add, replace(MODEL["keypoints"], choices=counts))
    add_option(add, MODEL["models_dir"])


def add_network_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments about which network runs, and how."""
    add_model_arguments(parser)
    add = parser.add_argument
    add_option(add, MODEL["weights"])
    add_option(add, MODEL["input_size_hw"], type=parse_size_hw)
    add_options(
        add,
        MODEL["num_heads"],
        ESTIMATING["flip_test"],
        MODEL["precision"],
        MODEL["compile"],
        ESTIMATING["batch_size"],
    )


def add_device_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments about where networks run on this machine."""
    add_options(parser.add_argument, *DEVICES)


@dataclass(frozen=True)
class ModelSettings:
    """Which network, and how it runs, see ``MODEL`` in ``skeletons/options/estimating.py``.

    Attributes:
        weights: the checkpoint's file, or the index of its files.
    """

    weights: Path
    num_heads: int | None = MODEL["num_heads"].default
    input_size_hw: tuple[int, int] | None = MODEL["input_size_hw"].default
    dtype: str = MODEL["precision"].default
    compile: bool = MODEL["compile"].default


def model_settings(options: argparse.Namespace) -> ModelSettings:
    """What the options ask for, the weights found on disk or downloaded.

    Raises:
        ValueError: there is no such model, or the weights are a folder of none.
        DownloadError: the weights cannot be fetched.
    """
    from ...sapiens_core.checkpoints.shards import find_checkpoint_file

    weights = options.weights or official_weights(options)
    if weights.is_dir():  # whether a file is there is seen when it is read
        weights = find_checkpoint_file(weights)
    return make_options(ModelSettings, options, MODEL, weights=weights)


def official_weights(options: argparse.Namespace) -> Path:
    """The official checkpoint that the options ask for, found on disk or downloaded.

    Raises:
        ValueError: there is no such checkpoint.
        DownloadError: it is not on disk and cannot be fetched.
    """
    from ...sapiens_core.checkpoints.zoo import find_checkpoint

    checkpoint = find_checkpoint(options.model, options.keypoints)
    return fetch(checkpoint, models_folders(options.models_dir))


def fetch(checkpoint: Checkpoint, folders: Sequence[Path]) -> Path:
    """A checkpoint's file on disk, downloaded with a progress bar if it is not there.

    Args:
        checkpoint: which file.
        folders: where to look besides the hub's cache; a download goes into the first.

    Raises:
        DownloadError: it is not on disk and cannot be fetched.
    """
    from ...sapiens_core.checkpoints.download import find_or_download

    with ExitStack() as stack:
        bars: list[Any] = []  # begun late: a message before the first byte has a line of its own

        def show(done_bytes: int, total_bytes: int) -> None:
            if not bars:
                bars.append(stack.enter_context(_progress_bar()))
            bars[0].total = total_bytes
            bars[0].update(done_bytes - bars[0].n)

        return find_or_download(checkpoint, folders, on_progress=show)


def models_folders(argument: Path | None) -> list[Path]:
    """Where official weights lie, the place of downloads first.

    That is as asked, else ComfyUI's folders, else ``models/sapiens`` here.
    """
    from ...sapiens_core.checkpoints.on_disk import OTHER_FOLDERS

    if argument:
        return [argument]
    pack = Path(__file__).resolve().parents[2]
    in_comfyui = pack.parent.name == "custom_nodes"
    models = (pack.parent.parent if in_comfyui else Path()) / "models"
    return [models / name for name in ("sapiens", *OTHER_FOLDERS)]


def _progress_bar() -> Any:
    from tqdm import tqdm

    return tqdm(unit="B", unit_scale=True, unit_divisor=1000)
