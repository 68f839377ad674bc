"""Two people who cross, from SAM 3's data to identity masks, in ComfyUI as a server of its own.

The data come from a node of another pack, which packs them by ComfyUI's own code.
"""

import numpy as np
import pytest
from base_folder import MINIATURE
from crossing_skiers import make_clip
from graphs import node
from over_http import serve
from pictures import read_picture

pytestmark = [pytest.mark.exhaustive, pytest.mark.served]

PROBE = """
import numpy as np
import torch
from comfy.ldm.sam3.tracker import pack_masks


class Given:
    RETURN_TYPES, FUNCTION, CATEGORY = ("IMAGE", "SAM3_TRACK_DATA"), "give", "test"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"file": ("STRING", {"default": ""})}}

    def give(self, file):
        clip = np.load(file)
        masks = torch.from_numpy(clip["masks"]).float()
        data = {"packed_masks": pack_masks(masks), "n_frames": len(masks), "scores": [0.9, 0.9]}
        data["orig_size"] = tuple(masks.shape[2:])
        return torch.from_numpy(clip["images"]).float() / 255, data


NODE_CLASS_MAPPINGS = {"GivenClip": Given}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    packs = tmp_path_factory.mktemp("packs")
    (packs / "probe").mkdir()
    (packs / "probe" / "__init__.py").write_text(PROBE)
    paths = packs / "paths.yaml"
    paths.write_text(f"probe:\n  custom_nodes: {packs}\n")
    base = tmp_path_factory.mktemp("identities")
    with serve(base, f"--extra-model-paths-config={paths}") as server:
        if "SAM3_VideoTrack" not in server.object_info:
            pytest.skip("ComfyUI has no SAM 3")
        yield server


@pytest.mark.parametrize("breaks", [False, True], ids=["whole", "broken"])
def test_people_who_cross(running, breaks, tmp_path):
    images, masks = make_clip()
    given = masks.copy()
    if breaks:
        given[6:] = masks[6:, ::-1]
    np.savez(tmp_path / "clip.npz", images=images, masks=given)
    people = "track" if breaks else "pose"
    run = running.run(
        {
            "given": node("GivenClip", file=str(tmp_path / "clip.npz")),
            "model": node("SapiensPoseLoader", checkpoint=MINIATURE),
            "pose": node(
                "SapiensPose", model=["model", 0], image=["given", 0], track_data=["given", 1]
            ),
            "track": node("SapiensPoseTrack", poses=["pose", 0]),
            "select": node("SapiensPoseSelect", poses=[people, 0], track_ids="0,1"),
            "render": node("SapiensPoseRender", poses=["select", 0], color_by_person=True),
            "skeletons": node("SaveImage", images=["render", 0], filename_prefix="skeletons"),
            "ids": node("SapiensIdentityMasks", poses=["select", 0], track_data=["given", 1]),
            "colours": node("SaveImage", images=["ids", 0], filename_prefix="colours"),
        }
    )
    assert run.success, (run.node_errors, run.messages)
    told = " ".join(str(data) for kind, data in run.events) + str(run.outputs)
    assert ("2 tracks seem to break, the first at frame 6" in told) == breaks
    colours = np.stack([read(running, row) for row in run.outputs["colours"]["images"]])
    for person, colour in enumerate([(0, 0, 255), (255, 0, 0)]):
        np.testing.assert_array_equal((colours == colour).all(axis=-1), masks[:, person])
    skeletons = [read(running, row) for row in run.outputs["skeletons"]["images"]]
    for frame in (0, 8):
        red, blue = (
            skeletons[frame][mask].astype(int).sum(axis=0)[[0, 2]] for mask in masks[frame]
        )
        assert red[0] > red[1]
        assert blue[1] > blue[0]


def read(server, row) -> np.ndarray:
    return read_picture(server.base / "output" / row["subfolder"] / row["filename"])[..., :3]
