"""Every list of the official checkpoints is what the zoo says."""

import pytest
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import CHECKPOINTS, DEFAULT_SIZE
from make_model_page import table, with_downloads, with_models, with_table

COMMAND = "python docs/make_model_page.py"


def test_the_table_is_up_to_date(root):
    page = (root / "docs" / "models.md").read_text(encoding="utf-8")
    assert page == with_table(page), f"Run {COMMAND}"


def test_the_registry_knows_every_file(root):
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    assert project == with_models(project), f"Run {COMMAND}"


def test_the_examples_offer_every_file_without_account(root):
    paths = list((root / "example_workflows").glob("*.json"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert text == with_downloads(text), f"Run {COMMAND}"


def test_every_checkpoint_has_a_row():
    rows = table().splitlines()[2:]
    assert len(rows) == len(CHECKPOINTS)
    for row, checkpoint in zip(rows, CHECKPOINTS, strict=True):
        assert f"`{checkpoint.size}`" in row
        assert checkpoint.url in row
        assert checkpoint.license.name in row
    assert sum("(default)" in row for row in rows) == 1
    assert f"**`{DEFAULT_SIZE}`** (default)" in rows[0]


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="no <!-- checkpoints -->"):
        with_table("# Models\n")
    with pytest.raises(ValueError, match="no Models"):
        with_models("[tool.comfy]\n")
