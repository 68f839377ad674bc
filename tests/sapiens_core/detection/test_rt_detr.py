"""RT-DETR v2 from a file on disk: no network, and the library itself as the witness."""

import json
import logging
import shutil
import socket
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import DETECTORS
from comfyui_sapiens_pose.sapiens_core.detection import rt_detr as detector_module
from comfyui_sapiens_pose.sapiens_core.detection.rt_detr import (
    BACKBONE,
    BACKBONE_R18,
    BACKBONE_R50,
    NETWORK_R18,
    NETWORK_R50,
    DetectOptions,
    DetectorNet,
    PersonDetector,
    choose_people,
    load_detector,
    network_input,
)
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from safetensors.torch import load_file, save_file

transformers = pytest.importorskip(
    "transformers", "4.50", reason="needs transformers 4.50 or newer: pip install -e .[detector]"
)

SIZES = {"r50": (BACKBONE_R50, NETWORK_R50), "r18": (BACKBONE_R18, NETWORK_R18)}
EVERYTHING = DetectOptions(score_threshold=0.0, max_overlap=1.0, min_side_px=0, batch_size=2)


def random_network(size: str) -> torch.nn.Module:
    """A network of the real configuration whose answers depend on the picture, as trained ones."""
    torch.manual_seed(3)
    backbone, network = SIZES[size]
    config = transformers.RTDetrV2Config(
        backbone_config=transformers.RTDetrResNetConfig(**BACKBONE, **backbone),
        num_labels=80,
        **network,
    )
    model = transformers.RTDetrV2ForObjectDetection(config).eval()
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
        if isinstance(module, torch.nn.Linear):
            torch.nn.init.xavier_normal_(module.weight)
    for layer in model.class_embed:
        layer.weight.data[1:] = 0.0
        layer.bias.data[0] = 0.0
    for layer in model.bbox_embed:
        torch.nn.init.normal_(layer.layers[-1].weight, std=0.05)
    model.bbox_embed[-1].layers[-1].bias.data[2:] = 2.0  # boxes of a person's size
    return model


@pytest.fixture(scope="module", params=SIZES)
def saved(request, tmp_path_factory):
    """A file as the hub has it, and the network that the library makes of its folder."""
    folder = tmp_path_factory.mktemp(request.param)
    random_network(request.param).save_pretrained(folder)
    model = transformers.RTDetrV2ForObjectDetection.from_pretrained(folder).eval()
    return folder / "model.safetensors", model


@pytest.fixture(scope="module")
def photos(root):
    """A photo upright and across, and one smaller than the network's input."""
    image_bgr = cv2.imread(str(root / "miniature/photos/000000000785.jpg"))
    image = np.ascontiguousarray(image_bgr[..., ::-1])
    return [image, np.ascontiguousarray(image.transpose(1, 0, 2)), image[100:333, 200:401].copy()]


@pytest.fixture
def _no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def processor():
    """The library's own, in the variant that needs no torchvision."""
    name = "RTDetrImageProcessorPil"  # as newer versions call it
    name = name if hasattr(transformers, name) else "RTDetrImageProcessor"
    return getattr(transformers, name)()


def library_people(
    processor, model, pixels: torch.Tensor, sizes_hw: list[tuple[int, int]]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Boxes and scores of the class person in each picture, as the library finds them."""
    with torch.inference_mode():
        output = model(pixel_values=pixels)
    found = processor.post_process_object_detection(output, threshold=0.0, target_sizes=sizes_hw)
    persons = [(each, each["labels"] == 0) for each in found]
    return [(each["boxes"][own].numpy(), each["scores"][own].numpy()) for each, own in persons]


@pytest.mark.usefixtures("_no_network")
def test_boxes_are_the_librarys(saved, photos, processor):
    """Of the same pixels: of others, a grey level away, a random network finds other boxes."""
    path, model = saved
    photos = photos if path.parent.name.startswith("r18") else photos[1:2]
    options = replace(EVERYTHING, batch_size=len(photos))
    people = PersonDetector(load_detector(path)).detect(photos, options)
    sizes_hw = [photo.shape[:2] for photo in photos]
    expected = library_people(processor, model, network_input(photos), sizes_hw)
    for (boxes, scores), found in zip(expected, people, strict=True):
        assert len(boxes) >= 3
        assert (boxes[:, 2:] - boxes[:, :2]).max() > 60  # or an error of size would not show
        ours = np.asarray(found.boxes_xyxy)
        for box, score in zip(boxes, scores, strict=True):
            nearest = np.abs(ours - box).max(axis=1).argmin()
            assert np.abs(ours[nearest] - box).max() <= 1e-3
            assert found.scores[nearest] == pytest.approx(score, abs=1e-5)


def test_the_input_is_the_librarys_but_for_a_grey_level(photos, processor):
    from PIL import Image

    large = np.random.default_rng(0).integers(0, 256, (900, 1500, 3), dtype=np.uint8)
    for photo in [*photos, large]:
        (expected,) = processor(images=Image.fromarray(photo), return_tensors="pt").pixel_values
        assert (network_input([photo])[0] - expected).abs().max() <= 1.001 / 255


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"score_threshold": 0.95}, []),
        ({}, [1, 0]),
        ({"score_threshold": 0.5}, [1, 0]),
        ({"score_threshold": 0.2}, [1, 0, 3]),
        ({"max_overlap": 1.0}, [1, 0, 2]),
        ({"min_side_px": 60}, [1]),
        ({"score_threshold": 0.0, "max_overlap": 1.0, "min_side_px": 0}, [1, 0, 2, 3, 4]),
    ],
)
def test_score_overlap_and_size_choose(options, expected):
    """Four people as shares of a picture of 200 x 400: the third is the second again."""
    boxes_unit = np.array(
        [
            [0.5, 0.5, 0.75, 0.75],
            [0.0, 0.0, 0.5, 0.25],
            [0.0, 0.01, 0.5, 0.26],
            [0.5, 0.0, 1.0, 0.25],
            [0.9, 0.9, 0.93, 1.0],
        ],
    )
    scores = np.array([0.6, 0.9, 0.5, 0.3, 0.2 - 1e-9])
    people = choose_people(boxes_unit, scores, (200, 400), DetectOptions(**options))
    pixels = boxes_unit * (200, 400, 200, 400)
    assert np.array_equal(np.reshape(people.boxes_xyxy, (-1, 4)), pixels[expected])
    assert np.array_equal(people.scores, scores[expected])


class Small(torch.nn.Module):
    """Stands for the network where memory ends: takes every picture for a person."""

    def __init__(self, at_most=8, *, black_fits=True):
        super().__init__()
        self.unused = torch.nn.Parameter(torch.zeros(1))
        self.at_most, self.black_fits, self.batches = at_most, black_fits, []

    def forward(self, pixels):
        self.batches.append(len(pixels))
        shades = pixels.mean(dim=(1, 2, 3))
        if len(pixels) > self.at_most or (not self.black_fits and (shades == 0).any()):
            raise torch.cuda.OutOfMemoryError("out of memory")
        boxes = torch.tensor([[[0.0, 0.0, 1.0, 1.0]]]).repeat(len(pixels), 1, 1)
        return boxes, 0.9 - shades[:, None] / 10


@pytest.fixture(scope="module")
def quick_file(tmp_path_factory):
    """The smaller network as a file."""
    folder = tmp_path_factory.mktemp("quick")
    random_network("r18").save_pretrained(folder)
    return folder / "model.safetensors"


@pytest.fixture(scope="module")
def quick(quick_file):
    """The smaller network, loaded."""
    return PersonDetector(load_detector(quick_file))


def test_no_pictures_give_nothing(quick):
    assert quick.detect([]) == []


def test_pictures_of_any_size_share_batches_and_progress_is_told(quick, photos):
    told = []
    tiny = np.full((1, 1, 3), 9, np.uint8)
    options = replace(EVERYTHING, batch_size=2)
    found = quick.detect([tiny, photos[2], tiny], options, lambda *step: told.append(step))
    assert told == [(2, 3), (3, 3)]
    assert np.isfinite(found[0].boxes_xyxy).all()
    assert np.allclose(found[0].scores, found[2].scores, atol=1e-3)
    (nobody,) = quick.detect([tiny], DetectOptions(score_threshold=1.1))
    assert len(nobody) == 0
    assert nobody.usable((640, 425)).pairs() == []


def test_how_many_pictures_fit_is_remembered(monkeypatch):
    monkeypatch.setattr(detector_module, "BATCH_SIZE_CPU", 8)
    network = Small(at_most=2)
    detector = PersonDetector(network)
    tiny = np.full((1, 1, 3), 9, np.uint8)
    assert len(detector.detect([tiny] * 4)) == 4
    assert network.batches == [4, 2, 2]
    detector.detect([tiny] * 3)
    assert network.batches[3:] == [2, 1]


def test_the_zoo_knows_the_files(saved):
    path, model = saved
    size = path.parent.name[:3]
    (row,) = (row for row in DETECTORS if row.name == f"rtdetr-{size}")
    assert row.num_parameters == sum(value.numel() for value in model.parameters())
    assert abs(row.file_bytes - path.stat().st_size) < 10_000
    assert row.base_name == f"rtdetr_v2_{size}vd.safetensors"
    assert row.url == f"https://huggingface.co/{row.repo}/resolve/main/model.safetensors"


def test_configurations_are_those_of_the_librarys_conversion():
    """The library's defaults are its r50; only what r18 changes is in the tables."""
    default = transformers.RTDetrV2Config().backbone_config
    ours = transformers.RTDetrResNetConfig(**BACKBONE, **BACKBONE_R50)
    for name in ("depths", "hidden_sizes", "layer_type", "out_indices", "embedding_size"):
        assert list_of(getattr(ours, name)) == list_of(getattr(default, name)), name
    assert json.dumps(NETWORK_R50) == "{}"


def list_of(value):
    return list(value) if isinstance(value, (list, tuple)) else value


def damaged(tensors: dict, how: str) -> dict:
    key = "model.denoising_class_embed.weight"
    if how == "missing":
        return {name: value for name, value in tensors.items() if name != key}
    if how == "more":
        return tensors | {"model.more": torch.zeros(1)}
    return tensors | {key: tensors[key][:5].clone()}


@pytest.mark.parametrize("how", ["missing", "more", "shape"])
def test_another_network_is_refused(quick_file, tmp_path, how, caplog):
    caplog.set_level(logging.CRITICAL)
    save_file(damaged(load_file(quick_file), how), tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match=r"other\.safetensors is no RT-DETR v2 r50 or r18"):
        load_detector(tmp_path / "other.safetensors")


def test_files_that_are_no_weights_are_refused(tmp_path, root):
    with pytest.raises(FileNotFoundError, match="no detector"):
        load_detector(tmp_path / "none.safetensors")
    (tmp_path / "page.safetensors").write_text("<html>")
    with pytest.raises(ValueError, match=r"damaged or unfinished \.safetensors"):
        load_detector(tmp_path / "page.safetensors")
    with pytest.raises(ValueError, match="no RT-DETR v2"):
        load_detector(root / "miniature/sapiens_miniature_17.safetensors")


@pytest.mark.usefixtures("_no_network")
@pytest.mark.parametrize("how", ["usual", "overlap", "size"])
def test_the_command_line_finds_the_file_and_the_people(
    quick, quick_file, photos, root, tmp_path, how
):
    """The weights lie in the models folder; nothing is fetched."""
    (everybody,) = quick.detect(photos[:1], replace(EVERYTHING, max_overlap=0.7))
    threshold = np.sort(everybody.scores)[-5] - 1e-4
    usual = DetectOptions(score_threshold=threshold)
    (found,) = quick.detect(photos[:1], usual)
    sides_px = (found.boxes_xyxy[:, 2:] - found.boxes_xyxy[:, :2]).min(axis=1)
    change = {"overlap": {"max_overlap": 0.01}, "size": {"min_side_px": float(np.median(sides_px))}}
    options = replace(usual, **change.get(how, {}))
    (expected,) = quick.detect(photos[:1], options)
    assert (len(expected) < len(found)) == (how in change)
    shutil.copy(quick_file, tmp_path / "rtdetr_v2_r18vd.safetensors")
    photo = root / "miniature/photos/000000000785.jpg"
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
        (8, True, [4], "b"),
        (8, False, [4, 2, 2, 1, 1, 1, 1, 1], "bd"),
    ],
    ids=["processor", "GPU", "d does not fit"],
)
def test_pictures_of_a_unit_are_looked_at_together_and_fail_alone(
    quick_file, root, tmp_path, monkeypatch, capfd, batch_size, fits, batches, missing
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
    arguments += ["--detector", "rtdetr-r18", "--detector-weights", quick_file]
    assert main([str(argument) for argument in arguments]) == 1
    assert network.batches == batches
    found = {path.stem: read_poses(path)[0] for path in (tmp_path / "out").glob("*.json")}
    assert sorted(found) == [name for name in "abcde" if name not in missing]
    assert all((frame.poses[0].box_score > 0.89) == (n == "d") for n, frame in found.items())
    errors = capfd.readouterr().err
    assert "b.png is not a picture" in errors
    assert ("while finding people in d.png" in errors) != fits
