"""``estimate`` with the detector: its file is found, its options arrive, its failures are named."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.images import encode_png, read_image
from comfyui_sapiens_pose.sapiens_core.detection import rt_detr as detector_module
from comfyui_sapiens_pose.sapiens_core.detection.rt_detr import (
    DetectOptions,
    DetectorNet,
    PersonDetector,
    load_detector,
)
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from helpers.detectors import Small
from helpers.samples import sample

EVERYTHING = DetectOptions(score_threshold=0.0, max_overlap=1.0, min_side_px=0, batch_size=2)


@pytest.fixture(scope="module")
def answers():
    """What networks have answered, by their weights and what they were shown."""
    return {}


@pytest.fixture
def _remembered(answers, monkeypatch):
    """A network that is shown the same again answers at once."""
    forward = DetectorNet.forward

    def remember(network, pixels):
        weights = tuple(float(value.double().sum()) for value in network.parameters())
        key = (weights, pixels.numpy().tobytes())
        if key not in answers:
            answers[key] = forward(network, pixels)
        return answers[key]

    monkeypatch.setattr(DetectorNet, "forward", remember)
    # A quarter of the pixels takes a quarter of the time.
    monkeypatch.setattr(detector_module, "INPUT_SIZE_HW", (320, 320))


@pytest.mark.usefixtures("no_network", "_remembered")
@pytest.mark.parametrize("how", sample(["usual", "overlap", "size"], ["usual"]))
def test_the_command_line_finds_the_file_and_the_people(detector_file_of, root, tmp_path, how):
    """The weights lie in the models folder; nothing is fetched."""
    quick_file, photo = detector_file_of("r18"), root / "miniature/photos/000000000785.jpg"
    quick, photos = PersonDetector(load_detector(quick_file)), [read_image(photo)]
    (everybody,) = quick.detect(photos, replace(EVERYTHING, max_overlap=0.7))
    threshold = np.sort(everybody.scores)[-5] - 1e-4
    usual = DetectOptions(score_threshold=threshold)
    (found,) = quick.detect(photos, usual)
    sides_px = (found.boxes_xyxy[:, 2:] - found.boxes_xyxy[:, :2]).min(axis=1)
    change = {"overlap": {"max_overlap": 0.01}, "size": {"min_side_px": float(np.median(sides_px))}}
    options = replace(usual, **change.get(how, {}))
    (expected,) = quick.detect(photos, options)
    assert (len(expected) < len(found)) == (how in change)
    shutil.copy(quick_file, tmp_path / "rtdetr_v2_r18vd.safetensors")
    arguments = ["estimate", photo, "-o", tmp_path / "out", "--models-dir", tmp_path]
    arguments += ["--weights", root / "miniature/sapiens_miniature_17.safetensors", "--no-flip"]
    arguments += ["--detector", "rtdetr-r18", "--person-threshold", threshold]
    arguments += ["--person-overlap", options.max_overlap, "--person-min-size", options.min_side_px]
    arguments += ["--no-merge-duplicates", "--device", "cpu"]
    assert main([str(argument) for argument in arguments]) == 0
    people = json.loads((tmp_path / "out/000000000785.json").read_text())["instance_info"]
    usable = expected.usable((640, 425)).pairs()
    assert len(people) == len(usable) >= 1
    for person, (box, score) in zip(people, usable, strict=True):
        assert np.abs(np.array(person["bbox"]) - box).max() < 0.5
        assert person["bbox_score"] == pytest.approx(score, abs=1e-4)


@pytest.mark.parametrize(
    ("batch_size", "fits", "batches", "missing"),
    [
        (None, True, [1, 1, 1, 1], "b"),
        pytest.param(8, True, [4], "b", marks=pytest.mark.exhaustive),
        (8, False, [4, 2, 2, 1, 1, 1, 1, 1], "bd"),
    ],
    ids=["processor", "GPU", "d does not fit"],
)
def test_pictures_of_a_unit_are_looked_at_together_and_fail_alone(
    detector_file_of, root, tmp_path, monkeypatch, capfd, batch_size, fits, batches, missing
):
    """b is no picture; d is black. A GPU's batches are made on the processor."""
    if batch_size:
        monkeypatch.setattr(detector_module, "BATCH_SIZE_CPU", batch_size)
    (tmp_path / "in").mkdir()
    for name in "abcde":
        picture = np.full((60, 40, 3), 0 if name == "d" else 99, np.uint8)
        (tmp_path / "in" / f"{name}.png").write_bytes(encode_png(picture))
    (tmp_path / "in/b.png").write_bytes(b"broken")
    network = Small(black_fits=fits)
    monkeypatch.setattr(DetectorNet, "forward", lambda net, pixels: network(pixels))
    arguments = ["estimate", tmp_path / "in", "-o", tmp_path / "out", "--device", "cpu"]
    arguments += ["--weights", root / "miniature/sapiens_miniature_17.safetensors", "--no-flip"]
    arguments += ["--detector", "rtdetr-r18", "--detector-weights", detector_file_of("r18")]
    assert main([str(argument) for argument in arguments]) == 1
    assert network.batches == batches
    found = {path.stem: read_poses(path)[0] for path in (tmp_path / "out").glob("*.json")}
    assert sorted(found) == [name for name in "abcde" if name not in missing]
    assert all((frame.poses[0].box_score > 0.89) == (n == "d") for n, frame in found.items())
    errors = capfd.readouterr().err
    assert "b.png cannot be read as an image" in errors
    assert ("while finding people in d.png" in errors) != fits
