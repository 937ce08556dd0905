"""The runs that `compare` compares: the model and real runs, or two saved runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from commands import machines
from commands.asked import Asked
from commands.elsewhere import require_linux
from commands.machines import Handling
from commands.remarks import remark
from commands.resolve import Host, resolve
from commands.shown import Shown
from commands.witness import exported, witness
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from kernel.workload import Workload
    from language.convert.to_python.program import Exported
    from real.host.run_lock import HostLock
    from timeline.comparison.model import Comparison
    from timeline.comparison.witness import Witness
    from timeline.record.run import Run


class Compared(NamedTuple):
    """The runs to compare: `first` is compared with each of `others`."""

    first: Run  # the model, or a saved run
    others: Sequence[Run]  # at least one
    phases: Sequence[Run] = ()  # runs of the model with other phases of the tick
    charged: Run | None = None  # the charged model: with the real run's price of dispatches
    witness: Witness | None = None  # what the exported plain program said, if it was asked

    @property
    def sides(self) -> tuple[Sequence[Run], Sequence[Run]]:
        """The runs whose latencies are taken together, on either side of the comparison."""
        return [self.first, *self.phases], self.others


def saved_runs(files: Iterable[Path], limits: Mapping[str, int]) -> Compared:
    """Return the two runs in the files. Raises UsageError if there are more or fewer than two."""
    from timeline.files.document import load

    runs = [run for file in files for run in load(file, limits, remark)]
    if len(runs) != 2:
        raise UsageError(
            tr("compare needs two saved runs; the files given hold {runs}", runs=len(runs))
        )
    policies = {str(run.scenario.get("policy_sha256", "")) for run in runs}
    if len(policies) > 1 and "" not in policies:
        which = runs[0].scheduler["policy"]
        remark(tr("{which} is not the same in both runs: its file was changed", which=which))
    return Compared(runs[0], runs[1:])


def model_and_real_runs(
    file: Path,
    runs: int,
    asked: Asked,
    costs: str | None,
    handling: Handling,
    shown: Shown,
    *,
    program: bool = False,
) -> Compared:
    """Run the model once and the scenario `runs` times on real processes. Return all the runs.

    `program`: run the exported plain program, too, as a third witness.
    """
    require_linux("compare")
    plain = exported(file, asked) if program else None
    written = asked.workload(file, costs=costs)
    shown.spare([written])
    machines.check_real_run(written, asked.limit, handling, live=shown.live)
    with machines.alone(handling.no_wait) as host:
        workload = resolve(written, costs, Host.THIS)  # `calibrate` may have run during the wait
        _say_what_is_promised(workload)
        model = machines.simulated(workload, asked.limit, shown.decides)
        phases = machines.other_phases(workload)
        reals = _real_runs(workload, runs, asked, handling, shown, host, model)
        heard = _heard(plain, workload, model, reals)
    if costs is not None:  # the user has decided what the model charges
        return Compared(model, reals, phases, witness=heard)
    charged = machines.charged_like(workload, asked.limit, model, reals[0])
    return Compared(model, reals, phases, charged, heard)


def _heard(
    plain: Exported | None, workload: Workload, model: Run, reals: Sequence[Run]
) -> Witness | None:
    """Return what the plain program says; None: it was not asked, or the user interrupted."""
    if plain is None or any(map(machines.is_interrupted, reals)):
        return None
    return witness(plain, workload, model, reals)


def _say_what_is_promised(workload: Workload) -> None:
    from timeline.comparison.criteria import promise

    remark(promise(native=workload.scheduler.dispatch == "none"))


def _real_runs(
    workload: Workload,
    runs: int,
    asked: Asked,
    handling: Handling,
    shown: Shown,
    host: HostLock,
    model: Run,
) -> list[Run]:
    from commands.prices import present_price

    decides = shown.step or shown.outputs.decides
    return machines.each(
        [workload] * runs,
        lambda each: machines.really_run(
            each,
            asked.limit,
            handling,
            decides,
            live=shown.live,
            model=model,
            price=present_price(each),
            host=host,
        ),
    )


def concluded(compared: Compared, *, repeated: bool) -> tuple[Comparison, str]:
    """Compare the runs. Return the first comparison and the verdict.

    With `repeated` the comparison also has the medians over all real runs, and the verdict is the
    verdict over all of them.
    """
    from timeline.comparison.compare import compare
    from timeline.comparison.repeated import repeats
    from timeline.comparison.with_witness import with_witness

    first, others, phases, charged, heard = compared
    comparisons = [compare(first, other, phases, charged) for other in others]
    if heard is not None:
        comparisons = [with_witness(each, heard) for each in comparisons]
    if not repeated:
        return comparisons[0], comparisons[0].verdict
    together = repeats(comparisons)
    return replace(comparisons[0], repeats=together), together.verdict
