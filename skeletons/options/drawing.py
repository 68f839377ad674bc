"""Options of drawing: which keypoints are shown, and how."""

from __future__ import annotations

from dataclasses import replace

from ..choices import (
    BACKGROUND_SUMMARIES,
    CUSTOM,
    DRAW_AT_SUMMARIES,
    FACE_POINT_SUMMARIES,
    LAYOUT_SUMMARIES,
    MODEL_SUMMARIES,
    PAINT_ORDER_SUMMARIES,
    RESIZE_BY_SUMMARIES,
    STYLE_SUMMARIES,
    STYLE_TITLES,
    TOE_LIMB_SUMMARIES,
    WIDTH_RULE_SUMMARIES,
    XINSIR_SUMMARIES,
)
from ..foundation.limits import MAX_COUNT, MAX_RESOLUTION_PX, MAX_WIDTH_PX
from .files import HANDS_SWAPPED
from .option import SCORE_THRESHOLD, Option, OptionTable, Widget

_KEPT = "The output 'poses' keeps them, with their scores."
_OWN_NODE = Widget(optional=True)
"""Of options that have a node of their own, Sapiens Render Options."""

_SLIDER = Widget(least=0, most=1, step=0.01, advanced=True, note=_KEPT)

SHOWN = OptionTable(
    (
        replace(
            SCORE_THRESHOLD,
            text="Body keypoints with a lower score are hidden.",
            attribute="body_threshold",
            widget=replace(_SLIDER, advanced=False),
        ),
        *(
            replace(
                SCORE_THRESHOLD,
                name=f"{part}_threshold",
                text=f"{keypoints} with a lower score are hidden.",
                flag=f"--{part}-threshold",
                widget=_SLIDER,
            )
            for part, keypoints in {
                "hands": "Keypoints of hands",
                "face": "Keypoints of faces",
                "feet": "Toes and heels",
            }.items()
        ),
        Option(
            "neck_threshold",
            "score",
            "The neck is shown if both shoulders score higher.",
            none="as body_threshold",
        ),
        Option("feet", "switch", "Show toes and heels.", default=True),
        Option("hands", "switch", "Show hands.", default=True),
        Option("face", "switch", "Show faces.", default=True),
        *(
            Option(f"min_{part}_keypoints", "whole", text, default=1, least=0, most=MAX_COUNT)
            for part, text in {
                "hand": "A hand with fewer visible keypoints is hidden as a whole.",
                "face": "A face with fewer visible keypoints, of its 68 landmarks, is hidden as a "
                "whole.",
                "person": "A person with fewer visible body keypoints is left out of the frame.",
            }.items()
        ),
        Option(
            "face_jaw",
            "choice",
            "What to do with the jaw, which 308 keypoints lack and which is made up from ears, "
            "eyes, nose and chin.",
            default="hidden",
            choices={
                "hidden": "in files for readers that mask faces, but not visible",
                "drawn": "visible, as in faces of DWPose",
                "none": "left out",
            },
            flag="--face-jaw",
        ),
    )
)

DRAWING = OptionTable(
    (
        Option(
            "style",
            "choice",
            "How the skeleton is drawn.",
            default="openpose",
            choices=STYLE_SUMMARIES,
            flag="--style",
            widget=Widget(choice_titles=STYLE_TITLES),
        ),
        *(
            Option(
                part,
                "switch",
                text,
                default=True,
                attribute=f"draw_{part}",
                flag=f"--{part}",
                widget=Widget(),
            )
            for part, text in {
                "body": "Draw trunk, arms, legs and head.",
                "hands": "Draw the fingers.",
                "face": "Draw brows, eyes, nose and mouth.",
            }.items()
        ),
        Option(
            "feet",
            "switch",
            "Draw toes and heels. Most OpenPose ControlNets were trained without feet.",
            none="in all styles but openpose and core",
            attribute="draw_feet",
            flag="--feet",
            widget=Widget(default=False),
        ),
        replace(
            SCORE_THRESHOLD,
            text="Keypoints with a lower score are not drawn.",
            flag="--score-threshold",
            widget=Widget(least=0, most=1, step=0.01),
        ),
        *(
            Option(
                side,
                "whole",
                f"{side.capitalize()} of the drawing in pixels. 0: in proportion to the other "
                "side. If both are 0, the drawing has the size of the image.",
                default=0,
                least=0,
                most=MAX_RESOLUTION_PX,
                unit="px",
                widget=Widget(title=f"{side} (0 = image)"),
            )
            for side in ("width", "height")
        ),
        Option(
            "layout",
            "choice",
            "How the image is fitted into a drawing of other proportions.",
            default="fit",
            choices=LAYOUT_SUMMARIES,
            flag="--layout",
            widget=Widget(advanced=True),
        ),
        Option(
            "background",
            "choice",
            "What is behind the skeleton.",
            default="black",
            choices=BACKGROUND_SUMMARIES,
            flag="--background",
            widget=Widget(advanced=True),
        ),
        Option(
            "image_opacity",
            "number",
            "Opacity of the image, if it is the background. 0: black.",
            default=1.0,
            least=0,
            most=1,
            flag="--image-opacity",
            widget=Widget(step=0.05, advanced=True),
        ),
        Option(
            "line_width",
            "number",
            "Width of the lines in pixels.",
            least=0,
            most=MAX_WIDTH_PX,
            unit="px",
            none="the style's own",
            flag="--line-width",
            widget=Widget(
                most=200,
                step=0.5,
                none_at=0,
                advanced=True,
                note="0 uses the style's own width.",
                title="line_width (0 = style)",
            ),
        ),
        Option(
            "point_radius",
            "number",
            "Radius of the dots of body and hands in pixels; below 1 they have the smallest size.",
            least=0,
            most=MAX_WIDTH_PX,
            unit="px",
            none="the style's own",
            flag="--point-radius",
            widget=Widget(
                least=-1,
                most=200,
                step=0.5,
                none_at=-1,
                advanced=True,
                note="-1 uses the style's own radius.",
                title="point_radius (-1 = style)",
            ),
        ),
        Option(
            "face_point_radius",
            "number",
            "Radius of the dots of faces in pixels; below 1 they have the smallest size.",
            least=0,
            most=MAX_WIDTH_PX,
            unit="px",
            none="the style's own",
            flag="--face-point-radius",
        ),
        Option(
            "relative_size",
            "switch",
            "Scale lines and dots with the drawing. They have the set size if its short side has "
            "512 pixels.",
            default=False,
            flag="--relative-size",
            widget=Widget(advanced=True),
        ),
        Option(
            "xinsir",
            "choice",
            "For xinsir's SDXL ControlNets, which expect thicker limbs.",
            default="off",
            choices=XINSIR_SUMMARIES,
            flag="--xinsir",
            widget=Widget(advanced=True, title="xinsir (limbs for SDXL)"),
        ),
        Option(
            "color_by_person",
            "switch",
            "One colour per person instead of per limb. Not for ControlNets.",
            default=False,
            flag="--color-by-person",
            widget=Widget(advanced=True),
        ),
        replace(HANDS_SWAPPED, flag=None),
        Option(
            "canvas_wh",
            "size",
            "Width and height of the drawing in pixels.",
            none="those of the image",
            flag="--size",
        ),
        Option(
            "detect_resolution",
            "whole",
            "Resize the finished drawing to this short side in pixels, as DWPose does. 0: keep it, "
            "which is better for ControlNets.",
            default=0,
            least=0,
            most=MAX_RESOLUTION_PX,
            unit="px",
            flag="--detect-resolution",
            widget=Widget(advanced=True, optional=True),
        ),
        Option(
            "for_model",
            "choice",
            "Draw exactly what a model was trained on. Its style, widths, thresholds and colours "
            "are fixed; body, head, hands and face can be turned off.",
            default=CUSTOM,
            choices=MODEL_SUMMARIES,
            flag="--for-model",
            widget=Widget(optional=True),
        ),
        Option(
            "opacity",
            "number",
            "Opacity of dots and lines in the styles that blend.",
            default=0.8,
            least=0,
            most=1,
            flag="--opacity",
        ),
        Option(
            "hand_line_width",
            "number",
            "Width of the lines of hands in pixels.",
            least=0,
            most=MAX_WIDTH_PX,
            unit="px",
            none="the style's own",
            flag="--hand-line-width",
            widget=replace(
                _OWN_NODE,
                most=200,
                step=0.5,
                none_at=0,
                note="0 uses the style's own width.",
                title="hand_line_width (0 = style)",
            ),
        ),
        Option(
            "head",
            "switch",
            "Draw nose, eyes and ears of the body.",
            default=True,
            attribute="draw_head",
            flag="--head",
            widget=_OWN_NODE,
        ),
        *(
            Option(
                name,
                "switch",
                text,
                default=False,
                flag=f"--{name.replace('_', '-')}",
                widget=_OWN_NODE,
            )
            for name, text in {
                "dim_by_score": "Draw keypoints as bright as their scores, and limbs as bright as "
                "the product of two scores.",
                "exchange_red_blue": "Exchange red and blue, for models that were trained so.",
            }.items()
        ),
        *(
            Option(
                name,
                "choice",
                text,
                default=next(iter(choices)),
                choices=choices,
                flag=f"--{name.replace('_', '-')}",
                widget=_OWN_NODE,
            )
            for name, text, choices in (
                ("width_rule", "How widths depend on the size drawn.", WIDTH_RULE_SUMMARIES),
                (
                    "toe_limbs",
                    "Draw limbs from the ankles to the middle between big and small toe.",
                    TOE_LIMB_SUMMARIES,
                ),
                ("face_points", "Which points of a face are drawn.", FACE_POINT_SUMMARIES),
                ("paint_order", "The order of painting several people.", PAINT_ORDER_SUMMARIES),
                ("draw_at", "The size to draw at, before resizing.", DRAW_AT_SUMMARIES),
                ("resize_by", "How to resize from the size in draw_at.", RESIZE_BY_SUMMARIES),
            )
        ),
    )
)
