"""Nodes of other packs, as they are: where they lie, and what they are given.

``PEER_PACKS`` names a folder with their repositories, each in a folder of its own name:

    PEER_PACKS=~/packs make exhaustive

A pack that is not there, or whose libraries are not, is skipped.
"""

import importlib.util
import os
import sys
import types
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from base_folder import ROOT
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.poses.body_part_crops import fit_to_canvas

FOLDER = Path(os.environ.get("PEER_PACKS", "/no/packs"))

COMMITS = {
    "ComfyUI-3D-OpenPose-Editor2026_IK": "Havlight 88a2cfa",
    "ComfyUI-Just-DWPose": "pizurny cf6db87",
    "ComfyUI-OpenPose-Keypoint-Extractor": "fAIseh00d f9b1337",
    "ComfyUI-OpenPose-Studio": "andreszs 0f3e36c",
    "ComfyUI-PoseKeypoint-Mask": "muzi12888 03b6d92",
    "ComfyUI-ProportionChanger": "grmchn 129956b",
    "ComfyUI-SCAIL-Pose2": "rookiestar28 a573662",
    "ComfyUI-Sapiens2": "kijai 5090003",
    "ComfyUI-WanAnimatePreprocess": "kijai 1a35b81",
    "ComfyUI-WarperNodes": "AIWarper 35e83bb",
    "ComfyUI-openpose-editor": "huchenlei 75ba64b",
    "ComfyUI-ultimate-openpose-editor": "westNeighbor 1a1d5ff",
    "ComfyUI-ultimate-openpose-render": "westNeighbor e90006b",
    "ComfyUI_DWposeDeluxe": "hobinrude 72fd16f",
    "ComfyUI_pose_inter": "fssorc f5d79bf",
    "ComfyUI_toyxyz_test_nodes": "toyxyz 6338918",
    "comfyui_controlnet_aux": "Fannovel16 e8b689a",
}
"""Each pack that the tests name: its owner, and the commit that they were run with."""

UNUSED = ("onnxruntime",)
"""Large libraries that packs import beside what the tests run of them, where they are missing."""

CANVAS = (1024, 1024)

MARGIN_PX = 80
"""How far beyond the keypoints a reader may draw: masks are as wide as a limb."""


def load(module: str) -> types.ModuleType:
    """A module of a pack, such as ``pack/folder/file``, without what ComfyUI's start runs of it."""
    pack, *inner = module.split("/")
    if not (FOLDER / pack).is_dir():
        pytest.skip(f"{pack} of {COMMITS[pack]} is not in PEER_PACKS, {FOLDER}")
    if (FOLDER / pack / "src").is_dir():  # as comfyui_controlnet_aux does when ComfyUI loads it
        sys.path.append(str(FOLDER / pack / "src"))
    name = "peer_" + pack.replace("-", "_")
    folder = FOLDER / pack
    for part in (None, *inner[:-1]):
        name, folder = (f"{name}.{part}", folder / part) if part else (name, folder)
        stub = types.ModuleType(name)
        stub.__path__ = [str(folder)]
        sys.modules.setdefault(name, stub)
    for library in UNUSED:
        if library not in sys.modules and not importlib.util.find_spec(library):
            sys.modules[library] = types.ModuleType(library)
            sys.modules[library].__spec__ = ModuleSpec(library, None)
    try:
        return importlib.import_module(f"{name}.{inner[-1]}")
    except ImportError as error:
        pytest.skip(f"{pack} needs {error.name}")


def drawn(images) -> list[int]:
    """How many pixels of each frame of an IMAGE or MASK are not black."""
    return _ink(images).sum(axis=(1, 2)).tolist()


def _ink(images) -> np.ndarray:
    """(frames, height, width) where an IMAGE or MASK is not black."""
    array = np.asarray(images)
    assert array.ndim in (3, 4)
    return (array.max(axis=-1) if array.ndim == 4 else array) > 0.1


def frame_of(name: str) -> Frame:
    """Somebody of the library, on ``CANVAS``."""
    (frame,) = read_poses(ROOT / "web" / "library" / f"{name}.json")
    return fit_to_canvas(frame, CANVAS)


def moved(pose: Pose, share: float, left: float, top: float) -> Pose:
    """The pose at a share of its size, and elsewhere."""
    xyxy = np.array([left, top] * 2)
    keypoints = pose.keypoints_image * share + xyxy[:2]
    return replace(pose, keypoints_image=keypoints, box_xyxy=pose.box_xyxy * share + xyxy)


ONE, TWO, NOBODY = frame_of("stand_relaxed"), frame_of("two_handshake"), Frame(CANVAS)
CROWD = replace(
    TWO,
    poses=tuple(
        moved(pose, 0.3, left, top)
        for left in (0, 340, 680)
        for top in (0, 340)
        for pose in TWO.poses
    ),
)
CLIPS = {
    "one person": [ONE],
    "a crowd": [CROWD],
    "nobody": [NOBODY],
    "a clip": [TWO, NOBODY, ONE, TWO],
}


@pytest.fixture(params=CLIPS, ids=str)
def frames(request) -> list[Frame]:
    """What every reader is given."""
    return CLIPS[request.param]


def assert_drawn(images, frames) -> None:
    """Something in each frame that has people, near where they are, and nothing in the others."""
    for ink, frame in zip(_ink(images), frames, strict=True):
        rows, columns = np.nonzero(ink)
        assert (len(rows) > 100) == bool(frame.poses), len(rows)
        if not frame.poses:
            assert not len(rows)
            continue
        keypoints = np.concatenate([pose.keypoints_image for pose in frame.poses])
        low, high = keypoints.min(axis=0) - MARGIN_PX, keypoints.max(axis=0) + MARGIN_PX
        assert (low <= (columns.min(), rows.min())).all(), (low, columns.min(), rows.min())
        assert (high >= (columns.max(), rows.max())).all(), (high, columns.max(), rows.max())
