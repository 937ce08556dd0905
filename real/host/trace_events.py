"""A trace of the kernel's scheduler as text: its events, and which thread had which processor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SWITCH = re.compile(
    r"\[(?P<cpu>\d+)\].*?\s(?P<seconds>\d+)\.(?P<fraction>\d+): sched_switch: "
    r"prev_comm=(?P<was>.*?) prev_pid=(?P<prev>\d+) .*?prev_state=(?P<state>\S+) ==> "
    r"next_comm=(?P<comes>.*?) next_pid=(?P<next>\d+)"
)
_WAKING = re.compile(
    r"\s(?P<seconds>\d+)\.(?P<fraction>\d+): sched_waking: comm=.*? pid=(?P<pid>\d+) .*?"
    r"target_cpu=(?P<cpu>\d+)"
)


@dataclass(frozen=True, slots=True)
class Switch:
    """A processor went from one thread to another. `at`: absolute ns (whole µs)."""

    at: int
    cpu: int
    previous: int  # thread id; 0: the idle thread
    following: int
    was: str  # the name of the previous thread
    name: str  # the name of the following thread


@dataclass(frozen=True, slots=True)
class Waking:
    """A thread was woken, to run on a processor. `at`: absolute ns (whole µs)."""

    at: int
    cpu: int
    pid: int


Event = Switch | Waking


def parse(lines: Iterator[str] | Sequence[str]) -> Iterator[Event]:
    """Yield the switches and wakings in the text of a trace."""
    for line in lines:
        found = _SWITCH.search(line)
        if found is not None:
            cpu, previous, following = int(found["cpu"]), int(found["prev"]), int(found["next"])
            yield Switch(_at(found), cpu, previous, following, found["was"], found["comes"])
            continue
        found = _WAKING.search(line)
        if found is not None:
            yield Waking(_at(found), int(found["cpu"]), int(found["pid"]))


def _at(found: re.Match[str]) -> int:
    return int(found["seconds"]) * 1_000_000_000 + int(found["fraction"].ljust(9, "0"))


@dataclass(frozen=True, slots=True)
class WokenThread:
    """A thread was woken at `at`, and got a processor at `ran`; absolute ns."""

    pid: int
    at: int
    ran: int


def woken_threads(events: Sequence[Event]) -> Iterator[WokenThread]:
    """Yield when each thread was woken, and when it then got a processor.

    A waking is left out if no switch to the thread was traced before it was woken again.
    """
    woken: dict[int, int] = {}
    for event in sorted(events, key=lambda each: each.at):
        if isinstance(event, Waking):
            woken[event.pid] = event.at
        elif event.following in woken:
            yield WokenThread(event.following, woken.pop(event.following), event.at)


@dataclass(frozen=True, slots=True)
class ThreadOnCpu:
    """A thread had a processor from `start` to `end`, absolute ns."""

    pid: int
    name: str
    cpu: int
    start: int
    end: int


def threads_on_cpus(events: Sequence[Event]) -> Iterator[ThreadOnCpu]:
    """Yield which thread had which processor when, without the idle threads.

    Some kernels do not trace switches from the idle thread. If a thread leaves a processor on which
    no switch to it was traced, the processor was idle before. Then the thread had it since the
    thread was woken.
    """
    entered: dict[int, Switch] = {}
    woken: dict[int, Waking] = {}
    for event in sorted(events, key=lambda each: each.at):
        if isinstance(event, Waking):
            woken[event.pid] = event
            continue
        before, waking = entered.get(event.cpu), woken.get(event.previous)
        entered[event.cpu] = event
        if before is not None and before.following == event.previous:
            start = before.at
        elif waking is not None and waking.cpu == event.cpu:
            start = max(waking.at, before.at if before else waking.at)
        else:
            continue
        if event.previous:
            yield ThreadOnCpu(event.previous, event.was, event.cpu, start, event.at)
