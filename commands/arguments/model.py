"""Which network runs, in what precision and where; its weights found on disk or downloaded."""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...skeletons.options.estimating import ESTIMATING, MODEL
from ...skeletons.options.running import DEVICES
from .from_options import add_option, add_options, make_options
from .types import parse_size_hw

if TYPE_CHECKING:
    from ...sapiens_core.checkpoints.zoo import Checkpoint

log = logging.getLogger(__name__)


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
        FileNotFoundError: there are no such weights.
        ValueError: there is no such model, or the weights are a folder of none.
        DownloadError: the weights cannot be fetched.
    """
    from ...sapiens_core.checkpoints.shards import find_checkpoint_file

    given = options.weights and find_checkpoint_file(options.weights)
    weights = given or official_weights(options)
    return make_options(ModelSettings, options, MODEL, weights=weights)


def official_weights(options: argparse.Namespace) -> Path:
    """The official checkpoint that the options ask for, found on disk or downloaded.

    Raises:
        ValueError: there is no such checkpoint.
        DownloadError: it is not on disk and cannot be fetched.
    """
    from ...sapiens_core.checkpoints.zoo import find_checkpoint

    checkpoint = find_checkpoint(options.model, options.keypoints)
    return fetch(checkpoint, models_folder(options.models_dir))


def fetch(checkpoint: Checkpoint, folder: Path) -> Path:
    """A checkpoint's file in ``folder``, downloaded with a progress bar if it is not there.

    Raises:
        DownloadError: it is not on disk and cannot be fetched.
    """
    from ...sapiens_core.checkpoints.download import announcement, download, find_on_disk

    found = find_on_disk(checkpoint, [folder])
    if found:
        return found
    log.info("%s", announcement(checkpoint, folder))
    with _progress_bar() as bar:

        def show(done_bytes: int, total_bytes: int) -> None:
            bar.total = total_bytes
            bar.update(done_bytes - bar.n)

        return download(checkpoint, folder, on_progress=show)


def models_folder(argument: Path | None) -> Path:
    """Where official weights lie: as asked, else ComfyUI's folder, else ``models/sapiens`` here."""
    if argument:
        return argument
    pack = Path(__file__).resolve().parents[2]
    if pack.parent.name == "custom_nodes":
        return pack.parent.parent / "models" / "sapiens"
    return Path("models") / "sapiens"


def _progress_bar() -> Any:
    from tqdm import tqdm

    return tqdm(unit="B", unit_scale=True, unit_divisor=1000)
