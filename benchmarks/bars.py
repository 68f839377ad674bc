"""Stacked bars as an SVG file, without a plotting library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

COLORS = ("#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#9d755d", "#bab0ac")
ROW, LABEL, WIDTH, TOP = 22, 150, 560, 46


def stacked_bars(title: str, rows: Sequence[tuple[str, Mapping[str, float]]], unit: str) -> str:
    """An SVG: one bar a row, one colour a part, all bars to one scale.

    Args:
        title: above everything.
        rows: the name of each bar, and its parts by name, each 0 or more.
        unit: of the numbers.
    """
    names = list(dict.fromkeys(name for _, parts in rows for name in parts))
    colors = dict(zip(names, COLORS * len(names), strict=False))
    greatest = max((sum(parts.values()) for _, parts in rows), default=1) or 1
    height = TOP + ROW * len(rows) + 12
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LABEL + WIDTH + 90} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="100%" height="100%" fill="white"/><text x="8" y="18">{escape(title)}</text>',
    ]
    for place, name in enumerate(names):
        x = LABEL + place * 90
        out.append(f'<rect x="{x}" y="28" width="10" height="10" fill="{colors[name]}"/>')
        out.append(f'<text x="{x + 14}" y="37">{escape(name)}</text>')
    for number, (label, parts) in enumerate(rows):
        y, x = TOP + ROW * number, float(LABEL)
        out.append(f'<text x="{LABEL - 6}" y="{y + 13}" text-anchor="end">{escape(label)}</text>')
        for name, value in parts.items():
            wide = WIDTH * value / greatest
            out.append(
                f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{ROW - 5}" '
                f'fill="{colors[name]}"/>'
            )
            x += wide
        out.append(f'<text x="{x + 5:.1f}" y="{y + 13}">{sum(parts.values()):.1f} {unit}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"
