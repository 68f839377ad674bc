"""The example workflows as data: which nodes each has, where they stand, and what its note says.

``make_workflows.py`` turns them into files of ComfyUI's editor.
"""

from __future__ import annotations

from workflow_nodes import (
    BLUE,
    CONTROLNET,
    DETECTOR,
    GOLD,
    GREEN,
    STABLE_DIFFUSION,
    Group,
    Node,
    Note,
    Workflow,
    image_node,
    loader_node,
    pose_node,
    prompt_node,
    render_node,
)

CONTROLNET_NOTE = """\
## Photo to OpenPose to ControlNet

1. Choose a photo in **Load Image**.
2. Press **Run**. The skeletons appear on **Sapiens Pose**, the ControlNet picture on
   **Render Sapiens Pose**.
3. Change the prompt and run again: the pose is kept, the network does not run a second time.

**Size.** Render draws at 768 x 512, the size of the empty latent. Change both together.

**Only one of several people?** Put *Select Sapiens People* before Render.

**Other models.** Any OpenPose ControlNet works. For xinsir's SDXL ControlNets set *xinsir* on
Render to *sticks*.
"""

JSON_NOTE = """\
## All 308 points as JSON

**Sapiens Pose to JSON** gives text for other nodes; **Save Sapiens Pose** writes the same into
`output/poses`.

| format | take it for |
|---|---|
| `sapiens` | all 308 points with their scores |
| `comfy` | pose editors and nodes with a POSE_KEYPOINT input |
| `openpose` | programs that read OpenPose's files |
| `coco`, `coco-wholebody` | benchmarks |

The style *dense* shows what is in the file.
"""

PEOPLE_NOTE = """\
## Boxes from RT-DETR, drawing by SDPose

ComfyUI's own **RT-DETR** finds the people, **Sapiens Pose** finds each one's pose, and ComfyUI's
own **SDPose** nodes use it: POSE_KEYPOINT fits them as it is. Boxes from any other detector can be
connected in the same way; then *detector* on Sapiens Pose does nothing.

* Somebody missing? Lower *threshold* on RT-DETR.
* Too many boxes? Raise it, and keep *class_name* at *person*.
* The faces are cut out at the bottom right: SDPose finds them in POSE_KEYPOINT.
"""

VIDEO_NOTE = """\
## Video to skeleton frames

1. Choose a clip in **Load Video** and press **Run**. The skeletons become a video with the clip's
   speed and sound, in `output/video`.
2. **Track** knows each person again from frame to frame, **Smooth** takes out the jitter. One
   dancer only? Put *Select Sapiens People* between them.

* Every frame gives a skeleton frame, also where nobody is seen: the clip keeps its length.
* **flip_test** is off: twice as fast, and slightly less exact.
* For Wan, VACE and the like connect Render's *image* to the model's pose or control video.
"""


CLIP_NOTE = """\
## One person of a video, and the face

1. Choose a clip in **Load Video** and press **Run**.
2. **Track Sapiens People** gives everybody a number that stays. *color_by_person* on Render shows
   them: the first colour is number 0.
3. **Smooth Sapiens Poses** takes out the jitter. *strength* is the one knob.
4. **Select Sapiens People** keeps number 0. Empty *track_ids* to keep all.
5. **Sapiens Body Parts** cuts out one face a frame, as WanAnimate and face detailers want it.

For a ControlNet turn *color_by_person* off, and take the style *openpose*.
"""

RETARGET_NOTE = """\
## A video's motion on another character

1. Choose the driving clip in **Load Video** and a photo of the character in **Load Image**: standing,
   seen from the front, arms and legs visible.
2. Press **Run**. **Retarget Sapiens Poses** shows driver, reference and result side by side; the
   skeleton video goes into `output/video`.
3. For **Wan Animate** connect Render's *image* to `pose_video`, and the photo to `reference_image`.
   For SteadyDancer and One-to-All it is the pose video in the same way.

* The skeleton starts where the character stands, in its size. To replace the driver in the driving
  clip itself, set *placement* to *as the driver*.
* Does the character's head become a mask? Turn *face* off.
* For a ControlNet per frame the same skeleton frames fit.
"""


def _controlnet() -> Workflow:
    text = "a skier on a snowy mountain, red jacket, sunny day, film photo"
    nodes = {
        1: image_node(60, 260),
        2: loader_node(60, 60),
        3: pose_node(430, 60, 2, [1, 0]),
        4: render_node(800, 60, [3, 0], width=768, height=512),
        5: Node(
            "CheckpointLoaderSimple",
            (60, 910, 320, 100),
            {"ckpt_name": STABLE_DIFFUSION.name},
            (STABLE_DIFFUSION,),
        ),
        6: prompt_node(430, 910, text),
        7: prompt_node(430, 1100, "blurry, deformed, text, watermark"),
        8: Node(
            "ControlNetLoader",
            (60, 1070, 320, 60),
            {"control_net_name": CONTROLNET.name},
            (CONTROLNET,),
        ),
        9: Node(
            "ControlNetApplyAdvanced",
            (800, 910, 320, 190),
            {"positive": [6, 0], "negative": [7, 0], "control_net": [8, 0], "image": [4, 0]},
        ),
        10: Node("EmptyLatentImage", (800, 1170, 320, 110), {"width": 768, "height": 512}),
        11: Node(
            "KSampler",
            (1170, 910, 320, 270),
            {
                "model": [5, 0],
                "positive": [9, 0],
                "negative": [9, 1],
                "latent_image": [10, 0],
                "seed": 785,
                "cfg": 7.0,
                "sampler_name": "dpmpp_2m",
                "scheduler": "karras",
            },
        ),
        12: Node("VAEDecode", (1170, 1240, 320, 50), {"samples": [11, 0], "vae": [5, 2]}),
        13: Node(
            "SaveImage",
            (1540, 910, 320, 380),
            {"images": [12, 0], "filename_prefix": "sapiens_pose"},
        ),
    }
    groups = (
        Group("1  Pose", (40, -20, 1100, 840), BLUE),
        Group("2  ControlNet and picture", (40, 830, 1840, 490), GREEN),
    )
    return Workflow(nodes, (Note((1170, 60, 690, 220), CONTROLNET_NOTE),), groups)


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
        1: Node("LoadVideo", (60, 60, 320, 400), {"file": "your_video.mp4"}),
        2: loader_node(430, 250),
        3: Node("GetVideoComponents", (430, 60, 320, 110), {"video": [1, 0]}),
        4: pose_node(800, 60, 2, [3, 0], flip_test=False),
        5: Node("SapiensPoseTrack", (1170, 60, 320, 250), {"poses": [4, 0]}),
        6: Node("SapiensPoseSmooth", (1170, 380, 320, 230), {"poses": [5, 0]}),
        7: render_node(1540, 60, [6, 0]),
        8: Node(
            "CreateVideo", (1910, 60, 320, 110), {"images": [7, 0], "fps": [3, 2], "audio": [3, 1]}
        ),
        9: Node(
            "SaveVideo",
            (1910, 240, 320, 440),
            {"video": [8, 0], "filename_prefix": "video/sapiens_pose"},
        ),
    }
    return Workflow(nodes, (Note((60, 520, 690, 220), VIDEO_NOTE),))


def _clip() -> Workflow:
    nodes = {
        1: Node("LoadVideo", (60, 60, 320, 400), {"file": "your_video.mp4"}),
        2: loader_node(430, 250),
        3: Node("GetVideoComponents", (430, 60, 320, 110), {"video": [1, 0]}),
        4: pose_node(800, 60, 2, [3, 0], flip_test=False),
        5: Node("SapiensPoseTrack", (1170, 60, 320, 300), {"poses": [4, 0]}),
        6: Node("SapiensPoseSmooth", (1170, 430, 320, 290), {"poses": [5, 0]}),
        7: Node("SapiensPoseSelect", (1540, 60, 320, 370), {"poses": [6, 0], "track_ids": "0"}),
        8: render_node(1910, 60, [7, 0], style="sapiens", color_by_person=True),
        9: Node(
            "CreateVideo", (2280, 60, 320, 110), {"images": [8, 0], "fps": [3, 2], "audio": [3, 1]}
        ),
        10: Node(
            "SaveVideo",
            (2280, 240, 320, 440),
            {"video": [9, 0], "filename_prefix": "video/sapiens_people"},
        ),
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
        1: Node("LoadVideo", (60, 60, 320, 400), {"file": "your_video.mp4"}),
        2: loader_node(430, 250),
        3: Node("GetVideoComponents", (430, 60, 320, 110), {"video": [1, 0]}),
        4: pose_node(800, 60, 2, [3, 0], flip_test=False),
        5: Node("SapiensPoseTrack", (1170, 60, 320, 250), {"poses": [4, 0]}),
        6: Node("SapiensPoseSmooth", (1170, 380, 320, 230), {"poses": [5, 0]}),
        7: image_node(60, 830),
        8: pose_node(800, 830, 2, [7, 0]),
        9: Node(
            "SapiensPoseRetarget",
            (1170, 680, 700, 850),
            {"poses": [6, 0], "reference_poses": [8, 0]},
        ),
        10: render_node(1910, 60, [9, 0]),
        11: Node(
            "CreateVideo",
            (2280, 60, 320, 110),
            {"images": [10, 0], "fps": [3, 2], "audio": [3, 1]},
        ),
        12: Node(
            "SaveVideo",
            (2280, 240, 320, 440),
            {"video": [11, 0], "filename_prefix": "video/sapiens_retarget"},
        ),
    }
    groups = (
        Group("1  Driver", (40, -20, 1470, 790), BLUE),
        Group("2  Reference", (40, 780, 1100, 770), GREEN),
    )
    return Workflow(nodes, (Note((60, 500, 690, 240), RETARGET_NOTE),), groups)


WORKFLOWS = {
    "photo_to_openpose_controlnet": _controlnet(),
    "all_308_points_to_json": _json(),
    "rtdetr_people_to_sdpose_drawing": _people(),
    "video_to_skeleton_frames": _video(),
    "one_person_of_a_video": _clip(),
    "video_to_another_character": _retarget(),
}
"""Name of the file in ``example_workflows`` to what it holds."""


def _saving_help() -> Workflow:
    """A pose, as text and saved; one node below the other, for ComfyUI's narrow help column."""
    nodes = {
        1: image_node(60, 260),
        2: loader_node(60, 60),
        3: pose_node(430, 60, 2, [1, 0]),
        4: Node(
            "SapiensPoseSave",
            (800, 60, 360, 90),
            {"poses": [3, 0], "filename_prefix": "poses/%date:yyyy-MM-dd%/skier"},
        ),
        5: Node("PreviewAny", (800, 200, 360, 110), {"source": [4, 0]}),
        6: Node("SapiensPoseToJSON", (1200, 60, 360, 70), {"poses": [3, 0], "format": "sapiens"}),
        7: Node("PreviewAny", (1200, 180, 360, 220), {"source": [6, 0]}),
    }
    return Workflow(nodes, ())


def _loading_help() -> Workflow:
    nodes = {
        1: Node("SapiensPoseLoad", (60, 60, 360, 100), {"file": "skier.json"}),
        2: Node("SapiensPoseRender", (60, 230, 360, 680), {"poses": [1, 0]}),
    }
    return Workflow(nodes, ())


HELP: tuple[tuple[Workflow, dict[str, list[int]]], ...] = (
    (_saving_help(), {"SapiensPoseSave": [4, 5], "SapiensPoseToJSON": [6, 7]}),
    (_loading_help(), {"SapiensPoseLoad": [1, 2]}),
)
"""Graphs that show nodes at work, and which of their nodes each help page shows."""
