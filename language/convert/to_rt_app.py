"""A scenario as a workload of rt-app (JSON): each process a thread, its repetitions phases.

The kernel schedules the threads, whatever the scenario's policy is. rt-app has no queues: to send
is to resume the thread that waits at the queue, and a resume that comes before is lost.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.process.calls import CALL, Call
from kernel.process.program import CPU, RELEASE, WAIT
from kernel.process.spec import ProcessSpec
from kernel.workload import Workload
from language.convert.imports.folding import fold
from language.source.wording import KeyPath
from translation import tr

_US = 1_000  # ns
_POLICIES = {
    "other": "SCHED_OTHER",
    "batch": "SCHED_BATCH",
    "idle": "SCHED_IDLE",
    "fifo": "SCHED_FIFO",
    "rr": "SCHED_RR",
    "deadline": "SCHED_DEADLINE",
}
_QUIET = frozenset({"set", "show", "print", "end", "exit", "os_exit"})
"""Calls that concern the process alone, and that rt-app does not have."""
_MOST_EVENTS = 100_000  # written out, of one process

Event = Mapping[str, Any]


class NotRtAppError(Exception):
    """The scenario has something that rt-app does not have. `path` says where."""

    def __init__(self, message: str, path: KeyPath) -> None:
        super().__init__(message)
        self.path = path


@dataclass(slots=True)
class RtAppText:
    """The JSON, and what it leaves out, in sentences."""

    text: str
    remarks: list[str] = field(default_factory=list)


def rt_app_workload(workload: Workload) -> RtAppText:
    """Return the scenario as a workload of rt-app. Raises NotRtAppError."""
    made = RtAppText("")
    threads = [_Thread(workload, spec, made.remarks) for spec in workload.processes]
    _number_barriers(workload, threads)
    tasks = {thread.name: thread.json() for thread in threads}
    document = {
        "tasks": tasks,
        "global": {
            "duration": -1,
            "calibration": "CPU0",
            "default_policy": "SCHED_OTHER",
            "lock_pages": False,
            "logdir": "./",
            "log_basename": "rt-app",
            "log_size": "disable",
            "gnuplot": False,
        },
    }
    made.text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    made.remarks = list(dict.fromkeys(made.remarks))
    return made


class _Thread:
    """The thread object of one process."""

    def __init__(self, workload: Workload, spec: ProcessSpec, remarks: list[str]) -> None:
        self._workload, self._spec, self._remarks = workload, spec, remarks
        self.name = spec.name
        self.events = list(self._events())
        if not self.events:
            raise NotRtAppError(tr("has no step that rt-app can do"), ("processes", spec.index))
        self.phases = list(_phases(fold(self.events)))

    def json(self) -> dict[str, Any]:
        """Return the object."""
        spec = self._spec
        if spec.memory or spec.program.memory_steps:
            self._remarks.append(tr("memory is left out"))
        if spec.linux.group is not None:
            self._remarks.append(tr("groups are left out"))
        if self._workload.scheduler.policy.__name__ != "Linux":
            self._remarks.append(tr("the policy is left out: under rt-app the kernel schedules"))
        thread: dict[str, Any] = {"delay": self._us(spec.arrival)} if spec.arrival else {}
        thread |= self._scheduling() | {"loop": 1}
        phases = enumerate(self.phases, start=1)
        return thread | {
            "phases": {f"p{n}": {"loop": loops, **_named(events)} for n, (loops, events) in phases}
        }

    def _scheduling(self) -> dict[str, Any]:
        spec, linux = self._spec, self._spec.linux
        found: dict[str, Any] = {"policy": _POLICIES[linux.kind]}
        if linux.kind in ("fifo", "rr"):
            found["priority"] = linux.rt_priority or 1
        elif linux.kind == "deadline":
            times = (linux.runtime, spec.period, spec.deadline)
            names = ("dl-runtime", "dl-period", "dl-deadline")
            found |= {name: self._us(time) for name, time in zip(names, times, strict=True) if time}
            return found
        else:
            found["priority"] = spec.nice
            if linux.slice is not None:
                found["dl-runtime"] = self._us(linux.slice)
        cores = spec.cores if spec.cores is not None else range(self._workload.cores)
        return found | {"cpus": list(cores)}

    def _us(self, ns: int) -> int:
        """Return whole microseconds, at least 1."""
        if ns % _US:
            self._remarks.append(tr("times are rounded to whole microseconds"))
        return max(1, (ns + _US // 2) // _US)

    def _events(self) -> Iterator[Event]:
        """Yield all events in order, repetitions written out. Raises NotRtAppError."""
        program, spec = self._spec.program, self._spec
        if spec.aborts:
            message = tr("abort is not exported: the threads of rt-app finish each job")
            raise NotRtAppError(message, ("processes", spec.index, "on_miss"))
        if len(program.places) > _MOST_EVENTS:
            message = tr("has more than {most:,} steps", most=_MOST_EVENTS)
            raise NotRtAppError(message, ("processes", spec.index))
        for place, amount in zip(program.places, program.durations, strict=True):
            if place == CPU:
                if amount:
                    yield {"run": self._us(amount)}
            elif place == WAIT:
                yield {"sleep": self._us(amount)}
            elif place == RELEASE:
                yield self._timer()
            elif place == CALL:
                yield from self._call(program.calls[amount])
            else:
                yield from self._device(place, amount)
        if spec.period is not None:
            yield self._timer()

    def _timer(self) -> Event:
        return {"timer": {"ref": "unique", "period": self._us(self._spec.period or 0)}}

    def _device(self, place: int, amount: int) -> Iterator[Event]:
        """Yield I/O at a device. A lock is the queue of a device with one server."""
        device = self._workload.devices[place]
        if device.units == 1:
            yield {"lock": device.name}
            yield {"sleep": self._us(amount)}
            yield {"unlock": device.name}
        else:
            if device.units is not None:
                self._remarks.append(
                    tr("the queue of the device {device} is left out", device=device.name)
                )
            yield {"sleep": self._us(amount)}

    def _call(self, call: Call) -> Iterator[Event]:
        """Yield the events of a call. Raises NotRtAppError."""
        if call.kind in ("lock", "unlock"):
            yield {call.kind: call.name}
        elif call.kind == "barrier":
            yield {"barrier": call.name}
        elif call.kind == "send":
            self._remarks.append(
                tr(
                    "send is written as resume and receive as suspend: a resume is lost in rt-app "
                    "if the thread does not wait yet"
                )
            )
            yield {"resume": call.name}
        elif call.kind == "receive":
            yield {"suspend": call.name}
        elif call.kind == "yield":
            yield {"yield": ""}
        elif call.kind in _QUIET:
            if call.kind != "end":
                self._remarks.append(tr("variables, prints and exit codes are left out"))
        else:
            message = tr("the step {step} is not exported: rt-app does not have it", step=call.kind)
            raise NotRtAppError(message, ("processes", self._spec.index))


def _phases(items: Sequence[Event]) -> Iterator[tuple[int, list[Event]]]:
    """Yield the phases, with how often each loops. A repetition is a phase of its own."""
    alone: list[Event] = []
    for item in items:
        if "repeat" not in item:
            alone.append(item)
            continue
        if alone:
            yield 1, alone
            alone = []
        yield item["repeat"]["times"], list(_unfolded(item["repeat"]["do"]))
    if alone:
        yield 1, alone


def _number_barriers(workload: Workload, threads: Sequence[_Thread]) -> None:
    """Give each place at which a barrier stands a name of its own.

    rt-app counts the places with a name to know for how many threads the barrier waits. If threads
    meet at a barrier in different loops, their loops are written out, so that they have the same
    places. Raises NotRtAppError if not all threads that name a barrier meet each time.
    """
    parties = dict(workload.lifecycle.barriers) if workload.lifecycle is not None else {}
    for name, many in parties.items():
        users = [thread for thread in threads if {"barrier": name} in thread.events]
        if users and len(users) != many:
            message = tr(
                "the barrier {barrier} waits for {many}, and {users} processes name it: rt-app "
                "wants all of them",
                barrier=name,
                many=many,
                users=len(users),
            )
            raise NotRtAppError(message, ("barriers", name))
        if len({repr(_meetings(thread, name)) for thread in users}) > 1:
            for thread in users:
                thread.phases = [(1, thread.events)]
            if len({repr(_meetings(thread, name)) for thread in users}) > 1:
                message = tr(
                    "the processes meet at the barrier {barrier} a different number of times",
                    barrier=name,
                )
                raise NotRtAppError(message, ("barriers", name))
    for thread in threads:
        seen: Counter[str] = Counter()
        thread.phases = [
            (loops, [_with_place(event, seen) for event in events])
            for loops, events in thread.phases
        ]


def _meetings(thread: _Thread, name: str) -> list[int]:
    """Return for each place at which the barrier stands in a thread how often it loops."""
    return [
        loops for loops, events in thread.phases for event in events if event == {"barrier": name}
    ]


def _with_place(event: Event, seen: Counter[str]) -> Event:
    if "barrier" not in event:
        return event
    name = event["barrier"]
    seen[name] += 1
    return {"barrier": name if seen[name] == 1 else f"{name}#{seen[name]}"}


def _unfolded(items: Sequence[Event]) -> Iterator[Event]:
    for item in items:
        if "repeat" in item:
            for _ in range(item["repeat"]["times"]):
                yield from _unfolded(item["repeat"]["do"])
        else:
            yield item


def _named(events: Sequence[Event]) -> dict[str, Any]:
    """Return the events under keys that are unique, as JSON wants them: run, run2, and so on."""
    made: dict[str, Any] = {}
    used: Counter[str] = Counter()
    for event in events:
        ((key, value),) = event.items()
        used[key] += 1
        made[key if used[key] == 1 else f"{key}{used[key]}"] = value
    return made
