"""Finds the poses of annotated images, as a run of ``estimate``: resumable, on several devices."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm.contrib.logging import logging_redirect_tqdm

from .... import __version__
from ....sapiens_core.checkpoints.shards import find_checkpoint_files
from ....sapiens_core.crop import Crop
from ....sapiens_core.estimator import EstimateOptions
from ....sapiens_core.network.pose_net import SapiensPoseNet
from ....sapiens_core.pipeline import PoseOptions
from ....skeletons.convert_sets import convert_pose
from ....skeletons.foundation.atomic_files import prepare_folder, write_text
from ....skeletons.openpose_points import OpenPoseOptions
from ....skeletons.options.estimating import ESTIMATING
from ....skeletons.pose import Frame, Pose
from ....skeletons.poses.cleanup import CleanupOptions
from ....skeletons.poses.reference_ranking import person_score, rank_people
from ....skeletons.poses.select import SelectOptions
from ...arguments.clip import ClipSettings
from ...arguments.from_options import make_options
from ...arguments.model import ModelSettings
from ...arguments.people import PeopleSettings
from ...arguments.selection import Selection
from ...files.endings import LeftOut
from ...files.reserved_names import reserve_names
from ...patience import Patience
from ...run.chunk_worker import WorkSettings
from ...run.chunks import Item, split_into_chunks
from ...run.clip_outputs import ClipOutputs
from ...run.outputs import Outputs
from ...run.plan import Plan, parse_devices
from ...run.resume_store import ResumeStore, digest, file_state
from ...run.run import process_sources
from ...run.sources import Source
from .scoring import Detected
from .truth import Detections, ImageEntry, Truth

BOXES_NAME = "boxes.json"
"""File with the boxes by image, as ``estimate --bboxes`` reads it; kept with the results."""


@dataclass(frozen=True)
class AnnotatedRun:
    """What is done.

    Attributes:
        truth: the images.
        folder: where they lie.
        detections: the boxes of the people in them.
        model: which network, and how it runs.
        input_size_hw: height and width of its crops in pixels.
        estimate: how each person is estimated.
        devices: one for each worker.
        output: folder of the results.
        patience_s: how long to wait for disks that fail.
    """

    truth: Truth
    folder: Path
    detections: Detections
    model: ModelSettings
    input_size_hw: tuple[int, int]
    estimate: EstimateOptions
    devices: tuple[str, ...]
    output: Path
    patience_s: float

    @classmethod
    def of(
        cls,
        options: argparse.Namespace,
        truth: Truth,
        detections: Detections,
        model: ModelSettings,
        input_size_hw: tuple[int, int],
    ) -> AnnotatedRun:
        """As the command line asks for.

        Raises:
            ValueError: a device cannot be used.
        """
        rows = (ESTIMATING["flip_test"], ESTIMATING["batch_size"])
        return cls(
            truth=truth,
            folder=options.images,
            detections=detections,
            model=model,
            input_size_hw=input_size_hw,
            estimate=make_options(EstimateOptions, options, rows),
            devices=parse_devices(options),
            output=options.output,
            patience_s=options.patience,
        )


def find_people(run: AnnotatedRun, model: SapiensPoseNet) -> tuple[list[Detected], int]:
    """Everybody whom the reference would compare with the truth, and how many images failed.

    Poses are those of the network: nothing is merged, hidden or refined. If the run is stopped,
    the same command resumes it.

    Args:
        run: what is done.
        model: the network of ``run.model``, as it was loaded.

    Raises:
        ValueError, OSError, RuntimeError: it cannot be done.
    """
    prepare_folder(run.output)
    images = {(run.folder / image.file_name).as_posix(): image for image in run.truth.images}
    boxes = {path: run.detections.boxes_xyxy[image.id] for path, image in images.items()}
    write_text(run.output / BOXES_NAME, json.dumps(boxes) + "\n")
    plan = _make_plan(run)
    people: list[Detected] = []
    with ExitStack() as stack:
        stack.enter_context(logging_redirect_tqdm())
        store = stack.enter_context(ResumeStore(run.output, plan.command, plan.version))
        stack.enter_context(reserve_names(run.output, [run.output / BOXES_NAME]))
        num_failed, _ = process_sources(plan, store, Patience(run.patience_s), model)
        for chunk in plan.sources[0].chunks:
            for item, result in zip(chunk.items, store.load(chunk), strict=True):
                if isinstance(result, Frame):
                    people += _rank(run, images[item.path.as_posix()], result)
        store.remove()
    return people, num_failed


def _make_plan(run: AnnotatedRun) -> Plan:
    items = [Item(run.folder / image.file_name, f"images/{image.id}") for image in run.truth.images]
    source = Source("", tuple(split_into_chunks(items, is_clip=False)), is_clip=False)
    outputs = Outputs((), (), overlay=False, shown=OpenPoseOptions())
    selection = Selection(SelectOptions())
    clean = CleanupOptions.from_switches(duplicates=False, guesses=False)
    work = WorkSettings(
        model=run.model,
        people=PeopleSettings(boxes=run.output / BOXES_NAME, num_images=len(items)),
        poses=PoseOptions(run.estimate, replace(clean, face_from_behind=False)),
        selection=selection,
        outputs=outputs,
        folder=run.output,
    )
    weights = [file_state(path) for path in find_checkpoint_files(run.model.weights)]
    boxes = sorted(run.detections.boxes_xyxy.items())
    return Plan(
        command=digest("evaluate"),
        version=digest(__version__, work, weights, source.chunks, boxes),
        sources=(source,),
        inputs=(),
        num_unreadable=0,
        left_out=LeftOut(),
        work=work,
        clips=ClipSettings(None, False, None, selection, None),
        clip_outputs=ClipOutputs(outputs, (), json_each_frame=False),
        table=None,
        devices=run.devices,
    )


def _rank(run: AnnotatedRun, image: ImageEntry, frame: Frame) -> Iterator[Detected]:
    """The people of an image who stay, with their scores.

    Raises:
        ValueError: the image has another size than the annotations say.
    """
    if frame.canvas_wh != image.canvas_wh:
        raise ValueError(
            f"{image.file_name} is {frame.canvas_wh[0]} x {frame.canvas_wh[1]} pixels, but the "
            f"annotations say {image.canvas_wh[0]} x {image.canvas_wh[1]}; these are not the "
            "annotated images."
        )
    score_of = _scores_by_box(run.detections, image)
    poses = [
        replace(
            convert_pose(pose, run.truth.keypoint_set),
            box_score=score_of[tuple(pose.box_xyxy)].pop(0),
        )
        for pose in frame.poses
    ]
    for index in rank_people(poses, [_crop_area(pose, run.input_size_hw) for pose in poses]):
        pose = poses[index]
        triples = np.column_stack([pose.keypoints_image, pose.scores])
        yield Detected(image.id, triples, person_score(pose))


def _scores_by_box(
    detections: Detections, image: ImageEntry
) -> Mapping[tuple[float, ...], list[float]]:
    """The scores of an image's boxes; boxes that are there several times have several."""
    scores: dict[tuple[float, ...], list[float]] = {}
    pairs = zip(detections.boxes_xyxy[image.id], detections.scores[image.id], strict=True)
    for box, score in pairs:
        scores.setdefault(tuple(box), []).append(score)
    return scores


def _crop_area(pose: Pose, input_size_hw: tuple[int, int]) -> float:
    width, height = Crop.from_box(pose.box_xyxy, input_size_hw).extent_wh
    return width * height
