"""``sapiens-pose evaluate`` from annotations and images to figures, results and report."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.trust.accuracy.annotated_run import _rank
from comfyui_sapiens_pose.commands.trust.accuracy.evaluation_text import describe, figures_table
from comfyui_sapiens_pose.commands.trust.accuracy.published import published_figures, published_for
from comfyui_sapiens_pose.commands.trust.accuracy.results_file import encode_results
from comfyui_sapiens_pose.commands.trust.accuracy.scoring import METRICS, Detected, GroupFigures
from comfyui_sapiens_pose.commands.trust.accuracy.truth import Detections, ImageEntry, Truth
from comfyui_sapiens_pose.commands.trust.evaluate import _check_sets
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import CHECKPOINTS
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308, NETWORK_SETS
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from safetensors.torch import load_file, save_file


@pytest.fixture
def annotations(root, tmp_path):
    """The bundled photos as a COCO data set, with one image that is not there."""
    images, entries = [], []
    for number, name in enumerate(("000000000785", "montage_785", "missing"), start=1):
        path = root / f"miniature/photos/{name}.json"
        photo = json.loads(path.read_text()) if path.exists() else {"width": 9, "height": 9}
        sizes = {key: photo[key] for key in ("width", "height")}
        images.append({"id": number, "file_name": f"{name}.jpg", **sizes})
        for person in photo.get("people", []):
            entry = {"id": len(entries) + 1, "image_id": number, "category_id": 1, "iscrowd": 0}
            entry |= {"bbox": person["bbox_xywh"], "area": np.prod(person["bbox_xywh"][2:]) / 2}
            entries.append({**entry, "keypoints": person["keypoints_coco17_xyv"]})
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps({"images": images, "annotations": entries}))
    return path


def evaluate(root, annotations, out, *more):
    weights = root / "miniature/sapiens_miniature_17.safetensors"
    arguments = ["evaluate", annotations, root / "miniature/photos", "-o", out, "--device", "cpu"]
    return main([str(a) for a in (*arguments, "--weights", weights, "--no-flip", *more)])


def test_the_miniature_finds_its_photo(root, tmp_path, annotations, capsys, monkeypatch):
    out, reads = tmp_path / "out", []
    monkeypatch.setattr(
        "comfyui_sapiens_pose.commands.run.models_on_device.load_model",
        lambda *args, **kwargs: reads.append(args) or load_model(*args, **kwargs),
    )
    assert evaluate(root, annotations, out) == 0
    assert len(reads) == 1
    assert sorted(path.name for path in out.iterdir()) == [
        *("boxes.json", "evaluation.json", "report.md", "results.json"),
    ]
    content = json.loads((out / "evaluation.json").read_text())
    assert content["figures"]["body"]["AP"] == pytest.approx(1)
    assert content["settings"]["images"] == "2 of 3"
    results = json.loads((out / "results.json").read_text())
    assert [entry["image_id"] for entry in results] == [1, 2, 2, 2]
    assert len(results[0]["keypoints"]) == 51
    assert "1 of the 3 images are not in photos" in capsys.readouterr().err
    report = (out / "report.md").read_text()
    assert "| body | 100.0 |" in report
    assert "| precision | fp32 |" in report
    assert "(cpu, " in content["settings"]["device"]
    assert str(tmp_path) not in report
    assert str(root) not in report


@pytest.mark.exhaustive
def test_a_detectors_boxes_and_a_limit(root, tmp_path, annotations):
    """The skier's box twice and one in the snow: the double is removed, the snow has nobody."""
    boxes = [[280.79, 44.73, 218.7, 346.68], [281.0, 44.0, 218.0, 347.0], [20, 60, 150, 320]]
    found = [
        {"image_id": 1, "category_id": 1, "bbox": box, "score": 0.5 + index / 10}
        for index, box in enumerate(boxes)
    ]
    found += [{**found[0], "category_id": 2}, {**found[0], "image_id": 99}]
    (tmp_path / "found.json").write_text(json.dumps(found))
    out = tmp_path / "out"
    detections = ["--detections", str(tmp_path / "found.json")]
    assert evaluate(root, annotations, out, *detections, "--limit", "1", "--seed", "1") == 0
    content = json.loads((out / "evaluation.json").read_text())
    assert content["settings"]["images"] == "1 of 3, chosen with seed 1"
    assert content["figures"]["body"]["AP"] == pytest.approx(1)
    results = json.loads((out / "results.json").read_text())
    assert [entry["image_id"] for entry in results] == [1, 1]
    assert results[0]["score"] == pytest.approx(0.6 * np.mean(results[0]["keypoints"][2::3]))


@pytest.mark.exhaustive
def test_other_numbers_in_the_weights_have_no_precision(root, tmp_path, annotations):
    tensors = load_file(root / "miniature/sapiens_miniature_17.safetensors")
    noise = torch.Generator().manual_seed(0)
    wrong = {
        key: torch.randn(value.shape, generator=noise) * 0.02 for key, value in tensors.items()
    }
    save_file(wrong, tmp_path / "wrong.safetensors", {"num_heads": "4"})
    more = ["--weights", str(tmp_path / "wrong.safetensors"), "--limit", "1"]
    assert evaluate(root, annotations, tmp_path / "out", *more) == 0
    content = json.loads((tmp_path / "out/evaluation.json").read_text())
    assert content["figures"]["body"]["AP"] < 0.1


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "cannot be read as JSON"),
        ("[]", "not a data set of COCO's form"),
        ('{"images": [], "annotations": []}', "no annotation with 'keypoints'"),
        ('{"images": [{"id": 1}], "annotations": []}', "cannot be read as COCO annotations"),
        (
            '{"images": [{"id": 1, "file_name": "../x.jpg", "width": 1, "height": 1}], '
            '"annotations": []}',
            "leads out of the folder",
        ),
    ],
)
def test_what_is_no_annotation_file_is_refused(root, tmp_path, capsys, document, message):
    path = tmp_path / "annotations.json"
    path.write_text(document)
    assert evaluate(root, path, tmp_path / "out") == 1
    assert message in capsys.readouterr().err


def test_a_missing_package_is_named(root, tmp_path, annotations, capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pycocotools", None)
    assert evaluate(root, annotations, tmp_path / "out") == 1
    assert "pip install .[evaluate]" in capsys.readouterr().err


def test_an_image_of_another_size_is_refused():
    image = ImageEntry(1, "a.jpg", (64, 48))
    run = SimpleNamespace(truth=Truth(COCO_17, (image,), (), 1), input_size_hw=(4, 3))
    with pytest.raises(ValueError, match=r"a.jpg is 32 x 48 pixels.*64 x 48"):
        list(_rank(run, image, Frame((32, 48))))


def test_each_box_keeps_its_own_score():
    """Also boxes that are there twice; people come with the score of their box."""
    image = ImageEntry(1, "a.jpg", (900, 900))
    boxes = [[0, 0, 10, 20], [400, 0, 600, 400], [0, 0, 10, 20]]
    detections = Detections({1: boxes}, {1: [0.5, 0.25, 0.75]})
    run = SimpleNamespace(
        truth=Truth(COCO_17, (image,), (), 1), input_size_hw=(64, 48), detections=detections
    )
    poses = tuple(
        Pose(np.full((17, 2), 300.0 * n), [0.8] * 17, COCO_17, (900, 900), box)
        for n, box in enumerate(boxes)
    )
    scores = [person.score for person in _rank(run, image, Frame((900, 900), poses))]
    assert scores == pytest.approx([0.6, 0.4, 0.2])


@pytest.mark.parametrize(
    ("model", "wanted", "fits"), [(17, 133, False), (308, 17, True), (5, 17, 0)]
)
def test_models_are_compared_with_sets_that_they_can_become(model, wanted, fits):
    truth = Truth(NETWORK_SETS[wanted], (), (), 0)
    if fits:
        _check_sets(model, truth)
    else:
        with pytest.raises(ValueError, match=f"finds {model} keypoints"):
            _check_sets(model, truth)


def test_results_of_308_keypoints_have_the_keys_of_the_reference():
    person = Detected(7, np.arange(924.0).reshape(308, 3), 0.5)
    (entry,) = encode_results(GOLIATH_308, [person])
    lengths = {key: len(value) // 3 for key, value in entry.items() if isinstance(value, list)}
    assert lengths == {
        **{"goliath_wholebody_kpts": 308, "keypoints": 17, "foot_kpts": 6, "face_kpts": 238},
        **{"lefthand_kpts": 20, "righthand_kpts": 20},
    }


def test_published_figures_are_those_of_the_table_of_models():
    for row in CHECKPOINTS:
        figures = published_figures(row.size, row.num_keypoints)
        group = "body" if row.num_keypoints == 17 else "whole"
        assert figures.get((group, "AP")) == row.average_precision
    assert published_for(None, COCO_17) == {}
    assert published_for(CHECKPOINTS[0], COCO_17) == {}  # finds 308


def figures_of(precision: float, interval=(0.7, 0.8), groups=("body",)) -> dict[str, GroupFigures]:
    metrics = dict.fromkeys(METRICS, precision)
    return {name: GroupFigures(metrics, interval) for name in groups}


@pytest.mark.parametrize(
    ("published", "sentence"),
    [
        (None, "between 70.0 and 80.0 in 19 of 20"),
        (81.0, "below the published 81.0"),
        (75.0, "lies between them"),
    ],
)
def test_a_figure_is_compared_with_the_published_one(published, sentence):
    truth = Truth(COCO_17, (), (), 0)
    known = {} if published is None else {("body", "AP"): published}
    text = describe(figures_of(0.75), known, truth, is_with_detections=True)
    assert sentence in text


def test_both_hands_are_the_mean_of_the_two():
    figures = figures_of(0.5, groups=("body", "feet", "face", "left hand", "right hand", "whole"))
    right = figures["right hand"]
    metrics = dict.fromkeys(right.metrics, 0.7)
    figures["right hand"] = replace(right, metrics=metrics)
    text = figures_table(figures, published_figures("0.3b", 133))
    assert "| both hands AP | 60.0 | 58.1 | +1.9 |" in text
    assert "| whole AR | 50.0 | 69.4 | -19.4 |" in text
