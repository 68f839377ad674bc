"""Keypoint sets as data: the names, mirrors, parts, colours, sigmas and links of every joint.

Each set is two tables beside this file: ``<name>.joints.csv``, one row per keypoint in the order
of the network's output, and ``<name>.links.csv``, the lines drawn between them. A set with a
dense face has a third, ``<name>.dense_links.csv``: the lines of brows, eyelids, nose, lips, ears
and irises, for viewing. Joints are named in this folder only; every index elsewhere is computed
from a name. ``sources.csv`` lists which joints of one set correspond to a joint of another set
with a different name; ``*.tree.csv`` which joint hangs on which (``tree``).

Names, colours, links, mirrors and sigmas of the Sapiens sets are facts of the reference
(``facebookresearch/sapiens``, ``pose/configs/_base_/datasets/{coco,coco_wholebody,goliath}.py``).
``body_25``, ``body_25b``, ``body_135`` and ``mpi_15`` follow OpenPose
(``src/openpose/pose/poseParameters.cpp``), ``halpe_26`` the README of
``Fang-Haoshu/Halpe-FullBody`` and ``mediapipe_33`` the ``PoseLandmark`` of
``google-ai-edge/mediapipe``; these sets are read from files only. Their sigmas are those of the
joint, or of its nearest neighbour, in COCO and COCO-WholeBody, and of mmpose's ``halpe26.py``.
``goliath_308`` is not in COCO order: rows 9 and 10 are hips, the right hand comes before the
left, and fingers run from tip to base. The reference draws no lines on the face, so its dense
links are ours: the keypoints of a curve are numbered from its middle outwards (1 halves it, 2 and
3 halve the halves) and from image left to image right, as the mirrors show. One keypoint of each
inner helix has no line, because its position on the rim is not documented.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Color = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""


@dataclass(frozen=True)
class Joint:
    """One keypoint of a set.

    ``mirror`` names the joint that replaces it in a mirrored image (itself on the midline);
    ``part`` is the body part that it belongs to, such as ``left_hand`` or ``face_outer_lips``;
    ``sigma`` is the COCO object-keypoint-similarity constant.
    """

    name: str
    mirror: str
    part: str
    color: Color
    sigma: float


@dataclass(frozen=True)
class Link:
    """A line drawn between two joints of one set, by name."""

    start: str
    end: str
    color: Color


@dataclass(frozen=True)
class KeypointSet:
    """A named, ordered list of joints and the links between them.

    Every drawing of the set shows ``links``; ``dense_links`` trace the parts of the face on top of
    them, and are empty for sets without a dense face.

    Raises:
        ValueError: a joint appears twice, or a mirror or link names a joint that is missing.
    """

    name: str
    joints: tuple[Joint, ...]
    links: tuple[Link, ...]
    dense_links: tuple[Link, ...] = ()

    def __post_init__(self) -> None:
        names = set(self.names)
        if len(names) != len(self.joints):
            raise ValueError(f"Keypoint set {self.name!r} lists a joint twice.")
        ends = {end for link in self.links + self.dense_links for end in (link.start, link.end)}
        unknown = ({joint.mirror for joint in self.joints} | ends) - names
        if unknown:
            raise ValueError(f"Keypoint set {self.name!r} has no joint {sorted(unknown)}.")

    def __len__(self) -> int:
        return len(self.joints)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Joint names in the order of the network's output."""
        return tuple(joint.name for joint in self.joints)

    @cached_property
    def _index_by_name(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.names)}

    @cached_property
    def _indices_by_parts(self) -> dict[tuple[str, ...], NDArray[np.intp]]:
        return {}

    def index(self, name: str) -> int:
        """Index of the joint ``name``; ``KeyError`` if the set has no such joint."""
        return self._index_by_name[name]

    def indices(self, names: tuple[str, ...]) -> NDArray[np.intp]:
        """Indices of several joints, in the order of ``names``."""
        return np.array([self.index(name) for name in names], dtype=np.intp)

    def known_indices(self, names: tuple[str, ...]) -> NDArray[np.intp]:
        """Indices of those joints in ``names`` that the set has, in the order of ``names``."""
        return self.indices(tuple(name for name in names if name in self._index_by_name))

    def part_indices(self, *prefixes: str) -> NDArray[np.intp]:
        """Indices of all joints of these body parts; ``face`` includes ``face_nose``.

        The array is computed once and read-only.
        """
        if prefixes not in self._indices_by_parts:
            chosen = {
                joint.part
                for joint in self.joints
                for prefix in prefixes
                if joint.part == prefix or joint.part.startswith(f"{prefix}_")
            }
            indices = np.flatnonzero([joint.part in chosen for joint in self.joints])
            indices.setflags(write=False)
            self._indices_by_parts[prefixes] = indices
        return self._indices_by_parts[prefixes]

    def part_names(self, *prefixes: str) -> tuple[str, ...]:
        """Names of all joints of these body parts, as in ``part_indices``."""
        return tuple(self.names[index] for index in self.part_indices(*prefixes))

    @cached_property
    def flip_indices(self) -> NDArray[np.intp]:
        """(K,) index of each joint's mirror; indexing with it swaps left and right."""
        return self.indices(tuple(joint.mirror for joint in self.joints))

    @cached_property
    def link_indices(self) -> NDArray[np.intp]:
        """(L, 2) indices of the two joints of each link."""
        pairs = [(self.index(link.start), self.index(link.end)) for link in self.links]
        return np.array(pairs, dtype=np.intp).reshape(-1, 2)

    @cached_property
    def sigmas(self) -> NDArray[np.float64]:
        """(K,) COCO object-keypoint-similarity constants."""
        return np.array([joint.sigma for joint in self.joints])


def _parse_color(text: str) -> Color:
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue


def read_table(file_name: str) -> list[dict[str, str]]:
    """The rows of a table beside this file, by the names of its columns."""
    with (Path(__file__).parent / file_name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def _read_links(file_name: str) -> tuple[Link, ...]:
    return tuple(
        Link(start=row["start"], end=row["end"], color=_parse_color(row["color"]))
        for row in read_table(file_name)
    )


def _load(name: str, *, dense: bool = False) -> KeypointSet:
    joints = tuple(
        Joint(
            name=row["name"],
            mirror=row["mirror"],
            part=row["part"],
            color=_parse_color(row["color"]),
            sigma=float(row["sigma"]),
        )
        for row in read_table(f"{name}.joints.csv")
    )
    links = _read_links(f"{name}.links.csv")
    dense_links = _read_links(f"{name}.dense_links.csv") if dense else ()
    return KeypointSet(name=name, joints=joints, links=links, dense_links=dense_links)


def read_sources(source_set: str) -> dict[str, tuple[str, str]]:
    """Each joint's two joints of ``source_set``, whose midpoint it is; the same twice is a copy.

    The empty name selects the rows that hold for every set.
    """
    return {
        row["joint"]: (row["first"], row["second"] or row["first"])
        for row in read_table("sources.csv")
        if row["source_set"] == source_set
    }


COCO_17 = _load("coco_17")
COCO_WHOLEBODY_133 = _load("coco_wholebody_133", dense=True)
GOLIATH_308 = _load("goliath_308", dense=True)
OPENPOSE_136 = _load("openpose_136")
"""OpenPose's body 18, feet 6, face 70, left and right hand 21 each; ControlNets know these."""
BODY_25 = _load("body_25")
"""The body of OpenPose's own program, with the middle of the hips and the feet."""
BODY_25B = _load("body_25b")
BODY_135 = _load("body_135")
MPI_15 = _load("mpi_15")
HALPE_26 = _load("halpe_26")
MEDIAPIPE_33 = _load("mediapipe_33")

HEAD = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
"""Joints of the body that are on the head; every set but MPI_15 has them."""

KEYPOINT_SETS: dict[str, KeypointSet] = {
    keypoint_set.name: keypoint_set
    for keypoint_set in (
        *(COCO_17, COCO_WHOLEBODY_133, GOLIATH_308, OPENPOSE_136, BODY_25),
        *(BODY_25B, BODY_135, MPI_15, HALPE_26, MEDIAPIPE_33),
    )
}
"""Every set by its name."""

NETWORK_SETS: dict[int, KeypointSet] = {
    len(keypoint_set): keypoint_set for keypoint_set in (COCO_17, COCO_WHOLEBODY_133, GOLIATH_308)
}
"""The sets of Sapiens networks, by their number of heatmaps."""
