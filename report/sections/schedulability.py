"""Whether every deadline will be met: what `kernel.schedulability` finds, in words and a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

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
        return [f"{many} periodic processes: too many to say whether all deadlines are met"]
    lines = [_of_utilisation(found)]
    if found.applies:
        lines += [*_of_rm(found), *_of_dm(found), _of_edf(found), *_of_limits(found)]
    else:
        lines.append(f"rm, dm, edf: the classical answers do not apply: {_why_not(found)}")
    return [part for line in lines for part in _wrapped(line)]


def _of_utilisation(found: TaskSet) -> str:
    used, cores = utilisation(found.tasks), found.cores
    short = f" ({used})" if used.denominator < 10_000 else ""
    tasks = len(found.tasks)
    many = "1 periodic process" if tasks == 1 else f"{tasks} periodic processes"
    line = f"utilisation: {float(used):.3f}{short} by {many}"
    if used > cores:
        what = "the core" if cores == 1 else f"the {cores} cores"
        line += f"; more than {what}, so no policy meets all deadlines for long"
    return line


def _why_not(found: TaskSet) -> str:
    """Return the assumption of the theory that the scenario does not meet."""
    if found.cores > 1:
        return f"they are for one core, not {found.cores}"
    assert found.blocking is not None
    does = "makes calls" if found.makes_calls else "does I/O"
    return f"they are for jobs that never block, and {_name(found.blocking)} {does}"


def _of_rm(found: TaskSet) -> Iterator[str]:
    tasks = found.tasks
    used, most = utilisation(tasks), f"{bound(len(tasks)):.3f} (Liu and Layland)"
    if found.has_early_deadlines:
        yield f"rm: U <= {most} is for deadlines that are the period"
    elif within_liu_layland(tasks):
        yield f"rm: U <= {most}, so every deadline is met"
    elif used <= 1:
        yield f"rm: U > {most}, which leaves it open"
    else:
        yield f"rm: U > {most}"
    yield from _of_responses("rm", response_times(tasks, by_period))


def _of_dm(found: TaskSet) -> Iterator[str]:
    if found.has_one_order:
        yield "dm: the same order as rm, so the same answer"
    else:
        yield from _of_responses("dm", response_times(found.tasks, by_deadline))


def _of_responses(policy: str, responses: Sequence[Response]) -> Iterator[str]:
    """Yield the answer, then a row for each task; above MOST_ROWS, for tasks that can miss."""
    missing = [response for response in responses if response.meets is False]
    if missing:
        can = f"{len(missing)} of {len(responses)} can miss deadlines"
    elif all(response.meets for response in responses):
        can = "every deadline is met"
    else:
        can = "not known, it would take too long to work out"
    yield f"{policy}, by response-time analysis: {can}"
    rows = responses if len(responses) <= MOST_ROWS else (missing or responses)[:MOST_ROWS]
    width = max(len(_name(response.task.name)) for response in rows)
    for response in rows:
        yield f"    {_name(response.task.name):{width}}  {_row(response)}"
    if len(rows) < len(responses):
        yield f"    and {len(responses) - len(rows)} more"


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
        return "edf: not known, it would take too long to work out"
    why = "U <= 1" if meets else "U > 1"
    if utilisation(found.tasks) <= 1 and found.has_early_deadlines:
        why = "by processor demand"
    return f"edf: {why}: {'every deadline is met' if meets else 'deadlines can be missed'}"


def _of_limits(found: TaskSet) -> Iterator[str]:
    """Yield notes on where the scenario differs from the theory."""
    if found.arrive_apart:
        yield "(for the worst case, in which all arrive at once; here they do not)"
    if found.others_have_deadlines:
        yield "(without the processes that have a deadline and no period)"
    if found.has_costs:
        yield "(without machine.costs)"


def _name(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:21]}..."


def _wrapped(line: str) -> list[str]:
    return wrap(line, WIDTH, subsequent_indent="  ") if len(line) > WIDTH else [line]
