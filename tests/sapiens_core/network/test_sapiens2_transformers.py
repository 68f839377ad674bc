"""The same weights through transformers' Sapiens2: another implementation as a witness.

transformers rotates in float32, the reference and this package in bfloat16; that is the whole
difference. With its rotation put into bfloat16 the two agree to the last bit or nearly so.
"""

import json
import shutil

import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.network.backbone_v2 import rope_tables, rotate

pytestmark = pytest.mark.portable

FILE = "model.safetensors"


@pytest.fixture(scope="module")
def transformers():
    """The library, which takes seconds to import."""
    return pytest.importorskip(
        "transformers", "5.10", reason="needs transformers 5.10 or newer: pip install -e .[parity]"
    )


def tiny_config(transformers, ours):
    """The transformers configuration of one of our models."""
    backbone, head = ours.config.backbone, ours.config.head
    return transformers.Sapiens2Config(
        hidden_size=backbone.width,
        intermediate_size=backbone.feedforward_width,
        num_hidden_layers=len(backbone.kv_heads),
        num_attention_heads=backbone.num_heads,
        num_key_value_heads_per_layer=list(backbone.kv_heads),
        num_register_tokens=backbone.num_registers,
        image_size=[128, 96],
        num_labels=head.num_keypoints,
        head_config={
            "upsample_out_channels": list(head.deconv_channels),
            "conv_out_channels": list(head.conv_channels),
        },
    )


@pytest.fixture(scope="module")
def both(transformers, sapiens2, tmp_path_factory):
    """Our model and theirs of the same file, float32, and a batch of inputs."""
    path = sapiens2 / "rule_pose.safetensors"
    ours = load_model(path, dtype=torch.float32)
    folder = tmp_path_factory.mktemp("transformers")
    tiny_config(transformers, ours).save_pretrained(folder)
    shutil.copyfile(path, folder / FILE)
    theirs = transformers.Sapiens2ForPoseEstimation.from_pretrained(folder, dtype=torch.float32)
    inputs = torch.randn(2, 3, 128, 96, generator=torch.Generator().manual_seed(0))
    return ours, theirs.eval(), inputs


@torch.inference_mode()
def test_heatmaps_differ_by_the_rounding_of_positions_only(both):
    ours, theirs, inputs = both
    difference = (ours(inputs) - theirs(inputs).heatmaps).abs()
    assert 1e-3 < difference.mean() < 6e-3
    assert difference.max() < 0.25


@torch.inference_mode()
def test_heatmaps_are_the_same_with_positions_in_bfloat16(both, monkeypatch):
    from transformers.models.sapiens2 import modeling_sapiens2 as modeling

    ours, theirs, inputs = both
    periods = tuple(ours.backbone.rope_embed.periods.tolist())

    def tables(self, pixels):
        sines, cosines = rope_tables((pixels.shape[2] // 16, pixels.shape[3] // 16), periods)
        return cosines, sines

    def rotated(query, key, cosines, sines, **_):
        prefix = query.shape[-2] - sines.shape[-2]

        def turn(heads):
            before = heads[..., :prefix, :].bfloat16().to(heads)
            return torch.cat((before, rotate(heads[..., prefix:, :], sines, cosines)), dim=-2)

        return turn(query), turn(key)

    monkeypatch.setattr(modeling.Sapiens2RopePositionEmbedding, "forward", tables)
    monkeypatch.setattr(modeling, "apply_rotary_pos_emb", rotated)
    difference = (ours(inputs) - theirs(inputs).heatmaps).abs()
    # A different order of one sum may flip a few roundings.
    assert difference.mean() < 7e-4
    assert difference.max() < 2.5e-2


@pytest.mark.parametrize("original", [True, False], ids=["Meta's names", "their names"])
def test_what_transformers_saves_can_be_loaded(both, tmp_path, original):
    ours, theirs, inputs = both
    theirs.save_pretrained(tmp_path, save_original_format=original)
    again = load_model(tmp_path / FILE)
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "sapiens2"
    with torch.inference_mode():
        assert torch.equal(again(inputs), ours(inputs))


@pytest.mark.parametrize("original", [True, False], ids=["Meta's names", "their names"])
def test_what_transformers_saves_in_several_files_can_be_loaded(both, tmp_path, original):
    ours, theirs, _ = both
    theirs.save_pretrained(tmp_path, save_original_format=original, max_shard_size="400KB")
    assert len(list(tmp_path.glob("model-0000?-of-0000?.safetensors"))) > 1
    again, wanted = load_model(tmp_path).state_dict(), ours.state_dict()
    assert all(torch.equal(again[key], wanted[key]) for key in wanted)
