"""The jaw that is made up for faces of 308 keypoints, against true ones; the fit of its weights.

    python benchmarks/jaw.py HEADS.npz [--fit]

``HEADS.npz`` holds faces with ears and jaw as arrays: ``names`` (L) of keypoints of GOLIATH_308,
``points`` (N, L, 2) and ``jaw`` (N, 17, 2) in pixels, and ``kind`` (N,): the turn of a scanned head
in degrees, or 100 and more for photographed faces. Prints the table of ``benchmarks/README.md``:
the mean distance of the 16 keypoints beside the chin, in % of the face's size, which is the root of
the area of the box around all of its keypoints but the ears'; and how far a face lies below its
eyes, nose and ears, for the boxes of faces of 17 keypoints. ``--fit`` prints the weights of
``skeletons/jaw.py`` too, and what weights fitted to half of the faces do on the other half.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from comfyui_sapiens_pose.skeletons import jaw as product
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_WHOLEBODY_133, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Array, Pose, canvas_around

KINDS = {
    0: "scanned, frontal",
    15: "scanned, turned 15 degrees",
    30: "scanned, turned 30 degrees",
    45: "scanned, turned 45 degrees",
    100: "photographed, frontal",
    101: "photographed, half turned",
}
BESIDE_THE_CHIN = np.delete(np.arange(17), 8)
EARS = ("ear_lobe", "helix", "tragus")
NOISE = 0.01
"""Standard deviation of a network's errors in the last column, of the face's size."""
RIDGE = 0.01
"""Of the fit; small enough to change no weight by more than 0.02."""

Jaw = Callable[[Array], Array]
"""From the (L, 2) keypoints of a face to its (17, 2) jaw."""


@dataclass(frozen=True, eq=False)
class Faces:
    """N faces, see the head of this file; ``sizes`` (N,) in pixels."""

    names: list[str]
    points: Array
    jaws: Array
    kinds: Array
    sizes: Array

    @classmethod
    def read(cls, path: str) -> Faces:
        """The faces of a file."""
        with np.load(path) as arrays:
            names, kinds = [str(name) for name in arrays["names"]], arrays["kind"]
            points, jaws = (arrays[key].astype(np.float64) for key in ("points", "jaw"))
        face = [index for index, name in enumerate(names) if not any(ear in name for ear in EARS)]
        sides = np.ptp(np.concatenate([points[:, face], jaws], axis=1), axis=1)
        return cls(names, points, jaws, kinds, np.sqrt(sides.prod(axis=1)))

    def landmarks(self, names: tuple[str, ...]) -> Array:
        """(N, len(names), 2) of these keypoints."""
        return self.points[:, [self.names.index(name) for name in names]]


def product_jaw(names: list[str]) -> Jaw:
    """The jaw that a user gets from keypoints of these names."""
    indices = GOLIATH_308.indices(names)

    def find(points: Array) -> Array:
        keypoints, scores = np.zeros((len(GOLIATH_308), 2)), np.zeros(len(GOLIATH_308))
        keypoints[indices], scores[indices] = points, 0.9
        canvas_wh = canvas_around(points)
        pose = Pose(keypoints, scores, GOLIATH_308, canvas_wh, np.array([0, 0, *canvas_wh]))
        jaw = COCO_WHOLEBODY_133.part_indices("face_jaw")
        return convert_pose(pose, COCO_WHOLEBODY_133).keypoints_image[jaw]

    return find


def measure(faces: Faces, find: Jaw) -> dict[int, Array]:
    """Mean, worst keypoint, and mean with noisy keypoints, in % of the size, for each kind."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=faces.points.shape) * (NOISE * faces.sizes)[:, None, None]
    clean, noisy = (
        100 * np.linalg.norm([find(face) for face in points] - faces.jaws, axis=2)
        / faces.sizes[:, None]
        for points in (faces.points, faces.points + noise)
    )  # fmt: skip
    clean, noisy = clean[:, BESIDE_THE_CHIN], noisy[:, BESIDE_THE_CHIN]
    rows = np.stack([clean.mean(axis=1), clean.max(axis=1), noisy.mean(axis=1)], axis=1)
    return {kind: rows[faces.kinds == kind].mean(axis=0) for kind in KINDS}


def fit(faces: Faces, chosen: Array) -> Array:
    """(8, 4) weights of ``skeletons/jaw.py`` for the chosen faces, each kind counting the same.

    Least squares over both sides of every face at once, so that the sides mirror each other.
    """
    kinds, counts = np.unique(faces.kinds[chosen], return_counts=True)
    of_kind = dict(zip(kinds.tolist(), counts.tolist(), strict=True))
    share = np.array([of_kind[kind] for kind in faces.kinds[chosen].tolist()]) ** -0.5
    scale = (share / faces.sizes[chosen])[:, None]
    right, left = (faces.landmarks(names)[chosen] for names in (product.RIGHT, product.LEFT))
    rows, jaws = [], faces.jaws[chosen]
    for index in range(8):
        knowns, wanted = [np.eye(3) * RIDGE], [np.zeros(3)]
        for landmarks, jaw in ((right, jaws[:, index]), (left, jaws[:, 16 - index])):
            chin = landmarks[:, 3]
            offsets = (landmarks[:, :3] - chin[:, None]) * scale[:, :, None]
            knowns.append(offsets.transpose(0, 2, 1).reshape(-1, 3))
            wanted.append(((jaw - chin) * scale).ravel())
        weights = np.linalg.lstsq(np.concatenate(knowns), np.concatenate(wanted), rcond=None)[0]
        rows.append([*weights, 1 - weights.sum()])
    return np.array(rows)


def weighted_jaw(names: list[str], weights: Array) -> Jaw:
    """The jaw by other weights."""
    right, left = ([names.index(name) for name in side] for side in (product.RIGHT, product.LEFT))
    return lambda points: product.jaw_between(points[right], points[left], weights)


def face_offsets(faces: Faces) -> dict[int, Array]:
    """How far the middle of a face lies below that of eyes, nose and ears, for each kind.

    In sides of the square around the latter: with both ears visible, and with the right one.
    """
    corners = ("outer_end_of_upper_lash_line", "inner_end_of_upper_lash_line")
    eyes = [faces.landmarks(tuple(f"{side}_{end}" for end in corners)).mean(1) for side in "rl"]
    nose, *ears = faces.landmarks(
        ("tip_of_nose", "r_protruding_point_of_tragus", "l_protruding_point_of_tragus")
    ).swapaxes(0, 1)
    is_face = [not any(ear in name for ear in EARS) for name in faces.names]
    landmarks = np.concatenate([faces.points[:, is_face], faces.jaws], axis=1)
    middle = (landmarks.min(axis=1) + landmarks.max(axis=1)) / 2
    offsets = []
    for visible in (ears, ears[:1]):
        head = np.stack([*eyes, nose, *visible], axis=1)
        low, high = head.min(axis=1), head.max(axis=1)
        below = (middle - (low + high) / 2)[:, 1]
        offsets.append(below / (high - low).max(axis=1))
    return {kind: np.array(offsets)[:, faces.kinds == kind].mean(axis=1) for kind in KINDS}


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("heads")
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    faces = Faces.read(options.heads)
    table = measure(faces, product_jaw(faces.names))
    below = face_offsets(faces)
    print("| faces | mean | worst | keypoints 1 % off | face below, both ears | one ear |")
    print("|---|---|---|---|---|---|")
    for kind, row in table.items():
        cells = [f"{value:.1f}" for value in row] + [f"{value:.2f}" for value in below[kind]]
        print(f"| {KINDS[kind]} | " + " | ".join(cells) + " |")
    if not options.fit:
        return
    print(np.round(fit(faces, np.ones(len(faces.kinds), dtype=bool)), 3).tolist())
    rng, held_out = np.random.default_rng(0), []
    for _ in range(10):
        chosen = rng.random(len(faces.kinds)) < 0.5
        arrays = faces.points, faces.jaws, faces.kinds, faces.sizes
        rest = Faces(faces.names, *(array[~chosen] for array in arrays))
        rows = measure(rest, weighted_jaw(faces.names, fit(faces, chosen)))
        held_out.append([row[0] for row in rows.values()])
    print("fitted to one half, means on the other:", np.mean(held_out, axis=0).round(1).tolist())


if __name__ == "__main__":
    main()
