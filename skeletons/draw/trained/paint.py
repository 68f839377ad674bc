"""Painting people as one model's makers do: layer by layer or person by person."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import astuple
from functools import lru_cache

import cv2
import numpy as np

from ...keypoint_sets import HEAD, OPENPOSE_136, Color
from ..options import Canvas
from ..painter import limb_polygon, openpose_joints, openpose_links
from .people import LEFT_TOE, RIGHT_TOE, Person
from .rows import Look, Toes
from .rules import SizeWh, Widths

LIMB_BRIGHTNESS = 0.6
"""Brightness of limbs, as a fraction of their colour, after they are dimmed by scores."""

HeldHand = tuple[Person, str]
"""A person, and which of the person's hands."""
ColoredLimb = tuple[int, int, Color]
ColoredDot = tuple[int, Color]
FloatInk = tuple[float, float, float, int]
"""Red, green, blue and coverage as they are painted; OpenCV rounds them."""

_LIMBS: list[ColoredLimb] = [
    (start, end, color[:3]) for start, end, color in openpose_links("body")
]
_DOTS: list[ColoredDot] = [
    (joint, color[:3]) for joint, color in openpose_joints("body", "left_foot", "right_foot")
]
_HEAD = {OPENPOSE_136.index(name) for name in HEAD}
_FINGERS = {
    hand: [(start, end) for start, end, _ in openpose_links(hand)]
    for hand in ("left_hand", "right_hand")
}
_HAND_JOINTS = {hand: OPENPOSE_136.part_indices(hand).tolist() for hand in _FINGERS}
_FACE = OPENPOSE_136.part_indices("face").tolist()
_HUES = [colorsys.hsv_to_rgb(i / 20, 1.0, 1.0) for i in range(20)]
"""Colours of the lines of a hand; OpenCV rounds them, after they are dimmed."""
_BLUE, _WHITE = (0, 0, 255), (255, 255, 255)


def paint(people: Sequence[Person], look: Look, canvas_wh: SizeWh) -> Canvas:
    """(H, W, 4) uint8: RGB on black, and coverage, as ``look`` says."""
    canvas = np.zeros((canvas_wh[1], canvas_wh[0], 4), np.uint8)
    paint_onto(canvas, people, look, look.widths(canvas_wh))
    return canvas


def paint_onto(canvas: Canvas, people: Sequence[Person], look: Look, widths: Widths) -> None:
    """Paints people in place; for the order ``added`` the canvas has to be black."""
    hands = [(person, hand) for hand in look.hands for person in people]
    if look.order == "by layer":
        _paint_group(canvas, people, hands, look, widths)
    elif look.order == "by person":
        for person in people:
            own = [(person, hand) for hand in look.hands]
            _paint_group(canvas, [person], own, look, widths)
    else:
        layer = np.zeros_like(canvas)
        for index, person in enumerate(people):
            dealt = hands[2 * index : 2 * index + 2]
            _paint_group(layer, [person], dealt, look, widths)
            _add(canvas, layer, _extent([person, *(owner for owner, _ in dealt)], widths))


def _extent(people: Sequence[Person], widths: Widths) -> tuple[slice, slice]:
    """Rows and columns that hold everything that is drawn of some people."""
    margin = 2 + max(astuple(widths))
    drawn = [
        pixel
        for person in people
        for pixel, is_shown in zip(person.pixels, person.shown, strict=True)
        if is_shown
    ]
    if not drawn:
        return slice(0), slice(0)
    columns, rows = zip(*drawn, strict=True)
    extent = [
        slice(max(0, min(axis) - margin), max(0, max(axis) + margin)) for axis in (rows, columns)
    ]
    return extent[0], extent[1]


def _add(canvas: Canvas, layer: Canvas, extent: tuple[slice, slice]) -> None:
    """Adds the colours of a layer, which wrap round, and covers what it covers; clears it."""
    below, above = canvas[extent], layer[extent]
    if below.size:
        covered = cv2.max(below, above)
        below += above
        cv2.mixChannels([covered], [below], [3, 3])
        above[:] = 0


def _paint_group(
    canvas: Canvas,
    people: Sequence[Person],
    hands: Sequence[HeldHand],
    look: Look,
    widths: Widths,
) -> None:
    """Every limb of everybody, every dot, the hands, and the faces on top."""
    for limb in _limbs(look.joints, look.toes):
        for person in people:
            _paint_limb(canvas, person, limb, look, widths.limb)
    for joint, color in _dots(look.joints, look.toes):
        is_black = look.head_limbs < 1 and joint in _HEAD
        for person in people:
            if person.shown[joint]:
                share = 0.0 if is_black else person.shares[joint]
                dot = _dot_ink(person.own or color, share, look.exchanged)
                cv2.circle(canvas, person.pixels[joint], widths.dot, dot, cv2.FILLED)
    for person, hand in hands:
        _paint_hand(canvas, person, hand, look, widths)
    face = [_FACE[number] for number in look.face]
    for person in people:
        for joint in face:
            if person.shown[joint]:
                color = person.own or _WHITE
                dot = _face_ink(color, person.shares[joint], look.face_dots, look.exchanged)
                cv2.circle(canvas, person.pixels[joint], widths.face_dot, dot, cv2.FILLED)


@lru_cache
def _limbs(joints: frozenset[str], toes: Toes | None) -> list[ColoredLimb]:
    names = OPENPOSE_136.names
    limbs = [limb for limb in _LIMBS if {names[limb[0]], names[limb[1]]} <= joints]
    if toes:
        left, right = OPENPOSE_136.index("left_ankle"), OPENPOSE_136.index("right_ankle")
        limbs.append((left, LEFT_TOE, toes.left_limb))
        limbs.append((right, RIGHT_TOE, toes.right_limb))
    return limbs


@lru_cache
def _dots(joints: frozenset[str], toes: Toes | None) -> list[ColoredDot]:
    dots = [dot for dot in _DOTS if OPENPOSE_136.names[dot[0]] in joints]
    if toes:
        dots.append((LEFT_TOE, toes.left_dot))
        dots.append((RIGHT_TOE, toes.right_dot))
    return dots


def _paint_limb(
    canvas: Canvas, person: Person, limb: ColoredLimb, look: Look, half_width: int
) -> None:
    start, end, color = limb
    if not (person.shown[start] and person.shown[end]):
        return
    if look.head_limbs < 1 and not _HEAD.isdisjoint((start, end)):
        share = look.head_limbs
    else:
        share = person.shares[start] * person.shares[end]
    polygon = limb_polygon(person.exact[start], person.exact[end], half_width)
    cv2.fillConvexPoly(canvas, polygon, _limb_ink(person.own or color, share, look.exchanged))


def _paint_hand(canvas: Canvas, person: Person, hand: str, look: Look, widths: Widths) -> None:
    shown, pixels, shares = person.shown, person.pixels, person.shares
    for number, (start, end) in enumerate(_FINGERS[hand]):
        if shown[start] and shown[end]:
            share = shares[start] * shares[end]
            if person.own:
                line = _dot_ink(person.own, share, look.exchanged)
            else:
                line = _finger_ink(number, int(share * 255), look.exchanged)
            cv2.line(canvas, pixels[start], pixels[end], line, widths.hand_line)
    for joint in _HAND_JOINTS[hand]:
        if shown[joint]:
            dot = _dot_ink(person.own or _BLUE, shares[joint], look.exchanged)
            cv2.circle(canvas, pixels[joint], widths.hand_dot, dot, cv2.FILLED)


# Colours that no score dims come again for every person and frame: looked up, they take half the
# time.


@lru_cache(maxsize=1024)
def _limb_ink(color: Color, share: float, exchanged: bool) -> FloatInk:
    red, green, blue = (int(int(channel * share) * LIMB_BRIGHTNESS) for channel in color)
    return _ink((red, green, blue), exchanged)


@lru_cache(maxsize=1024)
def _dot_ink(color: Color, share: float, exchanged: bool) -> FloatInk:
    red, green, blue = (int(channel * share) for channel in color)
    return _ink((red, green, blue), exchanged)


@lru_cache(maxsize=1024)
def _face_ink(color: Color, share: float, face_dots: float, exchanged: bool) -> FloatInk:
    red, green, blue = (int(int(channel * share) * face_dots) for channel in color)
    return _ink((red, green, blue), exchanged)


@lru_cache(maxsize=1024)
def _finger_ink(number: int, level: int, exchanged: bool) -> FloatInk:
    red, green, blue = (part * level for part in _HUES[number])
    return _ink((red, green, blue), exchanged)


def _ink(rgb: tuple[float, float, float], exchanged: bool) -> FloatInk:
    """``rgb`` as it is painted, with the coverage: exchanged where the model wants it so."""
    red, green, blue = rgb
    return (blue, green, red, 255) if exchanged else (red, green, blue, 255)
