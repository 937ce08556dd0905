"""A worker's bench: the scenario is read once, each point is checked once, then replicated."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from experiments.design.seeds import seed_of
from experiments.measures.values import value_of
from experiments.running.setup import Setup, written_out
from kernel.errors import MultiprogError, UsageError
from kernel.workload import Workload
from language.cost_profiles import charged_by, with_costs
from language.policies.confinement import confined
from language.schema.experiment import flow
from language.variants import ScenarioText
from sim import simulate
from sim.time_limits import answering, within
from sim.usual_values import with_usual_values
from timeline.record.run import Run
from translation import tr

NAN = float("nan")
MOST_KEPT = 64  # points that are kept prepared


class Span(NamedTuple):
    """Replications `first` to `first + many - 1` of a point. Points count from 0, they from 1."""

    point: int
    first: int
    many: int


class Done(NamedTuple):
    """What a worker has made of a chunk: the first `many` replications of its spans, in order."""

    many: int
    values: bytes  # of an array of doubles: the rows of each replication
    seconds: float


class _Prepared(NamedTuple):
    seed: int
    workload: Callable[[int], Workload]
    own: bool


class Bench:
    """Makes replications of the points of one setup, in one process."""

    def __init__(self, setup: Setup, folder: Path | None = None) -> None:
        """Make the bench. The files of own policies are written into `folder`.

        None: they are on this machine, and are read where they are.
        """
        self._setup = setup
        self._text = ScenarioText(setup.file, setup.text, setup.options)
        self._kept: dict[int, _Prepared] = {}
        self._places = {file: Path(file) for file in setup.files}
        if folder is not None:
            self._places = written_out(setup.files, folder)

    def make(self, spans: list[Span], budget: float) -> Done:
        """Make the replications of the spans, one after the other, for about `budget` seconds.

        At least one is made. Raises MultiprogError, which names point and replication.
        """
        began, many, values = perf_counter(), 0, array("d")
        for point, first, count in spans:
            for replication in range(first, first + count):
                values.extend(self.replication(point, replication))
                many += 1
                if perf_counter() - began > budget:
                    return Done(many, values.tobytes(), perf_counter() - began)
        return Done(many, values.tobytes(), perf_counter() - began)

    def replication(self, point: int, replication: int) -> list[float]:
        """Return the rows of one replication, one behind the other. NaN: nothing to measure."""
        return self.values(self.run(point, replication))

    def values(self, run: Run) -> list[float]:
        """Return the rows of a run, one behind the other. NaN: there is nothing to measure."""
        return [
            NAN if value is None else float(value)
            for window in self._setup.windows.of(run)
            for value in (value_of(measure, window) for measure in self._setup.measures)
        ]

    def run(self, point: int, replication: int) -> Run:
        """Return the run of one replication. Raises MultiprogError."""
        prepared = self._kept.get(point) or self._prepare(point)
        try:
            workload = self.workload(point, replication)
            progress = within(self._setup.options.limit("wall"), _nothing)
            if not prepared.own:
                return simulate(workload, progress)
            scheduler = workload.scheduler
            with confined(scheduler.name), answering(scheduler):
                return simulate(workload, progress)
        except MultiprogError as error:
            where = tr(
                "{point}, replication {number}",
                point=self._setup.words(point),
                number=replication,
            )
            raise type(error)(f"{where}: {self._as_named(str(error))}") from None

    def workload(self, point: int, replication: int = 1) -> Workload:
        """Return the workload of a replication. Raises ScenarioError."""
        prepared = self._kept.get(point) or self._prepare(point)
        return prepared.workload(seed_of(prepared.seed, replication))

    def words(self, point: int) -> str:
        """Return the number of a point, and its values, for a message."""
        return self._setup.words(point)

    def _prepare(self, point: int) -> _Prepared:
        changes = self._setup.changes(point)
        own = self._setup.own[point] if self._setup.own else ""
        if own:
            file, _, name = own.rpartition(":")
            self._require_unchanged()
            changes.append(f"scheduler.policy={flow(f'{self._places[file]}:{name}')}")
        checked = self._text.at(changes)
        prepared = _Prepared(checked.scenario.seed, self._charged(checked.redraws()), bool(own))
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[point] = prepared
        return prepared

    def _charged(self, draw: Callable[[int], Workload]) -> Callable[[int], Workload]:
        """Return `draw` with the costs asked for, and the tick and slice of the kernel."""
        first = draw(0)
        resolved = with_usual_values(self._with_costs(first), self._setup.kernel)
        if resolved.costs == first.costs and resolved.scheduler is first.scheduler:
            return draw
        scheduler, costs = resolved.scheduler, resolved.costs
        return lambda seed: replace(draw(seed), scheduler=scheduler, costs=costs)

    def _with_costs(self, workload: Workload) -> Workload:
        if self._setup.profile is not None:
            return charged_by(workload, self._setup.profile)
        return with_costs(workload, self._setup.options.costs)

    def _require_unchanged(self) -> None:
        for file, text in self._setup.files.items():
            try:
                same = self._places[file].read_bytes() == text
            except OSError:
                same = False
            if not same:
                raise UsageError(
                    tr("{file}: was changed while the experiment ran: start it again", file=file)
                )

    def _as_named(self, words: str) -> str:
        """Return a message with the paths of own policies as the user knows them."""
        for file, place in self._places.items():
            words = words.replace(str(place), file)
        return words


def _nothing(_done: int) -> None:
    """Show no progress: the sweep shows its own."""
