"""`record`: a program is watched, and what it did becomes a scenario, and a saved run."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.elsewhere import require_linux
from commands.options import gathered, path_option
from commands.processors import available
from kernel.errors import MultiprogError, UsageError
from kernel.units import format_duration, format_size, parse_duration
from translation import tr

if TYPE_CHECKING:
    from commands.recorded_times import Processors
    from language.convert.imports.draft import Draft, Value
    from language.convert.imports.traces.events import Event
    from language.convert.imports.traces.threads import Threads, Turn
    from real.recorder.tracer import Tracer
    from real.recorder.watching import Watched

INTERRUPTED = 130


@dataclass(frozen=True)
class RecordAsked:
    """The options of a recording, as the user typed them. None: not given."""

    trace: str | None = None
    pid: int | None = None
    duration: str | None = None
    scenario: Path | None = None
    out: Path | None = None


records = gathered(
    RecordAsked,
    "asked",
    [
        click.option(
            "--trace",
            type=click.Choice(["kernel", "proc"]),
            help="Watch by the kernel's trace (root) or by /proc. Default: the trace, if allowed.",
        ),
        click.option(
            "--pid", type=click.IntRange(1), metavar="P", help="Watch this process instead."
        ),
        click.option("--duration", metavar="D", help="Stop watching after this time, like 10s."),
        path_option("--scenario", "Write the scenario into FILE, not on stdout."),
        path_option("--out", "Save the recorded run as JSON (with the kernel's trace)."),
    ],
)
"""A decorator for a command, which gets these options as `asked`."""


def record_program(words: Sequence[str], asked: RecordAsked) -> int:
    """Watch a command or a process, and write what it did. Return the exit status."""
    require_linux("record")
    from commands.recorded_times import processors_of, used_by
    from language.convert.imports.traces.from_trace import active_threads
    from real.recorder.watching import watch

    duration = _check(words, asked)
    tracer = _tracer(asked)
    with tracer if tracer is not None else nullcontext():
        seen = watch(words, asked.pid, duration, tracer)
        turns: list[Turn] = []
        threads = _traced(seen, turns) if tracer is not None else _sampled(seen)
    processors = processors_of(
        threads, active_threads(threads), seen, used_by(turns) if asked.out is not None else ()
    )
    draft = _draft(threads, seen, words, asked, processors, exact=tracer is not None)
    from language.convert.imports.layout import text_of

    text = text_of(draft)
    if asked.scenario is None:
        click.echo(text.encode(), nl=False)
    else:
        from kernel.files.writing import save

        save(asked.scenario, lambda stream: stream.write(text))
    if asked.out is not None:
        from commands.recorded_run import save_recorded

        save_recorded(asked.out, asked.scenario, text, threads, turns, seen, processors)
    _say_what_was_recorded(threads, turns, seen, processors, asked, exact=tracer is not None)
    _say_how_it_ended(seen)
    return INTERRUPTED if seen.stopped == "it was interrupted" else 0


def _check(words: Sequence[str], asked: RecordAsked) -> float | None:
    """Return the duration in seconds. Raises UsageError for options that make no sense."""
    from kernel.files.writing import require_writable

    if bool(words) == (asked.pid is not None):
        raise UsageError(
            tr("record: give a command behind --, like record -- make -j4, or --pid P")
        )
    if asked.out is not None and asked.trace == "proc":
        raise UsageError(
            tr("--out: /proc does not tell when a thread ran; use --trace kernel (root)")
        )
    for path in (asked.scenario, asked.out):
        if path is not None:
            require_writable(path)
    if asked.duration is None:
        return None
    try:
        ns = parse_duration(asked.duration, 1_000_000_000)
    except ValueError as error:
        raise UsageError(
            tr("--duration {duration}: {error}", duration=asked.duration, error=error)
        ) from None
    if ns <= 0:
        raise UsageError(
            tr("--duration {duration}: must be above 0, like 10s", duration=asked.duration)
        )
    return ns / 1e9


def _tracer(asked: RecordAsked) -> Tracer | None:
    """Return the kernel's tracer, set up; None: /proc is used. Raises UsageError."""
    from real.recorder.tracer import Tracer

    if asked.trace == "proc":
        return None
    try:
        with Tracer():  # to see whether the system lets us
            pass
    except MultiprogError as error:
        if asked.trace == "kernel" or asked.out is not None:
            raise UsageError(
                tr("--trace kernel needs root and tracefs ({error})", error=error)
            ) from None
        click.echo(
            tr("watching by /proc, as the kernel's trace needs root ({error})", error=error),
            err=True,
        )
        return None
    return Tracer()


# -- what was seen becomes threads ----------------------------------------------------------------


def _traced(seen: Watched, turns: list[Turn]) -> Threads:
    """Return the threads of the kernel's trace. `turns` gets when each thread ran and waited."""
    from language.convert.imports.traces.threads import Threads

    family = set(seen.roots)
    threads = Threads(lambda number, _name: number in family, turns.append)
    threads.first = seen.begun // 1_000 * 1_000  # the resolution of the lines
    threads.take(_of_family(seen.lines, family), None, None)
    threads.finish(seen.over)
    return threads


def _of_family(lines: Iterable[str], family: set[int]) -> Iterator[Event]:
    """Yield the events of a trace; note the threads that the family begins."""
    from language.convert.imports.traces.events import Fork
    from language.convert.imports.traces.text_lines import event_of

    for line in lines:
        event, _ = event_of(line)
        if event is None:
            continue
        if isinstance(event, Fork) and event.parent in family:
            family.add(event.child)
        yield event


def _sampled(seen: Watched) -> Threads:
    """Return the threads of samples of /proc."""
    from language.convert.imports.traces.samples import SampledThreads

    found = SampledThreads(seen.begun, frozenset(seen.roots), available())
    for each in seen.samples:
        found.add(
            each.at, each.task, each.parent, each.name, each.state, each.run, each.ready,
            each.priority,
        )  # fmt: skip
        seen.resident[each.task] = max(seen.resident.get(each.task, 0), each.resident)
    return found.finish()


def _draft(
    threads: Threads,
    seen: Watched,
    words: Sequence[str],
    asked: RecordAsked,
    processors: Processors,
    *,
    exact: bool,
) -> Draft:
    """Return the scenario. Raises UsageError if nothing was seen."""
    from language.convert.imports.draft import usable_name
    from language.convert.imports.traces.from_trace import active_threads, draft_of_threads

    what = shlex.join(words) if words else tr("process {pid}", pid=asked.pid)
    draft = draft_of_threads(threads, tr("recorded: {what}", what=what), numbered=True)
    if not draft.processes:
        raise UsageError(tr("{what}: no thread of it was seen to compute", what=what))
    draft.title = usable_name(what, "recorded")
    draft.sections["machine"] = {"cores": len(processors.numbers)}
    draft.sections["scheduler"] = {"policy": "linux", **_kernel()}
    draft.remarks[1:2] = [
        _how(seen, exact=exact),
        tr("each thread of the program is one process of the scenario"),
    ]
    for thread, process in zip(active_threads(threads), draft.processes, strict=True):
        cores = processors.cores(thread.serial)
        if cores is not None:
            process.keys["cores"] = cores
        if most := seen.resident.get(thread.number):
            size = format_size(most >> 20 << 20 or most)
            process.remarks.append(tr("resident memory: {size}", size=size))
    return draft


def _kernel() -> dict[str, Value]:
    """Return the parameters of `linux` as this machine's kernel has them."""
    from real.host.kernel_defaults import kernel_settings

    settings = kernel_settings()
    known: dict[str, Value] = {key: value for key, value in settings.items() if value is not None}
    if settings["base_slice"] is not None:
        known["base_slice"] = format_duration(settings["base_slice"])
    return known


def _how(seen: Watched, *, exact: bool) -> str:
    length = format_duration((seen.over - seen.begun) // 1_000_000 * 1_000_000)
    if exact:
        return tr("watched by the kernel's trace for {length}, to the microsecond", length=length)
    looks = sorted({each.at for each in seen.samples})
    gaps = sorted(b - a for a, b in pairwise(looks)) or [0]
    usual = format_duration(gaps[len(gaps) // 2] // 10_000 * 10_000)
    return tr(
        "watched by /proc for {length}, {looks:,} looks, {gap} apart: shorter bursts and "
        "waits are taken together, and threads that lived for a shorter time were not seen",
        length=length,
        looks=len(looks),
        gap=usual,
    )


def _ending(status: int) -> str:
    if status < 0:
        return tr("the command ended with signal {number}", number=-status)
    return tr("the command ended with exit status {status}", status=status)


def _say_what_was_recorded(
    threads: Threads,
    turns: Sequence[Turn],
    seen: Watched,
    processors: Processors,
    asked: RecordAsked,
    *,
    exact: bool,
) -> None:
    from commands.recorded_times import outside, ready_of_samples, sentences

    if exact:
        ready = sum(turn.end - turn.start for turn in turns if turn.state == "ready")
        said = sentences(threads, seen, ready, outside(turns, processors))
    else:
        ready = ready_of_samples(seen, running_before=asked.pid is not None)
        said = sentences(threads, seen, ready, None)
    for sentence in said:
        click.echo(sentence, err=True)


def _say_how_it_ended(seen: Watched) -> None:
    if seen.stopped is not None:
        click.echo(tr("the recording was stopped: {reason}", reason=tr(seen.stopped)), err=True)
    elif seen.status:
        click.echo(_ending(seen.status), err=True)
    if seen.left:
        names = ", ".join(sorted(set(seen.left))[:8])
        click.echo(
            tr("the command left processes behind, which were ended: {names}", names=names),
            err=True,
        )
