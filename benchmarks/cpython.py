"""Measure CPython's rules on the running Python: is each as `docs/process-life.md` says?

    python -m benchmarks.cpython --times 20 --python python3.13

Each rule is a small plain program of `benchmarks.cpython_rules`, run in a session of its own.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

PROGRAMS = Path(__file__).with_name("cpython_rules.py")
SECONDS = 60.0  # a program that hangs is killed, with all that it has started

EXPECTED: dict[str, str] = {
    "signal_is_a_request": "True None, then False -15",
    "close_after_a_signal": "ValueError",
    "listed_after_a_signal": "listed: True",
    "join_zero_only_looks": "at once: True",
    "after_close": (
        "name True, is_alive ValueError, join ValueError, exitcode ValueError, daemon = nothing"
    ),
    "exit_codes": "0 1 1 0 255 44 1",
    "finally_by_signal": "SIGINT: runs, 1; SIGTERM: does not run, -15",
    "first_deadly_signal": "-15 -9",
    "orphan_is_no_zombie": "alive, the same parent: False",
    "join_waits_for_the_sentinel": "with a timeout: waits True; without: 3",
    "daemons_first": "hangs",
    "lock_is_free": "acquired: True",
    "lock_is_not_handed_over": "acquired: True",
    "released_too_often": "ValueError AssertionError ValueError, Semaphore nothing",
    "killed_at_a_barrier": "hangs hangs hangs",
    "timeout_breaks_a_barrier": "BrokenBarrierError BrokenBarrierError, the other 1",
    "notify_is_not_remembered": "Condition False, Event True",
    "update_is_lost": "less than 60000: True",
    "killed_in_get": "Queue hangs, SimpleQueue hangs",
    "a_pipe_holds_64_kib": "65536 65536",
    "put_into_a_full_pipe": "Queue: put returns, join hangs; SimpleQueue: put waits, join hangs",
    "end_of_a_pipe": "closed in the child: ends 3; not closed: hangs",
    "authkey_is_bytes": "True 32",
    "fork_copies_a_held_lock": "hangs, held in the parent: False",
    "killed_worker": "Pool waits, executor BrokenProcessPool",
    "closed_with_a_lost_task": "hangs",
    "children_of_workers": "Pool AssertionError, executor nothing",
    "killed_idle_worker": "a task hangs, terminate() hangs",
    "workers_of_a_dead_process": "0 of 2 left",
    "workers_of_an_executor": "0, then 2",
}
"""What each program prints, if the rule holds, in every version of Python."""


RACES = frozenset({"signal_is_a_request", "close_after_a_signal", "listed_after_a_signal"})
"""Rules about two calls in a row. The child has died if its parent lost its core in between."""
ENOUGH = 0.8  # the share of its runs in which a rule of RACES must be as the table says


def expected(rule: str, version: tuple[int, int]) -> str:
    """Return what the program of the rule prints under this version of Python."""
    match rule:
        case "atexit_in_children":
            return f"fork: {'runs' if version >= (3, 13) else 'does not run'}; spawn: runs"
        case "executor_not_shut_down":
            return "ends" if version >= (3, 13) else "hangs"
        case "local_target":
            error = "PicklingError" if version >= (3, 14) else "AttributeError"
            return f"fork nothing nothing; spawn {error} {error}; forkserver {error} {error}"
        case "default_start_method":
            return "forkserver" if version >= (3, 14) else "fork"
        case "fork_beside_threads":
            return "DeprecationWarning" if version >= (3, 12) else "nothing"
    return EXPECTED[rule]


def outcome(python: str, rule: str) -> str:
    """Run the program of the rule. Return the line that it prints."""
    program = subprocess.Popen(
        [python, "-I", str(PROGRAMS), rule],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    assert program.stdout is not None
    limit = threading.Timer(SECONDS, os.killpg, (program.pid, signal.SIGKILL))
    limit.start()
    line = program.stdout.readline().strip()
    limit.cancel()
    os.killpg(program.pid, signal.SIGKILL)
    program.wait()
    return line or "(nothing)"


def main() -> int:
    """Return exit status 1 if a rule is not as the table says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--rule", action="append", help="only this one")
    arguments = parser.parse_args()
    shown = "import sys; print(*sys.version_info[:2])"
    major, minor = subprocess.check_output([arguments.python, "-c", shown], text=True).split()
    version = int(major), int(minor)
    bad = 0
    for rule in arguments.rule or [*EXPECTED, *_BY_VERSION]:
        wanted = expected(rule, version)
        found = Counter(outcome(arguments.python, rule) for _ in range(arguments.times))
        right = found[wanted]
        others = (
            "" if right == arguments.times else f"; also {dict(found - Counter({wanted: right}))}"
        )
        bad += right < arguments.times * (ENOUGH if rule in RACES else 1)
        print(
            f"{rule}: as the table says {right} of {arguments.times}: {wanted}{others}", flush=True
        )
    print(f"Python {major}.{minor}: {bad} rules are not as the table says")
    return int(bad > 0)


_BY_VERSION = (
    "atexit_in_children",
    "executor_not_shut_down",
    "local_target",
    "default_start_method",
    "fork_beside_threads",
)

if __name__ == "__main__":
    sys.exit(main())
