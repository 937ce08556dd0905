"""The commands of Multiprog: parse, call, print.

Exit status: 0 done; 1 the run failed, or an expectation or the comparison did not hold; 2 a bad
scenario or bad usage; 130 interrupted.
"""

from __future__ import annotations

import signal

if __name__ == "__main__":  # before the other imports: an interrupt during them is no traceback
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from kernel.errors import MultiprogError, UsageError
from report.outputs import Outputs, Result, with_outputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kernel.scheduling import Policy
    from kernel.workload import Workload
    from timeline.metrics import Summary
    from timeline.run import Run
    from timeline.sight import Sight
    from timeline.streaming import Streamed

INTERRUPTED = 130
FAILED = 1
_TOO_MUCH_MEMORY = (
    "this needs more memory than the command may have (the limit memory, or ulimit): "
    "make the scenario smaller, or raise it, like --limit memory=8GiB"
)

_SCENARIO_OPTIONS = [
    click.option(
        "--policy", metavar="NAME", help="Another policy, or file.py:Class; several: rr,srtf,mlfq."
    ),
    click.option("--quantum", metavar="D", help="Another quantum, like 10ms."),
    click.option("--cores", type=int, metavar="N", help="Another number of cores."),
    click.option("--seed", type=int, metavar="N", help="Another seed for every random draw."),
    click.option(
        "--time-unit", metavar="D", help="What a bare number means: 20ms stretches a run."
    ),
    click.option(
        "--set", "sets", multiple=True, metavar="PATH=VALUE", help="Any key: processes.0.cpu=5ms."
    ),
    click.option(
        "--limit", "limits", multiple=True, metavar="NAME=N", help="Another limit: processes=500."
    ),
]
_RESULT_OPTIONS = [
    click.option("--json", "as_json", is_flag=True, help="The run as JSON on stdout, only that."),
    click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Save that JSON."),
]
_EXPLAIN_OPTIONS = [
    click.option(
        "--explain",
        is_flag=True,
        help="Every decision: who was ready, with what keys, by which rule.",
    ),
]
_TERMINAL_OPTIONS = [
    click.option("--live", is_flag=True, help="Draw the machines while they run."),
    click.option("--step", is_flag=True, help="Then walk through the run with the arrow keys."),
]
_COSTS_OPTIONS = [
    click.option(
        "--costs",
        metavar="WHICH",
        help="What the model charges: measured (see calibrate), ideal, or a profile.",
    ),
]
_REAL_OPTIONS = [
    click.option("--timeout", metavar="D", help="End the real run after this (default: generous)."),
    click.option(
        "--trace",
        type=click.Choice(["kernel"]),
        help="Add the kernel's own record of its switches (root).",
    ),
]


def _with(*groups: Iterable[Callable[..., Any]]) -> Callable[..., Any]:
    """Decorate a command with groups of options, shown in their order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed([option for group in groups for option in group]):
            command = option(command)
        return command

    return decorate


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="multiprog", prog_name="multiprog")
def cli() -> None:
    """Multiprogramming, simulated and real: one scenario file, two machines, one comparison.

    Start with: python cli.py compare scenarios/lessons/overlap.yaml
    """


@cli.command(short_help="Run the model of a scenario.")
@click.argument("file", type=click.Path(path_type=Path))
@_with(_SCENARIO_OPTIONS, _COSTS_OPTIONS, _EXPLAIN_OPTIONS, _TERMINAL_OPTIONS, _RESULT_OPTIONS)
@with_outputs
def simulate(
    file: Path,
    costs: str | None,
    explain: bool,
    live: bool,
    step: bool,
    as_json: bool,
    out: Path | None,
    outputs: Outputs,
    **overrides: Any,
) -> int:
    """Run the model of FILE; print the timeline, the table per process, the totals.

    With several policies: a table with a row for each of them.
    """
    outputs.check(out)
    _check_terminal(live, step, as_json)
    if out is not None and _is_stream(out):
        costly = costs not in (None, "ideal")  # they are told of a run that is kept whole
        if as_json or explain or live or step or costly or outputs.wanted:
            raise UsageError(
                f"{out}: a streamed run is not kept: leave out the other options, or "
                "save it as .json"
            )
        workload = _charged(_load_one(file, {**overrides, "drawn": True}), costs)
        return _stream(workload, _limits(overrides["limits"]), out)
    written = _load_each(file, overrides, single=step)
    workloads = [_charged(workload, costs) for workload in written]
    decides = explain or step or outputs.decides
    limits = _limits(overrides["limits"])
    runs = _each(workloads, lambda workload: _simulate(workload, limits, decides))
    if live:
        _play(runs)
    return _deliver(runs, len(workloads) > 1, explain, step, outputs, as_json, out)


@cli.command("run-real", short_help="Run a scenario on real processes.")
@click.argument("file", type=click.Path(path_type=Path))
@_with(_SCENARIO_OPTIONS, _REAL_OPTIONS, _EXPLAIN_OPTIONS, _TERMINAL_OPTIONS, _RESULT_OPTIONS)
@with_outputs
def run_real(
    file: Path,
    timeout: str | None,
    trace: str | None,
    explain: bool,
    live: bool,
    step: bool,
    as_json: bool,
    out: Path | None,
    outputs: Outputs,
    **overrides: Any,
) -> int:
    """Run FILE on real processes on this machine; the same output in the same form."""
    outputs.check(out)
    _refuse_stream(out)
    _check_terminal(live, step, as_json)
    workloads = [_as_here(workload) for workload in _load_each(file, overrides, single=step)]
    decides = explain or step or outputs.decides
    limits = _limits(overrides["limits"])
    runs = _each(
        workloads, lambda each: _run_real(each, limits, timeout, trace, decides, live=live)
    )
    return _deliver(runs, len(workloads) > 1, explain, step, outputs, as_json, out)


@cli.command(short_help="Both, or two saved runs: how far apart they are.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--runs", type=click.IntRange(1, 1000), metavar="N", help="So many real runs: medians."
)
@_with(_SCENARIO_OPTIONS, _COSTS_OPTIONS, _REAL_OPTIONS)
@_with(_EXPLAIN_OPTIONS, _TERMINAL_OPTIONS, _RESULT_OPTIONS)
@with_outputs
def compare(
    files: tuple[Path, ...],
    runs: int | None,
    costs: str | None,
    timeout: str | None,
    trace: str | None,
    explain: bool,
    live: bool,
    step: bool,
    as_json: bool,
    out: Path | None,
    outputs: Outputs,
    **overrides: Any,
) -> int:
    """Simulate FILE, run it on real processes, and say how far apart they are and why.

    Two saved runs are compared as they are: compare a.json b.json
    """
    from dataclasses import replace

    from report.delivery import deliver_comparison
    from timeline.compare import compare as compare_runs
    from timeline.repeats import repeats
    from timeline.verdict import promise

    outputs.check(out)
    _refuse_stream(out)
    _check_terminal(live, step, as_json)
    decides = step or outputs.decides
    phases: Sequence[Run] = ()
    if all(file.suffix == ".json" or _is_stream(file) for file in files):
        if any(overrides.values()) or timeout or trace or explain or live or costs or runs:
            raise UsageError("saved runs are compared as they are: leave out the other options")
        first, *reals = _saved(files)
        explain = True  # as they are
    elif len(files) == 1:
        workload = _charged(_as_here(_load_one(files[0], overrides)), costs)
        _check_machine(workload)
        click.echo(promise(free=workload.scheduler.dispatch == "none"), err=True)
        limits = _limits(overrides["limits"])
        first, phases = _simulate(workload, limits, explain or decides), _other_phases(workload)
        reals = _each(
            [workload] * (runs or 1),
            lambda each: _run_real(each, limits, timeout, trace, decides, live=live, model=first),
        )
    else:
        raise UsageError("compare takes one scenario file, or two saved runs (.json)")
    second = reals[0]
    if second.stopped and first.process_names != second.process_names:  # not all were started yet
        return _status(second)
    comparisons = [compare_runs(first, real, phases) for real in reals]
    comparison, verdict = comparisons[0], comparisons[0].verdict
    if runs is not None:
        together = repeats(comparisons)
        comparison, verdict = replace(comparison, repeats=together), together.verdict
    with _written(outputs, Result([first, second], comparison), explain):
        deliver_comparison(first, second, comparison, as_json, out)
    if step:
        _step([first, second])
    if verdict == "inconclusive":  # a disturbed run does not fail for its times
        return _status(first)
    return max(_status(first), *map(_status, reals), FAILED * (verdict == "disagree"))


@cli.command(short_help="Validate scenario files.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_with(_SCENARIO_OPTIONS)
def check(files: tuple[Path, ...], **overrides: Any) -> int:
    """Validate scenario files; every mistake with its line, and what would be right.

    Where processes are periodic: how much of the CPU they need, and whether deadlines can be met.
    """
    status = 0
    for file in files:
        try:
            workload = _load_one(file, overrides)
        except UsageError as error:
            click.echo(str(error), err=True)
            status = error.exit_status
        else:
            steps = sum(len(spec.program.places) for spec in workload.processes)
            click.echo(f"{file}: correct: {len(workload.processes)} processes, {steps} steps")
            _show_memory(workload)
            _show_feasibility(workload)
    return status


@cli.command(short_help="Write a scenario in another form.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--python", is_flag=True, help="A plain multiprocessing program, on stdout.")
@_with(_SCENARIO_OPTIONS)
def export(file: Path, python: bool, **overrides: Any) -> None:
    """Write FILE as the plain multiprocessing program that a student would have written.

    It needs nothing but Python: python cli.py export FILE --python > program.py
    """
    from scenarios import Options, export_python

    if not python:
        raise UsageError("export: say in which form: --python")
    given = dict(overrides)
    limits = _limits(given.pop("limits", ()))
    click.echo(export_python(file, Options(limits=limits, **given)), nl=False)


@cli.command(short_help="List the scheduling policies, or tell all of one.")
@click.argument("name", required=False)
def policies(name: str | None) -> None:
    """List the scheduling policies with their parameters, and when each is good.

    With a NAME (or file.py:Class) all of that one: its rule, its rule for ties, an example.
    """
    from kernel.scheduling import POLICIES
    from report.listing import defined_in, show_policies, show_policy, stated_in
    from report.screen import console

    if name is None:
        show_policies(POLICIES, console())
        return
    policy = _policy(name)
    page = Path(__file__).parent / "docs" / "policies.md"
    where = stated_in(name, page) if name in POLICIES else defined_in(policy)
    show_policy(name, policy, where, console())


@cli.command(short_help="List the lessons, or the textbook examples.")
@click.option("--textbook", is_flag=True, help="The examples of textbooks, with their answers.")
@click.option("--life", is_flag=True, help="The lessons on the life of processes.")
def lessons(textbook: bool, life: bool) -> None:
    """List the lessons: scenario files that each show one thing."""
    from report.listing import show_lessons
    from report.screen import console

    name = "textbook" if textbook else "lessons/life" if life else "lessons"
    folder = Path(__file__).parent / "scenarios" / name
    rows = []
    for file in sorted(folder.rglob("*.yaml"), key=lambda file: (len(file.parts), file)):
        shown = Path(os.path.relpath(file))
        rows.append((file.stem, shown, _load(file, {}).source["title"]))
    show_lessons(rows, console())


@cli.command(short_help="Measure what this machine needs for switches, signals, starts.")
@_with(_RESULT_OPTIONS)
def calibrate(as_json: bool, out: Path | None) -> int:
    """Measure this machine and keep the result for --costs measured. Takes some seconds."""
    import json

    from real.calibration import calibrate as measure
    from report.calibration import show_profile
    from report.screen import console
    from scenarios.profiles import own_path, save

    path = out or own_path()
    profile = measure(lambda what: click.echo(f"measuring: {what}", err=True), path.parent)
    save(profile, path)
    if as_json:
        click.echo(json.dumps(profile))
    else:
        show_profile(profile, console())
        click.echo(f"kept in {path}", err=True)
    return 0


@cli.command(short_help="Print the JSON Schema of the scenario language.")
def schema() -> None:
    """Print the JSON Schema of the scenario language, for completion in editors."""
    import json

    from scenarios import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


# -- what the commands share --------------------------------------------------------------------


def _load_each(file: Path, overrides: Mapping[str, Any], *, single: bool = False) -> list[Workload]:
    """The scenario under each policy that --policy names; under its own if it names none.

    Raises UsageError if there must be a `single` one, and are several.
    """
    from scenarios import split_policies

    if single:
        return [_load_one(file, overrides)]
    given = overrides["policy"]
    names = [] if given is None else list(dict.fromkeys(split_policies(given)))
    if len(names) > 1:
        return [_load(file, _fitting(name, overrides)) for name in names]
    return [_load(file, {**overrides, "policy": names[0] if names else None})]


def _load_one(file: Path, overrides: Mapping[str, Any]) -> Workload:
    """The scenario. Raises UsageError if --policy names several."""
    from scenarios import split_policies

    given = overrides["policy"]
    if given is not None and len(split_policies(given)) > 1:
        raise UsageError(f"--policy {given}: one policy here; simulate and run-real take several")
    return _load(file, overrides)


def _fitting(name: str, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The options for one of several policies: --quantum is for those that have one."""
    fitting = {**overrides, "policy": name}
    if fitting["quantum"] is not None and "quantum" not in _policy(name).parameters():
        click.echo(f"{name} has no quantum: --quantum is for the others", err=True)
        fitting["quantum"] = None
    return fitting


def _policy(name: str) -> type[Policy]:
    """The class of a policy. Raises UsageError, with the nearest name, if there is none."""
    from scenarios.policies import find

    try:
        return find(name, Path())
    except ValueError as error:
        raise UsageError(str(error)) from None


def _load(file: Path, overrides: Mapping[str, Any]) -> Workload:
    from scenarios import Options, load

    given = dict(overrides)
    limits = _limits(given.pop("limits", ()))
    loaded = load(file, Options(limits=limits, **given))
    for remark in loaded.remarks:
        click.echo(remark, err=True)
    return loaded.workload


def _limits(texts: Iterable[str]) -> dict[str, int]:
    """All limits: of the options, the environment and the lab. Raises UsageError.

    From now on this process keeps that of its own memory.
    """
    from scenarios.limits import bound_memory, in_force

    limits = in_force(texts)
    bound_memory(limits["memory"])
    return limits


def _each(workloads: Iterable[Workload], run: Callable[[Workload], Run]) -> list[Run]:
    """One run after the other, until somebody interrupts one."""
    runs: list[Run] = []
    for workload in workloads:
        runs.append(run(workload))
        if _is_interrupted(runs[-1]):
            break
    return runs


@contextmanager
def _under_way(what: str, workload: Workload) -> Iterator[Callable[[int], None]]:
    """Progress on stderr; what a policy prints goes there too, as stdout is for the result."""
    from report.progress import Progress

    many = workload.drawn.many if workload.drawn is not None else len(workload.processes)
    with Progress(what, many) as progress, redirect_stdout(sys.stderr):
        yield progress.update


def _simulate(workload: Workload, limits: Mapping[str, int], explain: bool = False) -> Run:
    from sim import simulate
    from sim.patience import within

    with _under_way("simulating", workload) as update:
        run = simulate(workload, within(limits["wall"], update), explain=explain)
    return _expect(workload, run)


def _stream(workload: Workload, limits: Mapping[str, int], out: Path) -> int:
    """Run the model with its record going to a file, and print what it came to."""
    from report.screen import console
    from report.streamed import show_streamed
    from sim import stream
    from sim.patience import within
    from timeline.document import save
    from timeline.streaming import Streamed, compressed

    if workload.expect is not None:
        click.echo("expect needs the whole record: it is not checked in a streamed run", err=True)

    def write(file: TextIO) -> None:
        with compressed(out, file) as lines, _under_way("simulating", workload) as update:
            record = Streamed(workload, lines.write)
            summary = stream(workload, record, within(limits["wall"], update))
        results.append((record, summary))

    results: list[tuple[Streamed, Summary]] = []
    save(out, write)
    show_streamed(workload, *results[0], console())
    return 0


def _is_stream(path: Path) -> bool:
    from timeline.document import is_stream

    return is_stream(path)


def _refuse_stream(out: Path | None) -> None:
    """Raises UsageError where the run is kept whole."""
    if out is not None and _is_stream(out):
        raise UsageError(f"{out}: only simulate streams its run: save this one as .json")


def _run_real(
    workload: Workload,
    limits: Mapping[str, int],
    timeout: str | None,
    trace: str | None,
    explain: bool = False,
    *,
    live: bool = False,
    model: Run | None = None,
) -> Run:
    """On real processes; drawn while it runs if it is `live`, the `model`'s run above it."""
    from kernel.units import parse_duration
    from real import run_real
    from real.bounds import check_bounds

    check_bounds(workload, limits)
    limit = None
    if timeout is not None:
        try:
            limit = parse_duration(timeout, workload.time_unit)
            if limit <= 0:
                raise ValueError(f"must be a duration above 0, like 30s (got {timeout!r})")
        except ValueError as error:
            raise UsageError(f"--timeout: {error}") from None
    if workload.scheduler.dispatch == "none":
        if live:
            raise UsageError("--live shows our own dispatcher at work: leave it out here")
        if explain:
            told = "--explain: this machine's own scheduler decides, and tells no reasons"
            click.echo(told, err=True)
    how: dict[str, Any] = {"explain": explain, "trace": trace is not None, "wall": limits["wall"]}
    if live:
        remarks: list[str] = []
        with _drawn(workload, model) as watcher:
            run = run_real(workload, limit, watcher=watcher, remark=remarks.append, **how)
        for remark in remarks:
            click.echo(remark, err=True)
    else:
        with _under_way("running", workload) as update:
            run = run_real(workload, limit, update, remark=_remark, **how)
    return _expect(workload, run)


@contextmanager
def _drawn(
    workload: Workload, model: Run | None
) -> Iterator[Callable[[Callable[[], Sight]], None]]:
    """A picture of the run while it is under way; what a policy prints comes after it."""
    from io import StringIO

    from real.site import choose_site
    from report.painter import Painter
    from timeline.describe import blank_run
    from timeline.run import REAL

    site, said = choose_site(workload), StringIO()
    try:
        skeleton = blank_run(REAL, workload)
        with (
            Painter(skeleton, model, site.aside, spare=bool(site.spare)) as painter,
            redirect_stdout(said),
        ):
            yield painter.watch
    finally:
        sys.stderr.write(said.getvalue())


def _show_memory(workload: Workload) -> None:
    """How main memory is shared out, if it is modelled."""
    if workload.memory is not None:
        from kernel.units import format_size
        from report.memory import memory_words
        from timeline.describe import describe_memory

        words = memory_words(describe_memory(workload.memory, workload.devices))
        click.echo(f"memory: {format_size(workload.memory.size)}, {words}")


def _show_feasibility(workload: Workload) -> None:
    """What theory says of periodic processes, if there are any."""
    if any(spec.period is not None for spec in workload.processes):
        from kernel.scheduling.feasibility import describe

        for line in describe(workload):
            click.echo(line)


def _remark(text: str) -> None:
    click.echo(text, err=True)


def _charged(workload: Workload, costs: str | None) -> Workload:
    """With the costs that --costs asks for, and what this machine's scheduler is with them."""
    from scenarios.profiles import with_costs

    charged = with_costs(workload, costs)
    return _as_here(charged) if costs == "measured" else _as_usual(charged)


def _as_usual(workload: Workload) -> Workload:
    """What its scheduler leaves open is as on most machines."""
    from dataclasses import replace

    from kernel.linux.policy import USUAL

    given = workload.scheduler.parameters
    if not workload.scheduler.policy.left_to_the_machine:
        return workload
    usual = {name: USUAL.get(name) if value is None else value for name, value in given.items()}
    return replace(workload, scheduler=replace(workload.scheduler, parameters=usual))


def _as_here(workload: Workload) -> Workload:
    """What its scheduler leaves open is as on this machine."""
    from real.here import as_here

    return as_here(workload)


def _other_phases(workload: Workload) -> list[Run]:
    """The model again, with the tick at other times, if there is one."""
    from sim import other_phases

    return other_phases(workload)


def _check_machine(workload: Workload) -> None:
    """Before anything long: can this machine run it at all?"""
    from real.site import choose_site

    choose_site(workload)


def _expect(workload: Workload, run: Run) -> Run:
    if workload.expect is not None:
        from timeline.expect import check as check_expectations

        try:
            run.expectations = check_expectations(
                workload.expect, run, time_unit=workload.time_unit
            )
        except UsageError as error:
            raise UsageError(f"{workload.source['file']}: {error}") from None
    return run


def _saved(files: Iterable[Path]) -> list[Run]:
    from timeline.document import load

    runs = [run for file in files for run in load(file)]
    if len(runs) != 2:
        raise UsageError(f"compare needs two saved runs; the files given hold {len(runs)}")
    return runs


def _deliver(
    runs: Sequence[Run],
    several: bool,
    explain: bool,
    step: bool,
    outputs: Outputs,
    as_json: bool,
    out: Path | None,
) -> int:
    """Write the files, print the result, walk through it; what it comes to as an exit status."""
    with _written(outputs, Result(runs), explain):
        status = _show(runs, several, as_json, out)
    if step:
        _step(runs)
    return status


@contextmanager
def _written(outputs: Outputs, result: Result, explain: bool) -> Iterator[None]:
    """Write the files; decisions that only they needed are not in what is shown.

    A file that cannot be written after all (the disk is full) does not cost the rest: it is said
    in the end.
    """
    failure = None
    try:
        outputs.write(result)
    except UsageError as error:
        failure = error
    kept = [run.decisions for run in result.runs]
    if not explain:
        for run in result.runs:
            run.decisions = None
    yield
    for run, decisions in zip(result.runs, kept, strict=True):
        run.decisions = decisions
    if failure is not None:
        raise failure


def _check_terminal(live: bool, step: bool, as_json: bool) -> None:
    """Raises UsageError unless there is a terminal for what needs one."""
    for wanted, option in ((live, "--live"), (step, "--step")):
        if wanted and as_json:
            raise UsageError(
                f"{option} draws on the terminal, and --json is for a pipe: one of them"
            )
        if wanted:
            from report.stepping import require_terminal

            require_terminal(option)


def _step(runs: Sequence[Run]) -> None:
    from report.stepping import step

    step(runs)


def _play(runs: Iterable[Run]) -> None:
    from report.playing import play

    for run in runs:
        play(run)


def _show(runs: Sequence[Run], several: bool, as_json: bool, out: Path | None) -> int:
    from report.delivery import deliver_policies, deliver_run

    if several:
        deliver_policies(runs, as_json, out)
    else:
        deliver_run(runs[0], as_json, out)
    return max(map(_status, runs))


def _status(run: Run) -> int:
    if run.stuck and any(row.what == "deadlock of" and row.holds for row in run.expectations):
        return FAILED * (not all(expectation.holds for expectation in run.expectations))
    if run.stopped is not None:
        click.echo(f"the run was stopped: {run.stopped}", err=True)
        return INTERRUPTED if _is_interrupted(run) else FAILED
    return FAILED * (not all(expectation.holds for expectation in run.expectations))


def _is_interrupted(run: Run) -> bool:
    return run.stopped is not None and run.stopped.startswith("interrupted")


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status. No error that a user can cause is a traceback."""
    with _own_memory_unbounded_afterwards():
        return _main(arguments)


@contextmanager
def _own_memory_unbounded_afterwards() -> Iterator[None]:
    """For whoever calls `main` and goes on."""
    try:
        import resource
    except ImportError:  # not on this system
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _main(arguments: list[str] | None) -> int:
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        status = cli.main(arguments, standalone_mode=False) or 0
        sys.stdout.flush()
        return int(status)
    except click.ClickException as error:
        where = f"{error.ctx.command_path}: " if getattr(error, "ctx", None) else ""  # type: ignore[attr-defined]
        click.echo(where + error.format_message().replace("\n", " "), err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except MultiprogError as error:
        click.echo(str(error), err=True)
        return error.exit_status
    except MemoryError:
        click.echo(_TOO_MUCH_MEMORY, err=True)
        return FAILED
    except OSError as error:
        if error.filename is not None:
            raise
        _give_up_stdout()
        click.echo(f"the output could not be written: {os.strerror(error.errno or 0)}", err=True)
        return FAILED


def _give_up_stdout() -> None:
    """What is left in its buffer would fail again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
