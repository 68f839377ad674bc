"""Every official Sapiens pose checkpoint, as one table."""

from __future__ import annotations

from dataclasses import dataclass

V1_LICENSE = "CC BY-NC 4.0"


@dataclass(frozen=True)
class Checkpoint:
    """One official weights file.

    Attributes:
        size: model size as Meta names it, such as ``0.3b``.
        num_keypoints: 17 (COCO), 133 (COCO-WholeBody) or 308 (Goliath).
        repo: repository on the Hugging Face Hub.
        file_name: path of the file in that repository.
        file_bytes: expected size in bytes, to the nearest 0.01 GB; for messages, not for checks.
        average_precision: published AP in percent, with flip test and detector boxes: COCO val for
            17, COCO-WholeBody val for 133, the Goliath test of the file name for 308.
        license: licence of the weights.
        older_names: names under which the same checkpoint has been published before.
        needs_account: the repository asks to log in and accept terms, as far as known.
    """

    size: str
    num_keypoints: int
    repo: str
    file_name: str
    file_bytes: int
    average_precision: float
    license: str = V1_LICENSE
    older_names: tuple[str, ...] = ()
    needs_account: bool = False

    @property
    def base_name(self) -> str:
        """File name without the repository's folders: the name it has on disk."""
        return self.file_name.rsplit("/", 1)[-1]

    @property
    def url(self) -> str:
        """Web address of the file, for people who fetch it by hand."""
        return f"https://huggingface.co/{self.repo}/resolve/main/{self.file_name}"


_SIZES = {"0.3b": 1.32, "0.6b": 2.64, "1b": 4.68, "2b": 8.66}
"""File size in GB (1e9 bytes) of each float32 checkpoint."""


def _coco(size: str, num_keypoints: int, task: str, tag: int, precision: float) -> Checkpoint:
    stem = f"sapiens_{size}_{task}_best_{task}_AP_{tag}"
    return Checkpoint(
        size=size,
        num_keypoints=num_keypoints,
        repo="noahcao/sapiens-pose-coco",
        file_name=f"sapiens_host/pose/checkpoints/sapiens_{size}/{stem}.pth",
        file_bytes=int(_SIZES[size] * 1e9),
        average_precision=precision,
        needs_account=True,
    )


def _goliath(size: str, tag: int, older_tag: int) -> Checkpoint:
    stem = f"sapiens_{size}_goliath_best_goliath_AP"
    return Checkpoint(
        size=size,
        num_keypoints=308,
        repo=f"facebook/sapiens-pose-{size}",
        file_name=f"{stem}_{tag}.pth",
        file_bytes=int(_SIZES[size] * 1e9),
        average_precision=tag / 10,
        older_names=(f"{stem}_{older_tag}.pth",),
    )


CHECKPOINTS: tuple[Checkpoint, ...] = (
    _coco("0.3b", 17, "coco", 796, 79.6),
    _coco("0.6b", 17, "coco", 812, 81.2),
    _coco("1b", 17, "coco", 821, 82.1),
    _coco("2b", 17, "coco", 822, 82.2),
    _coco("0.3b", 133, "coco_wholebody", 620, 62.0),
    _coco("0.6b", 133, "coco_wholebody", 695, 69.5),
    _coco("1b", 133, "coco_wholebody", 727, 72.7),
    _coco("2b", 133, "coco_wholebody", 745, 74.4),
    _goliath("0.3b", 573, 575),
    _goliath("0.6b", 609, 600),
    _goliath("1b", 639, 640),
)
"""All official files; there is no 308-keypoint file for 2b."""

MODEL_SIZES: tuple[str, ...] = tuple(dict.fromkeys(row.size for row in CHECKPOINTS))
KEYPOINT_COUNTS: tuple[int, ...] = tuple(dict.fromkeys(row.num_keypoints for row in CHECKPOINTS))


def find_checkpoint(size: str, num_keypoints: int) -> Checkpoint:
    """The official file of a size and keypoint set.

    Raises:
        ValueError: there is none; the message lists what there is.
    """
    for checkpoint in CHECKPOINTS:
        if (checkpoint.size, checkpoint.num_keypoints) == (size, num_keypoints):
            return checkpoint
    sizes = ", ".join(row.size for row in CHECKPOINTS if row.num_keypoints == num_keypoints)
    raise ValueError(
        f"There is no Sapiens {size} checkpoint with {num_keypoints} keypoints. "
        + (
            f"Sizes with {num_keypoints} keypoints: {sizes}."
            if sizes
            else f"Keypoint sets: {', '.join(map(str, KEYPOINT_COUNTS))}."
        )
    )
