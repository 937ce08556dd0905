"""A comparison: how far two runs of a scenario are apart, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kernel.errors import UsageError
from kernel.scheduling import Policy
from multiprog.machines import resolved
from multiprog.page import Page
from multiprog.picture import Picture
from multiprog.results import page_of, picture_of_runs, printed
from multiprog.runs import Run
from multiprog.scenarios import (
    Scenario,
    ScenarioLike,
    Time,
    arguments_named,
    options_of,
    scenario_of,
)
from report.result import Result
from translation import tr

if TYPE_CHECKING:
    from commands.compared import Compared
    from commands.machines import Handling
    from language.source.options import Options
    from timeline.comparison.model import Comparison as Measured
    from timeline.comparison.pair import Pair


class Comparison:
    """Two runs of a scenario, laid over each other. `print(comparison)` prints what `compare` does.

    >>> from multiprog import compare, simulate
    >>> first, second = simulate("convoy"), simulate("convoy")
    >>> compare(first, second).verdict
    'agree'
    """

    def __init__(self, runs: tuple[Run, ...], measured: Measured, verdict: str) -> None:
        self._runs = runs
        self._measured = measured
        self._verdict = verdict

    @property
    def measured(self) -> Measured:
        """All that was measured, with the causes of each difference, in ns.

        It may change from version to version; `to_json` does not.
        """
        return self._measured

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs: the model (or the first that was given), then those compared with it."""
        return self._runs

    @property
    def verdict(self) -> str:
        """Whether the runs agree; over all real runs if there are several.

        - `agree`: the same schedule, and times that differ little;
        - `agree, times inconclusive`: the same schedule, and disturbances hide how times differ;
        - `inconclusive`: disturbances from outside hide whether the schedules differ;
        - `disagree`: something differs that no disturbance explains;
        - `not-measured`: there was nothing to compare.
        """
        return self._verdict

    @property
    def sentence(self) -> str:
        """The verdict with its reasons, in a sentence of the language in use."""
        return tr(self._measured.sentence)

    @property
    def makespan(self) -> Pair:
        """Both makespans, `first` and `second` in ns; `difference`, and its `percent` of first."""
        return self._measured.makespan

    @property
    def turnarounds(self) -> dict[str, Pair]:
        """Both turnaround times of each process, as of `makespan`."""
        return {each.name: each.turnaround for each in self._measured.processes}

    def to_json(self) -> dict[str, Any]:
        """Return the `comparison` of the JSON document that `compare --json` prints."""
        return self._measured.to_json()

    def show(self) -> Page:
        """Return the page of the comparison: both runs aligned. A notebook shows it.

        Raises UsageError if Bokeh is not installed (`multiprog[report]`).
        """
        return page_of(self._result)

    def plot(self) -> Picture:
        """Return both Gantt charts on one axis, drawn by matplotlib. A notebook shows it.

        Raises UsageError if matplotlib is not installed (`multiprog[plot]`), or if nothing took any
        time.
        """
        return picture_of_runs([run.record for run in self._runs[:2]], self._measured)

    def _repr_html_(self) -> str:
        from report.base.html import text
        from report.notebook.display import display

        verdict = tr("Verdict: {verdict}", verdict=tr(self.verdict))
        return f"{display(self._result)}<p><b>{text(verdict)}</b></p>"

    @property
    def _result(self) -> Result:
        return Result([run.record for run in self._runs[:2]], self._measured)

    def __str__(self) -> str:
        from report.terminal.comparison import show_comparison

        first, second = (run.record for run in self._runs[:2])
        return printed(
            lambda console: show_comparison(first, second, self._measured, console, full=False)
        )

    def __repr__(self) -> str:
        return f"<Comparison of {self._runs[0].title}: {self.verdict}>"


def compare(
    scenario: ScenarioLike | Run,
    other: Run | None = None,
    *,
    policy: str | type[Policy] | None = None,
    quantum: Time | None = None,
    cores: int | None = None,
    seed: int | None = None,
    changes: Mapping[str, Any] | None = None,
    costs: str | None = None,
    runs: int = 1,
    timeout: str | None = None,
    wait: bool = True,
    explain: bool = False,
) -> Comparison:
    """Run the model of a scenario and real processes, and return how far they are apart.

    `runs` real runs are made, and the verdict is that over all of them. The other arguments are
    those of `simulate` and `run_real`. Needs Linux.

    With two runs, `compare(first, second)`, these are compared, on any system; then there are no
    other arguments.

    Raises what `run_real` raises; UsageError if two runs are not of one scenario, or if the real
    run was stopped before all of its processes were started.
    """
    if isinstance(scenario, Run):
        given = (policy, quantum, cores, seed, changes, costs, timeout)
        if other is None or runs != 1 or any(each is not None for each in given):
            raise UsageError(tr("compare takes two runs without other arguments, or a scenario"))
        return _of_two(scenario, other)
    if other is not None:
        raise UsageError(tr("compare takes a scenario alone, or two runs"))
    if runs < 1:
        raise UsageError(tr("runs: must be 1 or more (got {runs})", runs=runs))
    from commands.compared import concluded
    from commands.elsewhere import require_linux
    from commands.machines import Handling
    from commands.remarks import kept_remarks

    require_linux("compare")
    options = options_of(policy, quantum, cores, seed, changes, costs)
    handling = Handling(timeout, None, not wait)
    with kept_remarks() as remarks, arguments_named():
        compared = _model_and_real_runs(scenario_of(scenario), options, handling, runs, explain)
    first, *others = made = (compared.first, *compared.others)
    for each in others:
        if each.process_names != first.process_names:
            raise UsageError(
                tr(
                    "the real run ended before all processes were started: {reason}",
                    reason=each.stopped,
                )
            )
    measured, verdict = concluded(compared, repeated=runs > 1)
    return Comparison(tuple(Run(record, remarks) for record in made), measured, verdict)


def _model_and_real_runs(
    scenario: Scenario, options: Options, handling: Handling, runs: int, explain: bool
) -> Compared:
    """Run the model once, and the scenario `runs` times on real processes. Raises UsageError."""
    from commands import machines
    from commands.compared import Compared
    from commands.prices import present_price
    from commands.resolve import Host

    machines.check_real_run(
        scenario._loaded(options).workload, options.limits, handling, live=False
    )
    with machines.alone(handling.no_wait) as host:
        workload = resolved(scenario, options, options.costs, Host.THIS)
        model = machines.simulated(workload, options.limits, explain)
        phases = machines.other_phases(workload)
        reals = machines.each(
            [workload] * runs,
            lambda each: machines.really_run(
                each, options.limits, handling, explain, price=present_price(each), host=host
            ),
        )
    if options.costs is not None:  # the caller has decided what the model charges
        return Compared(model, reals, phases)
    return Compared(
        model, reals, phases, machines.charged_like(workload, options.limits, model, reals[0])
    )


def _of_two(first: Run, second: Run) -> Comparison:
    from timeline.comparison.compare import compare

    measured = compare(first.record, second.record, (), None)
    return Comparison((first, second), measured, measured.verdict)
