"""Options of files: what is read, and what is written."""

from __future__ import annotations

from ..choices import FORMAT_SUMMARIES
from ..foundation.limits import MAX_RESOLUTION_PX
from .option import Option, OptionTable, Widget

HANDS_SWAPPED = Option(
    "hands_swapped",
    "switch",
    "For poses of ComfyUI's own SDPose node, which exchanges left and right hand.",
    default=False,
    flag="--hands-swapped",
    widget=Widget(advanced=True),
)

SOURCES = OptionTable(
    (
        Option(
            "recursive",
            "switch",
            "Also search the subfolders of folders.",
            default=False,
            flag="--recursive",
        ),
        Option(
            "path_column",
            "text",
            "The column of a Parquet file that has the paths.",
            default="path",
            unit="name",
            flag="--path-column",
        ),
        Option(
            "one_clip",
            "switch",
            "The images are the frames of one clip, in order, as those of a video always are.",
            default=False,
            flag="--clip",
        ),
        Option(
            "every",
            "whole",
            "Take only every n-th frame of a video.",
            default=1,
            least=1,
            most=10**9,
            flag="--every",
        ),
        Option(
            "start",
            "text",
            "Skip the frames of a video before this time, in seconds or as h:mm:ss.",
            default=0.0,
            unit="time",
            flag="--start",
        ),
        Option(
            "end",
            "text",
            "Skip the frames of a video after this time, in seconds or as h:mm:ss.",
            unit="time",
            none="the end of the video",
            flag="--end",
        ),
    )
)

OUTPUTS = OptionTable(
    (
        Option(
            "format",
            "choice",
            "The format of the JSON.",
            default="comfy",
            choices=FORMAT_SUMMARIES,
            flag="--format",
            widget=Widget(),
        ),
        Option(
            "filename_prefix",
            "text",
            "Name of the file. It may have a folder, and placeholders such as %date:yyyy-MM-dd%, "
            "as in Save Image. A counter is added, so that nothing is overwritten.",
            default="poses/pose",
            widget=Widget(),
        ),
        Option(
            "overlay",
            "switch",
            "Also draw the skeleton over the image.",
            default=False,
            flag="--overlay",
        ),
        Option(
            "table",
            "choice",
            "Also write all keypoints as one table.",
            choices={"parquet": "keypoints.parquet, which needs pyarrow", "npz": "keypoints.npz"},
            flag="--table",
        ),
        Option(
            "skip_existing",
            "switch",
            "Skip images and videos whose results exist.",
            default=False,
            flag="--skip-existing",
        ),
        Option(
            "video",
            "choice",
            "Which drawings of a video are written.",
            choices=dict.fromkeys(("skeleton", "overlay", "none"), ""),
            none="skeleton; with --overlay also overlay",
            several=True,
            flag="--video",
        ),
        Option(
            "json",
            "choice",
            "What a JSON file of a video holds.",
            default="clip",
            choices={"clip": "all of its frames", "frame": "one frame"},
            flag="--json",
        ),
    )
)

READING = OptionTable(
    (
        HANDS_SWAPPED,
        *(
            Option(
                side,
                "whole",
                f"The {side} of the image in pixels, for files that do not contain it: COCO, and "
                "those of OpenPose's own program. 0: the image ends at the outermost keypoints.",
                default=0,
                least=0,
                most=MAX_RESOLUTION_PX,
                unit="px",
                widget=Widget(advanced=True, optional=True),
            )
            for side in ("width", "height")
        ),
        Option(
            "canvas_wh",
            "size",
            "Width and height of the images in pixels, for files that do not contain them.",
            none="the image ends at the outermost keypoints",
            flag="--canvas",
        ),
        Option(
            "lossless",
            "switch",
            "Prefer the native keypoints that this package's files carry.",
            default=True,
        ),
        Option(
            "units",
            "choice",
            "The unit of coordinates, for files in which it is not clear.",
            choices={
                None: "",
                "pixels": "of the image",
                "fractions": "0 to 1, as editors and OpenPose's --keypoint_scale 3 write them",
                "plus-minus-one": "-1 to 1, OpenPose's --keypoint_scale 4",
            },
            none="decided from all numbers of the file",
            flag="--units",
            widget=Widget(advanced=True, optional=True, labels={None: "as the numbers tell"}),
        ),
        Option(
            "json",
            "text",
            "JSON text from another node. It is read instead of the file.",
            none="the file is read",
        ),
    )
)

WRITING = OptionTable(
    (
        Option(
            "confidence",
            "choice",
            "The confidence of keypoints in POSE_KEYPOINT.",
            default="binary",
            choices={
                "binary": "1, or 0 for hidden ones, because most readers hide all below 1",
                "raw": "the score",
            },
            flag="--confidence",
        ),
        Option(
            "missing",
            "choice",
            "How missing hands and faces are written in POSE_KEYPOINT.",
            default="zeros",
            choices={"zeros": "in full length", "null": "as comfyui_controlnet_aux writes them"},
            flag="--missing",
        ),
        Option(
            "coords",
            "choice",
            "The unit of coordinates in POSE_KEYPOINT.",
            default="pixels",
            choices={"pixels": "of the image", "normalised": "shares of its width and height"},
            flag="--coords",
        ),
        Option(
            "body",
            "choice",
            "Number of body keypoints in POSE_KEYPOINT.",
            choices={
                None: "",
                18: "as most nodes read it",
                20: "with the middle of the toes of each foot, and five empty rows after them, for "
                "ComfyUI-ProportionChanger",
                25: "OpenPose's BODY_25, with the feet among them",
            },
            none="18, and 25 in the format openpose",
            flag="--body",
        ),
        Option(
            "decimals",
            "whole",
            "Round coordinates to this many decimals, and scores to two more, in every format. 2 "
            "makes files less than half as large.",
            least=0,
            most=12,
            none="all digits are written",
            flag="--decimals",
        ),
        Option(
            "lossless",
            "switch",
            "Also write the model's own keypoints and scores, which this package can read.",
            default=True,
        ),
    )
)

LIBRARY = OptionTable(
    (
        Option(
            "pose",
            "choice",
            "A packaged pose, or one of your own.",
            default="stand_relaxed",
            widget=Widget(
                note="The button shows them all. The editor of Edit Sapiens Pose keeps your own."
            ),
        ),
        *(
            Option(
                side,
                "whole",
                f"The {side} of the canvas in pixels. People are in its middle, as large as fits.",
                default=0,
                least=0,
                most=MAX_RESOLUTION_PX,
                unit="px",
                widget=Widget(note="0: the size of the pose."),
            )
            for side in ("width", "height")
        ),
    )
)

EDITING = OptionTable(
    (
        Option(
            "edits",
            "text",
            "Edits: differences from detected poses, by person and key frame.",
            default="",
            flag="--edits",
            flag_note="A file that holds them.",
            widget=Widget(note="The editor on the node writes them."),
        ),
        Option(
            "hold",
            "switch",
            "Nodes after this one do not run until there is an edit that fits one of the people. "
            "The queue continues.",
            default=False,
            widget=Widget(advanced=True, optional=True),
        ),
    )
)
