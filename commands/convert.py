"""``sapiens-pose convert``: pose files of one format into another."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..skeletons.choices import FORMAT_SUMMARIES
from .arguments.thresholds import add_threshold_arguments, shown_points
from .arguments.types import parse_size_wh, share

if TYPE_CHECKING:
    from ..skeletons.formats.pose_keypoint_writer import EncodeOptions
    from ..skeletons.formats.table import Format
    from ..skeletons.pose import Frame

log = logging.getLogger(__name__)

_DESCRIPTION = """\
Convert pose files. The format of each input is told from its content. With -o FILE.json all
frames go into that file; otherwise -o is a folder, with one file for each input, or for each
picture where the format holds one a file."""


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add ``convert`` to the commands; ``run`` takes what it parses."""
    formats = "\n".join(f"  {name:<15} {summary}" for name, summary in FORMAT_SUMMARIES.items())
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "convert",
        help="convert pose files from one format to another",
        description=_DESCRIPTION,
        epilog=f"formats:\n{formats}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="+", type=Path, metavar="IN", help="pose files")
    parser.add_argument(
        "--to", required=True, choices=list(FORMAT_SUMMARIES), help="format to write"
    )
    parser.add_argument(
        "-o", "--output", required=True, type=Path, help="a .json file, or a folder"
    )
    reading = parser.add_argument_group("reading")
    reading.add_argument(
        "--canvas",
        type=parse_size_wh,
        metavar="WxH",
        help="size of pictures whose file does not say it",
    )
    reading.add_argument(
        "--hands-swapped",
        action="store_true",
        help="the left hand is written as the right one, as by ComfyUI's SDPose nodes",
    )
    writing = parser.add_argument_group("writing (comfy and openpose)")
    writing.add_argument(
        "--threshold",
        type=share,
        default=0.3,
        help="hide points that score less (%(default)s)",
    )
    add_threshold_arguments(writing.add_argument, "--threshold")
    writing.add_argument("--confidence", choices=["binary", "raw"], default="binary")
    writing.add_argument("--missing", choices=["zeros", "null"], default="zeros")
    writing.add_argument("--coords", choices=["pixels", "normalised"], default="pixels")
    writing.add_argument("--body", type=int, choices=[18, 25], help="points of the body")
    writing.add_argument("--face-jaw", choices=["hidden", "drawn", "none"], default="hidden")
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Convert; 0 if everything was written, 1 if an input was left out (the log says why).

    Raises:
        OSError or ValueError: nothing could be written, or not all.
    """
    from ..skeletons.formats.pose_keypoint_reader import ReadOptions
    from ..skeletons.formats.table import FORMATS, read_named_poses

    read_options = ReadOptions(canvas_wh=args.canvas, hands_swapped=args.hands_swapped)
    file_format = FORMATS[args.to]
    files: list[tuple[Path, tuple[tuple[str, Frame], ...]]] = []
    for path in args.inputs:
        try:
            files.append((path, read_named_poses(path, read_options)))
        except (OSError, ValueError) as error:
            log.error("%s", error)
    _write(files, args, file_format, _encode_options(args))
    return 0 if len(files) == len(args.inputs) else 1


def _encode_options(args: argparse.Namespace) -> EncodeOptions:
    from ..skeletons.formats.pose_keypoint_writer import EncodeOptions

    return EncodeOptions(
        openpose=shown_points(args, args.threshold, args.face_jaw),
        confidence=args.confidence,
        missing=args.missing,
        coords=args.coords,
        body=args.body,
    )


def _write(
    files: list[tuple[Path, tuple[tuple[str, Frame], ...]]],
    args: argparse.Namespace,
    file_format: Format,
    options: EncodeOptions,
) -> None:
    """Write all files, or none if two of them, or one and an input, are the same.

    Raises:
        ValueError: that is so, or a single output was asked for and an input is missing from it.
    """
    from ..skeletons.formats.table import write_poses
    from ..skeletons.foundation.atomic_files import prepare_folder

    if args.output.suffix == ".json":
        if len(files) < len(args.inputs):
            raise ValueError(f"{args.output} is not written, because an input could not be read.")
        plan = [(args.output, tuple(pair for _, named in files for pair in named))]
    else:
        plan = [
            (args.output / name, named)
            for path, all_named in files
            for name, named in _split(path, all_named, file_format)
        ]
    inputs = {path.resolve() for path in args.inputs}
    outputs: set[Path] = set()
    for path in (path.resolve() for path, _ in plan):
        if path in outputs:
            raise ValueError(f"Two inputs would be written to {path}. Convert them one by one.")
        if path in inputs:
            raise ValueError(f"{path} is an input and would be overwritten. Give another folder.")
        outputs.add(path)
    for folder in {path.parent for path, _ in plan}:
        prepare_folder(folder)
    for path, named in plan:
        write_poses(path, named, file_format, options)
        log.info("Wrote %s (frames: %d).", path, len(named))


def _split(
    path: Path, named: tuple[tuple[str, Frame], ...], file_format: Format
) -> list[tuple[str, tuple[tuple[str, Frame], ...]]]:
    """The files that an input becomes: name and what goes into it."""
    from ..skeletons.formats.table import image_stem

    if len(named) == 1 or not file_format.one_image_per_file:
        return [(image_stem(path) + file_format.suffix, named)]
    return [(Path(name).stem + file_format.suffix, ((name, frame),)) for name, frame in named]
