"""``sapiens-pose evaluate``: how exactly a model finds the people whom somebody annotated."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...skeletons.options.running import EVALUATING, FAILING
from ..arguments.from_options import add_options
from ..arguments.model import add_device_arguments, add_network_arguments, model_settings

if TYPE_CHECKING:
    from .accuracy.annotated_run import AnnotatedRun
    from .accuracy.scoring import Detected, GroupFigures
    from .accuracy.truth import Truth
    from .weights_facts import WeightsFacts

log = logging.getLogger(__name__)

RESULTS, FIGURES, REPORT = "results.json", "evaluation.json", "report.md"
"""Files in OUT: everybody who was found as COCO's server reads it, the figures, and the report."""

_DESCRIPTION = """\
Measure a model on annotated images: COCO keypoints (17), COCO-WholeBody (133) or Goliath files
(308). People come from the annotated boxes, or from a detector's file. They are ranked as in
mmpose, and compared with the annotations as in COCO. OUT gets the results for COCO's server, the
figures and a report. A model with more keypoints is converted to those of the annotations. To
resume a stopped run, repeat the command."""


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "evaluate", help="measure a model's accuracy on annotated images", description=_DESCRIPTION
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add("annotations", type=Path, metavar="ANNOTATIONS.json", help="COCO's annotation file")
    add("images", type=Path, metavar="IMAGES", help="the folder with the images")
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the results")
    add_options(add, *EVALUATING)
    add_network_arguments(parser)
    add_device_arguments(parser)
    add_options(add, *FAILING)


def run(options: argparse.Namespace) -> int:
    """Evaluates; returns 1 if an image failed.

    Raises:
        ValueError, OSError, ImportError, RuntimeError: it cannot be done.
    """
    from ..run.models_on_device import load_network
    from .accuracy.annotated_run import AnnotatedRun, find_people
    from .accuracy.scoring import compute_figures, require_pycocotools
    from .accuracy.truth import annotated_boxes, choose_images, read_detections, read_truth
    from .weights_facts import collect_facts

    require_pycocotools()
    truth = read_truth(options.annotations)
    truth = choose_images(truth, options.images, options.limit, options.seed)
    settings = model_settings(options)
    model = load_network(settings)
    _check_sets(model.config.num_keypoints, truth)
    if options.detections:
        detections = read_detections(options.detections, truth)
    else:
        detections = annotated_boxes(truth)
    facts = collect_facts(settings.weights, model, ask_hub=False)
    work = AnnotatedRun.of(options, truth, detections, settings, model.config.input_size_hw)
    people, num_failed = find_people(work, model)
    figures = compute_figures(truth, people, seed=options.seed)
    _write(options, work, people, figures, facts)
    if num_failed:
        log.error(
            "%d images failed; nobody was found in them, which lowers the figures.", num_failed
        )
    return 1 if num_failed else 0


def _check_sets(num_keypoints: int, truth: Truth) -> None:
    """Raises ValueError if what a model finds cannot be compared with the annotations."""
    from ...sapiens_core.checkpoints.zoo import KEYPOINT_COUNTS

    wanted = len(truth.keypoint_set)
    if num_keypoints not in KEYPOINT_COUNTS:
        raise ValueError(
            f"The model finds {num_keypoints} keypoints, expected one of {KEYPOINT_COUNTS}."
        )
    if num_keypoints < wanted:
        raise ValueError(
            f"The model finds {num_keypoints} keypoints, but the annotations have {wanted}; use "
            "annotations with as many or fewer."
        )
    if num_keypoints == 308 and wanted == 133:
        log.warning(
            "308 keypoints are converted to 133. They have no jaw, and other points on the face: "
            "the figures of face and whole are not those of the model."
        )


def _where(work: AnnotatedRun) -> dict[str, str]:
    """Devices and precision, as ``auto`` chose them."""
    import torch

    from ..run.models_on_device import choose_device, choose_dtype, dtype_name
    from .machine import device_name

    devices = [
        choose_device(name) if name == "auto" else torch.device(name)
        for name in dict.fromkeys(work.devices)
    ]
    dtypes = {dtype_name(choose_dtype(work.model.dtype, device)): None for device in devices}
    return {"precision": ", ".join(dtypes), "device": ", ".join(map(device_name, devices))}


def _write(
    options: argparse.Namespace,
    work: AnnotatedRun,
    people: Sequence[Detected],
    figures: Mapping[str, GroupFigures],
    facts: WeightsFacts,
) -> None:
    """Writes the three files, and shows the table."""
    from ...skeletons.foundation.atomic_files import write_text
    from .accuracy.evaluation_text import describe, figures_table
    from .accuracy.published import published_for
    from .accuracy.results_file import encode_results
    from .machine import versions
    from .report import write_report

    truth = work.truth
    published = published_for(facts.official, truth.keypoint_set)
    boxes = options.detections.name if options.detections else "annotated boxes"
    settings = {
        "annotations": options.annotations.name,
        "images": f"{len(truth.images)} of {truth.num_images}"
        + (f", chosen with seed {options.seed}" if options.limit else ""),
        "annotated people": str(sum(map(len, map(truth.boxes, truth.images)))),
        "people found": str(len(people)),
        "boxes": boxes,
        "flip test": "on" if options.flip else "off",
        **_where(work),
    }
    text = describe(figures, published, truth, is_with_detections=bool(options.detections))
    figures_text = figures_table(figures, published)
    title = f"Accuracy of {facts.name}"
    sections = {"Figures, in percent": figures_text}
    report = write_report(title, text, facts, settings, versions(), sections)
    content = {
        "settings": settings,
        "weights": {"file": facts.name, "sha256": facts.sha256, "structure": facts.structure},
        "figures": {
            name: {**group.metrics, "interval": group.interval} for name, group in figures.items()
        },
        "versions": versions(),
    }
    write_text(options.output / RESULTS, json.dumps(encode_results(truth.keypoint_set, people)))
    write_text(options.output / FIGURES, json.dumps(content, indent=1) + "\n")
    write_text(options.output / REPORT, report)
    log.info("%s\n\n%s", figures_text, text)
    for name in (RESULTS, FIGURES, REPORT):
        log.info("  %s", options.output / name)
