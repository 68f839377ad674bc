"""Which checkpoint the options mean."""

import argparse
from pathlib import Path

import pytest
from comfyui_sapiens_pose.commands.arguments.model import (
    add_network_arguments,
    model_settings,
    models_folders,
)


def settings(*arguments):
    parser = argparse.ArgumentParser()
    add_network_arguments(parser)
    return model_settings(parser.parse_args([str(argument) for argument in arguments]))


@pytest.mark.parametrize(
    "name", ["model.safetensors", "model.safetensors.index.json", "sapiens2_0.4b_pose.safetensors"]
)
def test_weights_may_be_a_folder(tmp_path, name):
    (tmp_path / name).touch()
    (tmp_path / "config.json").touch()
    for given in (tmp_path, tmp_path / name):
        assert settings("--weights", given).weights == tmp_path / name


def test_a_folder_without_weights_is_said_to_be_one(tmp_path):
    with pytest.raises(ValueError, match="is a folder with no checkpoint"):
        settings("--weights", tmp_path)


@pytest.mark.usefixtures("no_network")
def test_an_official_file_in_the_folder_of_another_pack_is_used(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path("models") / "sapiens2" / "pose" / "sapiens2_0.4b_pose.safetensors"
    path.parent.mkdir(parents=True)
    path.touch()
    assert settings().weights == path
    assert models_folders(tmp_path) == [tmp_path]
    mine = tmp_path / "mine" / path.name
    mine.parent.mkdir()
    mine.touch()
    assert settings("--models-dir", tmp_path / "mine").weights == mine
