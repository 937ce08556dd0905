"""What is still to be done: spans of replications, cut into chunks of about a second."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from experiments.running.bench import Span

BUDGET = 1.0  # seconds of a chunk
LEAST = 0.05  # seconds of a chunk towards the end: a shorter one costs more to hand out
FIRST = 0.1  # seconds of a first chunk, after which the length of a replication is known
BLOCK = 20  # replications of a point before those of the next one
STRIKES = 3  # workers that a chunk may kill


def in_turn(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in pieces of BLOCK replications, the points in turn.

    A sweep that is interrupted then has about equally many replications of each point.
    """
    pieces = [
        Span(span.point, first, min(BLOCK, span.first + span.many - first))
        for span in spans
        for first in range(span.first, span.first + span.many, BLOCK)
    ]
    return sorted(pieces, key=lambda piece: (piece.first // BLOCK, piece.point))


class Chunk(NamedTuple):
    """Spans that go to a worker together, and how many workers they have killed."""

    spans: tuple[Span, ...]
    strikes: int = 0

    @property
    def many(self) -> int:
        """How many replications it has."""
        return sum(span.many for span in self.spans)

    def first(self, many: int) -> list[Span]:
        """Return its first `many` replications."""
        return _cut(self.spans, many)[0]

    def after(self, many: int) -> Chunk:
        """Return what is left after its first `many` replications."""
        return self._replace(spans=tuple(_cut(self.spans, many)[1]))

    def halves(self) -> list[Chunk]:
        """Return its two halves; itself if it has one replication."""
        if self.many < 2:
            return [self]
        first, second = _cut(self.spans, self.many // 2)
        return [Chunk(tuple(first), self.strikes), Chunk(tuple(second), self.strikes)]


class Work:
    """The spans that no worker has, in their order, and the length of a replication so far."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans = deque(spans)
        self._again: deque[Chunk] = deque()
        self._left = sum(span.many for span in self._spans)
        self._lately = (0.0, 0.0)  # replications and their seconds; older ones count less and less

    def add(self, span: Span) -> None:
        """Add a span at the end."""
        self._spans.append(span)
        self._left += span.many

    def put_back(self, chunk: Chunk) -> None:
        """Put back what a worker has not come to."""
        if chunk.strikes:
            self._again.append(chunk)
        else:
            self._spans.extendleft(reversed(chunk.spans))
            self._left += chunk.many

    def measured(self, many: int, seconds: float) -> None:
        """Note how long `many` replications have taken."""
        before, took = self._lately
        self._lately = before / 2 + many, took / 2 + seconds

    @property
    def seconds(self) -> float | None:
        """How long a replication takes; None: not known yet."""
        many, took = self._lately
        return took / many if many else None

    def __bool__(self) -> bool:
        """Return whether anything is to be done."""
        return bool(self._again or self._spans)

    def next(self, slots: int) -> tuple[Chunk, float]:
        """Return the next chunk for one of so many slots, and for how many seconds it may go on.

        Towards the end chunks are shorter, so that all slots have work.
        """
        if self._again:
            return self._again.popleft(), BUDGET
        if self.seconds is None:
            return self._taken(min(64, -(-self._left // slots))), FIRST
        each = max(self.seconds, 1e-6)
        share = -(-self._left // (2 * slots)) if slots > 1 else self._left
        share = max(share, int(LEAST / each))
        return self._taken(max(1, min(share, int(1.5 * BUDGET / each)))), BUDGET

    def _taken(self, many: int) -> Chunk:
        taken: list[Span] = []
        while many and self._spans:
            span = self._spans.popleft()
            if span.many > many:
                self._spans.appendleft(Span(span.point, span.first + many, span.many - many))
                span = span._replace(many=many)
            taken.append(span)
            many -= span.many
            self._left -= span.many
        return Chunk(tuple(taken))


def _cut(spans: Sequence[Span], many: int) -> tuple[list[Span], list[Span]]:
    """Return the first `many` replications of the spans, and the others."""
    first: list[Span] = []
    rest: list[Span] = []
    for span in spans:
        here = min(many, span.many)
        if here:
            first.append(span._replace(many=here))
        if span.many > here:
            rest.append(Span(span.point, span.first + here, span.many - here))
        many -= here
    return first, rest
