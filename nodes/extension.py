"""The list of nodes."""

from __future__ import annotations

from comfy_api.latest import ComfyExtension, io

from .converted_poses import SapiensPoseConvert
from .estimate import SapiensPose, SapiensPoseOptions
from .host import model_files
from .identity_masks import SapiensIdentityMasks
from .loader import SapiensPoseLoader
from .parts import SapiensPoseParts
from .pose_files import SapiensPoseLoad, SapiensPoseSave, SapiensPoseToJSON
from .poses.edit import SapiensPoseEdit
from .poses.library import SapiensPoseLibrary
from .poses.retarget import SapiensPoseRetarget
from .poses.select import SapiensPoseSelect
from .poses.smooth import SapiensPoseSmooth
from .poses.track import SapiensPoseTrack
from .preprocess import SapiensPosePreprocessor, offer_replacement
from .render import SapiensPoseRender, SapiensRenderOptions
from .wan_animate import SapiensWanAnimateInputs

NODES: list[type[io.ComfyNode]] = [
    SapiensPosePreprocessor,
    SapiensPoseLoader,
    SapiensPose,
    SapiensPoseOptions,
    SapiensPoseSelect,
    SapiensPoseTrack,
    SapiensPoseSmooth,
    SapiensPoseRetarget,
    SapiensPoseEdit,
    SapiensPoseLibrary,
    SapiensPoseParts,
    SapiensPoseRender,
    SapiensRenderOptions,
    SapiensWanAnimateInputs,
    SapiensIdentityMasks,
    SapiensPoseConvert,
    SapiensPoseToJSON,
    SapiensPoseSave,
    SapiensPoseLoad,
]


class SapiensPoseExtension(ComfyExtension):
    """What ComfyUI asks for when it loads the pack."""

    async def on_load(self) -> None:
        """Registers the model folder, and the node that can stand for DWPose's."""
        model_files.register_folder()
        await offer_replacement()

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        """All nodes of the pack."""
        return NODES
