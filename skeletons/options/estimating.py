"""Options of estimating: which network runs, and how it looks at a person.

Menus of models and files are filled where they are shown: which there are stands in
``sapiens_core/checkpoints/zoo.py`` and on the disk.
"""

from __future__ import annotations

from dataclasses import replace

from ..foundation.limits import MAX_COUNT, MAX_CROP_SIDE, MAX_PER_PASS
from .drawing import DRAWING
from .option import Option, OptionTable, Widget

MODEL = OptionTable(
    (
        Option(
            "size",
            "choice",
            "The model. A larger one is more accurate, but slower, and needs more memory.",
            flag="--model",
            widget=Widget(),
        ),
        Option(
            "keypoints",
            "choice",
            "What the model finds on each person. 308 keypoints cover body, feet, hands and a "
            "dense face. They also give the OpenPose skeleton, and need no account to download. "
            "Sapiens2 models have only 308 keypoints.",
            default=308,
            flag="--keypoints",
            widget=Widget(),
        ),
        Option(
            "precision",
            "choice",
            "Number format of the network. 'auto': bf16 where GPU or CPU has it, otherwise fp32.",
            default="auto",
            choices=dict.fromkeys(("auto", "fp32", "bf16", "fp16"), ""),
            attribute="dtype",
            flag="--dtype",
            widget=Widget(),
        ),
        Option(
            "checkpoint",
            "choice",
            "Use any Sapiens checkpoint in models/sapiens instead of the official file; size and "
            "keypoints are then read from it.",
            widget=Widget(advanced=True),
        ),
        Option(
            "download",
            "switch",
            "Download the official file if it is not on disk yet.",
            default=True,
            widget=Widget(advanced=True),
        ),
        Option(
            "weights",
            "path",
            "Use this checkpoint instead of an official one: a file of any kind, or the folder of "
            "a model that was saved in several files.",
            flag="--weights",
        ),
        Option(
            "models_dir",
            "path",
            "Folder for official weights. They are searched for in it and its subfolders, and "
            "downloaded to it.",
            unit="dir",
            none="models/sapiens",
            flag="--models-dir",
        ),
        Option(
            "input_size_hw",
            "text",
            "Height and width of a person's crop in pixels, multiples of 16, at most "
            f"{MAX_CROP_SIDE}.",
            unit="HxW",
            none="what the model was trained at",
            flag="--input-size",
        ),
        Option(
            "num_heads",
            "whole",
            "Attention heads of the network, for --weights of an unusual width.",
            least=1,
            most=MAX_COUNT,
            none="follows from the width",
            flag="--num-heads",
        ),
        Option(
            "compile",
            "switch",
            "Let PyTorch compile the network. This takes a minute or more before the first image "
            "and is faster from then on; worth it for many images on a GPU.",
            default=False,
            flag="--compile",
        ),
    )
)

ESTIMATING = OptionTable(
    (
        Option(
            "flip_test",
            "switch",
            "Also look at the mirrored person and average both, as Meta's code does. Keypoints "
            "get slightly better, in twice the time.",
            default=True,
            attribute="flip",
            flag="--flip",
            widget=Widget(),
        ),
        Option(
            "batch_size",
            "whole",
            "People in one pass through the network. More is faster on a GPU and takes more "
            "memory.",
            default=4,
            least=1,
            most=MAX_PER_PASS,
            flag="--batch-size",
            widget=Widget(
                least=0,
                most=64,
                default=0,
                none_at=0,
                advanced=True,
                note="0 takes as many as fit into memory; on a CPU one, or two without flip_test.",
                title="batch_size (0 = what fits)",
            ),
        ),
        Option(
            "refine",
            "choice",
            "Look at each face or hand a second time, close up, and keep the better result. It "
            "takes one more pass per part, and needs a model with 133 or 308 keypoints.",
            default="off",
            choices=dict.fromkeys(("off", "face", "hands", "both"), ""),
            flag="--refine",
            widget=Widget(labels={"both": "face and hands"}, optional=True),
        ),
        Option(
            "dim_others",
            "number",
            "With masks: how much other people are darkened while one person is looked at. 0 "
            "leaves them as they are, 1 makes them black.",
            default=0.5,
            least=0,
            most=1,
            flag="--dim-others",
            widget=Widget(step=0.01, advanced=True, optional=True),
        ),
    )
)

_SWITCH = {True: "enable", False: "disable"}
"""As in DWPose's nodes, so that a graph in which ours takes their place keeps what was chosen."""

PREPROCESSING = OptionTable(
    (
        replace(
            MODEL["size"],
            name="model",
            text="The model, with its keypoints and file size. A larger one is more accurate, but "
            "slower, and needs more memory. A model that is not in models/sapiens is "
            "downloaded.",
            flag=None,
        ),
        *(
            replace(
                DRAWING[name],
                kind="choice",
                choices=dict.fromkeys(_SWITCH, ""),
                default=name != "feet",
                flag=None,
                none="",
                widget=Widget(labels=_SWITCH),
            )
            for name in ("body", "hands", "face", "feet")
        ),
        replace(
            DRAWING["detect_resolution"],
            name="resolution",
            attribute="detect_resolution",
            text="Resize the finished drawing to this short side in pixels, as DWPose does. 0: the "
            "size of the image, which is better for ControlNets.",
            flag=None,
            widget=Widget(step=64, title="resolution (0 = image)"),
        ),
    )
)
"""Options of the node that does everything at once: few, and as those who know DWPose expect."""
