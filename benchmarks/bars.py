"""Stacked bars as an SVG file, without a plotting library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

COLORS = ("#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#9d755d", "#bab0ac")
ROW, LABEL, WIDTH, TOP = 22, 150, 560, 46


def stacked_bars(title: str, rows: Sequence[tuple[str, Mapping[str, float]]], unit: str) -> str:
    """An SVG: one bar per row, one colour per segment, all bars to the same scale.

    Args:
        title: text above the bars.
        rows: the name of each bar, and its segments by name, of 0 or more.
        unit: unit of the segments.
    """
    names = list(dict.fromkeys(name for _, segments in rows for name in segments))
    colors = dict(zip(names, COLORS * len(names), strict=False))
    largest = max((sum(segments.values()) for _, segments in rows), default=1) or 1
    height = TOP + ROW * len(rows) + 12
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LABEL + WIDTH + 90} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="100%" height="100%" fill="white"/><text x="8" y="18">{escape(title)}</text>',
    ]
    for index, name in enumerate(names):
        x = LABEL + index * 90
        lines.append(f'<rect x="{x}" y="28" width="10" height="10" fill="{colors[name]}"/>')
        lines.append(f'<text x="{x + 14}" y="37">{escape(name)}</text>')
    for number, (label, segments) in enumerate(rows):
        y, x = TOP + ROW * number, float(LABEL)
        lines.append(f'<text x="{LABEL - 6}" y="{y + 13}" text-anchor="end">{escape(label)}</text>')
        for name, value in segments.items():
            width = WIDTH * value / largest
            lines.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 5}" '
                f'fill="{colors[name]}"/>'
            )
            x += width
        lines.append(
            f'<text x="{x + 5:.1f}" y="{y + 13}">{sum(segments.values()):.1f} {unit}</text>'
        )
    return "\n".join([*lines, "</svg>"]) + "\n"
