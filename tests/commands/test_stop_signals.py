"""Every signal that asks a program to stop does so, and none that is ignored."""

import signal
import subprocess
import sys
from contextlib import suppress

import pytest
from helpers.processes import started

PROGRAM = """
import sys, time
from comfyui_sapiens_pose.commands.stop_signals import run_until_stopped

def program():
    try:
        print("ready", file=sys.stderr, flush=True)
        time.sleep(60)
    finally:
        print("cleaned up", file=sys.stderr, flush=True)
        if "slow" in sys.argv:
            time.sleep(60)
    return 0

sys.exit(run_until_stopped(program))
"""
IGNORING = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
NAMES = ["SIGINT", "SIGTERM", "SIGHUP"]


@pytest.mark.parametrize("name", NAMES)
def test_a_signal_stops_a_program_that_cleans_up(name):
    number = signal.Signals[name]
    with started([sys.executable, "-c", PROGRAM]) as process:
        assert process.stderr.readline() == "ready\n"
        process.send_signal(number)
        assert process.communicate(timeout=60)[1] == "cleaned up\n"
        assert process.returncode == 128 + number


@pytest.mark.parametrize("name", NAMES)
def test_who_sends_more_does_not_wait(name):
    """Signals that come together may be one, so that it takes three or more."""
    number = signal.Signals[name]
    with started([sys.executable, "-c", PROGRAM, "slow"]) as process:
        assert process.stderr.readline() == "ready\n"
        process.send_signal(number)
        assert process.stderr.readline() == "cleaned up\n"
        for _ in range(100):
            process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.1)
                break
        assert process.stderr.read() == ""
        assert process.returncode == 128 + number


def test_what_is_ignored_stays_ignored():
    """As behind ``nohup``: the terminal closes, and the program goes on."""
    program = IGNORING + PROGRAM.replace("60", "1", 1)

    with started([sys.executable, "-c", program]) as process:
        assert process.stderr.readline() == "ready\n"
        process.send_signal(signal.SIGHUP)
        assert process.communicate(timeout=60)[1] == "cleaned up\n"
        assert process.returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_late_signal_changes_no_exit_code(name):
    """At its very end Python has taken its handlers away: what is deleted then sends one more."""
    late = f"""
import os
class Late:
    def __del__(self, send=os.kill, process=os.getpid()):
        send(process, {signal.Signals[name].value})
late = Late()
"""
    program = late + PROGRAM.replace("sleep(60)", "sleep(0)")
    with started([sys.executable, "-c", program]) as process:
        assert process.communicate(timeout=60)[1] == "ready\ncleaned up\n"
        assert process.returncode == 0
