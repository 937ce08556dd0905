"""The commands of Multiprog.

A command parses its options, calls the other folders, and prints the result. Its exit status is 0
after success; 1 if the run failed, an expectation or the comparison did not hold, or the output
could not be written; 2 for a bad scenario or bad usage; 130 if it was interrupted.
"""

from __future__ import annotations

import signal
import sys
from importlib.machinery import PathFinder

if __name__ == "__main__" and sys.version_info < (3, 11):
    found = ".".join(map(str, sys.version_info[:2]))
    sys.stderr.write("Multiprog needs Python 3.11 or later, and this is Python " + found + "\n")
    sys.exit(2)
if __name__ == "__main__":
    for needed in ("click", "psutil", "pydantic", "rich", "ruamel", "simpy"):
        if PathFinder.find_spec(needed) is None:
            setup = "make setup && .venv/bin/python cli.py, or python3 -m pip install --editable ."
            sys.stderr.write(
                "Multiprog needs the package " + needed + ", set up by: " + setup + "\n"
            )
            sys.exit(2)
if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
    # This comes before the other imports, so that Ctrl-C during them prints no traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import machines
from commands.answering import Answering, answers
from commands.asked import Asked, asks, find_policy
from commands.conversions import ImportAsked, imports, print_export, print_import
from commands.elsewhere import require_linux
from commands.exercises import Posing, poses
from commands.exit_status import exit_status_of, memory_bound_given_back
from commands.grading import Grading, grades
from commands.links import open_link, scenario_file
from commands.machines import Handling, charges, handles
from commands.recording import RecordAsked, record_program, records
from commands.resolve import Host, other_kernel, resolve
from commands.shown import (
    FAILED,
    Shown,
    compared_status,
    is_stream,
    not_kept,
    shows,
    status_of,
)
from commands.sweep_options import Swept, Where, places, sweeps
from kernel import current_call
from kernel.errors import UsageError
from report.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kernel.workload import Workload
    from report.outputs import Outputs
    from timeline.record.run import Run


def _say_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from report.base.version import version

        click.echo(f"multiprog, version {version()}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_say_version,
    help="Show the version and exit.",
)  # fmt: skip
def cli() -> None:
    """Multiprogramming, simulated and real: one scenario file, two machines, one comparison.

    Start with: python cli.py compare scenarios/lessons/overlap.yaml
    """


@cli.command(short_help="Run the model of a scenario.")
@scenario_file
@asks
@charges
@machines.as_on
@shows
def simulate(file: Path, asked: Asked, costs: str | None, as_on: Path | None, shown: Shown) -> int:
    """Run the model of FILE. Print the timeline, the table of processes and the totals.

    With several policies, print a table with a row for each policy.
    """
    profiles = [] if as_on is None else [as_on]
    shown.check([*asked.reads(file, costs=costs), *profiles], streams=True)
    host = Host.USUAL if as_on is None else other_kernel(as_on)
    if shown.out is not None and shown.streams:
        if costs not in (None, "ideal"):  # other costs need the whole run in memory
            raise not_kept(shown.out)
        from report.base.screen import console
        from report.terminal.streamed import show_streamed

        drawn = asked.workload(file, drawn=True, costs=costs)
        workload = resolve(drawn, costs, host)
        shown.spare([workload])
        show_streamed(workload, *machines.streamed(workload, asked.limit, shown.out), console())
        return 0
    written = asked.workloads(file, single=shown.step, costs=costs)
    shown.spare(written)
    workloads = [resolve(workload, costs, host) for workload in written]
    runs = machines.each(
        workloads, lambda workload: machines.simulated(workload, asked.limit, shown.decides)
    )
    if shown.live:
        _play(runs)
    return shown.runs(runs, several=len(workloads) > 1)


@cli.command("run-real", short_help="Run a scenario on real processes.")
@scenario_file
@asks
@handles
@shows
def run_real(file: Path, asked: Asked, handling: Handling, shown: Shown) -> int:
    """Run FILE on real processes on this machine. Print the same kinds of output as simulate."""
    require_linux("run-real")

    from commands.prices import known_price

    shown.check(asked.reads(file))
    written = asked.workloads(file, single=shown.step)
    shown.spare(written)
    workloads = [resolve(workload, None, Host.THIS) for workload in written]
    for workload in workloads:
        machines.check_real_run(workload, asked.limit, handling, live=shown.live)
    with machines.alone(handling.no_wait) as host:
        runs = machines.each(
            workloads,
            lambda workload: machines.really_run(
                workload,
                asked.limit,
                handling,
                shown.decides,
                live=shown.live,
                price=known_price(workload),
                host=host,
            ),
        )
    return shown.runs(runs, several=len(workloads) > 1)


@cli.command(short_help="Compare the model with a real run, or two saved runs.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--runs", type=click.IntRange(1, 1000), metavar="N", help="Make N real runs; report medians."
)
@click.option(
    "--program", is_flag=True, help="Run the exported plain program, too, as a third witness."
)
@asks
@charges
@handles
@shows
def compare(
    files: tuple[Path, ...],
    runs: int | None,
    program: bool,
    asked: Asked,
    costs: str | None,
    handling: Handling,
    shown: Shown,
) -> int:
    """Simulate FILE, run it on real processes, and say how far apart they are and why.

    Two saved runs are compared as they are: compare a.json b.json
    """
    from dataclasses import replace

    from commands.compared import concluded, model_and_real_runs, saved_runs
    from report.terminal.delivery import deliver_comparison

    shown.check(asked.reads(*files, costs=costs))
    if all(file.suffix == ".json" or is_stream(file) for file in files):
        other = shown.explain or shown.live or costs is not None or runs is not None or program
        if other or not (asked.nothing and handling.nothing):
            raise UsageError("saved runs are compared as they are: leave out the other options")
        compared = saved_runs(files, asked.limit)
        shown = replace(shown, explain=True)
    elif len(files) == 1:
        compared = model_and_real_runs(
            files[0], runs or 1, asked, costs, handling, shown, program=program
        )
    else:
        saved = "two saved runs (.json, .jsonl or .jsonl.gz)"
        raise UsageError(f"compare takes one scenario file, or {saved}")
    first, second = compared.first, compared.others[0]
    # the second run was stopped before all processes were started: there is nothing to compare
    if second.stopped and first.process_names != second.process_names:
        return status_of(second) if not second.divergences else shown.diverged(first, second)
    comparison, verdict = concluded(compared, repeated=runs is not None)
    with shown.written(Result([first, second], comparison)) as result:
        deliver_comparison(
            result.runs[0],
            result.runs[1],
            comparison,
            shown.as_json,
            shown.out,
            full=shown.full,
            latency=shown.latency,
        )
    shown.walk([first, second])
    # the comparison with the model judges a real run, not the scenario's expectations
    statuses = map(compared_status, compared.others)
    return max(status_of(first), *statuses, FAILED * (verdict == "disagree"))


@cli.command(short_help="Run a scenario at many points, with replications.")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("keys", nargs=-1, metavar="[KEY=VALUES]...")
@sweeps
@places
@asks
@charges
def sweep(
    file: Path,
    keys: tuple[str, ...],
    swept: Swept,
    where: Where,
    asked: Asked,
    costs: str | None,
    outputs: Outputs,
    full: bool,
) -> int:
    """Run FILE at every combination of values. Print means with intervals, and what differs.

    Values are a list (rr,srtf) or range(5ms,50ms,5ms), which leaves its stop out:

    python cli.py sweep FILE scheduler.quantum=range(5ms,50ms,5ms) --repeat 30
    """
    from commands.sweep import sweep as run

    return run(file, keys, asked, costs, swept, where, outputs, full)


@cli.command(short_help="Validate scenario files.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@asks
def check(files: tuple[Path, ...], asked: Asked) -> int:
    """Validate scenario files. Print every mistake with its line, and what would be right.

    Of periodic processes, print how much CPU time they need, and whether they can meet deadlines.
    """
    from kernel.scheduling.checked import check_complete
    from report.sections.sentences import count

    status = 0
    for file in files:
        try:
            workload = asked.workload(file)
            check_complete(workload.scheduler.policy)
        except UsageError as error:
            click.echo(str(error), err=True)
            status = error.exit_status
        else:
            steps = sum(len(spec.program.places) for spec in workload.processes)
            what = (
                f"{count(len(workload.processes), 'process', 'processes')}, {count(steps, 'step')}"
            )
            click.echo(f"{file}: correct: {what}")
            _show_memory(workload)
            _show_schedulability(workload)
    return status


@cli.command(short_help="Pose an exercise, with numbers for each student.")
@click.argument("file", type=click.Path(path_type=Path))
@poses
def exercise(file: Path, posing: Posing) -> int:
    """Print the sheet of the exercise FILE: what is given, and what is asked.

    With --solution print the answers, the chart and each decision. Nothing of them is on the sheet.
    """
    posing.check(file)
    if posing.export is not None:
        from commands.exports import export_exercise

        return export_exercise(file, posing)
    if posing.students is not None:
        from commands.class_sheets import write_for_class

        return write_for_class(file, posing)
    if posing.prove is not None:
        return posing.proof(file)
    posing.deliver(posing.posed(file))
    return 0


@cli.command(short_help="Answer an exercise here, then see what is right.")
@click.argument("file", type=click.Path(path_type=Path))
@answers
def answer(file: Path, answering: Answering) -> int:
    """Ask the questions of the exercise FILE, take the answers, and only then reveal.

    It shows your chart, the model's and the real machine's, and why the first error is one.
    """
    from commands.answering import answer as answered

    return answered(file, answering)


@cli.command(short_help="Grade answers, and say which rule they follow.")
@click.argument("exercise", type=click.Path(path_type=Path))
@click.argument("answers", nargs=-1, required=True, type=click.Path(path_type=Path))
@grades
def grade(exercise: Path, answers: tuple[Path, ...], grading: Grading) -> int:
    """Grade ANSWERS (files, or folders of them) to EXERCISE, each with the variant of its student.

    An answer that is wrong is compared with what comes out under known misconceptions.
    """
    from commands.grading import grade as graded

    return graded(exercise, answers, grading)


@cli.command(short_help="Write a scenario in another form.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--python", is_flag=True, help="Print a plain multiprocessing program on stdout.")
@click.option("--rt-app", is_flag=True, help="Print a workload of rt-app (JSON) on stdout.")
@asks
def export(file: Path, python: bool, rt_app: bool, asked: Asked) -> None:
    """Write FILE as the plain multiprocessing program that a student would have written.

    It needs nothing but Python: python cli.py export FILE --python > program.py

    Or as a workload of rt-app: python cli.py export FILE --rt-app > workload.json
    """
    if python == rt_app:
        raise UsageError("export: say in which form: --python or --rt-app")
    print_export(file, asked.options(), rt_app=rt_app)


@cli.command("import", short_help="Make a scenario from a table, a list, a job log.")
@click.argument("file", type=click.Path(path_type=Path))
@imports
def import_(file: Path, asked: ImportAsked) -> None:
    """Print the scenario that FILE describes: a table, a course tool's list, a job log.

    What FILE is, its content tells. python cli.py import table.csv > scenario.yaml
    """
    print_import(file, asked)


@cli.command(
    short_help="Watch a program, and write what it did as a scenario.",
    context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False},
)
@records
@click.argument("command", nargs=-1)
def record(command: tuple[str, ...], asked: RecordAsked) -> int:
    """Run COMMAND, watch it and all that it starts, and print the scenario of what it did.

    What COMMAND prints goes to stderr: python cli.py record -- make -j4 > make.yaml
    """
    return record_program(command, asked)


@cli.command(short_help="List the scheduling policies, or describe one.")
@click.argument("name", required=False)
def policies(name: str | None) -> None:
    """List the scheduling policies with their parameters, and when each is good.

    With a NAME (or file.py:Class), print all of this policy: its rules and an example.
    """
    from kernel.policies import POLICIES
    from kernel.scheduling.checked import check_complete
    from language.policies.other_names import our_name
    from report.base.screen import console
    from report.terminal.listing import defined_in, show_policies, show_policy, stated_in

    if name is None:
        show_policies(POLICIES, console())
        return
    policy = find_policy(name)
    check_complete(policy)
    name = our_name(name) or name
    page = Path(__file__).parent / "docs" / "policies.md"
    where = stated_in(name, page) if name in POLICIES else defined_in(policy)
    show_policy(name, policy, where, console())


@cli.command(short_help="List the lessons, textbook examples or exercises.")
@click.option("--textbook", is_flag=True, help="List the examples of textbooks instead.")
@click.option("--life", is_flag=True, help="List the lessons on the life of processes.")
@click.option("--exercises", is_flag=True, help="List the exercises, and the assignments.")
def lessons(textbook: bool, life: bool, exercises: bool) -> None:
    """List the lessons: scenario files that each show one thing."""
    from report.base.screen import console
    from report.terminal.listing import show_lessons

    if textbook + life + exercises > 1:
        raise UsageError("lessons: --textbook, --life or --exercises, one of them")
    others = {"textbook": textbook, "lessons/life": life, "exercises": exercises}
    name = next((name for name, wanted in others.items() if wanted), "lessons")
    folder = Path(__file__).parent / "scenarios" / name
    rows, asked = [], Asked()
    for file in sorted(folder.rglob("*.yaml"), key=lambda file: (len(file.parts), file)):
        shown = Path(os.path.relpath(file))
        rows.append((file.stem, shown, asked.workload(file).source["title"]))
    show_lessons(rows, console())


@cli.command(short_help="Measure the costs of switches, signals, starts here.")
@click.option("--json", "as_json", is_flag=True, help="Print only the profile, as JSON, on stdout.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Save it in FILE.")
@machines.no_wait
def calibrate(as_json: bool, out: Path | None, no_wait: bool) -> int:
    """Measure this machine, and save the profile for --costs measured. It takes some seconds."""
    require_linux("calibrate")
    import json

    from kernel.files.writing import require_writable
    from language.cost_profiles import own_path, save
    from real.calibration.profile import calibrate as measure
    from report.base.screen import console
    from report.terminal.calibration import show_profile

    if out is not None:
        require_writable(out)
    path = out or own_path()
    with machines.alone(no_wait) as host:
        profile = measure(lambda what: click.echo(f"measuring: {what}", err=True), path.parent)
        profile["warnings"] += host.remarks()
    save(profile, path)
    if as_json:
        click.echo(json.dumps(profile))
    else:
        show_profile(profile, console())
        click.echo(f"kept in {path}", err=True)
    return 0


@cli.command("open", short_help="Write the scenario of a playground's link into a file.")
@click.argument("link")
@click.option(
    "--into", type=click.Path(path_type=Path), default=Path(), metavar="FOLDER",
    help="Where the files go (default: here).",
)  # fmt: skip
def open_(link: str, into: Path) -> None:
    """Write the scenario that LINK holds, and its policy if it has one, into files."""
    open_link(link, into)


@cli.command(short_help="Print the JSON Schema of the scenario language.")
def schema() -> None:
    """Print the JSON Schema of the scenario language, for completion in editors."""
    import json

    from language import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


# -- parts of the commands ------------------------------------------------------------------------


def _show_memory(workload: Workload) -> None:
    """Print how main memory is divided, if it is modelled."""
    if workload.memory is not None:
        from kernel.units import format_size
        from report.sections.memory import memory_words
        from timeline.record.description import describe_memory

        words = memory_words(describe_memory(workload.memory, workload.devices))
        click.echo(f"memory: {format_size(workload.memory.size)}, {words}")


def _show_schedulability(workload: Workload) -> None:
    """Print what scheduling theory says about periodic processes, if there are any."""
    if any(spec.period is not None for spec in workload.processes):
        from report.sections.schedulability import describe

        for line in describe(workload):
            click.echo(line)


def _play(runs: Iterable[Run]) -> None:
    from report.replay.playing import play

    for run in runs:
        play(run)


# -- start and end of a command -------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status. An error of the user prints no traceback."""
    if arguments is None and sys.platform == "linux":
        current_call.before_reading = _keep
    status = FAILED
    try:
        with memory_bound_given_back():
            status = exit_status_of(lambda: cli.main(arguments, standalone_mode=False))
    finally:
        if current_call.is_kept:
            from commands.keeper.command import finished

            finished(status)
    return status


def _keep() -> None:
    """Put this process under the keeper, before an own policy is executed."""
    from commands.keeper.keep import keep

    keep()


if __name__ == "__main__":
    sys.exit(main())
