"""Cases of the oracle: drawn at random, turned into workloads, and what became of them."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from kernel.hardware import Costs, DeviceSpec, MemorySpec, SwapSpec
from kernel.memory import layout
from kernel.policies import POLICIES
from kernel.process.memory_steps import ALLOC, FREE, TOUCH, MemoryStep
from kernel.process.program import CPU, RELEASE, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.process.states import State
from kernel.scheduling import Policy
from kernel.workload import SchedulerSpec, Workload
from tests.sim.oracle import system as oracle
from tests.sim.oracle.system import Case, Job, Stay
from timeline.record.run import Run

MARKS = {oracle.ALLOC: ALLOC, oracle.FREE: FREE, oracle.TOUCH: TOUCH}


def workload(
    policy: str | type[Policy],
    jobs: Sequence[Job],
    parameters: Mapping[str, Any] | None = None,
    *,
    tick: int = 1,
    names: Sequence[str] = (),
    cores: int = 1,
    devices: Mapping[str, int | None] | None = None,
    queues_of: Mapping[str, str] | None = None,
    changes: Mapping[str, tuple[tuple[int, int], ...]] | None = None,
    partitions: Sequence[int] | None = None,
    scheme: str = "fixed",
    min_block: int = 1,
    fit: str = "first",
    next_from: str = "placement",
    refuses: bool = False,
    admission: str = "fifo",
    compacts: bool = False,
    swap: tuple[str, str, int] | None = None,
    most: int | None = None,
    ties: str = "arrival-first",
    queues: str = "global",
    balance: str = "none",
    costs: tuple[int, int, int] = (0, 0, 0),
    switch_at: str = "coming",
    draws: str = "ready-order",
    completed_io: str = "before-arrivals",
) -> Workload:
    """A workload of jobs in ticks of `tick` ns, named P1, P2, … unless `names` says otherwise."""
    kind = POLICIES[policy] if isinstance(policy, str) else policy
    places = {oracle.CPU: CPU, oracle.WAIT: WAIT, oracle.RELEASE: RELEASE}
    places.update((name, index) for index, name in enumerate(devices or {}))
    given = {name: in_ns(name, value, tick) for name, value in (parameters or {}).items()}
    return Workload(
        source={
            "title": "t",
            "about": "",
            "file": "t.yaml",
            "text": "",
            "overrides": [],
            "sha256": "5e",
            "seed": 7,
        },
        cores=cores,
        devices=tuple(
            DeviceSpec(
                name,
                units,
                (queues_of or {}).get(name, "fifo"),
                changes=tuple((at * tick, to) for at, to in (changes or {}).get(name, ())),
            )
            for name, units in (devices or {}).items()
        ),
        memory=None
        if partitions is None
        else replace(
            memory_spec(tuple(partitions), scheme, min_block, fit, admission, compacts),
            swap=swap and SwapSpec(swap[0], places[swap[1]], 10**9 // (swap[2] * tick)),
            max_resident=most,
            next_from=next_from if scheme == "variable" else "placement",
            on_full="refuse" if refuses else "queue",
        ),
        scheduler=SchedulerSpec(
            policy if isinstance(policy, str) else kind.__name__,
            kind,
            {**kind.parameters(), **given},
            ties,
            queues,
            balance,
            queues == "global" and any(job.cores is not None for job in jobs),
            draws=draws,
            completed_io=completed_io,
        ),
        processes=tuple(
            ProcessSpec(
                index,
                names[index] if names else f"P{index + 1}",
                job.arrival * tick,
                Program(
                    array("h", [places[where] for where, _ in job.steps]),
                    array("q", [ticks * tick for _, ticks in job.steps]),
                    tuple(
                        MemoryStep(step, ticks * tick, MARKS[what], amount)
                        for step, ticks, what, amount in job.marks
                    ),
                    tracks=dict(enumerate(job.tracks)),
                ),
                job.memory,
                job.priority,
                job.nice,
                job.tickets,
                job.cores,
                None if job.period is None else job.period * tick,
                None if job.deadline is None else job.deadline * tick,
                releases=tuple(at * tick for at in job.releases),
                aborts=job.aborts,
            )
            for index, job in enumerate(jobs)
        ),
        costs=replace(
            Costs(*(ticks * tick for ticks in costs)),  # type: ignore[arg-type]  # the first few
            switch_at=switch_at,
        ),
    )


def memory_spec(
    sizes: tuple[int, ...],
    scheme: str,
    min_block: int,
    fit: str,
    admission: str,
    compacts: bool = False,
) -> MemorySpec:
    """`sizes` are those of partitions or holes, or of all memory."""
    if scheme == "buddy":
        return MemorySpec(sizes[0], admission=admission, scheme=scheme, min_block=min_block)
    if scheme == "variable":
        extent = layout(sizes)[-1].end
        holes = sizes if len(sizes) > 1 else ()
        compaction = "when-needed" if compacts else "never"
        return MemorySpec(extent, (), fit, admission, scheme, holes, compaction=compaction)
    if scheme == "per-partition":
        return MemorySpec(sum(sizes), sizes, queues=scheme)
    return MemorySpec(sum(sizes), sizes, fit, admission)


TIMES = ("quantum", "quanta", "allotments", "boost", "aging", "latency", "granularity", "tick")


def in_ns(name: str, value: Any, tick: int) -> Any:
    """A parameter of a policy in ns, if it is a time and was in ticks."""
    if name == "estimate" and value != "oracle":
        average = value["exponential"]
        return {"exponential": {**average, "initial": average["initial"] * tick}}
    if name not in TIMES or value is None:
        return value
    if isinstance(value, list):
        return [None if each is None else each * tick for each in value]
    return value * tick


def workload_of(case: Case, tick: int) -> Workload:
    """What the simulated machine is given of a case."""
    return workload(
        case.policy,
        case.jobs,
        case.parameters,
        tick=tick,
        cores=case.cores,
        devices=case.devices,
        queues_of=case.queues_of,
        changes=case.changes,
        partitions=case.partitions,
        scheme=case.scheme,
        min_block=case.min_block,
        fit=case.fit,
        next_from=case.next_from,
        refuses=case.refuses,
        admission=case.admission,
        compacts=case.compacts,
        swap=case.swap,
        most=case.most,
        ties=case.ties,
        queues=case.queues,
        balance=case.balance,
        costs=(case.dispatch, case.switch, case.migration),
        switch_at=case.switch_at,
        names=case.names,
        draws=case.draws,
        completed_io=case.completed_io,
    )


def stays_of(run: Run, tick: int) -> list[list[Stay]]:
    """Each process's intervals as the oracle writes them, in ticks."""
    found: list[list[Stay]] = [[] for _ in run.processes]
    for row in run.intervals:
        assert row.start % tick == row.end % tick == 0
        found[row.process].append(
            Stay(
                State(row.state).name.lower(),
                row.start // tick,
                row.end // tick,
                row.why,
                None if row.core < 0 else row.core,
                None if row.device < 0 else run.device_names[row.device],
            )
        )
    return found


def moves_of(run: Run, tick: int) -> list[tuple[int, int, int]]:
    """Which process was moved in memory, as the oracle writes it: tick, process, address."""
    index = {name: at for at, name in enumerate(run.process_names)}
    return [
        (event.at_ns // tick, index[event.process], event.base)
        for event in run.memory_events
        if event.event == "moved"
    ]


def swaps_of(run: Run, tick: int) -> list[tuple[int, int, str, int]]:
    """Which process was swapped, as the oracle writes it: tick, process, out or in, address."""
    index = {name: at for at, name in enumerate(run.process_names)}
    return [
        (
            event.at_ns // tick,
            index[event.process],
            event.event.removeprefix("swapped-"),
            event.base,
        )
        for event in run.memory_events
        if event.event.startswith("swapped")
    ]


def overheads_of(run: Run, tick: int) -> list[tuple[int, int, int, str]]:
    """What the cores did for no program, as the oracle writes it, in ticks."""
    return [(core, start // tick, end // tick, why) for core, start, end, why in run.overheads]


def tick_of(case: Case, seed: int) -> int:
    """How long a tick of the case is, ns."""
    if case.policy == "fair" or case.parameters.get("estimate", "oracle") != "oracle":
        return 1  # they round to whole ns
    if case.swap:
        return (1, 1_000_000)[seed % 2]  # a rate is whole bytes a second
    return (1, 7, 1_000_000)[seed % 3]


# -- cases at random ----------------------------------------------------------------------------

BALANCES = ("none", "steal", "push")
PINNED = "pinned"
FIRM = "firm"
KINDS = ("", "periodic", FIRM, "costs", "swapping", *BALANCES, PINNED)
CONVENTIONS = "conventions"
"""What a random case is about: the policy alone, or one of these. BALANCES: of queues per core;
FIRM: jobs that are dropped at their deadlines, on one or several cores, with costs or without;
PINNED: one queue, and jobs that may use only some cores."""
DEADLINES = ("rm", "dm", "edf", "llf")


def memory_steps(
    draw: random.Random, program: tuple[tuple[str, int], ...]
) -> tuple[tuple[int, int, str, int], ...]:
    """Draw a memory step now and then; most of them go well."""
    found: list[tuple[int, int, str, int]] = []
    for step, (where, ticks) in enumerate(program):
        if where == oracle.CPU and draw.random() < 0.3:
            freed = [oracle.FREE] * any(what == oracle.ALLOC for _, _, what, _ in found)
            what = draw.choice([oracle.ALLOC, oracle.TOUCH, oracle.TOUCH, *freed])
            amount = draw.randint(0, 6) if what == oracle.TOUCH else 1
            found.append((step, draw.randint(1, ticks), what, amount))
    return tuple(found)


def random_case(policy: str, seed: int, kind: str = "") -> Case:
    """Small numbers, so that much happens at one instant. `kind` is one of KINDS."""
    draw = random.Random(f"{policy}-{seed}{kind}")
    memory_draw = random.Random(f"{policy}-{seed}{kind} marks")
    devices = {
        name: draw.choice([1, 1, 2, None]) for name in ("disk", "net")[: draw.choice([0, 1, 1, 2])]
    }
    if kind == "swapping" and not devices:
        devices = {"disk": draw.choice([1, 2, None])}
    partitions = None
    if draw.random() < 0.4:
        partitions = tuple(draw.randint(2, 8) for _ in range(draw.randint(1, 4)))
    if kind == FIRM:
        partitions = None
    scheme = draw.choice(["fixed", "fixed", "per-partition", "variable", "variable", "buddy"])
    if kind == "swapping" and partitions is None:
        partitions = tuple(draw.randint(2, 8) for _ in range(draw.randint(1, 2)))
    if partitions and scheme == "buddy":
        partitions = (draw.choice([4, 8, 16]),)
    latest, longest = draw.choice([0, 3, 12]), draw.choice([1, 2, 4, 9])
    most_steps = draw.choice([1, 3, 8])
    several = kind in BALANCES or kind == PINNED
    cores = draw.choice([2, 3, 4]) if several else draw.choice([1, 1, 2, 3, 4])
    waits = [oracle.WAIT, *devices, *devices]

    def steps() -> tuple[tuple[str, int], ...]:
        found: list[tuple[str, int]] = []
        for _ in range(draw.randint(1, most_steps)):
            after_cpu = bool(found) and found[-1][0] == oracle.CPU
            likely = 0.0 if after_cpu else 0.75
            where = oracle.CPU if draw.random() < likely else draw.choice(waits)
            found.append((where, draw.randint(1, longest)))
        return tuple(found)

    def job() -> Job:
        program, period, deadline, pinned = steps(), None, None, None
        if policy == "mlfq" and draw.random() < 0.4:
            program = ((oracle.CPU, draw.randint(6, 18)),)  # there is a job to preempt
        if policy in DEADLINES or kind in ("periodic", FIRM):
            if draw.random() < 0.7:
                period = draw.choice([2, 3, 4, 6, 6, 12])
                for _ in range(draw.randint(0, 3)):
                    program += ((oracle.RELEASE, 0), *steps())
            if period or draw.random() < 0.5:
                deadline = draw.choice([period or 6, draw.randint(1, 12)])
        if several and draw.random() < (0.3 if kind in BALANCES else 0.6):
            pinned = tuple(sorted(draw.sample(range(cores), draw.randint(1, cores))))
        arrival = draw.randint(0, latest)
        memory = draw.randint(0, max(partitions)) if partitions else 0
        return Job(
            arrival,
            program,
            memory,
            priority=draw.randint(0, 3),
            tickets=draw.choice([1, 2, 3, 100]),
            nice=draw.choice([0, 0, 1, 5, -5, 19, -20]),
            cores=pinned,
            period=period,
            deadline=deadline,
            aborts=kind == FIRM and period is not None and draw.random() < 0.8,
            marks=memory_steps(memory_draw, program) if memory else (),
        )

    swap, most = None, None
    if kind == "swapping":
        rule = draw.choice(["blocked", "lowest-priority", "longest-resident"])
        swap = (rule, draw.choice(list(devices)), draw.choice([1, 1, 2]))
        most = draw.choice([None, None, 1, 2, 3])
    few = policy in DEADLINES or kind in ("periodic", FIRM)  # they are long
    dearest = draw.choice([0, 1, 3]) if kind in ("costs", FIRM) or several else 0
    return Case(
        policy=policy,
        jobs=tuple(job() for _ in range(draw.choice([1, 2, 3, 4, 5] + [6, 7, 8, 10] * (not few)))),
        parameters=PARAMETERS[policy](draw) if policy in PARAMETERS else {},
        cores=cores,
        devices=devices,
        partitions=partitions,
        scheme=scheme,
        min_block=draw.choice([1, 2, 4]),
        fit=draw.choice(["first", "next", "best", "worst"]),
        admission=draw.choice(["fifo", "skip"]),
        compacts=scheme == "variable" and draw.random() < 0.6,
        swap=swap,
        most=most,
        ties=draw.choice(["arrival-first", "expiry-first"]),
        queues="per-core" if kind in BALANCES else "global",
        balance=kind if kind in BALANCES else "none",
        dispatch=draw.randint(0, dearest),
        switch=draw.randint(0, dearest),
        migration=draw.randint(0, dearest),
    )


def _quantum(draw: random.Random) -> dict[str, Any]:
    return {"quantum": draw.randint(1, 4)}


def _estimate(draw: random.Random) -> dict[str, Any]:
    if draw.random() < 0.5:
        return {"estimate": "oracle"}
    average = {"alpha": draw.choice([0.25, 0.5, 0.75, 1.0]), "initial": draw.randint(0, 5)}
    return {"estimate": {"exponential": average}}


def _multilevel(draw: random.Random) -> dict[str, Any]:
    levels = draw.randint(1, 4)
    return {
        "levels": levels,
        "quanta": [draw.randint(1, 4) for _ in range(draw.randint(1, levels))],
        "allotments": draw.choice([None, [draw.randint(1, 9) for _ in range(levels)]]),
        "boost": draw.choice([None, None, 1, 5, 10, 25]),
    }


PARAMETERS: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "rr": _quantum,
    "vrr": _quantum,
    "random": lambda draw: {"quantum": draw.choice([None, 1, 2, 3])},
    "sjf": _estimate,
    "srtf": _estimate,
    "hrrn": _estimate,
    "priority": lambda draw: {
        "preemptive": draw.random() < 0.6,
        "highest": draw.choice(["small", "large"]),
        "aging": draw.choice([None, None, 1, 2, 4]),
        "quantum": draw.choice([None, None, 1, 3]),
    },
    "mlfq": _multilevel,
    "feedback": lambda draw: {"quantum": draw.randint(1, 3), "growth": draw.randint(1, 2)},
    "lottery": _quantum,
    "stride": _quantum,
    "fair": lambda draw: {"latency": draw.randint(1, 16), "granularity": draw.randint(1, 3)},
    "llf": lambda draw: {"tick": draw.randint(1, 4)},
}
"""The parameters of a policy at random, in ticks."""


# -- conventions --------------------------------------------------------------------------------

EQUALS: dict[str, dict[str, Sequence[str]]] = {
    "srtf": {"requeue": ("behind", "keeps-place"), "newcomer": ("waits", "preempts")},
    **{policy: {"requeue": ("behind", "keeps-place")} for policy in ("rm", "dm", "edf", "llf")},
}
"""The conventions that are parameters of a policy."""


def _feedback_conventions(draw: random.Random, rules: Mapping[str, Any]) -> dict[str, Any]:
    preemptive, quanta = draw.random() < 0.7, list(rules["quanta"])
    if len(quanta) == rules["levels"] and draw.random() < 0.6:
        quanta[-1] = None
    return {
        "preemptive": preemptive,
        "quanta": quanta,
        "io": draw.choice(["keeps", "keeps-quantum", "renews"]),
        "io_return": draw.choice(["back", "front"]),
        "requeue": draw.choice(["keeps-place", "behind"]) if preemptive else "keeps-place",
    }


def _released(draw: random.Random, job: Job) -> Job:
    """Return a periodic job, now and then with a list of releases in place of its period."""
    if job.period is None or draw.random() < 0.5:
        return job
    jobs = 1 + sum(where == oracle.RELEASE for where, _ in job.steps)
    gaps = [draw.choice([1, 2, 3, 5, 9]) for _ in range(jobs - 1)]
    return replace(job, period=None, releases=tuple(accumulate(gaps, initial=0)))


def by_convention(case: Case, seed: int) -> Case:
    """Return the case with conventions drawn at random."""
    draw = random.Random(f"{case.policy}-{seed} conventions")
    names = [f"P{number}" for number in range(1, len(case.jobs) + 1)]
    draw.shuffle(names)
    offered = dict(EQUALS.get(case.policy, {}))
    if case.policy == "priority" and case.parameters["preemptive"]:
        offered = {"requeue": ("behind", "keeps-place")}
    chosen: dict[str, Any] = {name: draw.choice(values) for name, values in offered.items()}
    if case.policy == "mlfq":
        chosen = _feedback_conventions(draw, case.parameters)
    jobs = [_released(draw, job) for job in case.jobs]
    tracks = [tuple(draw.randint(0, 9) for _ in job.steps) for job in jobs]
    orders = {"priority": ("fifo", "priority"), "sstf": ("fifo", "sstf", "sstf")}
    queues_of = {
        name: draw.choice(orders["sstf"] if units == 1 else orders["priority"])
        for name, units in case.devices.items()
        if units is not None
    }
    costly = draw.choice(["coming", "leaving", "half"])
    return replace(
        case,
        jobs=tuple(replace(job, tracks=own) for job, own in zip(jobs, tracks, strict=True)),
        queues_of=queues_of,
        changes={
            name: ((draw.randint(1, 4), draw.randint(0, 2)), (draw.randint(5, 12), 1))
            for name in queues_of
            if queues_of[name] != "sstf" and draw.random() < 0.4
        },
        parameters={**case.parameters, **chosen},
        draws=draw.choice(["ready-order", "arrival", "name", "pid"]),
        completed_io=draw.choice(["before-arrivals", "after-arrivals"]),
        names=tuple(names),
        next_from=draw.choice(["placement", "hole"]),
        refuses=draw.random() < 0.3,
        switch_at=costly,
        switch=case.switch * (2 if costly == "half" else 1),  # half of it is whole ticks
    )
