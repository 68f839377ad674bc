"""Options of running: on which devices and machines, and how much at a time."""

from __future__ import annotations

from ..foundation.limits import MAX_COUNT
from .option import Option, OptionTable

DEVICES = OptionTable(
    (
        Option(
            "device",
            "text",
            "Where the network runs: auto, cpu, cuda, cuda:1, mps, ...",
            default="auto",
            unit="device",
            flag="--device",
        ),
        Option(
            "devices",
            "text",
            "Several devices at a time, such as cuda:0,cuda:1, each with its own model.",
            unit="list",
            flag="--devices",
        ),
        Option(
            "jobs_per_device",
            "whole",
            "Number of models on each device, or on the processor.",
            default=1,
            least=1,
            most=64,
            flag="--jobs-per-device",
        ),
    )
)

MAX_SECONDS = 7 * 24 * 3600
"""Longest time that can be asked for, in seconds: a week."""

FAILING = OptionTable(
    (
        Option(
            "patience",
            "number",
            "How long to keep trying, with growing pauses, while a disk is full or a share or "
            "server is not available. If nothing succeeds in this time, the run stops; to resume, "
            "repeat the command. 0 stops at once.",
            default=300,
            least=0,
            most=MAX_SECONDS,
            unit="seconds",
            flag="--patience",
        ),
    )
)

FETCHING = OptionTable(
    (
        Option(
            "connect_limit",
            "number",
            "How long a server may take to start sending a file. More helps with slow "
            "servers, less gives up sooner.",
            default=30,
            least=0,
            most=MAX_SECONDS,
            open=True,
            unit="seconds",
            flag="--connect-limit",
        ),
        Option(
            "stall_limit",
            "number",
            "How long a download may pause.",
            default=30,
            least=0,
            most=MAX_SECONDS,
            open=True,
            unit="seconds",
            flag="--stall-limit",
        ),
        Option(
            "file_limit",
            "number",
            "How long a file may take in total. Set more for long videos.",
            default=1800,
            least=0,
            most=MAX_SECONDS,
            open=True,
            unit="seconds",
            flag="--file-limit",
        ),
    )
)

CLUSTER = OptionTable(
    (
        Option(
            "address",
            "text",
            "local: this machine alone. auto: the Ray cluster that runs here. Or the address of a "
            "cluster.",
            default="local",
            unit="address",
            flag="--address",
        ),
        Option(
            "actors",
            "whole",
            "Number of workers.",
            least=1,
            most=MAX_COUNT,
            none="as many as there is room for",
            flag="--actors",
        ),
        Option(
            "gpus_per_actor",
            "number",
            "GPUs of each worker; 0.5 for two workers on one GPU.",
            least=0,
            most=MAX_COUNT,
            none="1 if there are any",
            flag="--gpus-per-actor",
        ),
        Option(
            "cpus_per_actor",
            "number",
            "Processor cores of each worker.",
            least=0,
            most=MAX_COUNT,
            open=True,
            none="1 beside a GPU, otherwise 4",
            flag="--cpus-per-actor",
        ),
        Option(
            "part_size",
            "whole",
            "Number of images in one part, which a worker processes and writes to files of its "
            "own. 512 keep a GPU busy for about a minute. If a machine fails, its part is "
            "repeated.",
            default=512,
            least=1,
            most=MAX_COUNT,
            flag="--part-size",
        ),
        Option(
            "retry_errors",
            "switch",
            "Process parts again if some of their inputs have an error.",
            default=False,
            flag="--retry-errors",
        ),
    )
)

EVALUATING = OptionTable(
    (
        Option(
            "detections",
            "path",
            "Boxes of a detector: its result file in COCO's format, such as "
            "COCO_val2017_detections_AP_H_70_person.json. Published figures are measured with such "
            "a file.",
            none="the annotated boxes, each with score 1",
            flag="--detections",
        ),
        Option(
            "limit",
            "whole",
            "Number of images with annotated people to evaluate, chosen at random. 200 are enough "
            "to tell a broken model from a good one. 0: all images.",
            default=0,
            least=0,
            most=MAX_COUNT,
            unit="images",
            flag="--limit",
        ),
        Option(
            "seed",
            "whole",
            "Seed for choosing images with --limit and for the range of AP. The same number gives "
            "the same figures.",
            default=0,
            least=0,
            most=MAX_COUNT,
            flag="--seed",
        ),
    )
)
