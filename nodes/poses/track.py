"""Track Sapiens People: the same id for the same person in every frame."""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence
from typing import Any

from comfy_api.latest import io
from torch import Tensor

from ...sapiens_core.clip.images.small_image import SmallImage
from ...sapiens_core.clip.tracker import TrackOptions, in_slots, warn_of_ids_without_slot
from ...skeletons.options.tracking import TRACKING
from ...skeletons.pose import Frame
from ..caches.track_cache import TrackCache
from ..host.node_errors import explain_errors
from ..host.page_text import tell
from ..host.progress import progress_of
from ..sockets.image_sockets import frames_from_poses, images_from_comfy
from ..sockets.pose_sockets import pose_outputs, pose_results, poses_input
from ..sockets.widgets import check_inputs, option_values, widgets

log = logging.getLogger(__name__)


@functools.cache
def track_cache() -> TrackCache:
    """What is known of clips that are tracked in batches; lost when ComfyUI ends."""
    return TrackCache()


ONE_CUT = "Cut before frame {first}: everybody gets a new id."
CUTS = "{count} cuts, the first before frame {first}: everybody gets a new id there."


def _image_input() -> Any:
    return io.Image.Input(
        "image",
        optional=True,
        tooltip="The frames in which the poses were found. They show how the camera moves, so "
        "that ids survive pans and zooms; at a cut everybody gets a new id.",
    )


class SapiensPoseTrack(io.ComfyNode):
    """Gives people ids."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseTrack",
            display_name="Track Sapiens People",
            category="Sapiens Pose",
            description="Follows people through the frames of a video: each person keeps their "
            "id, place and colour, even after crossing others or being hidden for a moment.",
            search_aliases=[
                *("track", "tracking", "person id", "reid", "multi person", "video pose"),
                *("bytetrack", "pose order"),
            ],
            inputs=[poses_input(), *widgets(TRACKING), _image_input()],
            outputs=pose_outputs(),
        )

    @classmethod
    def fingerprint_inputs(
        cls,
        clip: str | None = TRACKING["clip"].default,
        first_frame: int | None = TRACKING["first_frame"].default,
        **_: Any,
    ) -> str:
        """Changes when the part of the clip before these frames was tracked to another end.

        A clip or frame that comes through a link is None, for nobody knows it before the run.
        """
        clip = None if clip is None else clip.strip()
        if clip == "" or (first_frame is not None and first_frame <= 0):
            return ""
        return track_cache().version(clip, first_frame)

    @classmethod
    @explain_errors("tracking")
    def execute(
        cls,
        poses: Any,
        clip: str,
        first_frame: int,
        fixed_slots: bool,
        score_threshold: float,
        image: Tensor | None = None,
        **options: Any,
    ) -> io.NodeOutput:
        """Tracks the frames in order."""
        check_inputs(TRACKING, clip=clip, first_frame=first_frame, fixed_slots=fixed_slots)
        values = option_values(TRACKING, options | {"score_threshold": score_threshold})
        frames = frames_from_poses(poses)
        cuts: list[int] = []
        tracked = track_cache().track(
            clip.strip(),
            first_frame if clip.strip() else 0,
            frames,
            TrackOptions(**values),
            progress_of(len(frames)),
            _small_images(image, frames),
            cuts.append,
        )
        _tell_cuts(cuts)
        if fixed_slots:
            ids = [pose.person_id or 0 for frame in tracked for pose in frame.poses]
            warn_of_ids_without_slot(max(ids, default=0))
            tracked = [in_slots(frame) for frame in tracked]
        return io.NodeOutput(*pose_results(tracked, poses, score_threshold))


def _small_images(image: Tensor | None, frames: Sequence[Frame]) -> list[SmallImage]:
    if image is None:
        return []
    images = images_from_comfy(image)
    if len(images) != len(frames):
        raise ValueError(
            f"There are {len(images)} images for {len(frames)} frames of poses; expected one per "
            "frame. Connect the images that the poses were found in, or none."
        )
    return [SmallImage.of(image_rgb) for image_rgb in images]


def _tell_cuts(cuts: Sequence[int]) -> None:
    if cuts:
        tell(ONE_CUT if len(cuts) == 1 else CUTS, count=len(cuts), first=cuts[0])
    if len(cuts) > 1:
        log.info("Cuts before the frames %s.", ", ".join(map(str, cuts)))
