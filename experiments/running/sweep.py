"""The sweep: gives chunks to an executor until every point has its replications."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from experiments.design.plan import Plan
from experiments.results.rows import Rows
from experiments.running.bench import MOST_KEPT, Done, Span
from experiments.running.died import Died
from experiments.running.executor import Executor
from experiments.running.replications import Fixed, Kept, Precise
from experiments.running.work import STRIKES, Chunk, Work, in_turn
from experiments.statistics.stopping import Stopping
from kernel.errors import MultiprogError
from translation import tr

MOST_DEATHS = 20  # workers that may die one after the other while no chunk is finished

Sink = Callable[[int, int, Sequence[float]], None]
"""Takes point, replication and values of each replication that is kept."""


@dataclass
class Outcome:
    """What happened to workers and chunks."""

    left_out: list[Chunk] = field(default_factory=list)  # each has killed STRIKES workers
    deaths: int = 0  # of workers


class Sweep:
    """A sweep under way. `rows` may already have the replications of an earlier run.

    `sink` gets each replication that is kept. `tell` is called with how many replications are done
    and how many are known to be wanted.
    """

    def __init__(
        self, plan: Plan, rows: Rows, sink: Sink, tell: Callable[[int, int], None]
    ) -> None:
        self._rows, self._sink, self._tell = rows, sink, tell
        self._points = [_point(plan, at, rows) for at in range(len(plan.points.rows))]
        self._work = Work()
        self._under_way: dict[Future[Done], Chunk] = {}
        self._deaths_in_a_row = 0
        self._done = self._wanted = 0
        self.outcome = Outcome()
        spans = [span for point in self._points for span in point.wanted()]
        for span in in_turn(spans) if len(self._points) <= MOST_KEPT else spans:
            self._want(span)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return not (self._work or self._under_way)

    @property
    def seconds_left(self) -> float | None:
        """How long one worker needs for what is known to be left; None: not known yet."""
        each = self._work.seconds
        return None if each is None else each * (self._wanted - self._done)

    @property
    def not_precise(self) -> list[int]:
        """The points that were replicated as often as they may be, and are not precise enough."""
        return [at for at, point in enumerate(self._points) if not point.precise]

    def run(self, executor: Executor, enough: Callable[[], bool] = lambda: False) -> None:
        """Execute what is to be done, until all is done or `enough` returns true between chunks.

        Raises MultiprogError if a replication fails, or if the workers die one after the other.
        """
        while not self.is_done and not enough():
            while self._work and len(self._under_way) < executor.slots:
                chunk, budget = self._work.next(executor.slots)
                self._under_way[executor.submit(chunk.spans, budget)] = chunk
            for future in executor.wait(self._under_way):
                self._take(future, self._under_way.pop(future))

    def _take(self, future: Future[Done], chunk: Chunk) -> None:
        error = future.exception()
        if isinstance(error, Died):
            self._died(chunk, for_good=error.for_good)
        elif error is not None:
            raise error
        else:
            self._made(chunk, future.result())
        self._tell(self._done, self._wanted)

    def _made(self, chunk: Chunk, done: Done) -> None:
        self._deaths_in_a_row = 0
        self._work.measured(done.many, done.seconds)
        if done.many < chunk.many:
            self._work.put_back(chunk.after(done.many))
        values, width, at = array("d", done.values), self._rows.per_replication, 0
        for point, first, many in chunk.first(done.many):
            for replication in range(first, first + many):
                row = values[at : at + width]
                self._keep(point, self._points[point].take(replication, row))
                at += width
            self._done += many
            self._ask(point)

    def _died(self, chunk: Chunk, *, for_good: bool) -> None:
        """Do a chunk again whose worker is dead, as two halves; leave it out after STRIKES."""
        self.outcome.deaths += 1
        self._deaths_in_a_row += 1
        if self._deaths_in_a_row >= MOST_DEATHS:
            raise MultiprogError(
                tr(
                    "{workers} workers died one after the other: the sweep ends",
                    workers=MOST_DEATHS,
                )
            )
        struck = chunk._replace(strikes=STRIKES if for_good else chunk.strikes + 1)
        if struck.strikes < STRIKES:
            for half in struck.halves():
                self._work.put_back(half)
            return
        self.outcome.left_out.append(struck)
        for point, first, many in struck.spans:
            for replication in range(first, first + many):
                self._keep(point, self._points[point].leave_out(replication))
            self._done += many
            self._ask(point)

    def _keep(self, point: int, kept: Kept) -> None:
        for replication, values in kept:
            self._rows.put(point, replication, values)
            self._sink(point, replication, values)

    def _ask(self, point: int) -> None:
        for span in self._points[point].wanted():
            self._want(span)

    def _want(self, span: Span) -> None:
        self._work.add(span)
        self._wanted += span.many


def _point(plan: Plan, at: int, rows: Rows) -> Fixed | Precise:
    there = rows.replications(at)
    if plan.precision is None:
        return Fixed(at, plan.repeat, there)
    stopping = Stopping(len(plan.measures), plan.precision, plan.confidence)
    return Precise(at, plan.repeat, stopping, there)
