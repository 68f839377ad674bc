"""``sapiens-pose check``: files, exit codes and messages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.commands.trust.checking.examine import _ask_witness, _judge_file
from comfyui_sapiens_pose.commands.trust.checking.photos import NAMES, AnnotatedPhoto
from comfyui_sapiens_pose.commands.trust.report import hide_folders, table
from comfyui_sapiens_pose.commands.trust.weights_facts import collect_facts, find_official
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import CHECKPOINTS, find_checkpoint
from comfyui_sapiens_pose.sapiens_core.estimator import PoseEstimator
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from helpers.wrong_weights import write_variant

NAME = "sapiens_miniature_17.safetensors"


@pytest.fixture
def miniature(root):
    return root / "miniature" / NAME


def check(path, out) -> int:
    return main(["check", "--weights", str(path), "-o", str(out), "--device", "cpu"])


@pytest.mark.exhaustive
def test_the_miniature_is_right(miniature, tmp_path, capsys):
    assert check(miniature, tmp_path / "out") == 0
    shown = capsys.readouterr().err
    assert "The weights are right" in shown
    assert "68 of 68 joints of 4 people within 6.8 %" in shown
    content = json.loads((tmp_path / "out/check.json").read_text())
    assert content["outcome"] == "right"
    assert {each["right"] for each in content["findings"]} == {True, None}
    assert read_image(tmp_path / "out/check.png").shape == (425, 640, 3)
    report = (tmp_path / "out/report.md").read_text()
    assert content["weights"]["sha256"] in report
    assert str(tmp_path) not in report
    assert "| left_knee | 0." in report
    assert "| precision | fp32 |" in report
    assert [each["name"] for each in content["joints"]] == list(COCO_17.names)


def test_numbers_that_are_not_finite_are_told_without_a_look(miniature, tmp_path, capsys):
    path = write_variant(miniature, "not a number", tmp_path / "a.safetensors")
    assert check(path, tmp_path / "out") == 1
    assert "head.final_layer.bias holds NaN or infinity. Likely cause" in capsys.readouterr().err
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["check.json", "report.md"]


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("mine.safetensors", "Likely cause: the file is damaged or incomplete"),
        ("sapiens2_0.4b_pose.safetensors", "the download was cut: the file has 0.00 GB of 1.70 GB"),
    ],
)
def test_a_cut_file_is_told(miniature, tmp_path, capsys, name, cause):
    (tmp_path / name).write_bytes(miniature.read_bytes()[:100_000])
    (tmp_path / "out").mkdir()
    for old in ("check.png", "report.md"):
        (tmp_path / "out" / old).write_text("of another file")
    assert check(tmp_path / name, tmp_path / "out") == 1
    shown = capsys.readouterr().err
    assert "The weights cannot be used" in shown
    assert cause in shown
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["check.json", "report.md"]
    for file in (tmp_path / "out").iterdir():
        text = file.read_text()
        assert cause in text
        assert name in text
        assert str(tmp_path) not in text


def test_a_file_that_is_not_there_is_no_verdict(tmp_path, capsys):
    assert check(tmp_path / "none.pth", tmp_path / "out") == 1
    assert "There is no file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_other_keypoints_are_said_not_to_be_known(miniature):
    facts = collect_facts(miniature, load_model(miniature), ask_hub=False)
    assert _judge_file(facts) is None
    verdict = _judge_file(replace(facts, num_keypoints=21))
    assert (verdict.outcome.value, verdict.is_right) == ("unknown", False)
    assert "it finds 21 keypoints" in verdict.text


@pytest.mark.parametrize("row", CHECKPOINTS, ids=lambda row: row.base_name)
def test_official_files_are_known_by_their_names(row):
    for name in (row.base_name, *row.older_names):
        assert find_official(Path(name)) == row
        assert find_official(Path(name).with_suffix(".safetensors")) == row
    assert find_official(Path(NAME)) is None


def test_an_official_file_is_compared_with_the_hub(miniature, tmp_path, hub_of):
    row = find_checkpoint("0.3b", 308)
    content = miniature.read_bytes()
    path = tmp_path / row.base_name
    path.write_bytes(content)
    model = load_model(miniature)
    where = f"{row.repo}/resolve/main/{row.file_name}"
    for served, words, differs in (
        ({where: content}, "same size and SHA-256", False),
        ({where: content[:-1]}, "differs", True),
        ({where: content[:-1] + b"x"}, "differs: the hub's SHA-256 is", True),
        ({}, "not compared: the hub did not answer", False),
    ):
        hub_of(files=served)
        facts = collect_facts(path, model, ask_hub=True)
        assert words in facts.hub
        assert facts.differs_from_hub == differs


@pytest.mark.exhaustive
def test_transformers_agrees_about_sapiens2(sapiens2, transformers):
    """Random weights of the reference's classes: the witness finds the same keypoints."""
    path = sapiens2 / "rule_pose.safetensors"
    estimator = PoseEstimator(load_model(path, dtype=torch.float32, input_size_hw=(128, 96)))
    witness = _ask_witness(path, estimator, AnnotatedPhoto.read(NAMES[0]), limit=0.068)
    if "is older than" in witness.value:
        pytest.skip(witness.value)
    assert witness.is_right, witness.value


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("", ""),
        ("/home/Anna B/my models/x.pth is cut", "x.pth is cut"),
        ("/home/Anna B/my models/y.pth is cut", "y.pth is cut"),
        ("see https://a.org/b/c and 1/2", "see https://a.org/b/c and 1/2"),
        ("no '/tmp/xyz/model.safetensors'", "no 'model.safetensors'"),
        (r"C:\Users\anna\x.pth is cut", "x.pth is cut"),
    ],
)
def test_a_report_names_no_folders(text, hidden):
    assert hide_folders(text, Path("/home/Anna B/my models/x.pth")) == hidden


def test_relative_folders_are_hidden_too():
    assert hide_folders("of_anna/x.pth in not_of_anna/x", Path("of_anna/x.pth")) == (
        "x.pth in not_of_anna/x"
    )


@pytest.mark.exhaustive
def test_each_number_is_read_from_the_file_once(miniature, tmp_path, monkeypatch):
    """Facts, the chosen precision and fp32: of one file in memory."""
    reads = []
    monkeypatch.setattr(
        "comfyui_sapiens_pose.commands.run.models_on_device.load_model",
        lambda *args, **kwargs: reads.append(args) or load_model(*args, **kwargs),
    )
    arguments = ["check", "--weights", str(miniature), "-o", str(tmp_path), "--dtype", "bf16"]
    assert main([*arguments, "--device", "cpu"]) == 0
    assert len(reads) == 1
    content = json.loads((tmp_path / "check.json").read_text())
    rights = {each["name"]: each["right"] for each in content["findings"]}
    assert rights["bf16 against fp32"] is True
    assert content["settings"]["precision"] == "bf16"


def test_a_bar_does_not_end_a_cell():
    assert table(("a",), [["b|c"]]) == "| a |\n| --- |\n| b\\|c |"
