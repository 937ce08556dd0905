"""What theory says must come out, comes out: queues, shares, deadlines, degree of multiprogramming.

All runs are seeded, so no test is a matter of luck: one that holds, holds for ever. Theory must be
in the 99.9 % confidence interval of a run's batch means, and that interval within a fifth of it.
docs/policies.md, "Checked against theory", has the figures; `pytest -s` prints them.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import pytest

from kernel.process.states import RUNNING
from kernel.schedulability import PeriodicTask, by_deadline, by_period, response_times
from kernel.units import ms, us
from sim import simulate
from tests.sim.cases import workload
from tests.sim.oracle.system import CPU, RELEASE, WAIT, Job
from timeline.record.jobs import misses_of
from timeline.record.run import ProcessRow, Run

BATCHES = 20
T_999 = 3.883
"""Student's t, two-sided 99.9 %, of BATCHES - 1 degrees of freedom."""


def agrees(what: str, found: Sequence[float], theory: float) -> bool:
    """Whether theory is in the confidence interval of the mean of `found`."""
    assert len(found) == BATCHES
    mean = sum(found) / len(found)
    variance = sum((each - mean) ** 2 for each in found) / (len(found) - 1)
    half = T_999 * math.sqrt(variance / len(found))
    print(f"{what}: theory {theory:.3f}, simulated {mean:.3f} ± {half:.3f}")
    return abs(mean - theory) <= half <= 0.2 * theory


def batches(values: Sequence[float]) -> list[float]:
    """The means of equal stretches of a run, without its first tenth."""
    kept = values[len(values) // 10 :]
    size = len(kept) // BATCHES
    return [sum(kept[i * size : (i + 1) * size]) / size for i in range(BATCHES)]


# -- queues -------------------------------------------------------------------------------------

SERVICE = ms(1)  # the mean burst of one job


def exponential(draw: random.Random, mean: float) -> int:
    return max(1, round(-mean * math.log(1 - draw.random())))


def poisson(
    many: int, load: float, burst: Callable[[random.Random], int], seed: int, cores: int = 1
) -> list[Job]:
    """Jobs of one burst each that arrive at random and keep the cores busy for `load`."""
    draw, jobs, at = random.Random(seed), [], 0
    for _ in range(many):
        at += exponential(draw, SERVICE / load / cores)
        jobs.append(Job(at, ((CPU, burst(draw)),), priority=int(2 * draw.random())))
    return jobs


def memoryless(draw: random.Random) -> int:
    return exponential(draw, SERVICE)


def responses(run: Run) -> list[float]:
    """From arrival to completion, in mean bursts."""
    return [(row.turnaround_ns or 0) / SERVICE for row in run.processes]


@pytest.mark.parametrize("load", [0.5, 0.7])
def test_first_come_first_served_responds_like_an_m_m_1_queue(load: float) -> None:
    jobs = poisson(30_000, load, memoryless, seed=1)
    found = batches(responses(simulate(workload("fcfs", jobs))))
    assert agrees(f"M/M/1, load {load}", found, 1 / (1 - load))


def test_first_come_first_served_waits_as_lindley_says_to_the_nanosecond() -> None:
    jobs = poisson(5_000, 0.9, memoryless, seed=2)
    waits, wait = [0], 0
    for before, job in itertools.pairwise(jobs):
        wait = max(0, wait + before.steps[0][1] - (job.arrival - before.arrival))
        waits.append(wait)
    assert [row.waiting_ns for row in simulate(workload("fcfs", jobs)).processes] == waits


@pytest.mark.parametrize("cores", [2, 4])
def test_several_cores_respond_like_an_m_m_c_queue(cores: int) -> None:
    load = 0.7
    offered = cores * load
    inside = [offered**k / math.factorial(k) for k in range(cores)]
    last = offered**cores / math.factorial(cores) / (1 - load)
    erlang_c = last / (sum(inside) + last)  # the chance to find all cores busy
    jobs = poisson(20_000, load, memoryless, seed=3, cores=cores)
    found = batches(responses(simulate(workload("fcfs", jobs, cores=cores))))
    assert agrees(f"M/M/{cores}, load {load}", found, 1 + erlang_c / (cores * (1 - load)))


def test_a_small_quantum_shares_the_processor_so_only_a_jobs_own_length_matters() -> None:
    """M/G/1 with processor sharing: a job of x takes x / (1 - load), whatever the others are.

    Under fcfs it would wait for what is there, load E[S²] / (2 E[S] (1 - load)), whatever it is.
    """
    load, short, long = 0.5, SERVICE // 2, SERVICE * 3 // 2

    def either(draw: random.Random) -> int:
        return short if draw.random() < 0.5 else long

    jobs = poisson(10_000, load, either, seed=4)
    run = simulate(workload("rr", jobs, {"quantum": SERVICE // 25}))
    for burst in (short, long):
        found = [t for job, t in zip(jobs, responses(run), strict=True) if job.steps[0][1] == burst]
        theory = burst / SERVICE / (1 - load)
        assert agrees(f"processor sharing, bursts of {burst / SERVICE}", batches(found), theory)


def test_priorities_that_do_not_preempt_respond_as_cobham_says() -> None:
    """M/M/1, two classes of the same burst: wait = load / ((1 - load above) (1 - load so far))."""
    load = 0.6
    jobs = poisson(20_000, load, memoryless, seed=5)
    run = simulate(workload("priority", jobs, {"preemptive": False}))
    for priority, above, so_far in [(0, 0.0, load / 2), (1, load / 2, load)]:
        times = zip(jobs, responses(run), strict=True)
        found = batches([time for job, time in times if job.priority == priority])
        theory = 1 + load / ((1 - above) * (1 - so_far))
        assert agrees(f"priority {priority}, load {load}", found, theory)


def test_no_policy_has_a_smaller_mean_response_than_shortest_remaining_time_first() -> None:
    for seed in range(20):
        jobs = poisson(60, 0.9, memoryless, seed)
        best = simulate(workload("srtf", jobs)).averages.turnaround_ns or 0
        for policy in (
            "fcfs",
            "rr",
            "sjf",
            "hrrn",
            "mlfq",
            "feedback",
            "stride",
            "fair",
            "lottery",
        ):
            assert best <= (simulate(workload(policy, jobs)).averages.turnaround_ns or 0)


# -- the degree of multiprogramming ----------------------------------------------------------------


def interactive(programs: int, cycles: int, compute: int, wait: int) -> list[Job]:
    """Programs that compute and wait in turn, for exponentially distributed times."""
    draw = random.Random(programs)
    cycle = ((CPU, compute), (WAIT, wait))
    return [
        Job(0, tuple((place, exponential(draw, mean)) for place, mean in cycle * cycles))
        for _ in range(programs)
    ]


def busy(run: Run, parts: int = BATCHES) -> list[float]:
    """The share of time in which a process runs, by parts of the time in which all are there."""
    end = min(row.completion_ns or 0 for row in run.processes)
    spans = sorted((row.start, row.end) for row in run.intervals if row.state == RUNNING)
    size, start, until = end // (parts + 1), end // (parts + 1), 0
    used = [0] * parts
    for first, over in spans:
        begin, until = max(first, until, start), max(over, until)
        while begin < min(until, start + parts * size):
            part = (begin - start) // size
            stop = min(until, start + (part + 1) * size)
            used[part] += stop - begin
            begin = stop
    return [each / size for each in used]


@pytest.mark.parametrize("programs", [1, 2, 3, 4])
def test_programs_that_never_wait_for_a_core_leave_it_idle_with_the_power_of_their_number(
    programs: int,
) -> None:
    """`1 - p^n` assumes that programs wait for I/O independently: no program queues for a core.

    With a core for each it is exact: a program runs at some core unless all n wait.
    """
    p = 0.8
    jobs = interactive(programs, 2_000, compute=ms(2), wait=ms(8))
    found = busy(simulate(workload("fcfs", jobs, cores=programs)))
    assert agrees(f"{programs} cores, 1 - p^{programs}", found, 1 - p**programs)


@pytest.mark.parametrize("programs", [1, 2, 3, 4, 8])
def test_programs_that_share_a_core_use_what_the_machine_repair_model_says(programs: int) -> None:
    """On one core they queue, and 1 - p^n is the approximation that textbooks give.

    Exact (M/M/1//N): idle with chance 1 / sum over k of n! / (n - k)! (compute / wait)^k. That is
    always busier than 1 - p^n, which counts as one what several do at a time: on one core they do
    it one after the other.
    """
    p = 0.8
    terms = [math.perm(programs, k) * ((1 - p) / p) ** k for k in range(programs + 1)]
    exact = 1 - 1 / sum(terms)
    jobs = interactive(programs, 3_000, compute=ms(2), wait=ms(8))
    found = busy(simulate(workload("fcfs", jobs)))
    assert agrees(f"one core, {programs} programs (1 - p^n = {1 - p**programs:.3f})", found, exact)
    assert programs == 1 or exact > 1 - p**programs


# -- shares -------------------------------------------------------------------------------------

QUANTUM = ms(10)
TICKETS = (1, 2, 3, 4)


def hogs(tickets: Sequence[int], quanta: int, nice: Sequence[int] = ()) -> list[Job]:
    """Programs that compute all the time, long enough for `quanta` of the core with all there."""
    return [
        Job(0, ((CPU, quanta * QUANTUM),), tickets=each, nice=nice[index] if nice else 0)
        for index, each in enumerate(tickets)
    ]


def received(run: Run, until: int) -> Iterator[list[int]]:
    """What each process has had of the core, ns, whenever a slice ends, up to `until` ns."""
    had = [0] * len(run.processes)
    for row in run.intervals:
        if row.state == RUNNING and row.start < until:
            had[row.process] += min(row.end, until) - row.start
            yield list(had)


def test_lottery_gives_shares_by_tickets_within_the_binomial_bound() -> None:
    """Each of N slices is won with chance s, so N s are, give or take 4 sqrt(N s (1 - s))."""
    many = 10_000
    run = simulate(workload("lottery", hogs(TICKETS, many), {"quantum": QUANTUM}))
    *_, had = received(run, many * QUANTUM)
    for tickets, cpu in zip(TICKETS, had, strict=True):
        share = tickets / sum(TICKETS)
        most = 4 * math.sqrt(many * share * (1 - share))
        print(f"lottery: {tickets} tickets of {sum(TICKETS)}: {cpu / QUANTUM / many:.4f}")
        assert abs(cpu / QUANTUM - many * share) <= most


@pytest.mark.parametrize("seed", range(20))
def test_stride_never_owes_one_process_a_quantum_to_another(seed: int) -> None:
    """Waldspurger and Weihl (1995): of what any two have had, each one's is its share to a quantum.

    For two processes that is the share of the core. Of many, one with most tickets can be further
    from its share of the core: all that have one ticket run once before it runs a second time.
    """
    draw = random.Random(seed)
    tickets = [draw.randint(1, 20) for _ in range(draw.randint(2, 6))]
    run = simulate(workload("stride", hogs(tickets, 100), {"quantum": QUANTUM}))
    for had in received(run, 100 * QUANTUM):
        for (mine, cpu), (theirs, other) in itertools.combinations(
            zip(tickets, had, strict=True), 2
        ):
            assert abs(cpu - Fraction((cpu + other) * mine, mine + theirs)) <= QUANTUM


def test_stride_may_owe_a_process_more_than_a_quantum_to_many() -> None:
    """All hundred that have one ticket run once before the one of a hundred runs a second time."""
    tickets = [100, *([1] * 100)]
    run = simulate(workload("stride", hogs(tickets, 101), {"quantum": QUANTUM}))
    *_, had = received(run, 101 * QUANTUM)
    assert had == [QUANTUM] * 101


@pytest.mark.parametrize("seed", range(20))
def test_the_virtual_runtimes_under_fair_are_never_further_apart_than_a_slice(seed: int) -> None:
    draw = random.Random(seed)
    nice = [draw.randint(-5, 5) for _ in range(draw.randint(2, 6))]
    weights = [WEIGHTS_AROUND_0[each] for each in nice]
    run = simulate(workload("fair", hogs([1] * len(nice), 100, nice), {}))
    longest = max(max(ms(6), ms(48) * w // sum(weights)) / w for w in weights)
    for had in received(run, 100 * QUANTUM):
        virtual = [cpu / weight for cpu, weight in zip(had, weights, strict=True)]
        assert max(virtual) - min(virtual) <= longest * 1.000001


WEIGHTS_AROUND_0 = dict(
    zip(range(-5, 6), (3121, 2501, 1991, 1586, 1277, 1024, 820, 655, 526, 423, 335), strict=True)
)
"""nice to weight, from Linux's table."""


# -- deadlines ----------------------------------------------------------------------------------

HYPERPERIOD = 120
PERIODS = (3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 40, 60)


def task_set(seed: int, constrained: bool) -> list[PeriodicTask]:
    """Tasks of different periods and different deadlines, in ticks."""
    draw = random.Random(seed)
    periods = draw.sample(PERIODS, draw.randint(2, 5))
    tasks: list[PeriodicTask] = []
    for name, period in enumerate(periods):
        cost = draw.randint(1, max(1, round(period * 2.1 / len(periods) * draw.random())))
        deadlines = set(range(cost, period + 1)) - {task.deadline for task in tasks}
        deadline = draw.choice(sorted(deadlines or {period})) if constrained else period
        tasks.append(PeriodicTask(str(name), cost, period, deadline))
    return tasks


def released_together(policy: str, tasks: Sequence[PeriodicTask]) -> Run:
    """All tasks from one moment on, for one hyperperiod; llf looks at every tick."""
    jobs = [
        Job(
            0,
            (((CPU, task.cost), (RELEASE, 0)) * (HYPERPERIOD // task.period))[:-1],
            period=task.period,
            deadline=task.deadline,
        )
        for task in tasks
    ]
    parameters = {"tick": 1} if policy == "llf" else {}
    return simulate(workload(policy, jobs, parameters, tick=us(1)))


def missed(run: Run) -> list[bool]:
    found = [misses_of(row, run) for row in run.processes]
    return [each is not None and each.missed > 0 for each in found]


def worst_response(task: PeriodicTask, before: Sequence[PeriodicTask]) -> int | None:
    """The least R = C + sum of ceil(R / Tj) Cj; None: it is past the deadline."""
    response, demand = task.cost, 0
    while response != demand:
        if response > task.deadline:
            return None
        demand = response
        response = task.cost + sum(math.ceil(Fraction(demand, o.period)) * o.cost for o in before)
    return response


@pytest.mark.parametrize("policy", ["rm", "dm"])
def test_fixed_priorities_miss_just_the_deadlines_that_response_time_analysis_says(
    policy: str,
) -> None:
    order = by_period if policy == "rm" else by_deadline
    late = 0
    for seed in range(300):
        tasks = task_set(seed, constrained=policy == "dm")
        run, ordered = released_together(policy, tasks), sorted(tasks, key=order)
        theory = {
            task.name: worst_response(task, ordered[:place]) for place, task in enumerate(ordered)
        }
        wanted = [theory[task.name] for task in tasks]
        assert missed(run) == [worst is None for worst in wanted], f"set {seed}: {tasks}"
        for row, worst in zip(run.processes, wanted, strict=True):
            assert worst is None or longest_response(row) == us(worst)
        for found in response_times(tasks, order):  # and so says `check`
            assert found.worst == theory[found.task.name]
        late += None in wanted
    print(f"{policy}: {late} of 300 task sets miss a deadline")
    assert 30 < late < 270


def longest_response(row: ProcessRow) -> int:
    return max((job["completion_ns"] or 0) - job["release_ns"] for job in row.jobs or ())


@pytest.mark.parametrize("policy", ["edf", "llf"])
def test_dynamic_priorities_miss_a_deadline_just_if_more_than_the_core_is_asked_for(
    policy: str,
) -> None:
    late = 0
    for seed in range(300):
        tasks = task_set(seed, constrained=False)
        asked = sum(Fraction(task.cost, task.period) for task in tasks)
        run = released_together(policy, tasks)
        assert any(missed(run)) == (asked > 1), f"set {seed}: {tasks}"
        late += asked > 1
    print(f"{policy}: {late} of 300 task sets ask for more than the core")
    assert 30 < late < 270
