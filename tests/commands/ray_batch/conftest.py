"""What the tests of batches share."""

import argparse

import pytest
from comfyui_sapiens_pose.commands.batch import add_parser, check_options, prepare
from comfyui_sapiens_pose.commands.files.endings import LeftOut
from comfyui_sapiens_pose.commands.ray_batch.layout import Layout
from helpers.command_lines import BATCH


@pytest.fixture
def weights(root):
    return root / "miniature/sapiens_miniature_17.safetensors"


@pytest.fixture
def batch(tmp_path, weights):
    """Decides on a batch; its job, number of shards, and layout."""
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())

    def decide(*arguments, out="out"):
        layout = Layout(tmp_path / out)
        command = [*BATCH, *arguments, "-o", layout.folder, "--weights", weights, "--no-flip"]
        options = parser.parse_args([str(each) for each in command])
        check_options(options, layout)
        return *prepare(options, layout, LeftOut()), layout

    return decide
