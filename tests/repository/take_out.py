"""Takes protections out, one at a time, and tells whether their tests fail without them.

    python tests/repository/take_out.py            all of the table in tests/mutants
    python tests/repository/take_out.py -k download --no-baseline

Each is taken out of a copy of the repository. The tests of ``tests/comfyui`` run in
``.venv-comfyui``. One that does not end, or that ends its process, has failed if the table says
``endless``; one that could not be begun proves nothing. Returns 1 if a mutant survived or could
not be judged.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mutant_table import Mutant, read_mutants

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "comfyui_sapiens_pose"
COMFYUI_TESTS = "tests/comfyui/"
COMFYUI_VENV = ROOT / ".venv-comfyui"

LIMIT_S = 600.0
"""For the tests of a mutant."""
ENDLESS_LIMIT_S = 60.0
"""For those that run for ever without their protection; with it, they take a few seconds."""
BASELINE_LIMIT_S = 1800.0
MEMORY_BYTES = 8 * 2**30
"""Of a process's addresses: twice what PyTorch and ComfyUI ask for."""

NO_PROOF = ("ImportError", "ModuleNotFoundError", "NameError", "SyntaxError", "fixture '")
"""What a failure says that comes from a mistake in the table."""

FAILED, PASSED, SKIPPED = "failed", "passed", "skipped"
SHOWN_LETTERS = 100
"""Of the reason why a test failed."""


class HarnessError(Exception):
    """Tests could not be run as they should."""


@dataclass(frozen=True)
class Outcome:
    """What became of a test.

    Attributes:
        kind: ``FAILED``, ``PASSED`` or ``SKIPPED``.
        reason: why it failed, in a line.
    """

    kind: str
    reason: str = ""


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the repository in a temporary folder: what git tracks, and new files."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    with tempfile.TemporaryDirectory(prefix="take_out") as folder:
        copy = Path(folder) / "repository"
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name, follow_symlinks=False)
        # The repository is the package: a link of the package's name makes it one.
        (Path(folder) / "src").mkdir()
        (Path(folder) / "src" / PACKAGE).symlink_to(copy)
        yield copy


def environment(copy: Path) -> dict[str, str]:
    """Variables with which the copy is imported, rather than what is installed."""
    comfyui = os.environ.get("COMFYUI_DIR") or str(COMFYUI_VENV / "ComfyUI")
    return {**os.environ, "PYTHONPATH": str(copy.parent / "src"), "COMFYUI_DIR": comfyui}


def check_import(copy: Path) -> None:
    """Raises HarnessError unless the package is imported from the copy."""
    command = [sys.executable, "-c", f"import {PACKAGE}; print({PACKAGE}.__file__)"]
    done = subprocess.run(
        command, cwd=copy.parent, env=environment(copy), check=True, capture_output=True, text=True
    )
    found = Path(done.stdout.strip()).resolve()
    if found != copy.resolve() / "__init__.py":
        raise HarnessError(f"{PACKAGE} was imported from {found}, expected {copy}")


def outcomes(
    copy: Path, tests: Sequence[str], slow: bool, limit_s: float, endless: bool = False
) -> dict[str, Outcome]:
    """What became of each test.

    Raises:
        HarnessError: pytest could not run one of them, or it did not end and is not ``endless``.
    """
    comfyui = [test for test in tests if test.startswith(COMFYUI_TESTS)]
    others = [test for test in tests if test not in comfyui]
    python = COMFYUI_VENV / "bin" / "python"
    # Without a ComfyUI they are skipped.
    comfyui_python = str(python) if python.exists() else sys.executable
    return {
        **_outcomes(copy, sys.executable, others, slow, limit_s, endless),
        **_outcomes(copy, comfyui_python, comfyui, slow, limit_s, endless),
    }


def _outcomes(
    copy: Path, python: str, tests: Sequence[str], slow: bool, limit_s: float, endless: bool
) -> dict[str, Outcome]:
    if not tests:
        return {}
    report = copy.parent / "report.xml"
    report.unlink(missing_ok=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}"]
    command += ["-o", "junit_family=xunit1", *(["-m", "slow"] if slow else []), *tests]
    code, told = _run(command, copy, limit_s)
    if code in (0, 1) and report.is_file():
        return _read(report, tests)
    how = f"did not end in {limit_s:.0f} s" if code is None else f"ended with {code}"
    if not endless or (code is not None and code >= 0):
        raise HarnessError(f"pytest {how}:\n{told}")
    if len(tests) == 1:
        return {tests[0]: Outcome(FAILED, how)}
    # It is not told which of them did not end.
    each = (_outcomes(copy, python, [test], slow, limit_s, endless) for test in tests)
    return {test: outcome for found in each for test, outcome in found.items()}


def _run(command: Sequence[str], copy: Path, limit_s: float) -> tuple[int | None, str]:
    """Exit code and output of a command; None if it did not end in time."""
    process = subprocess.Popen(
        command,
        cwd=copy,
        env=environment(copy),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY_BYTES, hard))
    try:
        told, _ = process.communicate(timeout=limit_s)
        return process.returncode, told
    except subprocess.TimeoutExpired:
        return None, ""
    finally:
        _end_group(process)


def _end_group(process: subprocess.Popen[str]) -> None:
    """Ends a process and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.communicate()


def _read(report: Path, tests: Sequence[str]) -> dict[str, Outcome]:
    """Outcomes from pytest's report; a test with several cases failed if one of them did."""
    cases: dict[str, list[Outcome]] = {test: [] for test in tests}
    for case in ElementTree.parse(report).iter("testcase"):
        node = f"{case.get('file')}::{case.get('name')}"
        for test in tests:
            if node == test or node.startswith(f"{test}["):
                cases[test].append(_outcome(case, node))
    missing = [test for test in tests if not cases[test]]
    if missing:
        raise HarnessError(f"not run: {', '.join(missing)}")
    order = (FAILED, PASSED, SKIPPED)
    return {test: min(each, key=lambda one: order.index(one.kind)) for test, each in cases.items()}


def _outcome(case: ElementTree.Element, node: str) -> Outcome:
    for kind in ("failure", "error"):
        for found in case.iter(kind):
            message = found.get("message", "")
            in_setup = kind == "error" and "teardown" not in message
            if in_setup or any(text in message for text in NO_PROOF):
                raise HarnessError(f"{node}: {message or found.text}")
            return Outcome(FAILED, " ".join(message.split())[:SHOWN_LETTERS])
    return Outcome(SKIPPED if case.find("skipped") is not None else PASSED)


def judge(mutant: Mutant) -> tuple[bool, str]:
    """Whether all is well with a mutant, and in words what came of it.

    The words end with the reasons why tests failed, for people to see that these are the ones.
    """
    with copied() as copy:
        try:
            for change in mutant.changes:
                change.make(copy)
            check_import(copy)
            limit_s = ENDLESS_LIMIT_S if mutant.endless else LIMIT_S
            found = outcomes(copy, mutant.tests, mutant.slow, limit_s, mutant.endless)
        except (ValueError, HarnessError) as error:
            return False, f"NOT JUDGED: {error}"
    survived = [test for test, outcome in found.items() if outcome.kind == PASSED]
    if survived:
        return False, f"SURVIVED {', '.join(survived)}"
    skipped = [test for test, outcome in found.items() if outcome.kind == SKIPPED]
    if skipped:
        return True, f"not judged, skipped here: {', '.join(skipped)}"
    reasons = "".join(f"\n    {test}: {outcome.reason}" for test, outcome in found.items())
    return True, f"failed as it should{reasons}"


def baseline(mutants: Sequence[Mutant]) -> list[str]:
    """Tests that fail with all protections in place.

    Raises:
        HarnessError: pytest could not run one of them.
    """
    failed = []
    with copied() as copy:
        check_import(copy)
        for slow in (False, True):
            named = (test for mutant in mutants if mutant.slow == slow for test in mutant.tests)
            found = outcomes(copy, list(dict.fromkeys(named)), slow, BASELINE_LIMIT_S)
            failed += [test for test, outcome in found.items() if outcome.kind == FAILED]
    return failed


def main() -> int:
    """Judges the mutants that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("-k", metavar="WORD", default="", help="only names or files with WORD")
    parser.add_argument("--list", action="store_true", help="only say which there are")
    parser.add_argument("--no-baseline", action="store_true", help="the tests are known to pass")
    arguments = parser.parse_args()
    mutants = [
        mutant
        for mutant in read_mutants()
        if any(arguments.k in text for text in (mutant.name, *(c.file for c in mutant.changes)))
    ]
    if arguments.list:
        print("\n".join(mutant.name for mutant in mutants))
        return 0
    started = time.monotonic()
    failed = [] if arguments.no_baseline else baseline(mutants)
    if failed:
        print(f"With all protections in place, these fail: {', '.join(failed)}")
        return 1
    all_well = True
    for mutant in mutants:
        begun = time.monotonic()
        well, told = judge(mutant)
        all_well &= well
        print(f"{mutant.name} ({time.monotonic() - begun:.0f} s): {told}", flush=True)
    print(f"{len(mutants)} mutants in {time.monotonic() - started:.0f} s")
    return 0 if all_well else 1


if __name__ == "__main__":
    sys.exit(main())
