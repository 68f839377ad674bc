"""The guards against strangers' checkpoints: rows of ``guard_table.py``."""

from __future__ import annotations

from guard import Guard

CHECKPOINT_TESTS = "tests/sapiens_core/checkpoints"
CHECKPOINTS = f"{CHECKPOINT_TESTS}/test_hostile_checkpoints.py"
CONTAINERS = "sapiens_core/checkpoints/containers.py"
EXPORTED = "sapiens_core/checkpoints/exported.py"
PICKLES = "sapiens_core/checkpoints/pickles.py"
TORCHSCRIPT = "sapiens_core/checkpoints/torchscript.py"

NO_CODE = (
    Guard(
        "a pickle runs no code",
        PICKLES,
        "read_pickle",
        (
            f"{CHECKPOINTS}::test_pickles_with_code",
            "tests/sapiens_core/checkpoints/test_load.py"
            "::test_files_that_would_run_code_are_refused_and_do_not",
        ),
        replace=("torch.load(...)", "torch.load(source, map_location='cpu', weights_only=False)"),
    ),
    Guard(
        "a pickle in TorchScript names tensors and modules only",
        TORCHSCRIPT,
        "_Unpickler.find_class",
        (
            f"{CHECKPOINTS}::test_pickles_with_code",
            "tests/sapiens_core/checkpoints/test_load.py"
            "::test_files_that_would_run_code_are_refused_and_do_not",
        ),
        body="return super().find_class(module, name)",
    ),
    Guard(
        "TorchScript is not compiled",
        CONTAINERS,
        "_read_zip",
        (f"{CHECKPOINTS}::test_torchscript_code_is_never_run",),
        replace=("read_torchscript", "lambda path: dict(torch.jit.load(str(path)).state_dict())"),
    ),
    Guard(
        "a pickle cannot change our functions",
        TORCHSCRIPT,
        "_Unpickler.find_class",
        (f"{CHECKPOINTS}::test_a_pickle_cannot_change_our_functions",),
        replace=("lambda *arguments: _rebuild_tensor(*arguments)", "_rebuild_tensor"),
    ),
)

CHECKPOINT_BOMBS = (
    Guard(
        "the memo of a pickle has no holes",
        TORCHSCRIPT,
        "_Unpickler",
        (f"{CHECKPOINTS}::test_a_pickle_that_remembers_in_place_two_billion",),
        replace=("pickle._Unpickler", "pickle.Unpickler"),
        endless=True,
    ),
    Guard(
        "lengths in a pickle are checked before it is read",
        TORCHSCRIPT,
        "read_torchscript",
        (f"{CHECKPOINTS}::test_a_pickle_that_says_it_holds_a_terabyte",),
        replace=("pickletools.genops(...)", "()"),
    ),
    Guard(
        "modules that hold each other",
        TORCHSCRIPT,
        "_named_tensors",
        (f"{CHECKPOINTS}::test_modules_without_end",),
        replace=("MAX_CHILDREN", "float('inf')"),
        endless=True,
    ),
    Guard(
        "unpacked size of a checkpoint",
        CONTAINERS,
        "_check_unpacked_size",
        (f"{CHECKPOINTS}::test_zip_bombs", f"{CHECKPOINTS}::test_many_names_for_the_same_bytes"),
        body="return",
    ),
    Guard(
        "tensors are plain and fit into their file",
        CONTAINERS,
        "check_plain",
        (
            f"{CHECKPOINTS}::test_tensors_larger_than_their_file",
            f"{CHECKPOINTS}::test_one_block_of_memory_under_many_names",
            f"{CHECKPOINTS}::test_tensors_that_are_none",
        ),
        body="return",
    ),
    Guard(
        "unpacked size of a file in an exported program",
        EXPORTED,
        "_check_inner_size",
        (f"{CHECKPOINT_TESTS}/test_exported.py::test_archives_that_lie",),
        body="return",
    ),
    Guard(
        "an index names files beside it",
        "sapiens_core/checkpoints/shards.py",
        "_check_name_in_index",
        (f"{CHECKPOINT_TESTS}/test_shards.py::test_an_index_leads_to_files_beside_it_only",),
        body="return",
    ),
    Guard(
        "every layer up to the last exists",
        "sapiens_core/network/backbone_v1.py",
        "infer_backbone_v1",
        (f"{CHECKPOINTS}::test_the_billionth_layer",),
        replace=("range(...)", "()"),
        endless=True,
    ),
)
