"""Writing ``docs/keypoints.md``: every keypoint set with its indices and names.

``python docs/make_keypoint_page.py docs/keypoints.md``
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby

from comfyui_sapiens_pose.skeletons.choices import FORMAT_SUMMARIES
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_text
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    BODY_25,
    BODY_25B,
    BODY_135,
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    HALPE_26,
    KEYPOINT_SETS,
    MEDIAPIPE_33,
    MPI_15,
    OPENPOSE_136,
    KeypointSet,
    read_sources,
)

_ABOUT = {
    COCO_17: "What Sapiens models trained on COCO find: only the body.",
    COCO_WHOLEBODY_133: "What Sapiens models trained on COCO-WholeBody find: body, feet, the 68 "
    "landmarks of the face (iBUG) and both hands from the root to the tips.",
    GOLIATH_308: "What Sapiens and Sapiens2 models find in full. Note the order: rows 9 and 10 "
    "are hips, the wrists come after their hands, the right hand before the left, fingers run "
    "from tip to base. There is no outline of the jaw.",
    OPENPOSE_136: "What ControlNets expect: the 18 keypoints of OpenPose's COCO body (neck "
    "included), feet, the face with both eyes as points 68 and 69, and both hands. Rows 0 to 17 "
    "are `pose_keypoints_2d` of POSE_KEYPOINT, then come `foot_keypoints_2d`, "
    "`face_keypoints_2d`, `hand_left_keypoints_2d` and `hand_right_keypoints_2d`.",
    BODY_25: "The body as OpenPose's own program writes it.",
    BODY_25B: "OpenPose's body of the model BODY_25B: COCO's 17, head and feet. Read only.",
    BODY_135: "OpenPose's BODY_135: BODY_25B, both hands without their roots, the face. Read only.",
    MPI_15: "OpenPose's body of the model MPI: no eyes, ears or nose. Read only.",
    HALPE_26: "The body of Halpe, as AlphaPose and mmpose write it. Read only.",
    MEDIAPIPE_33: "The landmarks of MediaPipe Pose. Read only.",
}


def page() -> str:
    """The page in Markdown."""
    sections = [
        _set_section(keypoint_set, _ABOUT[keypoint_set]) for keypoint_set in KEYPOINT_SETS.values()
    ]
    return "\n\n".join([_HEAD, *sections, _sources_section(), _files_section()]) + "\n"


_HEAD = """\
# Keypoint sets

<!-- Written by docs/make_keypoint_page.py from the tables in skeletons/keypoint_sets. -->

Left and right are the person's own. *Mirror* is the joint that takes a joint's place in a
mirrored image. Indices count from 0."""


def _set_section(keypoint_set: KeypointSet, about: str) -> str:
    joints = list(enumerate(keypoint_set.joints))
    groups = [
        (part, [index for index, _ in rows])
        for part, rows in groupby(joints, key=lambda row: row[1].part)
    ]
    return "\n\n".join(
        [
            f"## {keypoint_set.name}\n\n{about}",
            _table(
                ("rows", "part", "keypoints"),
                [(_range(rows), f"`{part}`", len(rows)) for part, rows in groups],
            ),
            _table(
                ("index", "name", "mirror"),
                [(index, f"`{joint.name}`", f"`{joint.mirror}`") for index, joint in joints],
            ),
        ]
    )


def _sources_section() -> str:
    rows = [
        (f"`{name}`" if name else "any", f"`{joint}`", " and ".join(dict.fromkeys(_code(ends))))
        for name in ("", *KEYPOINT_SETS)
        for joint, ends in read_sources(name).items()
    ]
    about = (
        "## From one set to another\n\nJoints of the same name are copied. These stand for one "
        "another under different names; of two joints the middle is taken, with the lower score. "
        "The jaw between `face-0`, `face-8` and `face-16` is estimated where no network has "
        "found it."
    )
    return about + "\n\n" + _table(("from", "joint", "is taken from"), rows)


def _files_section() -> str:
    rows = [(f"`{name}`", summary) for name, summary in FORMAT_SUMMARIES.items()]
    table = _table(("format", "what it is"), rows)
    return f"## Files\n\n{table}\n\nFor other files that can be read, see [formats](formats.md)."


def _code(names: tuple[str, ...]) -> list[str]:
    return [f"`{name}`" for name in names]


def _range(rows: list[int]) -> str:
    return f"{rows[0]} to {rows[-1]}" if len(rows) > 1 else str(rows[0])


def _table(head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


if __name__ == "__main__":
    write_text(sys.argv[1], page())
