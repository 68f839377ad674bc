"""A synthetic person: all 308 keypoints, each placed by the meaning of its name.

So no photo is needed to show drawings. Curves follow the numbers in the names and not the table of
links, so that a wrong link is visible as a crossed line.

Units of the body are head heights, of the face half face widths; x runs to the right of the image,
y down, with the eyes at the origin. Only the person's left half is described; the right half is
its mirror image.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Pose

XY = tuple[float, float]
Points = dict[str, XY]

FACE_WIDTH, FACE_HEIGHT = 0.36, 0.44
UPPER_ARM, FOREARM = 1.35, 1.2

ACROSS = {3: 1 / 8, 1: 2 / 8, 4: 3 / 8, 5: 5 / 8, 2: 6 / 8, 6: 7 / 8}
"""Position of midpoints 1 to 6 on a curve, from image left to right; 0.5 has its own name."""

BODY: Points = {
    "left_shoulder": (0.76, 1.05),
    "left_acromion": (0.86, 0.95),
    "left_hip": (0.44, 3.1),
    "left_knee": (0.5, 4.9),
    "left_ankle": (0.52, 6.6),
    "left_big_toe": (0.64, 7.0),
    "left_small_toe": (0.86, 6.9),
    "left_heel": (0.48, 6.85),
    "neck": (0.0, 0.95),
}

FACE: Points = {
    "center_of_glabella": (0, -0.22),
    "center_of_nose_root": (0, -0.04),
    "midpoint_2_of_nose_bridge": (0, 0.08),
    "midpoint_1_of_nose_bridge": (0, 0.18),
    "midpoint_3_of_nose_bridge": (0, 0.28),
    "tip_of_nose_bridge": (0, 0.38),
    "tip_of_nose": (0, 0.46),
    "bottom_center_of_nose": (0, 0.56),
    "center_of_labiomental_groove": (0, 1.02),
    "tip_of_chin": (0, 1.24),
    "l_outer_corner_of_nose": (0.2, 0.48),
    "outer_corner_of_l_nostril": (0.15, 0.53),
    "upper_corner_of_l_nostril": (0.1, 0.48),
    "inner_corner_of_l_nostril": (0.06, 0.54),
    "upper_startpoint_of_l_eyebrow": (0.13, -0.32),
    "lower_startpoint_of_l_eyebrow": (0.13, -0.24),
    "end_of_l_eyebrow": (0.72, -0.26),
    "l_outer_corner_of_mouth": (0.3, 0.78),
    "l_inner_corner_of_mouth": (0.25, 0.78),
    "center_of_cupid_bow": (0, 0.69),
    "center_of_lower_outer_lip": (0, 0.92),
    "center_of_upper_inner_lip": (0, 0.76),
    "center_of_lower_inner_lip": (0, 0.81),
}

LIPS = {  # the joint in the middle of the curve, by side and lip
    ("upper", "outer"): "center_of_cupid_bow",
    ("lower", "outer"): "center_of_lower_outer_lip",
    ("upper", "inner"): "center_of_upper_inner_lip",
    ("lower", "inner"): "center_of_lower_inner_lip",
}

EAR: Points = {  # across and down, 0 to 1
    "top_connecting_point_of_helix": (0.0, 0.22),
    "point_1_of_inner_helix": (0.12, 0.07),
    "point_2_of_inner_helix": (0.38, 0.0),
    "point_3_of_inner_helix": (0.66, 0.05),
    "point_4_of_inner_helix": (0.86, 0.18),
    "point_5_of_inner_helix": (0.93, 0.34),
    "point_6_of_inner_helix": (0.9, 0.5),
    "point_7_of_inner_helix": (0.8, 0.63),
    "point_8_of_inner_helix": (0.74, 0.22),
    "midpoint_between_22_15": (0.62, 0.78),
    "tip_of_ear_lobe": (0.36, 0.98),
    "bottom_connecting_point_of_ear_lobe": (0.06, 0.9),
    "start_of_antihelix": (0.52, 0.3),
    "midpoint_1_of_antihelix": (0.62, 0.38),
    "midpoint_2_of_antihelix": (0.66, 0.48),
    "midpoint_3_of_antihelix": (0.62, 0.58),
    "end_of_antihelix": (0.52, 0.66),
    "top_end_of_inferior_crus": (0.26, 0.22),
    "midpoint_1_of_inferior_crus": (0.4, 0.26),
    "top_end_of_superior_crus": (0.52, 0.13),
    "highest_point_of_antitragus": (0.38, 0.72),
    "bottom_point_of_tragus": (0.18, 0.66),
    "protruding_point_of_tragus": (0.2, 0.55),
    "top_point_of_tragus": (0.1, 0.45),
    "start_point_of_crus_of_helix": (0.1, 0.34),
    "deepest_point_of_concha": (0.36, 0.46),
}

LID_BULGE = {"upper_lash": -0.11, "upper_eyelid": -0.15, "upper_crease": -0.2} | {
    "lower_lash": 0.07,
    "lower_eyelid": 0.12,
}
EYE_ENDS = (0.2, 0.02), (0.6, 0.0)
IRIS_CENTER = (0.4, -0.02)
IRIS_RADIUS = {"iris": 0.075, "pupil": 0.032}
CLOCK = {"3": 0, "midpoint_1": 45, "12": 90, "midpoint_4": 135} | {
    "9": 180,
    "midpoint_3": 225,
    "6": 270,
    "midpoint_2": 315,
}
"""Angles of the joints of an iris or pupil, in degrees anticlockwise from image right."""

FINGERS = {  # angle to the hand in degrees, distance of the base from the wrist, lengths
    "thumb": (48, 0.16, (0.15, 0.12, 0.1)),
    "forefinger": (14, 0.38, (0.17, 0.11, 0.09)),
    "middle_finger": (2, 0.38, (0.19, 0.12, 0.1)),
    "ring_finger": (-10, 0.36, (0.17, 0.11, 0.09)),
    "pinky_finger": (-23, 0.33, (0.13, 0.09, 0.08)),
}


def find_on_arc(start: XY, end: XY, bulge: float, t: float) -> XY:
    """The point at ``t``, 0 to 1, of a parabola whose middle is ``bulge`` below the chord."""
    x, y = (a + (b - a) * t for a, b in zip(start, end, strict=True))
    return x, y + bulge * 4 * t * (1 - t)


def move(start: XY, degrees: float, length: float) -> XY:
    """The point at a distance from ``start``; 0 degrees is down, 90 to the person's left."""
    angle = math.radians(degrees)
    return start[0] + length * math.sin(angle), start[1] + length * math.cos(angle)


def left_eye() -> Points:
    """Lids, lashes, crease, iris and pupil of the left eye, in face units."""
    points: Points = {"l_center_of_iris": IRIS_CENTER, "l_center_of_pupil": IRIS_CENTER}
    for line, bulge in LID_BULGE.items():
        for number, t in ACROSS.items():
            points[f"l_midpoint_{number}_of_{line}_line"] = find_on_arc(*EYE_ENDS, bulge, t)
        points[f"l_centerpoint_of_{line}_line"] = find_on_arc(*EYE_ENDS, bulge, 0.5)
        points[f"l_inner_end_of_{line}_line"], outer = EYE_ENDS
        points[f"l_outer_end_of_{line}_line"] = outer[0] + abs(bulge) / 4, outer[1]
    for ring, radius in IRIS_RADIUS.items():
        for hour, degrees in CLOCK.items():
            x, y = move(IRIS_CENTER, degrees + 90, radius)
            points[f"l_border_of_{ring}_{hour}"] = x, y
    return points


def left_face() -> Points:
    """The left half and the midline of the face, in face units."""
    points = FACE | left_eye()
    for edge, bulge in (("upper", -0.12), ("lower", -0.08)):
        for number, t in ((2, 1 / 4), (1, 1 / 2), (3, 3 / 4)):
            start = FACE[f"{edge}_startpoint_of_l_eyebrow"]
            points[f"{edge}_midpoint_{number}_of_l_eyebrow"] = find_on_arc(
                start, FACE["end_of_l_eyebrow"], bulge, t
            )
    for (side, lip), middle in LIPS.items():
        corner = FACE[f"l_{lip}_corner_of_mouth"]
        bulge = FACE[middle][1] - corner[1]
        for number, t in ACROSS.items():
            position = find_on_arc((-corner[0], corner[1]), corner, bulge, t)
            points[f"midpoint_{number}_of_{side}_{lip}_lip"] = position
    points |= {f"l_{name}": (0.97 + 0.25 * u, -0.22 + 0.85 * v) for name, (u, v) in EAR.items()}
    return points


def left_arm(degrees: tuple[float, float]) -> Points:
    """Elbow, wrist and hand; ``degrees`` are the angles of upper arm and forearm."""
    elbow = move(BODY["left_shoulder"], degrees[0], UPPER_ARM)
    wrist = move(elbow, degrees[1], FOREARM)
    points = {
        "left_elbow": elbow,
        "left_wrist": wrist,
        "left_olecranon": move(elbow, degrees[0] + 90, 0.12),
        "left_cubital_fossa": move(elbow, degrees[0] - 90, 0.12),
    }
    for finger, (spread, reach, lengths) in FINGERS.items():
        direction = degrees[1] + spread
        joint = move(wrist, direction, reach)
        points[f"left_{finger}_third_joint"] = joint
        for number, length in zip((2, 3, 4), lengths, strict=True):
            joint = move(joint, direction, length)
            points[f"left_{finger}{number}"] = joint
    return points


def left_half(arm: tuple[float, float]) -> Points:
    """Every joint of the left half and the midline, in head heights."""
    face = {name: (FACE_WIDTH * x, FACE_HEIGHT * y) for name, (x, y) in left_face().items()}
    return (
        face
        | BODY
        | left_arm(arm)
        | {
            "nose": face["tip_of_nose"],
            "left_eye": face["l_center_of_iris"],
            "left_ear": face["l_protruding_point_of_tragus"],
        }
    )


@dataclass(frozen=True)
class Stance:
    """Position and pose of a synthetic person.

    Attributes:
        eyes: x, y between the eyes, in pixels.
        head: height of the head in pixels; the person is 7.6 heads tall.
        left_arm, right_arm: angles of upper arm and forearm in degrees; 0 is down, 90 outwards.
        lean: angle by which the person leans to their left, in degrees.
    """

    eyes: XY
    head: float
    left_arm: tuple[float, float] = (18, 30)
    right_arm: tuple[float, float] = (18, 30)
    lean: float = 0.0


def person(stance: Stance, canvas_wh: tuple[int, int]) -> Pose:
    """A pose of ``goliath_308``; keypoints outside the canvas have a low score."""
    left, right = left_half(stance.left_arm), left_half(stance.right_arm)
    in_heads = np.array(
        [
            left[joint.name] if joint.name in left else np.multiply(right[joint.mirror], (-1, 1))
            for joint in GOLIATH_308.joints
        ]
    )
    angle = math.radians(stance.lean)
    rotation = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    keypoints = in_heads @ rotation * stance.head + stance.eyes
    inside = ((keypoints >= 0) & (keypoints < canvas_wh)).all(axis=1)
    box = [*keypoints.min(axis=0), *keypoints.max(axis=0)]
    return Pose(keypoints, np.where(inside, 0.9, 0.05), GOLIATH_308, canvas_wh, box)
