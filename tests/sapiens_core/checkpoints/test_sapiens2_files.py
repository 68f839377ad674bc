"""Sapiens2 checkpoints as people have them: Meta's, saved again by transformers, and broken."""

import gzip
import json

import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.key_names import PERIODS_KEY
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.network.backbone_v2 import rope_periods
from comfyui_sapiens_pose.sapiens_core.network.pose_net import SAPIENS2, SAPIENS_V1
from safetensors.torch import load_file, save_file

KEPT = "decode_head.conv_pose.bias"


@pytest.fixture
def tensors(sapiens2):
    """The tensors of a tiny checkpoint by Meta's keys."""
    return load_file(sapiens2 / "cfg_pose.safetensors")


@pytest.fixture
def save(tmp_path):
    def save(tensors, **metadata):
        path = tmp_path / "model.safetensors"
        save_file(tensors, path, metadata=metadata)
        return path

    return save


def by_transformers_names(sapiens2, tensors):
    """The same tensors by the names, and in the halves, that transformers writes."""
    with gzip.open(sapiens2 / "keys" / "transformers_cfg.json.gz", "rt") as file:
        names = json.load(file)
    return {
        name: (tensors[key] if half is None else tensors[key].chunk(2)[half]).clone()
        for name, (key, half) in names.items()
    }


def test_generations_are_told_by_their_keys(sapiens1, sapiens2):
    first = load_model(sapiens1 / "tiny_17.safetensors", num_heads=4).config.generation
    second = load_model(sapiens2 / "cfg_pose.safetensors").config.generation
    assert (first, second) == (SAPIENS_V1, SAPIENS2)


def assert_same_tensors(found, wanted):
    assert found.keys() == wanted.keys()
    for key in wanted.keys() - {PERIODS_KEY}:
        assert torch.equal(found[key], wanted[key]), key


def test_a_file_saved_by_transformers_holds_the_same_network(sapiens2, tensors, save):
    model = load_model(save(by_transformers_names(sapiens2, tensors)))
    assert_same_tensors(
        model.state_dict(), load_model(sapiens2 / "cfg_pose.safetensors").state_dict()
    )
    assert model.config.backbone.kv_heads == (4, 2, 1, 2, 4)
    assert torch.equal(model.backbone.rope_embed.periods, rope_periods(12))


def test_a_file_without_wavelengths_gets_the_formulas(sapiens2, tensors, save):
    del tensors[PERIODS_KEY]
    model = load_model(save(tensors))
    assert_same_tensors(
        model.state_dict(), load_model(sapiens2 / "cfg_pose.safetensors").state_dict()
    )
    assert torch.equal(model.backbone.rope_embed.periods, rope_periods(12))


def without_head(tensors):
    for key in [key for key in tensors if key.startswith("decode_head.")]:
        del tensors[key]


def without_a_gate(tensors):
    del tensors["backbone.blocks.3.ffn.w12.weight"]


def with_a_head_too_many(tensors):
    tensors["backbone.blocks.1.attn.wk.weight"] = torch.zeros(36, 48)


def with_a_head_that_does_not_fit(tensors):
    tensors["backbone.blocks.0.attn.q_norm.weight"] = torch.zeros(10)


def with_the_same_tensor_twice(tensors):
    tensors["head.final_layer.bias"] = tensors[KEPT].clone()


def with_a_segmentation_head(tensors):
    for kind in ("weight", "bias"):
        tensors[f"decode_head.conv_seg.{kind}"] = tensors.pop(f"decode_head.conv_pose.{kind}")


def with_the_backbone_alone(tensors):
    without_head(tensors)
    for key in list(tensors):
        tensors[key.removeprefix("backbone.")] = tensors.pop(key)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_head, "no tensor 'head.final_layer.weight'"),
        (without_a_gate, r"fit the Sapiens2 pose model: .*blocks\.3\.ffn\.w12\.weight is missing"),
        (with_a_head_too_many, r"4 query heads cannot share \[4, 3, 1, 2, 4\] key heads"),
        (with_a_head_that_does_not_fit, "heads of 10 channels do not fit a width of 48"),
        (with_the_same_tensor_twice, "two tensors for 'head.final_layer.bias'"),
        (with_a_segmentation_head, "no tensor 'head.final_layer.weight'"),
        (with_the_backbone_alone, r"neither a tensor .*\(Sapiens v1\) nor .*\(Sapiens2\)"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_wrong_files_say_what_was_found_and_expected(tensors, save, change, message):
    change(tensors)
    with pytest.raises(ValueError, match=rf"model\.safetensors .*{message}"):
        load_model(save(tensors))


def test_heads_are_told_by_the_file_and_may_only_be_confirmed(tensors, save):
    assert load_model(save(tensors, num_heads="4")).config.backbone.num_heads == 4
    with pytest.raises(ValueError, match="shapes say 4 attention heads, but 8 were asked for"):
        load_model(save(tensors), num_heads=8)


def test_weights_keep_their_dtype_unless_asked(sapiens2):
    path = sapiens2 / "cfg_pose.safetensors"
    assert load_model(path).backbone.cls_token.dtype == torch.float16
    assert load_model(path, dtype=torch.float32).backbone.cls_token.dtype == torch.float32
