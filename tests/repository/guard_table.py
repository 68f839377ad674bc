"""The guards against strangers' files and values, and the tests that must fail without each.

For the few that protect a user's computer: code in checkpoints, paths and links, files that unpack
to all memory, secrets sent to other hosts. ``take_out.py`` takes them out, one at a time. The limit
of 30 rows is a test's: for a figure about other code, ``make mutants`` runs a mutation tool.
"""

from __future__ import annotations

from guard import Guard
from guards_of_checkpoints import CHECKPOINT_BOMBS, NO_CODE

MAX_GUARDS = 32

POSE_FILES = "tests/skeletons/formats/test_hostile_pose_files.py"
IMAGES = "tests/commands/files/test_hostile_images.py"
FOLDERS = "tests/commands/files/test_hostile_names.py"
NODES = "tests/comfyui/test_hostile_nodes.py"
NODE_FILES = "tests/comfyui/test_hostile_files.py"
LIMITS = "skeletons/foundation/limits.py"
NAMES = "skeletons/foundation/safe_names.py"

JSON_BOMBS = (
    Guard(
        "size, depth and memory of JSON text",
        "skeletons/foundation/safe_json.py",
        "parse_json",
        (
            f"{POSE_FILES}::test_json",
            f"{POSE_FILES}::test_text_larger_than_the_limit",
            f"{POSE_FILES}::test_gzipped_text_larger_than_the_limit",
            "tests/skeletons/foundation/test_safe_json.py"
            "::test_text_of_kilobytes_that_would_take_gigabytes",
        ),
        body="return json.loads(text)",
        endless=True,
    ),
    Guard(
        "people and frames in a file",
        LIMITS,
        "check_count",
        (
            f"{POSE_FILES}::test_json",
            "tests/skeletons/formats/test_sapiens_json.py::test_a_clip_with_too_many_is_refused",
        ),
        body="return",
        endless=True,
    ),
    Guard(
        "pipes and devices are not read",
        LIMITS,
        "check_is_file",
        (
            "tests/skeletons/foundation/test_safe_json.py::test_what_is_no_file_is_refused",
            "tests/sapiens_core/checkpoints/test_load.py::test_weights_that_are_no_file_are_refused",
            "tests/commands/files/test_find_inputs.py::test_a_list_without_an_end_is_refused",
        ),
        body="return",
        endless=True,
    ),
)

IMAGE_BOMBS = (
    Guard(
        "pixels of an image",
        LIMITS,
        "check_image_size",
        (
            f"{IMAGES}::test_pictures",
            "tests/commands/files/test_images.py"
            "::test_the_limit_holds_where_another_pack_turned_pillows_off",
            "tests/sapiens_core/test_estimator.py::test_what_is_no_picture_is_said_before_any_work",
        ),
        body="return",
    ),
    Guard(
        "pixels of an animation",
        "commands/files/animations.py",
        "AnimationReader.durations_ms",
        (
            "tests/commands/files/test_animations.py"
            "::test_frames_of_too_many_pixels_are_not_composed",
        ),
        replace=("MAX_ANIMATION_PIXELS", "2**99"),
    ),
    Guard(
        "pixels of a frame of a video",
        "commands/videos/open_video.py",
        "open_video",
        (
            "tests/commands/videos/test_video_reader.py::test_frames_of_too_many_pixels_are_not_decoded",
        ),
        replace=("DECODER_OPTIONS", "{}"),
    ),
    Guard(
        "pixels of a drawing",
        LIMITS,
        "check_pixels",
        (
            "tests/skeletons/draw/test_draw_limits.py::test_drawings",
            f"{NODES}::test_hostile_pose_keypoint_is_not_drawn",
        ),
        body="return",
    ),
)

PATHS_AND_LINKS = (
    Guard(
        "folders in a name mean nothing",
        NAMES,
        "file_name_of",
        (
            "tests/skeletons/foundation/test_safe_names.py::test_folders_in_a_name_mean_nothing",
            "tests/commands/ray_batch/test_addresses.py"
            "::test_folders_in_the_name_of_an_address_mean_nothing",
        ),
        body="return path",
    ),
    Guard(
        "names that no file can have",
        NAMES,
        "check_file_name",
        (
            "tests/skeletons/foundation/test_safe_names.py::test_names_that_no_file_can_have",
            f"{FOLDERS}::test_commands_write_nothing_under_a_hostile_name",
            f"{NODE_FILES}::test_nothing_is_saved_under_a_hostile_name",
        ),
        body="return",
    ),
    Guard(
        "paths and links stay in their folder",
        NAMES,
        "check_inside",
        (
            "tests/commands/files/test_masks_folder.py::test_masks_that_lead_out_of_their_folder",
            f"{NODE_FILES}::test_nothing_is_saved_under_a_hostile_name",
            f"{NODE_FILES}::test_nothing_is_loaded_from_outside_the_folders",
        ),
        body="return",
    ),
    Guard(
        "nothing is deleted where a link leads",
        NAMES,
        "check_no_link",
        (
            "tests/commands/run/test_resume_store.py"
            "::test_what_a_run_keeps_never_lies_elsewhere_by_a_link",
            "tests/commands/ray_batch/test_layout.py"
            "::test_what_a_batch_keeps_never_lies_elsewhere_by_a_link",
        ),
        body="return",
    ),
    Guard(
        "a link in the place of a result is replaced",
        "skeletons/foundation/atomic_files.py",
        "write_bytes",
        (f"{FOLDERS}::test_output_that_is_a_link_is_replaced_not_followed",),
        body="Path(path).write_bytes(data)",
    ),
    Guard(
        "a prefix stays in ComfyUI's output folder",
        "nodes/host/output_names.py",
        "_check_prefix",
        (f"{NODE_FILES}::test_nothing_is_saved_under_a_hostile_name",),
        body="return",
    ),
    Guard(
        "a file is loaded from ComfyUI's folders",
        "nodes/host/pose_folders.py",
        "find_pose_file",
        (f"{NODE_FILES}::test_nothing_is_loaded_from_outside_the_folders",),
        body="return Path(folder_paths.get_input_directory()) / name",
    ),
)

HOSTS = (
    Guard(
        "an address in a list does not choose who gets the user's secrets",
        "commands/ray_batch/addresses.py",
        "parse_listed",
        (
            "tests/commands/ray_batch/test_addresses.py"
            "::test_a_list_chooses_nobody_who_gets_credentials",
            "tests/commands/ray_batch/test_shard.py::test_a_list_chooses_no_host",
        ),
        body="return parse_address(address)",
    ),
    Guard(
        "a token is sent to the hub alone",
        "sapiens_core/checkpoints/http_resume.py",
        "_append",
        (
            "tests/sapiens_core/checkpoints/test_download.py"
            "::test_a_token_is_sent_to_the_hub_and_not_to_where_it_points",
        ),
        replace=(
            "requests.get",
            "type('Session', (requests.Session,), {'rebuild_auth': lambda *_: None})().get",
        ),
    ),
)

NODE_VALUES = (
    Guard(
        "options that come through a link",
        "skeletons/foundation/checks.py",
        "check",
        (
            f"{NODES}::test_an_option_that_comes_through_a_link_is_looked_at",
            f"{NODES}::test_options_of_nodes_are_looked_at_before_any_work",
        ),
        body="return",
    ),
    Guard(
        "an IMAGE of other nodes",
        "nodes/sockets/image_sockets.py",
        "images_from_comfy",
        (f"{NODES}::test_what_is_no_image_is_one_clear_error_before_any_work",),
        body="return [_image_from_comfy(frame) for frame in image]",
    ),
    Guard(
        "a MASK of other nodes",
        "nodes/sockets/tensors.py",
        "mask_from_comfy",
        (f"{NODES}::test_what_is_no_mask_is_one_clear_error",),
        body="return torch.nan_to_num(mask.detach().float().cpu()).numpy()",
        endless=True,
    ),
    Guard(
        "SAPIENS_POSES of other nodes",
        "nodes/sockets/image_sockets.py",
        "_to_frame",
        (f"{NODES}::test_poses_of_others_that_cannot_be_read_are_named",),
        body="return _frame(value)",
    ),
)

GUARDS = (
    *NO_CODE,
    *CHECKPOINT_BOMBS,
    *JSON_BOMBS,
    *IMAGE_BOMBS,
    *PATHS_AND_LINKS,
    *HOSTS,
    *NODE_VALUES,
)
