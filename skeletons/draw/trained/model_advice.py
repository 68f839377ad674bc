"""What a model cannot take as it was drawn: a sentence about each, for the user to read."""

from __future__ import annotations

from ...pose import Frame
from ..options import DrawOptions
from .rows import MODELS
from .rules import SizeWh


def advice(frame: Frame, options: DrawOptions) -> list[str]:
    """Sentences about people, size and parts of a frame that the model was not trained on.

    None if all is well, or if ``options`` are for no model.
    """
    look = MODELS.get(options.for_model)
    if look is None:
        return []
    name, sentences = options.for_model, []
    count = len(frame.found_poses)
    if look.one_person and count > 1:
        sentences.append(
            f"{name} was trained on one person per image, and there are {count}: all are drawn. "
            "Choose one of them first."
        )
    width, height = canvas_wh = options.canvas_wh or frame.canvas_wh
    if width % look.sides or height % look.sides:
        sentences.append(
            f"{name} takes sides that are multiples of {look.sides} pixels, and the drawing has "
            f"{width} x {height}: the model's node will cut or stretch it. Draw at "
            "{} x {}.".format(*sampler_size(name, canvas_wh))
        )
    if look.sizes_wh and not _is_one_of(canvas_wh, look.sizes_wh):
        sizes = " or ".join(f"{long} x {short}" for long, short in look.sizes_wh)
        sentences.append(
            f"{name} was trained on {sizes} pixels, lying or standing, and the drawing has "
            f"{width} x {height}."
        )
    if options.draw_feet and not look.toes:
        sentences.append(f"{name} was trained without feet, so none are drawn.")
    return sentences


def explain_size(for_model: str, canvas_wh: SizeWh) -> str:
    """A sentence about a drawing that is made at another size than asked; empty if there is none.

    Args:
        for_model: a model's name, or ``custom``.
        canvas_wh: the size asked for.
    """
    look = MODELS.get(for_model)
    if look is None or look.drawn_at(canvas_wh) == canvas_wh:
        return ""
    drawn, finished = (
        f"{width} x {height}" for width, height in (look.drawn_at(canvas_wh), canvas_wh)
    )
    return f"{for_model} is drawn at {drawn} pixels and resized to {finished}, as its makers do."


def sampler_size(for_model: str, canvas_wh: SizeWh) -> SizeWh:
    """Width and height for the node of a model: the drawing's, cut to what the model takes."""
    look = MODELS.get(for_model)
    sides = look.sides if look else 1
    width, height = (max(sides, side // sides * sides) for side in canvas_wh)
    return width, height


def _is_one_of(size_wh: SizeWh, sizes_wh: tuple[SizeWh, ...]) -> bool:
    return (max(size_wh), min(size_wh)) in sizes_wh
