"""The catalogue of what students take for the rule, each a small object.

A misconception is a change of the scenario (the run under it has the student's numbers), or another
reading of the record of the right run. `words` completes "your numbers are those of …"; `rule` says
what holds instead. `accept:` of an exercise, `require: differs` and the feedback use the names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kernel.policies import POLICIES
from kernel.process.calls import Call
from kernel.process.program import CPU, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.scheduling.policy import Policy
from kernel.workload import SchedulerSpec, Workload
from teaching import mistaken_policies as mistaken
from teaching.outcome import Outcome
from teaching.readings import Reading
from timeline.record.run import ProcessRow, Run
from timeline.record.usage import Usage, usage_of

Change = Callable[[Workload], Workload | None]
"""A change of the scenario; None: it means nothing there."""
Read = Callable[[Outcome], Reading | None]
"""Another reading of the right run; None: it means nothing there."""


@dataclass(frozen=True)
class Misconception:
    """One way to be wrong: either `scenario` or `reading` says what comes out under it."""

    name: str
    words: str
    rule: str
    scenario: Change | None = None
    reading: Read | None = None


# -- changes of a scenario -------------------------------------------------------------------------


def under_policy(workload: Workload, name: str) -> Workload | None:
    """Return the workload under a policy of the kernel, with its own parameters where both have.

    None if the policy refuses its parameters.
    """
    return _with(workload, POLICIES[name], name=name)


def _with(
    workload: Workload, kind: type[Policy], name: str = "", **changed: Any
) -> Workload | None:
    scheduler, known = workload.scheduler, kind.parameters()
    kept = {key: value for key, value in scheduler.parameters.items() if key in known}
    parameters = {**known, **kept, **changed}
    made = replace(
        scheduler, policy=kind, parameters=parameters, name=name or scheduler.name, own=False
    )
    try:
        probe = kind()
        for key, value in parameters.items():
            setattr(probe, key, value)
        probe.check()
    except ValueError:
        return None
    return replace(workload, scheduler=made)


def _policy(*of: str, to: type[Policy] | str, when: str = "") -> Change:
    """Return the change of one of the policies `of` into another one.

    `when` names a condition: "io" (a process waits), "one core", "quantum".
    """

    def change(workload: Workload) -> Workload | None:
        if workload.scheduler.name not in of or not _holds(when, workload):
            return None
        return under_policy(workload, to) if isinstance(to, str) else _with(workload, to)

    return change


def _holds(when: str, workload: Workload) -> bool:
    if when == "io":
        return any(_waits(spec.program) for spec in workload.processes)
    return workload.cores == 1 if when == "one core" else True


def _waits(program: Program) -> bool:
    return any(place >= WAIT for place in program.places)


def _parameter(name: str, value: Callable[[Any], Any], *of: str) -> Change:
    """Return the change of a parameter of the policies `of` (none named: of any that has it)."""

    def change(workload: Workload) -> Workload | None:
        scheduler = workload.scheduler
        if name not in scheduler.parameters or (of and scheduler.name not in of):
            return None
        new = value(scheduler.parameters[name])
        if new == scheduler.parameters[name]:
            return None
        changed = {**scheduler.parameters, name: new}
        return replace(workload, scheduler=replace(scheduler, parameters=changed))

    return change


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda _old: value


def _scheduler(**fields: Callable[[SchedulerSpec], Any]) -> Change:
    def change(workload: Workload) -> Workload | None:
        new = {name: value(workload.scheduler) for name, value in fields.items()}
        return replace(workload, scheduler=replace(workload.scheduler, **new))

    return change


def _memory(name: str, value: Callable[[Any], Any]) -> Change:
    def change(workload: Workload) -> Workload | None:
        if workload.memory is None:
            return None
        old = getattr(workload.memory, name)
        new = value(old)
        if new is None or new == old:
            return None
        return replace(workload, memory=replace(workload.memory, **{name: new}))

    return change


def _processes(change_one: Callable[[ProcessSpec], ProcessSpec]) -> Change:
    def change(workload: Workload) -> Workload | None:
        new = tuple(map(change_one, workload.processes))
        return None if new == workload.processes else replace(workload, processes=new)

    return change


def _steps(change_step: Callable[[int, int], tuple[int, int] | None]) -> Change:
    """Return the change of each step (place, ns) of all programs; None: the step is left out."""

    def change_one(spec: ProcessSpec) -> ProcessSpec:
        program = spec.program
        if program.calls or program.memory_steps:
            return spec
        steps = zip(program.places, program.durations, strict=True)
        kept = [new for step in steps if (new := change_step(*step)) is not None]
        return replace(spec, program=Program.of(kept)) if kept else spec

    return _processes(change_one)


def _calls(change_call: Callable[[Call], Call]) -> Change:
    def change_one(spec: ProcessSpec) -> ProcessSpec:
        calls = tuple(map(change_call, spec.program.calls))
        return replace(spec, program=replace(spec.program, calls=calls))

    def change(workload: Workload) -> Workload | None:
        return None if workload.lifecycle is None else _processes(change_one)(workload)

    return change


def _lifecycle(**fields: Any) -> Change:
    def change(workload: Workload) -> Workload | None:
        rules = workload.lifecycle
        if rules is None:
            return None
        return replace(workload, lifecycle=replace(rules, **fields))

    return change


def _devices_without_queues(workload: Workload) -> Workload | None:
    if all(device.units is None for device in workload.devices):
        return None
    return replace(workload, devices=tuple(replace(each, units=None) for each in workload.devices))


def _one_core(workload: Workload) -> Workload | None:
    pinned = any(spec.cores is not None for spec in workload.processes)
    return None if workload.cores == 1 or pinned else replace(workload, cores=1)


def _one_at_a_time(workload: Workload) -> Workload | None:
    """Return the workload in which a program keeps the core while it waits: no multiprogramming."""
    if any(spec.period is not None or spec.program.calls for spec in workload.processes):
        return None
    return _steps(lambda place, ns: (CPU, ns) if place >= WAIT else (place, ns))(workload)


def _spawn_for_fork(workload: Workload) -> Workload | None:
    rules = workload.lifecycle
    if rules is None or rules.start_method not in ("fork", "spawn"):
        return None
    other = "spawn" if rules.start_method == "fork" else "fork"
    changed = replace(rules, start_method=other, by_default=False)
    return replace(workload, start_method=other, lifecycle=changed)


def _exact_blocks(workload: Workload) -> Workload | None:
    """Return the workload with a hole of all memory in place of the buddy system's blocks."""
    memory = workload.memory
    if memory is None or memory.scheme != "buddy":
        return None
    return replace(workload, memory=replace(memory, scheme="variable", min_block=0, fit="first"))


def _memory_without_swap(workload: Workload) -> Workload | None:
    memory = workload.memory
    if memory is None or memory.swap is None:
        return None
    return replace(workload, memory=replace(memory, swap=None))


def _deadline_is_period(spec: ProcessSpec) -> ProcessSpec:
    return spec if spec.period is None else replace(spec, deadline=spec.period)


# -- other readings --------------------------------------------------------------------------------


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


CATALOGUE: tuple[Misconception, ...] = (
    # -- ties and preemption
    Misconception(
        "expiry-first",
        "a schedule in which quantum expiries come before arrivals at one instant",
        "at one instant, arrivals come before expiries: the newcomer is ahead in the queue",
        _scheduler(ties=lambda old: _other_ties(old.ties)),
    ),
    Misconception(
        "draw-preempts",
        "shortest remaining time first in which an equal newcomer takes the core",
        "a newcomer with exactly as much left does not preempt",
        _parameter("newcomer", _always("preempts"), "srtf"),
    ),
    Misconception(
        "not-preemptive",
        "a policy that does not preempt: a burst that has begun runs to its end",
        "the policy preempts: a better process takes the core when it becomes ready",
        lambda workload: (
            _policy("srtf", to="sjf")(workload)
            or _parameter("preemptive", _always(False), "priority")(workload)
        ),
    ),
    Misconception(
        "preemptive",
        "a policy that preempts",
        "the policy does not preempt: a burst that has begun runs to its end",
        lambda workload: (
            _policy("sjf", to="srtf")(workload)
            or _parameter("preemptive", _always(True), "priority")(workload)
        ),
    ),
    Misconception(
        "whole-burst",
        "shortest first that compares whole bursts, not what is left of them",
        "what counts is the rest of the burst, not its whole length",
        _policy("srtf", to=mistaken.ByWholeBurst),
    ),
    Misconception(
        "longest-first",
        "the longest burst first",
        "the shortest burst comes first",
        lambda workload: (
            _policy("sjf", to=mistaken.LongestFirst)(workload)
            or _policy("srtf", to=mistaken.LongestRemainingFirst)(workload)
        ),
    ),
    Misconception(
        "in-order-of-arrival",
        "first come, first served",
        "the policy is not first come, first served",
        _policy("rr", "sjf", "srtf", "priority", "hrrn", "mlfq", "feedback", to="fcfs"),
    ),
    Misconception(
        "shortest-of-all",
        "shortest job first",
        "the policy does not go by the shortest burst alone",
        _policy("fcfs", "hrrn", to="sjf"),
    ),
    Misconception(
        "last-come-first-served",
        "a stack: the last to come is the first to run",
        "the queue is served from its front: first come, first served",
        _policy("fcfs", to=mistaken.LastComeFirstServed),
    ),
    Misconception(
        "priorities-reversed",
        "priorities the wrong way round",
        "the sheet says which number is the most important",
        _parameter("highest", lambda old: "large" if old == "small" else "small", "priority"),
    ),
    Misconception(
        "aging-forgotten",
        "priorities without aging",
        "a process that waits gets more important with time",
        _parameter("aging", _always(None), "priority"),
    ),
    # -- time slicing
    Misconception(
        "quantum-carried-over",
        "round robin in which a process keeps the rest of its quantum over an I/O wait",
        "a process that comes back from I/O gets a whole quantum",
        _policy("rr", to=mistaken.CarriesQuantum, when="io"),
    ),
    Misconception(
        "quantum-idled-out",
        "round robin in which the core idles until the quantum is over",
        "a process that ends or blocks gives the core up at once, and the next begins a quantum",
        _policy("rr", to=mistaken.IdlesOutQuantum, when="one core"),
    ),
    Misconception(
        "newcomers-first",
        "round robin in which a newcomer goes to the front of the queue",
        "a process that arrives goes to the end of the queue",
        _policy("rr", to=mistaken.NewcomersFirst),
    ),
    Misconception(
        "returners-first",
        "round robin in which a process that comes back from I/O goes to the front of the queue",
        "a process that comes back from I/O goes to the end of the queue",
        _policy("rr", to=mistaken.ReturnersFirst, when="io"),
    ),
    Misconception(
        "fixed-order",
        "round robin that goes round in the order of the list",
        "the queue is in the order in which the processes became ready",
        _policy("rr", to=mistaken.FixedOrder),
    ),
    Misconception(
        "boost-forgotten",
        "a multilevel feedback queue without its boost",
        "at each boost all processes move to the top level",
        _parameter("boost", _always(None), "mlfq"),
    ),
    Misconception(
        "never-sinks",
        "a multilevel feedback queue in which no process moves down",
        "a process that has used up its allotment moves one level down",
        _policy("mlfq", to=mistaken.NeverSinks),
    ),
    # -- shares and deadlines
    Misconception(
        "tickets-ignored",
        "equal shares, whatever the tickets",
        "the shares are as the tickets",
        lambda workload: (
            _processes(lambda spec: replace(spec, tickets=100))(workload)
            if workload.scheduler.name in ("stride", "lottery")
            else None
        ),
    ),
    Misconception(
        "nice-ignored",
        "equal shares, whatever the nice values",
        "a smaller nice value has a larger weight, and so a larger share",
        lambda workload: (
            _processes(lambda spec: replace(spec, nice=0))(workload)
            if workload.scheduler.name in ("fair", "linux", "cfs")
            else None
        ),
    ),
    Misconception(
        "nice-reversed",
        "nice values the wrong way round",
        "a smaller nice value has a larger weight, and so a larger share",
        lambda workload: (
            _processes(lambda spec: replace(spec, nice=max(-20, min(19, -spec.nice))))(workload)
            if workload.scheduler.name in ("fair", "linux", "cfs")
            else None
        ),
    ),
    Misconception(
        "edf-for-rm",
        "earliest deadline first",
        "the priorities are fixed: the shortest period is first, always",
        _policy("rm", "dm", to="edf"),
    ),
    Misconception(
        "rm-for-edf",
        "rate monotonic: fixed priorities by the period",
        "the job whose deadline comes next is first, whatever its period",
        _policy("edf", "llf", "dm", to="rm"),
    ),
    Misconception(
        "deadline-is-period",
        "deadlines at the ends of the periods",
        "a deadline that is written comes before the end of the period",
        _processes(_deadline_is_period),
    ),
    # -- the machine
    Misconception(
        "arrivals-ignored",
        "processes that all arrive at 0",
        "a process cannot run before it arrives",
        _processes(lambda spec: spec if spec.kinship.parent >= 0 else replace(spec, arrival=0)),
    ),
    Misconception(
        "io-holds-the-core",
        "programs that keep the core while they wait for I/O",
        "while a process waits for I/O, the core goes to another one",
        _one_at_a_time,
    ),
    Misconception(
        "io-ignored",
        "programs without their I/O",
        "a process that waits for I/O is not ready until the I/O is over",
        _steps(lambda place, ns: None if place >= WAIT else (place, ns)),
    ),
    Misconception(
        "devices-do-not-queue",
        "devices that serve everyone at once",
        "a device serves one request at a time; the others wait in its queue",
        _devices_without_queues,
    ),
    Misconception(
        "one-core",
        "a machine with one core",
        "as many processes run at one time as there are cores",
        _one_core,
    ),
    Misconception(
        "one-queue-for-all",
        "one queue for all cores",
        "each core has a queue of its own, and no process changes its core",
        lambda workload: (
            replace(workload, scheduler=replace(workload.scheduler, queues="global"))
            if workload.scheduler.queues == "per-core"
            and workload.scheduler.balance == "none"
            and all(spec.cores is None for spec in workload.processes)
            else None
        ),
    ),
    # -- memory
    Misconception(
        "largest-for-smallest",
        "the largest hole in place of the smallest that fits",
        "best fit takes the smallest hole that is large enough",
        _memory("fit", lambda old: "worst" if old == "best" else None),
    ),
    Misconception(
        "smallest-for-largest",
        "the smallest hole in place of the largest",
        "worst fit takes the largest hole",
        _memory("fit", lambda old: "best" if old == "worst" else None),
    ),
    Misconception(
        "next-from-the-start",
        "a search that begins at the lowest address each time: first fit",
        "next fit goes on searching where the last program was placed",
        _memory("fit", lambda old: "first" if old == "next" else None),
    ),
    Misconception(
        "goes-on-searching",
        "a search that goes on where the last program was placed: next fit",
        "first fit begins at the lowest address each time",
        _memory("fit", lambda old: "next" if old == "first" else None),
    ),
    Misconception(
        "fit-of-another-kind",
        "best fit",
        "the first hole that is large enough is taken, not the smallest",
        _memory("fit", lambda old: "best" if old in ("first", "next") else None),
    ),
    Misconception(
        "overtakes-the-queue",
        "an admission queue in which a program that fits overtakes the others",
        "a program that does not fit blocks all behind it",
        _memory("admission", lambda old: "skip" if old == "fifo" else None),
    ),
    Misconception(
        "queue-keeps-order",
        "an admission queue in which the first blocks all behind it",
        "the first program of the queue that fits is admitted",
        _memory("admission", lambda old: "fifo" if old == "skip" else None),
    ),
    Misconception(
        "blocks-not-rounded",
        "a buddy system that gives out exactly what is asked for",
        "a program gets a block whose size is a power of two",
        _exact_blocks,
    ),
    Misconception(
        "home-ignored",
        "one queue for all partitions",
        "each program waits for the smallest partition that holds it, free or not",
        _memory("queues", lambda old: "single" if old == "per-partition" else None),
    ),
    Misconception(
        "swapping-forgotten",
        "a memory in which no program is swapped out",
        "a blocked program is swapped out for one that waits for memory",
        _memory_without_swap,
    ),
    Misconception(
        "compaction-forgotten",
        "memory that is not compacted",
        "holes are joined by moving programs when one would fit then",
        _memory("compaction", lambda old: "never" if old != "never" else None),
    ),
    Misconception(
        "compacts-unasked",
        "memory that is compacted",
        "programs are not moved here: what is free must be in one piece",
        _memory("compaction", lambda old: "when-needed" if old == "never" else None),
    ),
    Misconception(
        "memory-ignored",
        "a machine in which all programs fit into memory",
        "a program waits outside memory until it finds a place",
        lambda workload: (
            replace(
                workload,
                memory=None,
                processes=tuple(replace(spec, memory=0) for spec in workload.processes),
            )
            if workload.memory is not None and workload.lifecycle is None
            else None
        ),
    ),
    Misconception(
        "degree-ignored",
        "a machine without a bound on the programs in memory",
        "no more programs are admitted at once than the degree of multiprogramming says",
        _memory("max_resident", lambda old: 10**6 if old is not None else None),
    ),
    # -- the life of processes
    Misconception(
        "join-terminates",
        "a join that ends the child",
        "join waits for the end of the child; it does not end it",
        _calls(
            lambda call: (
                replace(call, kind="terminate", value=None) if call.kind == "join" else call
            )
        ),
    ),
    Misconception(
        "join-forgotten",
        "a join that does not wait",
        "join waits for the end of the child",
        _calls(
            lambda call: (
                Call("set", value={}) if call.kind == "join" and call.value is None else call
            )
        ),
    ),
    Misconception(
        "memory-is-shared",
        "processes that share their variables: a child sees its parent's later changes",
        "a process has its own memory: what another one changes later, it does not see",
        _lifecycle(shared_variables=True),
    ),
    Misconception(
        "fork-for-spawn",
        "a child that begins with its parent's memory, or with a fresh one, the other way round",
        "with fork a child begins with a copy of its parent's variables, with spawn afresh",
        _spawn_for_fork,
    ),
    Misconception(
        "zombie-holds-memory",
        "a zombie that still holds its memory",
        "a process gives back its memory when it ends; a zombie is an entry in the process table",
        _lifecycle(zombies_hold_memory=True),
    ),
    # -- other readings of the record
    Misconception(
        "waiting-until-first-run",
        "waiting times that are the first run less the arrival",
        "the waiting time is all the time in which the process is ready and does not run",
        reading=_times(waiting=lambda row: row.response_ns),
    ),
    Misconception(
        "io-counts-as-waiting",
        "waiting times in which I/O counts as waiting",
        "while a process waits for I/O it is not ready, and that is no waiting time",
        reading=_bursts_only,
    ),
    Misconception(
        "waiting-from-zero",
        "waiting times from which the arrival is not subtracted",
        "the waiting time begins when the process arrives",
        reading=_times(
            waiting=lambda row: (
                None if row.completion_ns is None else row.waiting_ns + row.arrival_ns
            )
        ),
    ),
    Misconception(
        "response-is-turnaround",
        "response times that are turnaround times",
        "the response time ends when the process runs first, not when it ends",
        reading=_times(response=lambda row: row.turnaround_ns),
    ),
    Misconception(
        "response-from-zero",
        "response times from which the arrival is not subtracted",
        "the response time begins when the process arrives",
        reading=_times(response=lambda row: row.first_run_ns),
    ),
    Misconception(
        "turnaround-from-zero",
        "turnaround times from which the arrival is not subtracted",
        "the turnaround time begins when the process arrives",
        reading=_times(turnaround=_from_zero),
    ),
    Misconception(
        "turnaround-is-waiting",
        "turnaround times that are waiting times",
        "the turnaround time is from the arrival to the end, running included",
        reading=_times(turnaround=lambda row: row.waiting_ns),
    ),
    Misconception(
        "mean-of-one-too-few",
        "means whose sum is divided by one process too few",
        "a mean is the sum over all processes divided by their number",
        reading=_mean_of_ends,
    ),
    Misconception(
        "share-of-cpu-time",
        "shares of the CPU time in place of the whole time",
        "a utilization is a share of the time until everything is done",
        reading=_usage_of_cpu_time,
    ),
    Misconception(
        "busy-for-idle",
        "busy and idle time taken for each other",
        "idle is the time in which nothing is served",
        reading=_swapped_usage,
    ),
    Misconception(
        "signal-without-sign",
        "exit codes of signals without their minus",
        "a process that is ended by signal N has the exit code -N",
        reading=lambda _outcome: Reading(exitcode=abs),
    ),
)


def _other_ties(ties: str) -> str:
    return "expiry-first" if ties == "arrival-first" else "arrival-first"


BY_NAME: dict[str, Misconception] = {each.name: each for each in CATALOGUE}
