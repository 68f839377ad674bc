"""The figures of an evaluation as a table and as sentences."""

from __future__ import annotations

from collections.abc import Mapping

from ..report import table
from .published import BOTH_HANDS
from .scoring import METRICS, GroupFigures
from .truth import Truth

HANDS = ("left hand", "right hand")


def figures_table(
    figures: Mapping[str, GroupFigures], published: Mapping[tuple[str, str], float]
) -> str:
    """A row for each group, and for each published figure its difference."""
    rows = []
    for name, group in figures.items():
        interval = (
            ""
            if group.interval is None
            else "{:.1f} to {:.1f}".format(*(100 * end for end in group.interval))
        )
        rows.append([name, *(_percent(group.metrics[metric]) for metric in METRICS), interval])
    text = table(("keypoints", *METRICS, "AP in 19 of 20 cases"), rows)
    if not published:
        return f"{text}\n\nNo published figure is known for this file and these annotations."
    compared = [
        [
            *(f"{group} {metric}", _percent(measured), f"{value:.1f}"),
            f"{100 * measured - value:+.1f}",
        ]
        for (group, metric), value in published.items()
        if (measured := _measured(figures, group, metric)) >= 0
    ]
    return f"{text}\n\n{table(('figure', 'here', 'published', 'difference'), compared)}"


def describe(
    figures: Mapping[str, GroupFigures],
    published: Mapping[tuple[str, str], float],
    truth: Truth,
    *,
    is_with_detections: bool,
) -> str:
    """What the figures mean, in a few sentences."""
    group = "whole" if "whole" in figures else "body"
    measured, interval = figures[group].metrics["AP"], figures[group].interval
    if interval is None or measured < 0:
        return "No annotated person counts in these images, so that there is no figure."
    low, high = (100 * end for end in interval)
    sentences = [
        f"AP of {group} is {100 * measured:.1f} on {len(truth.images)} "
        f"image{'' if len(truth.images) == 1 else 's'}. With other images like these, it would lie "
        f"between {low:.1f} and {high:.1f} in 19 of 20 cases."
    ]
    value = published.get((group, "AP"))
    if value is None:
        return sentences[0]
    if high < value:
        sentences.append(
            f"That is below the published {value:.1f}: run `sapiens-pose check` on the same file."
        )
    elif low > value:
        sentences.append(f"That is above the published {value:.1f}.")
    else:
        sentences.append(f"The published {value:.1f} lies between them.")
    if not is_with_detections:
        sentences.append(
            "Published figures are measured with a detector's boxes; with annotated boxes, as "
            "here, figures are higher."
        )
    elif len(truth.images) < truth.num_images:
        sentences.append("Published figures are those of all images.")
    return " ".join(sentences)


def _measured(figures: Mapping[str, GroupFigures], group: str, metric: str) -> float:
    """A figure, -1 if there is none; of both hands the mean, as Meta gives one figure for both."""
    if group != BOTH_HANDS:
        return figures[group].metrics[metric]
    hands = [figures[hand].metrics[metric] for hand in HANDS]
    return sum(hands) / len(hands) if min(hands) >= 0 else -1.0


def _percent(value: float) -> str:
    return f"{100 * value:.1f}" if value >= 0 else "none"
