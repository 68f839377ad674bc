"""Tables of all official checkpoints: the Sapiens pose models, and detectors of people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class License:
    """Terms under which weights are published: their name, text, and what matters most."""

    name: str
    url: str
    summary: str

    def __str__(self) -> str:
        return f"{self.name}, {self.summary} ({self.url})"


V1_LICENSE = License(
    name="CC BY-NC 4.0",
    url="https://github.com/facebookresearch/sapiens/blob/main/LICENSE",
    summary="no commercial use",
)
V2_LICENSE = License(
    name="Sapiens2 License",
    url="https://github.com/facebookresearch/sapiens2/blob/main/LICENSE.md",
    summary="commercial use within its use policy",
)


APACHE = License(
    name="Apache-2.0",
    url="https://www.apache.org/licenses/LICENSE-2.0",
    summary="commercial use",
)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """One official weights file: what is needed to find, download and describe it.

    Attributes:
        repo: repository on the Hugging Face Hub.
        file_name: path of the file in that repository.
        num_parameters: learned numbers in the file.
        file_bytes: expected size in bytes, give or take a few kB; for messages, not for checks.
        average_precision: published AP in percent, None where none was published.
        license: licence of the weights.
        local_name: name on disk; empty means the name in the repository, without its folders.
        older_names: names under which the same checkpoint has been published before.
        needs_account: whether the repository asks to log in and accept terms, as far as known.
    """

    repo: str
    file_name: str
    num_parameters: int
    file_bytes: int
    average_precision: float | None
    license: License
    local_name: str = ""
    older_names: tuple[str, ...] = ()
    needs_account: bool = False

    @property
    def base_name(self) -> str:
        """Name of the file on disk, without its folder."""
        return self.local_name or self.file_name.rsplit("/", 1)[-1]

    @property
    def url(self) -> str:
        """Web address of the file, for people who download it by hand."""
        return f"https://huggingface.co/{self.repo}/resolve/main/{self.file_name}"


@dataclass(frozen=True, kw_only=True)
class PoseCheckpoint(Checkpoint):
    """A Sapiens pose model.

    Published with flip test and detector boxes, ``average_precision`` is that of COCO val for 17
    keypoints, of COCO-WholeBody val for 133, and of the Goliath test of the file name for 308.

    Attributes:
        size: generation and model size, such as ``0.3b`` (v1) or ``sapiens2-0.4b``.
        num_keypoints: 17 (COCO), 133 (COCO-WholeBody) or 308 (Goliath).
    """

    size: str
    num_keypoints: int


@dataclass(frozen=True, kw_only=True)
class DetectorCheckpoint(Checkpoint):
    """A detector of people; ``average_precision`` is that of all 80 classes of COCO val.

    Attributes:
        name: its name on the command line.
        title: its name elsewhere.
    """

    name: str
    title: str


FLOAT32_BYTES = 4
"""Size of a number in the official files, in bytes."""

_V1_TRUNK = {
    "0.3b": 329_445_888,
    "0.6b": 660_944_128,
    "1b": 1_168_656_384,
    "2b": 2_166_154_368,
}
"""Parameters of each v1 size before the layer that makes the heatmaps."""

_V1_PER_KEYPOINT = 768 + 1
"""Weights and bias of one heatmap of a v1 head."""


def _coco(size: str, num_keypoints: int, task: str, tag: int, precision: float) -> PoseCheckpoint:
    stem = f"sapiens_{size}_{task}_best_{task}_AP_{tag}"
    num_parameters = _V1_TRUNK[size] + num_keypoints * _V1_PER_KEYPOINT
    return PoseCheckpoint(
        size=size,
        num_keypoints=num_keypoints,
        repo="noahcao/sapiens-pose-coco",
        file_name=f"sapiens_host/pose/checkpoints/sapiens_{size}/{stem}.pth",
        num_parameters=num_parameters,
        file_bytes=num_parameters * FLOAT32_BYTES,
        average_precision=precision,
        license=V1_LICENSE,
        needs_account=True,
    )


def _goliath(size: str, tag: int, older_tag: int) -> PoseCheckpoint:
    stem = f"sapiens_{size}_goliath_best_goliath_AP"
    num_parameters = _V1_TRUNK[size] + 308 * _V1_PER_KEYPOINT
    return PoseCheckpoint(
        size=size,
        num_keypoints=308,
        repo=f"facebook/sapiens-pose-{size}",
        file_name=f"{stem}_{tag}.pth",
        num_parameters=num_parameters,
        file_bytes=num_parameters * FLOAT32_BYTES,
        average_precision=tag / 10,
        license=V1_LICENSE,
        older_names=(f"{stem}_{older_tag}.pth",),
    )


def _sapiens2(size: str, num_parameters: int) -> PoseCheckpoint:
    return PoseCheckpoint(
        size=f"sapiens2-{size}",
        num_keypoints=308,
        repo=f"facebook/sapiens2-pose-{size}",
        file_name=f"sapiens2_{size}_pose.safetensors",
        num_parameters=num_parameters,
        file_bytes=num_parameters * FLOAT32_BYTES,
        average_precision=None,
        license=V2_LICENSE,
    )


CHECKPOINTS: tuple[PoseCheckpoint, ...] = (
    _sapiens2("0.4b", 425_677_364),
    _sapiens2("0.8b", 848_704_820),
    _sapiens2("1b", 1_519_780_148),
    _sapiens2("5b", 5_120_198_644),
    _goliath("0.3b", 573, 575),
    _goliath("0.6b", 609, 600),
    _goliath("1b", 639, 640),
    _coco("0.3b", 133, "coco_wholebody", 620, 62.0),
    _coco("0.6b", 133, "coco_wholebody", 695, 69.5),
    _coco("1b", 133, "coco_wholebody", 727, 72.7),
    _coco("2b", 133, "coco_wholebody", 745, 74.4),
    _coco("0.3b", 17, "coco", 796, 79.6),
    _coco("0.6b", 17, "coco", 812, 81.2),
    _coco("1b", 17, "coco", 821, 82.1),
    _coco("2b", 17, "coco", 822, 82.2),
)
"""All official files; there is no 308-keypoint file for v1's 2b."""

MODEL_SIZES: tuple[str, ...] = tuple(dict.fromkeys(row.size for row in CHECKPOINTS))
KEYPOINT_COUNTS: tuple[int, ...] = tuple(sorted({row.num_keypoints for row in CHECKPOINTS}))

DEFAULT_SIZE = "sapiens2-0.4b"
"""Size that a new user gets; ``docs/models.md`` says why."""


def _rt_detr(
    backbone: str, num_parameters: int, file_bytes: int, precision: float
) -> DetectorCheckpoint:
    return DetectorCheckpoint(
        name=f"rtdetr-{backbone}",
        title=f"RT-DETR v2 {backbone}",
        repo=f"PekingU/rtdetr_v2_{backbone}vd",
        file_name="model.safetensors",
        local_name=f"rtdetr_v2_{backbone}vd.safetensors",
        num_parameters=num_parameters,
        file_bytes=file_bytes,
        average_precision=precision,
        license=APACHE,
    )


DETECTORS: tuple[DetectorCheckpoint, ...] = (
    _rt_detr("r50", 42_891_372, 172_176_856, 53.4),
    _rt_detr("r18", 20_174_608, 80_904_640, 47.9),
)
"""Detectors of people, the default first; the second is twice as fast by its makers' figures."""


def title(size: str) -> str:
    """A size as people read it: "Sapiens2 0.4B" for ``sapiens2-0.4b``, "Sapiens 2B" for ``2b``."""
    generation, _, number = size.rpartition("-")
    return f"{generation.capitalize() or 'Sapiens'} {number.upper()}"


def menu_title(row: PoseCheckpoint) -> str:
    """A file as a menu of all of them calls it: ``Sapiens2 0.4B, 308 keypoints, 1.70 GB``.

    Saved graphs hold it: it must not change with what is on the disk.
    """
    return f"{title(row.size)}, {row.num_keypoints} keypoints, {row.file_bytes / 1e9:.2f} GB"


def find_checkpoint(size: str, num_keypoints: int) -> PoseCheckpoint:
    """The official file of a size and keypoint set.

    Raises:
        ValueError: there is none; the message lists what there is.
    """
    for checkpoint in CHECKPOINTS:
        if (checkpoint.size, checkpoint.num_keypoints) == (size, num_keypoints):
            return checkpoint
    sizes = ", ".join(row.size for row in CHECKPOINTS if row.num_keypoints == num_keypoints)
    raise ValueError(
        f"There is no {title(size)} checkpoint with {num_keypoints} keypoints. "
        + (
            f"Sizes with {num_keypoints} keypoints: {sizes}."
            if sizes
            else f"Keypoint sets: {', '.join(map(str, KEYPOINT_COUNTS))}."
        )
    )
