"""Track Sapiens People: the same id for the same person in every frame."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from ..sapiens_core.out_of_memory import explain_out_of_memory
from ..skeletons.foundation.checks import FLAG, TEXT, check, whole
from ..skeletons.foundation.limits import MAX_COUNT
from .sockets.pose_sockets import pose_outputs, pose_results, poses_input, threshold_input

if TYPE_CHECKING:
    from .host.track_cache import ClipMemory

MAX_FIRST_FRAME = 2**31 - 1


@functools.cache
def clip_memory() -> ClipMemory:
    """What is known of clips that are tracked in batches; lost when ComfyUI ends."""
    from .host.track_cache import ClipMemory

    return ClipMemory()


def _inputs() -> list[Any]:
    return [
        poses_input(),
        io.Int.Input(
            "max_gap",
            default=20,
            min=0,
            max=MAX_COUNT,
            tooltip="Somebody who is missing for so many frames is still known again, near where "
            "the way so far leads.",
        ),
        io.String.Input(
            "clip",
            default="",
            tooltip="Empty: the frames are a clip of their own. A name: they are part of a longer "
            "clip of that name, whose other parts are tracked in other runs; see first_frame.",
        ),
        io.Int.Input(
            "first_frame",
            default=0,
            min=-1,
            max=MAX_FIRST_FRAME,
            tooltip="With a clip's name: the number of the first of these frames in the clip. 0 "
            "begins the clip anew, -1 goes on where the last part ended.",
        ),
        *_advanced_inputs(),
    ]


def _advanced_inputs() -> list[Any]:
    return [
        io.Boolean.Input(
            "fixed_slots",
            default=False,
            advanced=True,
            tooltip="Keep an empty place for people who are not there, so that each person has the "
            "same number in the list of every frame. For nodes that pick people by that number.",
        ),
        io.Float.Input(
            "min_similarity",
            default=0.2,
            min=0.01,
            max=0.99,
            step=0.01,
            advanced=True,
            tooltip="People less like everybody known are new. Higher: fewer mix-ups, more ids.",
        ),
        io.Float.Input(
            "duplicate_similarity",
            default=0.8,
            min=0.05,
            max=1.05,
            step=0.05,
            advanced=True,
            tooltip="Of two poses so much alike in one frame only the surer one stays: both are "
            "the same person. Above 1: all stay.",
        ),
        threshold_input(),
    ]


class SapiensPoseTrack(io.ComfyNode):
    """Gives people ids."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Inputs and outputs."""
        return io.Schema(
            node_id="SapiensPoseTrack",
            display_name="Track Sapiens People",
            category="Sapiens Pose",
            description="Follows people through the frames of a video: each keeps its id, its "
            "place and its colour, also after crossing others or being hidden for a moment.",
            search_aliases=[
                *("track", "tracking", "person id", "reid", "multi person", "video pose"),
                *("bytetrack", "pose order"),
            ],
            inputs=_inputs(),
            outputs=pose_outputs(),
        )

    @classmethod
    def fingerprint_inputs(
        cls, clip: str | None = "", first_frame: int | None = 0, **_: Any
    ) -> str:
        """Changes when the part of the clip before these frames was tracked to another end.

        A clip or frame that comes through a link is None, for nobody knows it before the run.
        """
        clip = None if clip is None else clip.strip()
        if clip == "" or (first_frame is not None and first_frame <= 0):
            return ""
        return clip_memory().version(clip, first_frame)

    @classmethod
    @explain_out_of_memory("tracking")
    def execute(
        cls,
        poses: Any,
        clip: str,
        first_frame: int,
        fixed_slots: bool,
        score_threshold: float,
        **options: Any,
    ) -> io.NodeOutput:
        """Tracks the frames in order."""
        from ..sapiens_core.clip.tracker import TrackOptions, in_slots, warn_of_ids_without_slot
        from .host.progress import progress_of
        from .sockets.image_sockets import frames_from_poses

        check("clip", clip, TEXT)
        check("first_frame", first_frame, whole(-1, MAX_FIRST_FRAME))
        check("fixed_slots", fixed_slots, FLAG)
        frames = frames_from_poses(poses)
        tracked = clip_memory().track(
            clip.strip(),
            first_frame if clip.strip() else 0,
            frames,
            TrackOptions(score_threshold=score_threshold, **options),
            progress_of(len(frames)),
        )
        if fixed_slots:
            ids = [pose.person_id or 0 for frame in tracked for pose in frame.poses]
            warn_of_ids_without_slot(max(ids, default=0))
            tracked = [in_slots(frame) for frame in tracked]
        return io.NodeOutput(*pose_results(tracked, poses, score_threshold))
