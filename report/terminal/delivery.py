"""The end of a command: its result is saved if `--out` is given, then printed as text or JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from kernel.errors import UsageError
from kernel.files.writing import save
from report.base.printing import BOLD, say
from report.base.screen import console
from report.sections.run_titles import policy_names, titles
from timeline.comparison.criteria import DISAGREE
from timeline.files.document import write_run, write_runs
from timeline.record.run import Run
from translation import tr

if TYPE_CHECKING:
    from timeline.comparison.model import Comparison


def deliver_run(
    run: Run, as_json: bool, out: Path | None, *, full: bool = True, latency: bool = False
) -> None:
    """Save and print one run, with `latency` its latencies, too.

    Raises UsageError if it cannot be saved.
    """

    def show() -> None:
        from report.terminal.run import show_latencies, show_run

        show_run(run, console(), full=full)
        if latency:
            show_latencies(run, console())

    _deliver(lambda stream: write_run(run, stream), show, as_json, out)


def deliver_policies(
    runs: Sequence[Run], as_json: bool, out: Path | None, *, latency: bool = False
) -> None:
    """Save and print runs under several policies, with `latency` their latencies, too.

    Raises UsageError if they cannot be saved.
    """

    def show() -> None:
        from report.terminal.policies import show_policies_compared

        show_policies_compared(runs, console())
        if latency:
            _latencies_of(runs, policy_names(runs))

    _deliver(lambda stream: write_runs(runs, None, stream), show, as_json, out)


def deliver_comparison(
    first: Run,
    second: Run,
    comparison: Comparison,
    as_json: bool,
    out: Path | None,
    *,
    full: bool = True,
    latency: tuple[Sequence[Run], Sequence[Run]] | None = None,
) -> None:
    """Save and print two runs and their comparison.

    `latency` has the runs on either side whose wake-up latencies are printed side by side, behind
    the verdict: the model's phases of the tick, and all real runs. With `full` all kinds of
    latencies of the two runs are printed, too. Raises UsageError if the runs cannot be saved.
    """

    def write(stream: TextIO) -> None:
        write_runs([first, second], comparison.to_json(), stream)

    def show() -> None:
        from report.terminal.comparison import show_comparison

        show_comparison(first, second, comparison, console(), full=full)
        if latency is None:
            return
        from report.terminal.latencies import show_wake_ups

        show_wake_ups(latency, titles(first, second), console(), full=full)
        if full:
            _latencies_of((first, second), titles(first, second))

    _deliver(write, show, as_json, out)


def _latencies_of(runs: Sequence[Run], names: Sequence[str]) -> None:
    from report.terminal.run import show_latencies

    for run, name in zip(runs, names, strict=True):
        say(console(), tr("Latencies, {name}", name=name), BOLD)
        show_latencies(run, console())


def deliver_divergence(first: Run, second: Run, as_json: bool, out: Path | None) -> None:
    """Save and print two runs of which the second diverged before all its processes were started.

    Only that is compared. Raises UsageError if they cannot be saved.
    """
    sentence = second.divergences[0].sentence
    told = {"verdict": DISAGREE, "sentence": f"The runs disagree: {sentence}."}

    def show() -> None:
        from report.base.printing import say
        from report.terminal.run import show_run

        show_run(second, console(), full=False)
        say(console(), tr("Verdict: {verdict}", verdict=tr(DISAGREE)), "bold red")

    _deliver(lambda stream: write_runs([first, second], told, stream), show, as_json, out)


def _deliver(
    write: Callable[[TextIO], None], show: Callable[[], None], as_json: bool, out: Path | None
) -> None:
    failure = None
    if out is not None:
        try:
            save(out, write)
        except UsageError as error:  # raised at the end, so that the result is shown first
            failure = error
    if as_json:
        write(sys.stdout)
    else:
        show()
    if failure is not None:
        raise failure
