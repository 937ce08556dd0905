"""Whether every deadline will be met: what `kernel.schedulability` finds, in words and a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from kernel.schedulability import (
    Response,
    TaskSet,
    bound,
    by_deadline,
    by_period,
    meets_all_by_edf,
    response_times,
    task_set,
    utilisation,
    within_liu_layland,
)
from kernel.units import format_duration
from kernel.workload import Workload
from report.base.screen import wrap
from translation import tr, tr_n

WIDTH = 80
MOST_TASKS = 1000
MOST_ROWS = 20


def describe(workload: Workload) -> list[str]:
    """Return lines about a scenario's periodic processes, printed before the run.

    They have at most 80 columns: the utilisation, then the answer for each policy. The list is
    empty without periodic processes.
    """
    found = task_set(workload)
    if not found.tasks:
        return []
    if len(found.tasks) > MOST_TASKS:
        many = len(found.tasks)
        return [tr("{n} periodic processes: too many to say whether all deadlines are met", n=many)]
    lines = [_of_utilisation(found)]
    if found.applies:
        lines += [*_of_rm(found), *_of_dm(found), _of_edf(found), *_of_limits(found)]
    else:
        lines.append(
            tr("rm, dm, edf: the classical answers do not apply: {why}", why=_why_not(found))
        )
    return [part for line in lines for part in _wrapped(line)]


def _of_utilisation(found: TaskSet) -> str:
    used, cores = utilisation(found.tasks), found.cores
    short = f" ({used})" if used.denominator < 10_000 else ""
    line = tr_n(
        "utilisation: {used:.3f}{exactly} by {n} periodic process",
        "utilisation: {used:.3f}{exactly} by {n} periodic processes",
        len(found.tasks),
        used=float(used),
        exactly=short,
    )
    if used <= cores:
        return line
    over = tr_n(
        "more than the core, so no policy meets all deadlines for long",
        "more than the {n} cores, so no policy meets all deadlines for long",
        cores,
    )
    return f"{line}{tr('; ')}{over}"


def _why_not(found: TaskSet) -> str:
    """Return the assumption of the theory that the scenario does not meet."""
    if found.cores > 1:
        return tr("they hold for one core, and this machine has {cores}", cores=found.cores)
    assert found.blocking is not None
    process = _name(found.blocking)
    if found.makes_calls:
        return tr("they hold for jobs that never block, and {process} makes calls", process=process)
    return tr("they hold for jobs that never block, and {process} does I/O", process=process)


def _of_rm(found: TaskSet) -> Iterator[str]:
    tasks = found.tasks
    most = f"{bound(len(tasks)):.3f}"
    if found.has_early_deadlines:
        yield tr(
            "rm: U <= {bound} (Liu and Layland) holds only if deadlines equal periods",
            bound=most,
        )
    elif within_liu_layland(tasks):
        yield tr("rm: U <= {bound} (Liu and Layland), so every deadline is met", bound=most)
    elif utilisation(tasks) <= 1:
        yield tr("rm: U > {bound} (Liu and Layland), which leaves it open", bound=most)
    else:
        yield tr("rm: U > {bound} (Liu and Layland)", bound=most)
    yield from _of_responses("rm", response_times(tasks, by_period))


def _of_dm(found: TaskSet) -> Iterator[str]:
    if found.has_one_order:
        yield tr("dm: the same order as rm, so the same answer")
    else:
        yield from _of_responses("dm", response_times(found.tasks, by_deadline))


def _of_responses(policy: str, responses: Sequence[Response]) -> Iterator[str]:
    """Yield the answer, then a row for each task; above MOST_ROWS, for tasks that can miss."""
    missing = [response for response in responses if response.meets is False]
    if missing:
        can = tr("{n} of {all} can miss deadlines", n=len(missing), all=len(responses))
    elif all(response.meets for response in responses):
        can = tr("every deadline is met")
    else:
        can = tr("not known, it would take too long to work out")
    yield tr("{policy}, by response-time analysis: {answer}", policy=policy, answer=can)
    rows = responses if len(responses) <= MOST_ROWS else (missing or responses)[:MOST_ROWS]
    width = max(cell_len(_name(response.task.name)) for response in rows)
    for response in rows:
        yield f"    {set_cell_size(_name(response.task.name), width)}  {_row(response)}"
    if len(rows) < len(responses):
        yield f"    {tr('and {n:,} more', n=len(responses) - len(rows))}"


def _row(response: Response) -> str:
    deadline = format_duration(response.task.deadline)
    if response.meets is None:
        return f"R ?  D {deadline}"
    if response.worst is None:
        return f"R > D {deadline}"
    return f"R {format_duration(response.worst)} <= D {deadline}"


def _of_edf(found: TaskSet) -> str:
    meets = meets_all_by_edf(found.tasks)
    if meets is None:
        return tr("edf: not known, it would take too long to work out")
    why = "U <= 1" if meets else "U > 1"
    if utilisation(found.tasks) <= 1 and found.has_early_deadlines:
        why = tr("by processor demand")
    if meets:
        return tr("edf: {why}: every deadline is met", why=why)
    return tr("edf: {why}: deadlines can be missed", why=why)


def _of_limits(found: TaskSet) -> Iterator[str]:
    """Yield notes on where the scenario differs from the theory."""
    if found.arrive_apart:
        yield tr("(for the worst case, in which all processes arrive at once; here they do not)")
    if found.others_have_deadlines:
        yield tr("(without the processes that have a deadline and no period)")
    if found.has_costs:
        yield tr("(without machine.costs)")


def _name(name: str) -> str:
    return name if cell_len(name) <= 24 else f"{set_cell_size(name, 21).rstrip()}..."


def _wrapped(line: str) -> list[str]:
    """Return a line in pieces of at most WIDTH columns; those after the first are indented."""
    if cell_len(line) <= WIDTH:
        return [line]
    first, *_ = wrap(line, WIDTH)
    rest = line[len(first) :].strip()
    return [first, *wrap(f"  {rest}", WIDTH)]
