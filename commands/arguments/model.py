"""Which network runs, in what precision and where; its weights found on disk or downloaded."""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .types import LARGEST_CROP_SIDE, parse_size_hw

if TYPE_CHECKING:
    from ...sapiens_core.checkpoints.zoo import Checkpoint

log = logging.getLogger(__name__)


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that ``official_weights`` reads."""
    from ...sapiens_core.checkpoints.zoo import DEFAULT_SIZE, KEYPOINT_COUNTS, MODEL_SIZES

    parser.add_argument(
        "--model", choices=MODEL_SIZES, default=DEFAULT_SIZE, help="size (default: %(default)s)"
    )
    parser.add_argument(
        "--keypoints",
        type=int,
        choices=KEYPOINT_COUNTS,
        default=308,
        help="keypoints a person (default: %(default)s)",
    )
    parser.add_argument(
        "--models-dir", type=Path, metavar="DIR", help="where official weights lie or go"
    )


def add_network_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments about which network runs, and how."""
    add_model_arguments(parser)
    add = parser.add_argument
    add("--weights", type=Path, metavar="FILE", help="this checkpoint instead of an official one")
    add(
        "--input-size",
        type=parse_size_hw,
        metavar="HxW",
        help="height and width of a person's crop in pixels, multiples of 16, at most "
        f"{LARGEST_CROP_SIDE} (default: what the model was trained at)",
    )
    add("--num-heads", type=int, metavar="N", help="attention heads, for unusual --weights")
    add(
        "--flip",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="also look at the mirrored person: twice the time, slightly better (default: on)",
    )
    add("--dtype", default="auto", choices=("auto", "fp32", "bf16", "fp16"), help="precision")
    add(
        "--compile",
        action="store_true",
        help="let PyTorch compile the network: a minute or more before the first picture, faster "
        "from then on; worth it for many pictures on a GPU",
    )
    add("--batch-size", type=int, default=4, metavar="N", help="people in one pass (default: 4)")


def add_device_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments about where networks run on this machine."""
    add = parser.add_argument
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps, ... (default: auto)")
    add(
        "--devices",
        metavar="LIST",
        help="several devices at a time, such as cuda:0,cuda:1, each with a model of its own",
    )
    add(
        "--jobs-per-device",
        type=int,
        default=1,
        metavar="N",
        help="models on each device, or on the processor (default: %(default)s)",
    )


@dataclass(frozen=True)
class ModelSettings:
    """Which network, and how it runs.

    Attributes:
        weights: the checkpoint's file.
        num_heads: attention heads, None for those that its width tells.
        input_size_hw: height and width of a person's crop, None for what it was trained at.
        dtype: ``auto``, ``fp32``, ``bf16`` or ``fp16``.
        compile: whether PyTorch compiles it.
    """

    weights: Path
    num_heads: int | None = None
    input_size_hw: tuple[int, int] | None = None
    dtype: str = "auto"
    compile: bool = False


def model_settings(options: argparse.Namespace) -> ModelSettings:
    """What the options ask for, the weights found on disk or downloaded.

    Raises:
        ValueError: there is no such model.
        DownloadError: the weights cannot be fetched.
    """
    return ModelSettings(
        weights=options.weights or official_weights(options),
        num_heads=options.num_heads,
        input_size_hw=options.input_size,
        dtype=options.dtype,
        compile=options.compile,
    )


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
