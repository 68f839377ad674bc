"""The pack as the Comfy Registry takes it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from base_folder import ROOT


def comfy_command(home: Path, *arguments: str) -> str:
    """What ``comfy`` prints; it keeps its settings under ``home``."""
    folder = Path(sys.executable).parent
    environment = {**os.environ, "HOME": str(home), "PATH": f"{folder}:{os.environ['PATH']}"}
    result = subprocess.run(
        [folder / "comfy", "--skip-prompt", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    return output


@pytest.mark.exhaustive
def test_the_registrys_own_check_is_clean(tmp_path):
    comfy_command(tmp_path, "tracking", "disable")
    output = comfy_command(tmp_path, "node", "validate")
    assert "All validation checks passed" in output
    assert "warning" not in output.lower()


def test_the_registry_knows_what_it_needs_to(comfyui):
    from comfy_config.config_parser import extract_node_configuration

    config = extract_node_configuration(str(ROOT))
    assert config.project.name == "sapiens-pose"
    assert config.tool_comfy.publisher_id
    assert config.tool_comfy.display_name
    assert config.tool_comfy.models
    # The page's folder is told by WEB_DIRECTORY; said here too, it would be served twice.
    assert not config.tool_comfy.web
