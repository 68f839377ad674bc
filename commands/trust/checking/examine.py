"""All that ``sapiens-pose check`` looks at, and what it finds."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from ....sapiens_core.crop import normalise
from ....sapiens_core.decode import decode
from ....sapiens_core.estimator import PoseEstimator
from ....sapiens_core.network.pose_net import SAPIENS2, SapiensPoseNet
from ....sapiens_core.out_of_memory import is_out_of_memory
from ....skeletons.foundation.checks import first_line
from ....skeletons.keypoint_sets import COCO_17, NETWORK_SETS
from ....skeletons.pose import Array
from ...arguments.model import ModelSettings
from ...run.models_on_device import choose_device, dtype_name, load_estimator, load_network
from ..machine import device_name, peak_memory_bytes
from ..report import hide_folders
from ..weights_facts import WeightsFacts, collect_facts, find_official
from .diagnosis import SECOND_ANNOTATOR, Outcome, Verdict, agreement_limit, diagnose
from .photos import NAMES, AnnotatedPhoto, TruePeople
from .probe import Look, look
from .witness import transformers_heatmaps

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: its value, and whether it is as expected; None if unknown."""

    name: str
    value: str
    is_right: bool | None = None


@dataclass(frozen=True)
class JointFinding:
    """A joint of COCO, as means over the people of the photos.

    Attributes:
        name: of the joint.
        distance: from the truth, as a share of the box's diagonal.
        score: of the keypoint.
    """

    name: str
    distance: float
    score: float


@dataclass(frozen=True, eq=False)
class Examination:
    """Everything about one file.

    Attributes:
        verdict: what came out.
        facts: of the file; None if it could not be read.
        findings: what was looked at.
        joints: each joint; empty if nothing was run.
        found: what the network found; None if it was not run.
        photos: what it was shown.
        device: where it ran.
        precision: the floating point type in which it ran, such as ``fp32``.
    """

    verdict: Verdict
    facts: WeightsFacts | None
    findings: tuple[Finding, ...] = ()
    joints: tuple[JointFinding, ...] = ()
    found: Look | None = None
    photos: tuple[AnnotatedPhoto, ...] = ()
    device: str = ""
    precision: str = ""


def examine(settings: ModelSettings, device_name_: str) -> Examination:
    """Looks at a file and at what its network finds.

    Args:
        settings: the file, and how it runs.
        device_name_: where it runs, such as ``auto``.

    Raises:
        FileNotFoundError: there is no such file, or the photos are missing.
        ValueError: there is no such device.
    """
    path = settings.weights
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}.")
    device = choose_device(device_name_)
    photos = tuple(map(AnnotatedPhoto.read, NAMES))
    try:
        model = load_network(settings)
    except (ValueError, OSError, RuntimeError) as error:
        return Examination(_cannot_be_read(path, error), None)
    facts = collect_facts(path, model, ask_hub=True)
    file_findings = _look_at_file(facts)
    if verdict := _judge_file(facts):
        return Examination(verdict, facts, file_findings)
    estimator = load_estimator(settings, device_name_, model)
    log.info("Looking at the people of %d photos; each takes some passes.", len(photos))
    found = look(estimator, photos)
    measured = _measure(estimator, photos, device)  # before others take more memory
    findings = (
        *file_findings,
        *_look_at_people(photos, found),
        *_compare(settings, model, estimator, photos, found),
        *measured,
    )
    verdict = _join(diagnose(estimator, photos, found), findings)
    return Examination(
        verdict=verdict,
        facts=facts,
        findings=findings,
        joints=_look_at_joints(photos, found),
        found=found,
        photos=photos,
        device=device_name(device),
        precision=dtype_name(estimator.dtype),
    )


def _cannot_be_read(path: Path, error: Exception) -> Verdict:
    official, num_bytes = find_official(path), path.stat().st_size
    cause = (
        "the file is damaged or incomplete, such as by a download that was cut, or it is no pose "
        "model of Sapiens. Download it again."
    )
    if official and num_bytes < 0.99 * official.file_bytes and path.name == official.base_name:
        cause = (
            f"the download was cut: the file has {num_bytes / 1e9:.2f} GB of "
            f"{official.file_bytes / 1e9:.2f} GB. Delete it and download it again."
        )
    message = hide_folders(first_line(error), path)
    return Verdict(Outcome.WRONG, f"The weights cannot be used: {message} Likely cause: {cause}")


def _judge_file(facts: WeightsFacts) -> Verdict | None:
    """A verdict where the file alone tells enough."""
    if facts.not_finite:
        count = len(facts.not_finite)
        who = f"{facts.not_finite[0]} " + (f"and {count - 1} more hold" if count > 1 else "holds")
        return Verdict(
            Outcome.WRONG,
            f"The weights are not right: {who} NaN or infinity. "
            "Likely cause: the file is damaged, its training failed, or numbers were too large "
            "when it was converted to fp16.",
        )
    if facts.num_keypoints not in NETWORK_SETS:
        return Verdict(
            Outcome.UNKNOWN,
            f"The file is a whole network of {facts.generation} with finite numbers, but it finds "
            f"{facts.num_keypoints} keypoints. This package knows the names of "
            f"{', '.join(map(str, NETWORK_SETS))} alone, so nothing can be said about what it "
            "finds.",
        )
    return None


def _join(verdict: Verdict, findings: Sequence[Finding]) -> Verdict:
    """A right verdict becomes a wrong one if something else is off."""
    off = [finding for finding in findings if finding.is_right is False]
    if not verdict.is_right or not off:
        return verdict
    names = "; ".join(f"{finding.name}: {finding.value}" for finding in off)
    return Verdict(Outcome.WRONG, f"{verdict.text} But something is wrong: {names}.")


def _look_at_file(facts: WeightsFacts) -> tuple[Finding, ...]:
    hub = None if facts.official is None else not facts.differs_from_hub
    return (
        Finding("compared with the hub", facts.hub, hub),
        Finding("keys and shapes", f"those of {facts.structure}", True),
        Finding("NaN or infinity", f"in {len(facts.not_finite)} tensors", not facts.not_finite),
    )


def _look_at_people(photos: Sequence[AnnotatedPhoto], found: Look) -> tuple[Finding, ...]:
    people = TruePeople.of(photos)
    distances = people.distances(found.body_keypoints)
    limit = agreement_limit(people)
    median = float(np.median(distances))
    near = int((distances <= limit).sum())
    similarity = people.mean_similarity(found.body_keypoints)
    return (
        Finding(
            "distance to the truth",
            f"median {_share(median)}, largest {_share(float(distances.max()))} of the box's "
            f"diagonal; {near} of {distances.size} joints of {len(distances)} people within "
            f"{_share(limit)}",
            median <= limit,
        ),
        Finding(
            "similarity to the truth",
            f"mean {similarity:.2f}, at least {SECOND_ANNOTATOR} expected",
            similarity >= SECOND_ANNOTATOR,
        ),
        Finding(
            "scores of the body",
            f"mean {found.mean_score:.2f}, lowest {found.scores[:, found.body].min():.2f}",
        ),
    )


def _compare(
    settings: ModelSettings,
    model: SapiensPoseNet,
    estimator: PoseEstimator,
    photos: Sequence[AnnotatedPhoto],
    found: Look,
) -> tuple[Finding, ...]:
    """What should agree: mirrored photos, float32, and the network of ``transformers``."""
    people = TruePeople.of(photos)
    mirrored = look(estimator, photos, mirror=True)
    findings = [_agreement("mirrored photo", people, found, mirrored.body_keypoints)]
    findings.append(_compare_precision(settings, model, estimator, photos, found))
    findings.append(_ask_witness(settings.weights, estimator, photos[0], agreement_limit(people)))
    return tuple(findings)


def _compare_precision(
    settings: ModelSettings,
    model: SapiensPoseNet,
    estimator: PoseEstimator,
    photos: Sequence[AnnotatedPhoto],
    found: Look,
) -> Finding:
    """The same network in float32, of the same numbers in memory."""
    if estimator.dtype == torch.float32:
        return Finding("precision", "it runs in fp32, the most exact")
    name = f"{dtype_name(estimator.dtype)} against fp32"
    try:
        exact = load_estimator(replace(settings, dtype="fp32"), str(estimator.device), model)
        keypoints = look(exact, photos).body_keypoints
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return Finding(name, "not compared: there is not enough memory for fp32")
    return _agreement(name, TruePeople.of(photos), found, keypoints)


def _agreement(name: str, people: TruePeople, found: Look, others: Array) -> Finding:
    distances = np.linalg.norm(found.body_keypoints - others, axis=-1) / people.diagonals[:, None]
    median, limit = float(np.median(distances)), agreement_limit(people)
    text = f"median difference {_share(median)} of the diagonal, at most {_share(limit)} expected"
    return Finding(name, text, median <= limit)


def _ask_witness(
    path: Path, estimator: PoseEstimator, photo: AnnotatedPhoto, limit: float
) -> Finding:
    """Keypoints of one person by the network of ``transformers``, against ours."""
    name, config = "transformers' network", estimator.model.config
    if config.generation is not SAPIENS2:
        return Finding(name, "not compared: transformers has Sapiens2 only, this is Sapiens v1")
    crop = estimator.crop_of(photo.boxes_xyxy[0])
    pixels = normalise([crop.pixels(photo.image_rgb, cubic_enlargement=True)])
    try:
        theirs_map = transformers_heatmaps(path, config, pixels)
    except (ImportError, ValueError, OSError, RuntimeError) as error:
        return Finding(name, f"not compared: {hide_folders(first_line(error), path)}")
    (theirs, _), (ours, _) = decode(theirs_map), decode(estimator.heatmaps(pixels, flip=False))
    cells = float((ours.cpu() - theirs).norm(dim=-1).median())
    share = cells / float(np.hypot(*theirs_map.shape[-2:]))
    text = f"median difference {cells:.3f} heatmap cells, {_share(share)} of the crop's diagonal"
    return Finding(name, text, share <= limit)


def _measure(
    estimator: PoseEstimator, photos: Sequence[AnnotatedPhoto], device: torch.device
) -> tuple[Finding, ...]:
    """Seconds for a person, when all is loaded, and memory."""
    began = time.perf_counter()
    look(estimator, photos[:1])
    seconds = time.perf_counter() - began
    peak = peak_memory_bytes(device)
    memory = "not known on this system" if peak is None else f"{peak / 1e9:.2f} GB"
    return (
        Finding("time for one person, without flip test", f"{seconds:.2f} s"),
        Finding("peak memory", memory),
    )


def _look_at_joints(photos: Sequence[AnnotatedPhoto], found: Look) -> tuple[JointFinding, ...]:
    distances = TruePeople.of(photos).distances(found.body_keypoints).mean(axis=0)
    scores = found.scores[:, found.body].mean(axis=0)
    rows = zip(COCO_17.names, distances, scores, strict=True)
    return tuple(JointFinding(name, float(far), float(score)) for name, far, score in rows)


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
