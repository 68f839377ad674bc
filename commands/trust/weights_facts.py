"""What a weights file is: name, size, hash, official or not, structure, and damaged numbers."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ...sapiens_core.checkpoints.download import ask_size_and_sha256
from ...sapiens_core.checkpoints.download_errors import DownloadError
from ...sapiens_core.checkpoints.shards import find_checkpoint_files
from ...sapiens_core.checkpoints.zoo import CHECKPOINTS, PoseCheckpoint
from ...sapiens_core.network.pose_net import SapiensPoseNet
from ...skeletons.foundation.file_digest import file_sha256

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WeightsFacts:
    """A weights file, without its folder, so that a report tells nobody's paths.

    Attributes:
        name: of the file, or of the index of several.
        num_bytes: size of all its files.
        sha256: of its content; empty for a model in several files.
        official: the official file that it is by its name; None for any other.
        generation: ``Sapiens v1`` or ``Sapiens2``.
        num_keypoints: number of heatmaps.
        num_parameters: learned numbers.
        dtypes: number of tensors by type.
        not_finite: names of the tensors that hold NaN or infinity.
        hub: what the comparison with the hub gave, in words; empty if it was not asked.
        differs_from_hub: whether size or hash are others than the hub's.
    """

    name: str
    num_bytes: int
    sha256: str
    official: PoseCheckpoint | None
    generation: str
    num_keypoints: int
    num_parameters: int
    dtypes: dict[str, int]
    not_finite: tuple[str, ...]
    hub: str = ""
    differs_from_hub: bool = False

    @property
    def structure(self) -> str:
        """Generation, size and keypoints, such as ``Sapiens v1, 17 keypoints, 1.5 million``."""
        millions = self.num_parameters / 1e6
        return (
            f"{self.generation}, {self.num_keypoints} keypoints, {millions:,.1f} million parameters"
        )


def collect_facts(path: Path, model: SapiensPoseNet, *, ask_hub: bool) -> WeightsFacts:
    """The facts of a file whose network was loaded.

    Args:
        path: the file, or the index of several.
        model: its network, in the file's own type.
        ask_hub: compare an official file with what the hub announces.

    Raises:
        OSError: the file cannot be read.
    """
    files = find_checkpoint_files(path)
    num_bytes = sum(file.stat().st_size for file in files)
    sha256 = file_sha256(files[0]) if len(files) == 1 else ""
    official = find_official(path)
    hub, differs = _compare_with_hub(official, path, num_bytes, sha256) if ask_hub else ("", False)
    tensors = model.state_dict()
    return WeightsFacts(
        name=path.name,
        num_bytes=num_bytes,
        sha256=sha256,
        official=official,
        generation=model.config.generation.name,
        num_keypoints=model.config.num_keypoints,
        num_parameters=sum(parameter.numel() for parameter in model.parameters()),
        dtypes=dict(Counter(str(t.dtype).removeprefix("torch.") for t in tensors.values())),
        not_finite=tuple(key for key, t in tensors.items() if not bool(t.isfinite().all())),
        hub=hub,
        differs_from_hub=differs,
    )


def find_official(path: Path) -> PoseCheckpoint | None:
    """The official file of this name, whatever its ending is."""
    stem = path.stem.removesuffix("_torchscript")
    for row in CHECKPOINTS:
        if stem in {Path(name).stem for name in (row.base_name, *row.older_names)}:
            return row
    return None


def _compare_with_hub(
    official: PoseCheckpoint | None, path: Path, num_bytes: int, sha256: str
) -> tuple[str, bool]:
    """What the hub says of the file, in words, and whether the two differ."""
    if official is None:
        return "no official file has this name", False
    if path.name != official.base_name:
        return "not compared: the file is a conversion of the official one, by its name", False
    try:
        hub_bytes, hub_sha256 = ask_size_and_sha256(official)
    except DownloadError as error:
        log.debug("%s", error)
        return "not compared: the hub did not answer", False
    if num_bytes != hub_bytes:
        return f"differs: {num_bytes:,} bytes here, {hub_bytes:,} on the hub", True
    if hub_sha256 is None:
        return "same size; the hub announces no SHA-256", False
    if sha256 != hub_sha256:
        return f"differs: the hub's SHA-256 is {hub_sha256}", True
    return "same size and SHA-256", False
