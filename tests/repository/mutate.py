"""Changes modules in many small ways, one at a time, and shows the changes that no test notices.

    python tests/repository/mutate.py skeletons/poses/select.py

The changes and the figure are mutmut's; the tests are those that mirror the module, here
``tests/skeletons/poses/test_select.py``. A change that survives is a question, not an error: many
only alter words of a message.

Tried on ``skeletons/oks.py``: mutmut 3.8.1 makes 104 changes in 1.6 processor seconds each, because
it forks a process that has imported the tests; cosmic-ray 8.7.0 makes 197 in 4.3 s each, because it
starts pytest anew. With mutmut, what lies outside functions is lost: tables, constants and defaults
of dataclasses stay unchanged.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from repository_copy import PACKAGE, ROOT, copy_of_repository

CONFIG = """
[tool.mutmut]
source_paths = ["{package}/"]
only_mutate = {modules}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-c", "{package}/pyproject.toml", "--rootdir={package}"]
timeout_constant = 4.0  # times 15: one minute, as a busy machine needs
"""


def mirrored_tests(module: str) -> str:
    """The file of tests of a module; without one, the folder of tests of its room.

    Raises:
        FileNotFoundError: there is no such module, or no such folder.
    """
    path = Path(module)
    if not (ROOT / path).is_file():
        raise FileNotFoundError(f"There is no module {module}; name one such as cli.py.")
    own = Path("tests", path.parent, f"test_{path.name}")
    tests = own if (ROOT / own).is_file() else own.parent
    if not (ROOT / tests).exists():
        raise FileNotFoundError(f"{module} has no tests in {tests}.")
    return tests.as_posix()


def mutate(modules: Sequence[str]) -> int:
    """Runs mutmut, and prints each change that the tests did not notice; mutmut's exit code."""
    tests = sorted({mirrored_tests(module) for module in modules})
    with copy_of_repository() as copy:
        config = CONFIG.format(
            package=PACKAGE,
            modules=json.dumps([f"{PACKAGE}/{module}" for module in modules]),
            tests=json.dumps([f"{PACKAGE}/{test}" for test in tests]),
        )
        (copy.parent / "pyproject.toml").write_text(config, encoding="utf-8")
        code = subprocess.run(_mutmut("run"), cwd=copy.parent, env=_environment()).returncode
        listed = subprocess.run(
            _mutmut("results"), cwd=copy.parent, check=True, capture_output=True, text=True
        )
        for line in listed.stdout.splitlines():
            name, _, outcome = line.strip().partition(": ")
            if outcome == "survived":
                subprocess.run(_mutmut("show", name), cwd=copy.parent, check=True)
    return code


def _mutmut(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mutmut", *arguments]


def _environment() -> dict[str, str]:
    """Without other copies of the package, and with one thread: each fork would start its own."""
    return {**os.environ, "PYTHONPATH": "", "OMP_NUM_THREADS": "1"}


def main() -> int:
    """Changes the modules that were named; 2 if one cannot be."""
    if not sys.argv[1:]:
        return _refuse("Name modules, such as skeletons/poses/select.py.")
    try:
        return mutate(sys.argv[1:])
    except FileNotFoundError as error:
        return _refuse(str(error))


def _refuse(text: str) -> int:
    print(text, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
