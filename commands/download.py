"""``sapiens-pose download``: official weights onto this disk, before they are needed."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..sapiens_core.checkpoints.zoo import Checkpoint

log = logging.getLogger(__name__)


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "download",
        help="fetch official weights",
        description="Fetch official weights. A download that was cut goes on where it ended.",
    )
    parser.set_defaults(run=run)
    add_model_arguments(parser)


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that ``official_weights`` reads."""
    from ..sapiens_core.checkpoints.zoo import DEFAULT_SIZE, KEYPOINT_COUNTS, MODEL_SIZES

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


def run(options: argparse.Namespace) -> int:
    """Fetches the weights unless they are there; prints where they are."""
    log.info("%s", official_weights(options))
    return 0


def official_weights(options: argparse.Namespace) -> Path:
    """The official checkpoint that the options ask for, found on disk or downloaded.

    Raises:
        ValueError: there is no such checkpoint.
        DownloadError: it is not on disk and cannot be fetched.
    """
    from ..sapiens_core.checkpoints.zoo import find_checkpoint

    checkpoint = find_checkpoint(options.model, options.keypoints)
    return fetch(checkpoint, models_folder(options.models_dir))


def fetch(checkpoint: Checkpoint, folder: Path) -> Path:
    """A checkpoint's file in ``folder``, downloaded with a progress bar if it is not there.

    Raises:
        DownloadError: it is not on disk and cannot be fetched.
    """
    from ..sapiens_core.checkpoints.download import announcement, download, find_on_disk

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
    pack = Path(__file__).resolve().parent.parent
    if pack.parent.name == "custom_nodes":
        return pack.parent.parent / "models" / "sapiens"
    return Path("models") / "sapiens"


def _progress_bar() -> Any:
    from tqdm import tqdm

    return tqdm(unit="B", unit_scale=True, unit_divisor=1000)
