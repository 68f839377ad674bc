"""The graphs that help pages begin with, as data: each node at work, with what it is connected to.

``make_help_images.py`` runs them in ComfyUI's page. Nodes stand in two columns, because the column
of the help is narrow.
"""

from __future__ import annotations

from workflow_nodes import Node, Workflow

PHOTO = "000000000785.jpg"
PEOPLE = "o05_three_1024x1024.core_pose.json"
"""POSE_KEYPOINT of three people."""
MINIATURE = "sapiens_miniature_17.safetensors"
WHOLE_IMAGE = "whole image"
LEFT, RIGHT, TOP, WIDTH = 40, 400, 80, 310
POSES = [1, 0]


def _node(kind: str, left: int, top: int, **inputs: object) -> Node:
    """A node that is as high as its widgets want."""
    return Node(kind, (left, top, WIDTH, 60), inputs)


def _people(kind: str, *others: Node, **inputs: object) -> Workflow:
    """Poses from a file as node 1, at the left; the node that takes them as node 2."""
    nodes = (
        _node("SapiensPoseLoad", LEFT, TOP, file=PEOPLE),
        _node(kind, RIGHT, TOP, poses=POSES, **inputs),
        *others,
    )
    return Workflow(dict(enumerate(nodes, 1)), ())


def _text(top: int) -> Node:
    """The text that node 2 gives."""
    return Node("PreviewAny", (LEFT, top, WIDTH, 180), {"source": [2, 0]})


def _photo(left: int, top: int) -> Node:
    return Node("LoadImage", (left, top, WIDTH, 330), {"image": PHOTO})


POSE = Workflow(
    {
        1: _node("SapiensPoseLoader", LEFT, TOP, size=MINIATURE),
        2: _photo(LEFT, TOP + 300),
        3: _node("SapiensPose", RIGHT, TOP, model=[1, 0], image=[2, 0], detector=WHOLE_IMAGE),
    },
    (),
)
LIFTED_ARM = (
    '{"format": "sapiens_edits", "version": 1, "keypoint_set": "coco_17", "canvas": [640, 425], '
    '"people": [{"who": {"order": 0}, "keys": {"0": {"joints": [7, 9, -52, 9, 20, -87]}}}]}'
)
"""Edits of the skier, for the miniature."""
HELP_GRAPHS = {
    "SapiensPosePreprocessor": Workflow(
        {
            1: _photo(LEFT, TOP),
            2: _node(
                "SapiensPosePreprocessor",
                RIGHT,
                TOP,
                image=[1, 0],
                model=MINIATURE,
                detector=WHOLE_IMAGE,
            ),
        },
        (),
    ),
    "SapiensPoseLoader": POSE,
    "SapiensPose": POSE,
    "SapiensPoseOptions": Workflow(
        POSE.nodes
        | {
            3: _node(
                "SapiensPose",
                RIGHT,
                TOP,
                model=[1, 0],
                image=[2, 0],
                detector=WHOLE_IMAGE,
                options=[4, 0],
            ),
            4: _node("SapiensPoseOptions", RIGHT + 350, TOP),
        },
        (),
    ),
    "SapiensPoseSelect": _people("SapiensPoseSelect", sort="left to right", max_people=1),
    "SapiensPoseTrack": _people("SapiensPoseTrack"),
    "SapiensPoseSmooth": _people("SapiensPoseSmooth"),
    "SapiensPoseRetarget": _people(
        "SapiensPoseRetarget",
        _node("SapiensPoseLoad", LEFT, TOP + 330, file=PEOPLE),
        reference_poses=[3, 0],
    ),
    "SapiensPoseEdit": Workflow(
        POSE.nodes
        | {
            4: Node(
                "SapiensPoseEdit",
                (RIGHT + 350, TOP, 460, 720),
                {"poses": [3, 0], "image": [2, 0], "edits": LIFTED_ARM},
            )
        },
        (),
    ),
    "SapiensPoseLibrary": Workflow(
        {
            1: _node("SapiensPoseLibrary", LEFT, TOP, pose="dance_disco"),
            2: _node("SapiensPoseRender", RIGHT, TOP, poses=POSES),
        },
        (),
    ),
    "SapiensPoseParts": _people("SapiensPoseParts", part="hands"),
    "SapiensIdentityMasks": _people("SapiensIdentityMasks"),
    "SapiensPoseConvert": _people("SapiensPoseConvert", _text(TOP + 330)),
    "SapiensWanAnimateInputs": Workflow(
        {
            1: _node("SapiensPoseLoad", LEFT, TOP, file=PEOPLE),
            2: _node("SapiensPoseRender", RIGHT, TOP, poses=POSES),
            3: _node("SapiensWanAnimateInputs", RIGHT + 350, TOP, poses=POSES, image=[2, 0]),
        },
        (),
    ),
    "SapiensPoseRender": _people("SapiensPoseRender", width=512, height=512),
    "SapiensRenderOptions": Workflow(
        {
            1: _node("SapiensPoseLoad", LEFT, TOP, file=PEOPLE),
            2: _node(
                "SapiensRenderOptions", LEFT, TOP + 330, draw_at="twice", face_points="landmarks"
            ),
            3: _node(
                "SapiensPoseRender",
                RIGHT,
                TOP,
                poses=POSES,
                options=[2, 0],
                width=512,
                height=512,
            ),
        },
        (),
    ),
    "SapiensPoseToJSON": _people("SapiensPoseToJSON", _text(TOP + 330), format="sapiens"),
    "SapiensPoseSave": _people("SapiensPoseSave", _text(TOP + 330), filename_prefix="poses/three"),
    "SapiensPoseLoad": _people("SapiensPoseRender", width=512, height=512),
}
"""By node, the graph that its help page begins with."""
