"""What can be chosen among: styles, formats, orders, methods, body parts, each with a summary.

Apart from what they name, so that menus and help need neither arrays nor OpenCV.
"""

from __future__ import annotations

from typing import Literal

Background = Literal["black", "white", "transparent", "image"]
Layout = Literal["fit", "fill", "stretch"]
Xinsir = Literal["off", "sticks", "sticks_and_dots"]

BACKGROUND_SUMMARIES: dict[Background, str] = {
    "black": "",
    "white": "",
    "transparent": "the skeleton in its own colours, its shape in the mask",
    "image": "the image that the poses were found in",
}

LAYOUT_SUMMARIES: dict[Layout, str] = {
    "fit": "shows the whole image, with bars",
    "fill": "cuts off its edges",
    "stretch": "distorts it",
}

XINSIR_SUMMARIES: dict[Xinsir, str] = {
    "off": "",
    "sticks": "thicker limbs",
    "sticks_and_dots": "thicker limbs and larger dots",
}

STYLE_SUMMARIES: dict[str, str] = {
    "openpose": "what OpenPose ControlNets were trained on; the pixels of DWPose",
    "core": "the pixels of ComfyUI's own SDPose node, with bright limbs; we know no model that "
    "was trained on them",
    "sapiens": "lines and dots of the network's own keypoints, as Sapiens' demos show them",
    "sapiens_openpose": "Sapiens' own blended OpenPose look; not for ControlNets",
    "dense": "every keypoint, with the lines of brows, eyes, lips and ears, for viewing",
}
"""One line about each style in ``draw.STYLES``, in the same order."""

STYLE_TITLES: dict[str, str] = {
    "openpose": "OpenPose",
    "core": "ComfyUI's own drawing",
    "sapiens": "Sapiens demo",
    "sapiens_openpose": "Sapiens demo in OpenPose colours",
    "dense": "every keypoint",
}
"""What menus show for each style."""

CUSTOM = "custom"
OFF = "off"

MODEL_SUMMARIES: dict[str, str] = {
    CUSTOM: "no model; uses the style and widths that you set",
    "openpose": "OpenPose ControlNets of SD 1.5, SDXL, Flux and Qwen",
    "xinsir": "xinsir's ControlNet for SDXL, with wider limbs and dots",
    "fun": "VideoX-Fun's models: Wan-Fun, VACE-Fun, Z-Image-Fun, Qwen-Fun, Flux2-Fun, MiniMax-H3",
    "ltx2": "IC-LoRAs of LTX-2",
    "wan_animate": "Wan2.2 Animate, one person",
    "vace": "VACE of Wan2.1; faces, no hands",
    "steady_dancer": "SteadyDancer, one person",
    "unianimate": "UniAnimate-DiT as it was trained, one person",
    "unianimate_infer": "UniAnimate-DiT as its makers use it, stretched from 512 x 768",
    "mimicmotion": "MimicMotion",
    "one_to_all": "One-to-All as it was trained, one person",
    "one_to_all_infer": "One-to-All as its makers use it",
    "one_to_all_weak_face": "the same with a dim face, which is not followed closely",
    "one_to_all_weak_head": "the same with a dim face and head",
    "scail_overlay": "SCAIL-1's flat head and hands, to lay over its capsules",
}
"""One line about ``custom`` and each model in ``draw.trained.MODELS``, in the same order."""

WIDTH_RULE_SUMMARIES: dict[str, str] = {
    OFF: "the widths and radii that are set",
    "wan_animate": "a 200th of the short side, minus one",
    "one_to_all": "in steps of the long side",
    "scail": "lines of hands and faces are 1 or 2 pixels wide",
}
"""What ``draw.trained.WIDTH_RULES`` say, in the same order."""

TOE_LIMB_SUMMARIES: dict[str, str] = {
    OFF: "none",
    "wan_animate": "in the colours of Wan2.2 Animate",
    "unianimate": "in the colours of UniAnimate",
}
"""Whose colours limbs from ankle to toe have; the rows of ``draw.trained.TOES``."""

FACE_POINT_SUMMARIES: dict[str, str] = {
    "all": "68 landmarks, and a dot for each eye",
    "landmarks": "68 landmarks",
    "brows_eyes_mouth": "without jaw and nose",
}
"""Which points of a face are drawn; the rows of ``draw.trained.FACES``."""

PAINT_ORDER_SUMMARIES: dict[str, str] = {
    "by_person": "all of a person, then the next",
    "by_layer": "one limb of everybody, then the next limb; the same for dots, hands and faces",
}

DRAW_AT_SUMMARIES: dict[str, str] = {
    "same": "the size of the finished drawing",
    "twice": "twice that",
    "short_1024": "a short side of 1024 pixels, sides in steps of 64",
    "short_2160": "a short side of 2160 pixels",
    "512x768": "always 512 x 768 pixels",
}
"""What ``draw.trained.DRAWN_AT`` say, in the same order."""

RESIZE_BY_SUMMARIES: dict[str, str] = {
    "bilinear": "OpenCV's method",
    "area": "OpenCV's method, and Lanczos to enlarge",
    "pillow_bicubic": "Pillow's method",
    "pillow_bilinear": "Pillow's method",
}
"""How ``draw.trained.RESIZES`` resize, in the same order."""

FORMAT_SUMMARIES: dict[str, str] = {
    "comfy": "POSE_KEYPOINT of ComfyUI nodes: a list with one entry per image",
    "openpose": "files of OpenPose's own program (1.3), one NAME_keypoints.json per image",
    "openpose-editor": "for A1111, Forge and their pose editors: an object with a canvas per image",
    "coco": "COCO keypoints with their images, 17 keypoints per person",
    "coco-wholebody": "COCO-WholeBody with its images, 133 keypoints per person",
    "sapiens": "instance_info JSON of the Sapiens demo, one image per file, with every keypoint",
}
"""One line about each file format in ``formats.table.FORMATS``."""

Sort = Literal[
    "as they come",
    "left to right",
    "top to bottom",
    "area",
    "score",
    "distance to centre",
    "track id",
]

SORT_SUMMARIES: dict[Sort, str] = {
    "as they come": "no sorting",
    "left to right": "the leftmost first",
    "top to bottom": "the topmost first",
    "area": "the largest first",
    "score": "the highest-scoring first",
    "distance to centre": "the one nearest to the middle of the image first",
    "track id": "the lowest id first, those without an id last",
}

Method = Literal["savitzky-golay", "gaussian", "one-euro", "none"]

METHOD_SUMMARIES: dict[Method, str] = {
    "savitzky-golay": "averages a hand at rest over many frames and a kick over none; uses frames "
    "before and after",
    "gaussian": "softest, also for fast movements; uses frames before and after",
    "one-euro": "uses earlier frames only, as in live video; lags by a quarter of a frame",
    "none": "no filter; only fills gaps, and corrects spikes and swapped sides",
}

PARTS: dict[str, tuple[str, ...]] = {
    "person": ("person",),
    "face": ("face",),
    "hands": ("left_hand", "right_hand"),
    "left hand": ("left_hand",),
    "right hand": ("right_hand",),
    "feet": ("left_foot", "right_foot"),
    "left foot": ("left_foot",),
    "right foot": ("right_foot",),
}
"""What can be asked for, and the parts that it stands for in each person, in order."""

Missing = Literal["black", "previous", "skip"]

MISSING_SUMMARIES: dict[Missing, str] = {
    "black": "a black crop",
    "previous": "the last crop of the same person",
    "skip": "no crop; crops then no longer match the frames",
}

Placement = Literal["as the reference", "as the driver"]

PLACEMENT_SUMMARIES: dict[Placement, str] = {
    "as the reference": "starts where the reference stands, in its size, on its canvas; then "
    "moves and grows as the driver does",
    "as the driver": "stays on the driver's canvas, with the driver's ground point and height",
}

Match = Literal["order", "id", "first"]

MATCH_SUMMARIES: dict[Match, str] = {
    "order": "the first person who appears becomes the first person of the reference, and so on",
    "id": "each person becomes the person of the reference with the same id",
    "first": "everybody becomes the first person of the reference",
}
