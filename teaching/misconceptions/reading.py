"""Numbers that students read out of the right schedule in a wrong way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from teaching.misconceptions.misconception import Misconception, Read
from teaching.outcome import Outcome
from teaching.readings import Reading
from timeline.record.run import ProcessRow, Run
from timeline.record.usage import Usage, usage_of
from translation import mark


def _less(value: int | None, other: int | None) -> int | None:
    return None if value is None or other is None else value - other


def _times(**times: Callable[[ProcessRow], int | None]) -> Read:
    return lambda _outcome: Reading(times=times)


def _bursts_only(outcome: Outcome) -> Reading:
    """Return the reading in which the waiting time is all that is not CPU time."""
    del outcome
    return Reading(times={"waiting": lambda row: _less(row.turnaround_ns, row.cpu_ns)})


def _from_zero(row: ProcessRow) -> int | None:
    return row.completion_ns


def _mean_of_ends(outcome: Outcome) -> Reading:
    """Return the reading in which a sum is divided by one process too few."""
    many = len(outcome.run.processes)
    if many < 3:
        return Reading()
    return Reading(mean_of=lambda values: _rounded(sum(values), many - 1))


def _rounded(total: int, many: int) -> int:
    return (2 * total + many) // (2 * many)


def _usage_of_cpu_time(outcome: Outcome) -> Reading | None:
    """Return the reading in which a share is one of the CPU time of all, not of the makespan.

    None if a device is used longer than all cores: a share above 100 % is no answer.
    """

    def usage(run: Run) -> Mapping[str, Usage]:
        found = usage_of(run)
        busy = sum(core.busy_ns for core in run.cores)
        return {
            name: Usage(each.busy, max(0, busy - each.busy), busy) for name, each in found.items()
        }

    found = usage_of(outcome.run)
    busy = sum(core.busy_ns for core in outcome.run.cores)
    return None if any(each.busy > busy for each in found.values()) else Reading(usage=usage)


def _swapped_usage(outcome: Outcome) -> Reading:
    """Return the reading in which busy and idle are taken for each other."""

    def usage(run: Run) -> Mapping[str, Usage]:
        found = usage_of(run)
        return {name: Usage(each.idle, each.busy, each.span) for name, each in found.items()}

    del outcome
    return Reading(usage=usage)


def _state(old: str, new: str) -> Callable[[str, Any], Any]:
    """Return what is observed if one state is taken for another."""
    return lambda key, value: new if key == "state" and value == old else value


READING: tuple[Misconception, ...] = (
    Misconception(
        "waiting-until-first-run",
        mark("waiting times that are the first run less the arrival"),
        mark("the waiting time is all the time in which the process is ready and does not run"),
        reading=_times(waiting=lambda row: row.response_ns),
    ),
    Misconception(
        "io-counts-as-waiting",
        mark("waiting times in which I/O counts as waiting"),
        mark("while a process waits for I/O it is not ready, and that is no waiting time"),
        reading=_bursts_only,
    ),
    Misconception(
        "waiting-from-zero",
        mark("waiting times from which the arrival is not subtracted"),
        mark("the waiting time begins when the process arrives"),
        reading=_times(
            waiting=lambda row: (
                None if row.completion_ns is None else row.waiting_ns + row.arrival_ns
            )
        ),
    ),
    Misconception(
        "response-is-turnaround",
        mark("response times that are turnaround times"),
        mark("the response time ends when the process runs first, not when it ends"),
        reading=_times(response=lambda row: row.turnaround_ns),
    ),
    Misconception(
        "response-from-zero",
        mark("response times from which the arrival is not subtracted"),
        mark("the response time begins when the process arrives"),
        reading=_times(response=lambda row: row.first_run_ns),
    ),
    Misconception(
        "turnaround-from-zero",
        mark("turnaround times from which the arrival is not subtracted"),
        mark("the turnaround time begins when the process arrives"),
        reading=_times(turnaround=_from_zero),
    ),
    Misconception(
        "turnaround-is-waiting",
        mark("turnaround times that are waiting times"),
        mark("the turnaround time is from the arrival to the end, running included"),
        reading=_times(turnaround=lambda row: row.waiting_ns),
    ),
    Misconception(
        "mean-of-one-too-few",
        mark("means whose sum is divided by one process too few"),
        mark("a mean is the sum over all processes divided by their number"),
        reading=_mean_of_ends,
    ),
    Misconception(
        "share-of-cpu-time",
        mark("shares of the CPU time in place of the whole time"),
        mark("a utilization is a share of the time until everything is done"),
        reading=_usage_of_cpu_time,
    ),
    Misconception(
        "busy-for-idle",
        mark("busy and idle time taken for each other"),
        mark("idle is the time in which nothing is served"),
        reading=_swapped_usage,
    ),
    Misconception(
        "signal-without-sign",
        mark("exit codes of signals without their minus"),
        mark("a process that is ended by signal N has the exit code -N"),
        reading=lambda _outcome: Reading(exitcode=abs),
    ),
    Misconception(
        "signal-as-in-a-shell",
        mark("exit codes of signals as a shell shows them: 128 and the signal"),
        mark(
            "multiprocessing says -N of a process that is ended by signal N; 128 + N is a shell's"
        ),
        reading=lambda _outcome: Reading(exitcode=lambda code: 128 - code if code < 0 else code),
    ),
    Misconception(
        "exception-is-zero",
        mark("exit codes in which a program that raises an exception ends like one that does not"),
        mark("an exception that is not caught ends a program with the exit code 1"),
        reading=lambda _outcome: Reading(exitcode=lambda code: 0 if code == 1 else code),
    ),
    Misconception(
        "codes-are-lost",
        mark("exit codes that are 0 for all that have ended"),
        mark("the exit code is what sys.exit was given, 1 after an exception, -N after signal N"),
        reading=lambda _outcome: Reading(exitcode=lambda _code: 0),
    ),
    Misconception(
        "zombie-is-gone",
        mark("a process table that a child leaves when it ends"),
        mark(
            "a child that has ended stays in the table, a zombie, until its parent has waited "
            "for it"
        ),
        reading=lambda _outcome: Reading(observed=_state("zombie", "gone")),
    ),
    Misconception(
        "zombie-stays",
        mark("a process table in which a child stays after its parent has waited for it"),
        mark("after join the child is no longer in the process table"),
        reading=lambda _outcome: Reading(observed=_state("gone", "zombie")),
    ),
)
