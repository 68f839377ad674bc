"""The example workflows as data: which nodes each has, where they stand, and what its note says.

``make_workflows.py`` turns them into files of ComfyUI's editor.
"""

from __future__ import annotations

from generation_workflows import sd15_with_openpose, sdxl_with_xinsir, z_image_with_fun
from video_model_workflows import ltx2, vace, wan_animate
from workflow_nodes import (
    BLUE,
    DETECTOR,
    GOLD,
    GREEN,
    SAM3,
    Group,
    Node,
    Note,
    Workflow,
    clip_nodes,
    image_node,
    loader_node,
    pose_node,
    prompt_node,
    render_node,
    video_nodes,
)
from workflow_notes import (
    CLIP_NOTE,
    EDIT_NOTE,
    IDENTITIES_NOTE,
    JSON_NOTE,
    PEOPLE_NOTE,
    RETARGET_NOTE,
    SKELETON_NOTE,
    VIDEO_NOTE,
)


def _skeleton() -> Workflow:
    nodes = {
        1: image_node(60, 60),
        2: Node("SapiensPosePreprocessor", (430, 60, 320, 560), {"image": [1, 0]}),
        3: Node(
            "SaveImage",
            (800, 60, 320, 330),
            {"images": [2, 0], "filename_prefix": "skeleton"},
        ),
    }
    return Workflow(nodes, (Note((800, 440, 320, 290), SKELETON_NOTE),))


def _json() -> Workflow:
    nodes = {
        1: image_node(60, 260),
        2: loader_node(60, 60),
        3: pose_node(430, 60, 2, [1, 0]),
        4: render_node(800, 60, [3, 0], style="dense", background="image", image=[1, 0]),
        5: Node("SapiensPoseToJSON", (1170, 60, 320, 90), {"poses": [3, 0], "format": "sapiens"}),
        6: Node("PreviewAny", (1540, 60, 320, 300), {"source": [5, 0]}),
        7: Node(
            "SapiensPoseSave",
            (1170, 220, 320, 120),
            {
                "poses": [3, 0],
                "filename_prefix": "poses/%date:yyyy-MM-dd%/pose",
                "format": "sapiens",
            },
        ),
    }
    return Workflow(nodes, (Note((1170, 420, 690, 240), JSON_NOTE),))


def _people() -> Workflow:
    nodes = {
        1: image_node(60, 210),
        2: loader_node(60, 610),
        3: pose_node(800, 60, 2, [1, 0], bboxes=[5, 0]),
        4: Node("UNETLoader", (60, 60, 320, 90), {"unet_name": DETECTOR.name}, (DETECTOR,)),
        5: Node(
            "RTDETR_detect",
            (430, 60, 320, 110),
            {"model": [4, 0], "image": [1, 0], "class_name": "person"},
        ),
        6: Node("DrawBBoxes", (800, 890, 320, 50), {"bboxes": [5, 0], "image": [1, 0]}),
        7: Node("PreviewImage", (1170, 790, 320, 270), {"images": [6, 0]}),
        8: Node("SDPoseDrawKeypoints", (1170, 60, 320, 220), {"keypoints": [3, 1]}),
        9: Node("PreviewImage", (1540, 60, 320, 290), {"images": [8, 0]}),
        10: Node("SDPoseFaceBBoxes", (1170, 420, 320, 80), {"keypoints": [3, 1]}),
        11: Node("CropByBBoxes", (1170, 570, 320, 150), {"image": [1, 0], "bboxes": [10, 0]}),
        12: Node("PreviewImage", (1540, 420, 320, 300), {"images": [11, 0]}),
    }
    groups = (
        Group("1  People", (40, -20, 730, 840), BLUE),
        Group("2  Poses", (780, -20, 360, 840), GREEN),
        Group("3  ComfyUI's own pose nodes", (1150, -20, 730, 760), GOLD),
    )
    return Workflow(nodes, (Note((60, 870, 690, 190), PEOPLE_NOTE),), groups)


def _video() -> Workflow:
    nodes = {
        **clip_nodes(),
        7: render_node(1540, 60, [6, 0]),
        **video_nodes(8, 1910, 7, "sapiens_pose"),
    }
    return Workflow(nodes, (Note((60, 520, 690, 220), VIDEO_NOTE),))


def _clip() -> Workflow:
    nodes = {
        **clip_nodes(),
        7: Node("SapiensPoseSelect", (1540, 60, 320, 370), {"poses": [6, 0], "track_ids": "0"}),
        8: render_node(1910, 60, [7, 0], style="sapiens", color_by_person=True),
        **video_nodes(9, 2280, 8, "sapiens_people"),
        11: Node(
            "SapiensPoseParts",
            (1540, 500, 320, 330),
            {"poses": [7, 0], "image": [3, 0], "part": "face", "missing": "previous"},
        ),
        12: Node("PreviewImage", (1910, 800, 690, 260), {"images": [11, 2]}),
    }
    return Workflow(nodes, (Note((60, 520, 690, 260), CLIP_NOTE),))


def _retarget() -> Workflow:
    nodes = {
        **clip_nodes(),
        7: image_node(60, 880),
        8: Node(
            "ImageScale",
            (430, 880, 320, 180),
            {
                "image": [7, 0],
                "upscale_method": "lanczos",
                "width": 832,
                "height": 480,
                "crop": "center",
            },
        ),
        9: pose_node(800, 880, 2, [8, 0]),
        10: Node(
            "SapiensPoseRetarget",
            (1170, 830, 700, 760),
            {"poses": [6, 0], "reference_poses": [9, 0]},
        ),
        11: render_node(1910, 60, [10, 0]),
        **video_nodes(12, 2280, 11, "sapiens_retarget"),
    }
    groups = (
        Group("1  Driver", (40, -20, 1470, 820), BLUE),
        Group("2  Reference", (40, 810, 1100, 790), GREEN),
    )
    return Workflow(nodes, (Note((60, 500, 690, 280), RETARGET_NOTE),), groups)


def _edit() -> Workflow:
    nodes = {
        1: image_node(60, 260),
        2: loader_node(60, 60),
        3: pose_node(430, 60, 2, [1, 0]),
        4: Node("SapiensPoseEdit", (800, 60, 460, 700), {"poses": [3, 0], "image": [1, 0]}),
        5: render_node(1310, 60, [4, 0]),
        6: Node("SaveImage", (1680, 60, 320, 330), {"images": [5, 0], "filename_prefix": "edited"}),
    }
    return Workflow(nodes, (Note((60, 640, 320, 330), EDIT_NOTE),))


def _identities() -> Workflow:
    nodes = {
        1: Node("LoadVideo", (60, 60, 320, 400), {"file": "your_video.mp4"}),
        2: loader_node(430, 250),
        3: Node("GetVideoComponents", (430, 60, 320, 110), {"video": [1, 0]}),
        4: pose_node(1170, 60, 2, [3, 0], flip_test=False, track_data=[7, 0]),
        5: Node("CheckpointLoaderSimple", (60, 640, 320, 110), {"ckpt_name": SAM3.name}, (SAM3,)),
        6: prompt_node(430, 640, "person"),
        7: Node(
            "SAM3_VideoTrack",
            (800, 640, 320, 200),
            {"images": [3, 0], "model": [5, 0], "conditioning": [6, 0]},
        ),
        8: render_node(1540, 60, [4, 0], color_by_person=True),
        9: Node(
            "SapiensIdentityMasks", (1540, 800, 320, 330), {"poses": [4, 0], "track_data": [7, 0]}
        ),
        **video_nodes(10, 1910, 8, "sapiens_skeletons"),
        12: Node("CreateVideo", (1910, 800, 320, 110), {"images": [9, 0], "fps": [3, 2]}),
        13: Node(
            "SaveVideo",
            (2280, 800, 320, 330),
            {"video": [12, 0], "filename_prefix": "video/sapiens_identities"},
        ),
    }
    groups = (Group("SAM 3: who is who", (40, 560, 1100, 300), GREEN),)
    return Workflow(nodes, (Note((60, 900, 690, 300), IDENTITIES_NOTE),), groups)


WORKFLOWS = {
    "photo_to_skeleton": _skeleton(),
    "photo_to_openpose_controlnet": sd15_with_openpose(),
    "photo_to_sdxl_xinsir": sdxl_with_xinsir(),
    "photo_to_z_image_fun": z_image_with_fun(),
    "all_308_points_to_json": _json(),
    "rtdetr_people_to_sdpose_drawing": _people(),
    "video_to_skeleton_frames": _video(),
    "one_person_of_a_video": _clip(),
    "video_to_another_character": _retarget(),
    "edit_a_pose": _edit(),
    "video_to_wan_animate": wan_animate(),
    "video_to_vace": vace(),
    "video_to_ltx2": ltx2(),
    "people_of_a_video_by_sam3": _identities(),
}
"""Name of the file in ``example_workflows`` to what it holds."""
