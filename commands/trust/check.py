"""``sapiens-pose check``: whether a weights file is what it should be, and works on this device."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...skeletons.options.estimating import MODEL
from ...skeletons.options.running import DEVICES
from ..arguments.from_options import add_option, add_options
from ..arguments.model import add_model_arguments, model_settings
from ..arguments.types import parse_size_hw

if TYPE_CHECKING:
    from .checking.examine import Examination

log = logging.getLogger(__name__)

VALUES, PICTURE, REPORT = "check.json", "check.png", "report.md"
"""Files in OUT."""

MARKS = {True: "right", False: "WRONG", None: ""}

_DESCRIPTION = """\
Check a weights file: compare its size and SHA-256 with the hub's, check its tensors, and run it on
two bundled photos with annotated people. A verdict says whether the file is right; if not, it
names the likely cause, such as left and right exchanged, another order of colours, or an
incomplete download. OUT gets check.json, a small check.png, and report.md, which you can send in.
The exit code is 1 if something is wrong."""


def add_parser(subparsers: Any) -> None:
    """Adds the subcommand and its arguments."""
    parser = subparsers.add_parser(
        "check", help="check a weights file, and that it works here", description=_DESCRIPTION
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    folder = "folder for the results (default: check)"
    add("-o", "--output", type=Path, default=Path("check"), metavar="OUT", help=folder)
    add_model_arguments(parser)
    add_options(add, MODEL["weights"], MODEL["num_heads"], MODEL["precision"])
    add_option(add, MODEL["input_size_hw"], type=parse_size_hw)
    add_option(add, DEVICES["device"])


def run(options: argparse.Namespace) -> int:
    """Checks; returns 1 unless the weights are right.

    Raises:
        ValueError, OSError, ImportError, RuntimeError: it cannot be done.
    """
    from ...skeletons.foundation.atomic_files import prepare_folder
    from .checking.examine import examine

    options.compile = False
    settings = model_settings(options)
    examination = examine(settings, options.device)
    prepare_folder(options.output)
    written = _write(options.output, settings.weights.name, examination)
    rows = [(MARKS[each.is_right], each.name, each.value) for each in examination.findings]
    for mark, name, value in rows:
        log.info("%-6s %s: %s", mark, name, value)
    log.info("\n%s\n", examination.verdict.text)
    for name in written:
        log.info("  %s", options.output / name)
    return 0 if examination.verdict.is_right else 1


def _write(folder: Path, file_name: str, examination: Examination) -> Sequence[str]:
    """Writes the files, and returns their names. A picture of an earlier check does not stay."""
    from ...skeletons.foundation.atomic_files import write_bytes, write_text
    from ...skeletons.keypoint_sets import NETWORK_SETS
    from ..files.images import encode_png
    from .checking.picture import draw_check

    values = json.dumps(_values(file_name, examination), indent=1)
    write_text(folder / VALUES, values + "\n")
    write_text(folder / REPORT, _report(file_name, examination))
    if examination.facts is None or examination.found is None:
        (folder / PICTURE).unlink(missing_ok=True)
        return VALUES, REPORT
    keypoint_set = NETWORK_SETS[examination.facts.num_keypoints]
    image = draw_check(examination.photos[0], examination.found, keypoint_set)
    write_bytes(folder / PICTURE, encode_png(image))
    return VALUES, PICTURE, REPORT


def _values(file_name: str, examination: Examination) -> dict[str, Any]:
    """All of the report for programs."""
    from .machine import versions

    facts, verdict = examination.facts, examination.verdict
    weights: dict[str, Any] = {"file": file_name}
    if facts is not None:
        weights |= {"bytes": facts.num_bytes, "sha256": facts.sha256}
        weights |= {"structure": facts.structure, "types": facts.dtypes}
    return {
        "outcome": verdict.outcome.value,
        "verdict": verdict.text,
        "weights": weights,
        "settings": _settings(examination),
        "findings": [
            {"name": each.name, "value": each.value, "right": each.is_right}
            for each in examination.findings
        ],
        "joints": [
            {"name": each.name, "distance": each.distance, "score": each.score}
            for each in examination.joints
        ],
        "versions": versions(),
    }


def _settings(examination: Examination) -> dict[str, str]:
    return {
        "device": examination.device or "not run",
        "precision": examination.precision or "not run",
    }


def _report(file_name: str, examination: Examination) -> str:
    from .machine import versions
    from .report import table, write_report

    sections = {}
    if examination.findings:
        rows = [(each.name, each.value, MARKS[each.is_right]) for each in examination.findings]
        sections["What was looked at"] = table(("what", "found", "as expected"), rows)
    if examination.joints:
        joints = [
            (each.name, f"{100 * each.distance:.1f} %", f"{each.score:.2f}")
            for each in examination.joints
        ]
        header = ("joint", "distance to the truth, share of the box's diagonal", "score")
        means = "Means over the people of both photos."
        sections["Joints"] = f"{means}\n\n{table(header, joints)}"
    return write_report(
        f"Check of {file_name}",
        examination.verdict.text,
        examination.facts,
        _settings(examination),
        versions(),
        sections,
    )
