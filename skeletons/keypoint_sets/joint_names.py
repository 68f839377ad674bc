"""The names that programs give to joints, in the words of our keypoint sets."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import KEYPOINT_SETS

_KNOWN = frozenset(name for each in KEYPOINT_SETS.values() for name in each.names)

_SIDES = {"left": "left", "l": "left", "right": "right", "r": "right"}

_ALIASES = {
    **{"pelvis": "mid_hip", "hip_center": "mid_hip", "root": "mid_hip", "middle_hip": "mid_hip"},
    **{"hips": "mid_hip", "hip": "mid_hip", "sacrum": "mid_hip"},
    **{"top_head": "head_top", "headtop": "head_top", "topofhead": "head_top"},
    **{"head_bottom": "upper_neck", "thorax": "neck", "upperneck": "upper_neck"},
    **{"neck_base": "neck", "mid_shoulder": "neck", "sho": "shoulder"},
    **{"shoulder_center": "neck", "clavicle": "neck"},
}
"""Other names of joints, without sides."""

_SIDED = {
    **{"sho": "shoulder", "shldr": "shoulder", "elb": "elbow", "wri": "wrist", "ank": "ankle"},
    **{"kne": "knee", "hand": "wrist", "bigtoe": "big_toe", "smalltoe": "small_toe"},
    **{"foot": "big_toe", "toe": "big_toe", "footindex": "foot_index", "toe_base": "big_toe"},
    **{"pinky": "pinky_knuckle", "index": "index_knuckle", "thumb": "thumb_knuckle"},
    **{"eyeinner": "eye_inner", "eyeouter": "eye_outer", "upper_arm": "shoulder"},
    **{"lower_arm": "elbow", "fore_arm": "elbow", "upper_leg": "hip", "lower_leg": "knee"},
}
"""Other names of joints that have a side."""

_ANIMAL_WORDS = {"tail", "paw", "hoof", "withers", "wither", "whisker", "beak", "wing", "throat"}
"""A joint named so belongs to no person."""


def canonical_name(name: str) -> str | None:
    """Our name of a joint, such as ``left_knee`` for ``LKnee`` or ``knee_l``; None for none."""
    words = _words(name[:100])
    if "_".join(words) in _KNOWN:
        return "_".join(words)
    sides = [_SIDES[word] for word in words if word in _SIDES]
    rest = "_".join(word for word in words if word not in _SIDES)
    if not sides:
        rest = _ALIASES.get(rest, rest)
        return rest if rest in _KNOWN else None
    rest = _SIDED.get(rest, rest)
    joined = f"{sides[0]}_{rest}"
    return joined if joined in _KNOWN else None


def are_of_animals(names: Sequence[object]) -> bool:
    """Whether joints are those of an animal: one has a tail, a paw, or another such part."""
    return any(_ANIMAL_WORDS & set(_words(name[:100])) for name in names if isinstance(name, str))


def _words(name: str) -> list[str]:
    """The words of ``LBigToe``, ``left big toe`` and ``left_big_toe``, in small letters."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [word for word in re.split(r"[\s_\-.:/]+", spaced.lower()) if word]
