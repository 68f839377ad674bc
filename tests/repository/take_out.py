"""Takes guards out of a copy of the repository, one at a time: their tests must fail there.

    python tests/repository/take_out.py                  all guards of guard_table.py
    python tests/repository/take_out.py -k pickle        those whose name or file holds the word

The tests of ``tests/comfyui`` run in ``.venv-comfyui``; without one they are skipped, and the guard
is not judged by them. A test that could not begin proves nothing. Returns 1 if the tests of a guard
passed without it, or could not be judged.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from guard import Guard
from guard_table import GUARDS
from repository_copy import PACKAGE, ROOT, copy_of_repository

COMFYUI_TESTS = "tests/comfyui/"
COMFYUI_VENV = ROOT / ".venv-comfyui"

LIMIT_S = 600.0
"""Maximum time for the tests of one guard, in seconds."""
ENDLESS_LIMIT_S = 120.0
"""The same for tests that do not end without their guard; with it, they take a few seconds."""
MEMORY_BYTES = 8 * 2**30
"""Maximum address space of a process, in bytes: twice what PyTorch and ComfyUI ask for."""
REASON_LENGTH = 100
"""Maximum number of letters shown of the reason why a test failed."""

NO_PROOF = ("ImportError", "ModuleNotFoundError", "NameError", "SyntaxError", "fixture '")
"""What a failure says that comes from a mistake in the table."""

FAILED, PASSED, SKIPPED = "failed", "passed", "skipped"


class HarnessError(Exception):
    """Tests could not be run as they should."""


@dataclass(frozen=True)
class Outcome:
    """What became of a test.

    Attributes:
        kind: ``FAILED``, ``PASSED`` or ``SKIPPED``.
        reason: why it failed, in one line.
    """

    kind: str
    reason: str = ""


def environment(copy: Path) -> dict[str, str]:
    """Variables with which the copy is imported, rather than what is installed."""
    comfyui = os.environ.get("COMFYUI_DIR") or str(COMFYUI_VENV / "ComfyUI")
    return {**os.environ, "PYTHONPATH": str(copy.parent), "COMFYUI_DIR": comfyui}


def check_import(copy: Path) -> None:
    """Raises HarnessError unless the package is imported from the copy."""
    command = [sys.executable, "-c", f"import {PACKAGE}; print({PACKAGE}.__file__)"]
    done = subprocess.run(
        command, cwd=copy.parent, env=environment(copy), check=True, capture_output=True, text=True
    )
    imported = Path(done.stdout.strip()).resolve()
    if imported != copy.resolve() / "__init__.py":
        raise HarnessError(f"{PACKAGE} was imported from {imported}, expected {copy}")


def run_tests(
    copy: Path, tests: Sequence[str], limit_s: float, endless: bool
) -> dict[str, Outcome]:
    """The outcome of each test.

    Raises:
        HarnessError: pytest could not run one of them, or it did not end and is not ``endless``.
    """
    comfyui = [test for test in tests if test.startswith(COMFYUI_TESTS)]
    others = [test for test in tests if test not in comfyui]
    python = COMFYUI_VENV / "bin" / "python"
    comfyui_python = str(python) if python.exists() else sys.executable
    return {
        **_run_pytest(copy, sys.executable, others, limit_s, endless),
        **_run_pytest(copy, comfyui_python, comfyui, limit_s, endless),
    }


def _run_pytest(
    copy: Path, python: str, tests: Sequence[str], limit_s: float, endless: bool
) -> dict[str, Outcome]:
    if not tests:
        return {}
    report = copy.parent / "report.xml"
    report.unlink(missing_ok=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}"]
    code, output = _run([*command, "-o", "junit_family=xunit1", *tests], copy, limit_s)
    if code in (0, 1) and report.is_file():
        return _read_report(report, tests)
    end = f"did not end in {limit_s:.0f} s" if code is None else f"ended with {code}"
    if not endless or (code is not None and code >= 0):
        raise HarnessError(f"pytest {end}:\n{output}")
    if len(tests) == 1:
        return {tests[0]: Outcome(FAILED, end)}
    # Nothing says which of them did not end.
    outcomes = {}
    for test in tests:
        outcomes.update(_run_pytest(copy, python, [test], limit_s, endless))
    return outcomes


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
    hard_limit = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY_BYTES, hard_limit))
    try:
        output, _ = process.communicate(timeout=limit_s)
        return process.returncode, output
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


def _read_report(report: Path, tests: Sequence[str]) -> dict[str, Outcome]:
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
    return {
        test: min(outcomes, key=lambda outcome: order.index(outcome.kind))
        for test, outcomes in cases.items()
    }


def _outcome(case: ElementTree.Element, node: str) -> Outcome:
    for kind in ("failure", "error"):
        for problem in case.iter(kind):
            message = problem.get("message", "")
            in_setup = kind == "error" and "teardown" not in message
            if in_setup or any(text in message for text in NO_PROOF):
                raise HarnessError(f"{node}: {message or problem.text}")
            return Outcome(FAILED, " ".join(message.split())[:REASON_LENGTH])
    return Outcome(SKIPPED if case.find("skipped") is not None else PASSED)


def judge(guard: Guard) -> tuple[bool, str]:
    """Whether all is well with a guard, and in words what came of taking it out.

    The words end with the reasons why tests failed, so that people can see whether these are right.
    """
    with copy_of_repository() as copy:
        try:
            guard.take_out(copy)
            check_import(copy)
            limit_s = ENDLESS_LIMIT_S if guard.endless else LIMIT_S
            outcomes = run_tests(copy, guard.tests, limit_s, guard.endless)
        except (LookupError, SyntaxError, HarnessError) as error:
            return False, f"NOT JUDGED: {error}"
    passed = [test for test, outcome in outcomes.items() if outcome.kind == PASSED]
    if passed:
        return False, f"PASSED WITHOUT IT: {', '.join(passed)}"
    reasons = "".join(
        f"\n    {test}: {outcome.kind}. {outcome.reason}" for test, outcome in outcomes.items()
    )
    if any(outcome.kind == SKIPPED for outcome in outcomes.values()):
        return True, f"not judged by all of its tests{reasons}"
    return True, f"failed as it should{reasons}"


def failing_tests(guards: Sequence[Guard]) -> list[str]:
    """Tests that fail with all guards in place.

    Raises:
        HarnessError: pytest could not run one of them.
    """
    tests = list(dict.fromkeys(test for guard in guards for test in guard.tests))
    with copy_of_repository() as copy:
        check_import(copy)
        outcomes = run_tests(copy, tests, LIMIT_S, endless=False)
    return [test for test, outcome in outcomes.items() if outcome.kind == FAILED]


def main() -> int:
    """Judges the guards that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("-k", metavar="WORD", default="", help="only names or files with WORD")
    arguments = parser.parse_args()
    guards = [guard for guard in GUARDS if arguments.k in guard.name or arguments.k in guard.file]
    started = time.monotonic()
    failing = failing_tests(guards)
    if failing:
        print(f"With all guards in place, these fail: {', '.join(failing)}")
        return 1
    all_well = True
    for guard in guards:
        begun = time.monotonic()
        well, words = judge(guard)
        all_well &= well
        print(f"{guard.name} ({time.monotonic() - begun:.0f} s): {words}", flush=True)
    print(f"{len(guards)} guards in {time.monotonic() - started:.0f} s")
    return 0 if all_well else 1


if __name__ == "__main__":
    sys.exit(main())
