"""What an earlier version took and gave, kept in ``tests/golden/compatibility``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "compatibility"


def read(name: str) -> Any:
    """The content of one of the JSON files."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def plain(value: Any) -> Any:
    """A value as JSON holds it: dataclasses as objects, paths as text, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value.as_posix() if isinstance(value, Path) else value


def kept(now: Any, saved: Any) -> Any:
    """``now`` without the keys of objects that the saved value has not: what was added since."""
    if isinstance(now, dict) and isinstance(saved, dict):
        return {key: kept(now[key], saved[key]) for key in saved if key in now}
    return now


def arguments_of(parser: argparse.ArgumentParser) -> list[dict[str, Any]]:
    """What a command line may hold, help texts left out."""
    return [
        {
            "flags": action.option_strings,
            "dest": action.dest,
            "takes": type(action).__name__.strip("_").removesuffix("Action"),
            "nargs": action.nargs,
            "default": plain(action.default),
            "choices": action.choices and list(action.choices),
            "required": action.required,
        }
        for action in parser._actions
    ]


def inputs_of(schema: Any) -> list[dict[str, Any]]:
    """The inputs of a ComfyUI node in their order, tooltips left out."""
    rows = []
    for each in schema.inputs:
        row = {"id": each.id, "type": str(each.get_io_type()), "optional": each.optional}
        row |= {key: value for key, value in each.as_dict().items() if key != "tooltip"}
        # Left out, they mean this.
        row["advanced"] = bool(row.get("advanced"))
        if row.get("options"):
            row.setdefault("default", row["options"][0])
        rows.append(plain(row))
    return rows
