"""How a command shows its result: as files, on the terminal or as JSON, and by an exit status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.elsewhere import require_unix_terminal
from commands.machines import is_interrupted
from commands.options import gathered
from commands.statuses import DONE, FAILED, INTERRUPTED
from kernel.errors import UsageError
from report.outputs import Outputs, with_outputs
from report.result import Result
from translation import tr

if TYPE_CHECKING:
    from kernel.workload import Workload
    from timeline.record.run import Run


@dataclass(frozen=True)
class Shown:
    """The options that decide how a result is shown."""

    explain: bool
    live: bool
    step: bool
    as_json: bool
    out: Path | None
    full: bool
    latency: bool
    outputs: Outputs

    @property
    def decides(self) -> bool:
        """Whether the run must record decisions."""
        return self.explain or self.step or self.outputs.decides

    @property
    def streams(self) -> bool:
        """Whether the run is written to a file while it is simulated."""
        return self.out is not None and is_stream(self.out)

    def check(self, reads: Iterable[Path], *, streams: bool = False) -> None:
        """Raise UsageError if the result could not be written or shown.

        It is called before the run. `reads` are the files that the command reads. With `streams`
        the command can stream its run.
        """
        self.outputs.check(self.out, reads=reads)
        if self.streams and not streams:
            raise UsageError(
                tr("{file}: only simulate streams its run: save this one as .json", file=self.out)
            )
        for wanted, option in ((self.live, "--live"), (self.step, "--step")):
            if wanted and self.as_json:
                raise UsageError(
                    tr(
                        "{option} draws on the terminal, and --json is for a pipe: give only one "
                        "of them",
                        option=option,
                    )
                )
            if wanted:
                require_unix_terminal(option)

                from report.replay.stepping import require_terminal

                require_terminal(option)
        needs = self.decides or self.as_json or self.live or self.latency or self.outputs.wanted
        if self.streams and needs:
            raise not_kept(self.out)

    def spare(self, workloads: Iterable[Workload]) -> None:
        """Raise UsageError if an output would replace a file of a policy, or a module beside it.

        It is called before the run.
        """
        from language.policies.lookup import files_of

        reads = [file for each in workloads for file in files_of(each.scheduler.policy)]
        self.outputs.spare(self.out, reads=reads)

    def runs(self, runs: Sequence[Run], *, several: bool) -> int:
        """Write the files, print the result, and step through it. Return the exit status."""
        from report.terminal.delivery import deliver_policies, deliver_run

        with self.written(Result(runs)) as result:
            if several:
                deliver_policies(result.runs, self.as_json, self.out, latency=self.latency)
            else:
                how = {"full": self.full, "latency": self.latency}
                deliver_run(result.runs[0], self.as_json, self.out, **how)
            status = max(map(status_of, runs))
        self.walk(runs)
        return status

    def diverged(self, first: Run, second: Run) -> int:
        """Print that the runs disagree: a process did other than the rules before all were started.

        Return the exit status.
        """
        from report.terminal.delivery import deliver_divergence

        deliver_divergence(first, second, self.as_json, self.out)
        return status_of(second)

    @contextmanager
    def written(self, result: Result) -> Iterator[Result]:
        """Write the files, and yield the result to show.

        Decisions that were recorded only for a file are not shown. If a file cannot be written (the
        disk is full, for example), the result is still shown; UsageError is raised after that.
        """
        failure = None
        try:
            self.outputs.write(result)
        except UsageError as error:
            failure = error
        if self.explain:
            yield result
        else:
            yield result._replace(runs=[replace(run, decisions=None) for run in result.runs])
        if failure is not None:
            raise failure

    def walk(self, runs: Sequence[Run]) -> None:
        """Step through the runs, if --step is given."""
        if self.step:
            from report.replay.stepping import step

            step(runs)


shows = gathered(
    Shown,
    "shown",
    [
        click.option(
            "--explain",
            is_flag=True,
            help="Show every decision: the ready processes, their keys, the rule.",
        ),
        click.option("--live", is_flag=True, help="Draw the machines while they run."),
        click.option("--step", is_flag=True, help="After the run, walk through it by arrow keys."),
        click.option(
            "--json", "as_json", is_flag=True, help="Print only the run, as JSON, on stdout."
        ),
        click.option(
            "--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the run as JSON."
        ),
        click.option(
            "--full", is_flag=True, help="Print all sections, not only the most important."
        ),
        click.option(
            "--latency",
            is_flag=True,
            help="Print wake-up, dispatch and burst latencies, and slack to deadlines.",
        ),
        with_outputs,
    ],
)
"""A decorator for a command, which gets these options as `shown`."""


def is_stream(path: Path) -> bool:
    """Return whether a run is streamed into a file of this name."""
    from timeline.files.document import is_stream

    return is_stream(path)


def not_kept(out: Path | None) -> UsageError:
    """Return the error for an option that needs the run in memory, when `out` is a stream."""
    return UsageError(
        tr(
            "{file}: a streamed run is not kept in memory, and the other options need "
            "it: leave them out, or save the run as .json",
            file=out,
        )
    )


def status_of(run: Run) -> int:
    """Return the exit status of a run. If it was stopped, print the reason on stderr."""
    failed = FAILED * any(expectation.holds is False for expectation in run.expectations)
    return max(failed, _stopped_status(run))


def compared_status(run: Run) -> int:
    """Return the exit status of the second run of a comparison; the verdict is not in it."""
    return status_of(run) if run.backend == "simulated" else _stopped_status(run)


def _stopped_status(run: Run) -> int:
    """Return the exit status of a run without its expectations. An expected deadlock is 0."""
    expected = any(row.what == "deadlock of" and row.holds for row in run.expectations)
    if run.stopped is None or (run.stuck and expected):
        return DONE
    click.echo(tr("the run was stopped: {reason}", reason=tr(run.stopped)), err=True)
    return INTERRUPTED if is_interrupted(run) else FAILED
