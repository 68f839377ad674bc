"""RT-DETR v2 from a file on disk: no network, and the library itself as the witness."""

import json
import logging
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import DETECTORS
from comfyui_sapiens_pose.sapiens_core.detection import rt_detr as detector_module
from comfyui_sapiens_pose.sapiens_core.detection.rt_detr import (
    BACKBONE,
    BACKBONE_R50,
    NETWORK_R50,
    DetectOptions,
    PersonDetector,
    choose_people,
    load_detector,
    network_input,
)
from helpers.detectors import Small
from helpers.samples import sample
from safetensors.torch import load_file, save_file

EVERYTHING = DetectOptions(score_threshold=0.0, max_overlap=1.0, min_side_px=0, batch_size=2)


@pytest.fixture(scope="module", params=sample(["r50", "r18"], ["r18"]))
def saved(request, transformers, detector_file_of):
    """A file, and the network that the library makes of its folder."""
    path = detector_file_of(request.param)
    return path, transformers.RTDetrV2ForObjectDetection.from_pretrained(path.parent).eval()


@pytest.fixture(scope="module")
def photos(root):
    """A photo upright and across, and one smaller than the network's input."""
    image_bgr = cv2.imread(str(root / "miniature/photos/000000000785.jpg"))
    image = np.ascontiguousarray(image_bgr[..., ::-1])
    return [image, np.ascontiguousarray(image.transpose(1, 0, 2)), image[100:333, 200:401].copy()]


@pytest.fixture(scope="module")
def processor(transformers):
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


@pytest.mark.portable
@pytest.mark.usefixtures("no_network")
def test_boxes_are_the_librarys(saved, photos, processor, monkeypatch):
    """Of the same pixels: of others, a grey level away, a random network finds other boxes.

    A quarter of the pixels takes a quarter of the time.
    """
    path, model = saved
    monkeypatch.setattr(detector_module, "INPUT_SIZE_HW", (320, 320))
    photos = photos[1:] if path.parent.name.startswith("r18") else photos[1:2]
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


@pytest.mark.portable
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


@pytest.fixture(scope="module")
def quick(detector_file_of):
    """The smaller network, loaded."""
    return PersonDetector(load_detector(detector_file_of("r18")))


def test_no_pictures_give_nothing(quick):
    assert quick.detect([]) == []


def test_pictures_of_any_size_share_batches_and_progress_is_told(quick, photos, monkeypatch):
    monkeypatch.setattr(detector_module, "INPUT_SIZE_HW", (320, 320))
    told = []
    tiny = np.full((1, 1, 3), 9, np.uint8)
    options = replace(EVERYTHING, batch_size=2)
    found = quick.detect([tiny, photos[2], tiny], options, lambda *step: told.append(step))
    assert told == [(2, 3), (3, 3)]
    assert np.isfinite(found[0].boxes_xyxy).all()
    assert np.allclose(found[0].scores, found[2].scores, atol=1e-3)


def test_nobody_is_nobody():
    detector = PersonDetector(Small())
    (nobody,) = detector.detect([np.zeros((1, 1, 3), np.uint8)], DetectOptions(score_threshold=1.1))
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


def test_configurations_are_those_of_the_librarys_conversion(transformers):
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


@pytest.mark.parametrize("how", sample(["missing", "more", "shape"], ["missing"]))
def test_another_network_is_refused(detector_file_of, tmp_path, how, caplog):
    caplog.set_level(logging.CRITICAL)
    save_file(damaged(load_file(detector_file_of("r18")), how), tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match=r"other\.safetensors is not an RT-DETR v2 r50 or r18"):
        load_detector(tmp_path / "other.safetensors")


def test_files_that_are_no_weights_are_refused(tmp_path, root):
    with pytest.raises(FileNotFoundError, match="no detector"):
        load_detector(tmp_path / "none.safetensors")
    (tmp_path / "page.safetensors").write_text("<html>")
    with pytest.raises(ValueError, match=r"damaged or unfinished \.safetensors"):
        load_detector(tmp_path / "page.safetensors")
    with pytest.raises(ValueError, match="none of its tensors begins"):
        load_detector(root / "miniature/sapiens_miniature_17.safetensors")
