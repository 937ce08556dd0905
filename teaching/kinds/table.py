"""All kinds of questions, by the key of `ask` and of an answer file."""

from __future__ import annotations

from teaching.kinds.charts import DispatchedKind, GanttKind, OrderKind
from teaching.kinds.choices import ChoiceKind, PolicyKind
from teaching.kinds.kind import Kind
from teaching.kinds.memory import NAMES_KINDS, PlacedKind
from teaching.kinds.numbers import COUNT_KINDS, TIME_KINDS, USE_KINDS, MakespanKind, MeanKind
from teaching.kinds.observations import ObservedKind, PrintsKind

KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        GanttKind(),
        DispatchedKind(),
        OrderKind(),
        *TIME_KINDS,
        MeanKind(),
        MakespanKind(),
        *COUNT_KINDS,
        *USE_KINDS,
        PlacedKind(),
        *NAMES_KINDS,
        PrintsKind(),
        ObservedKind(),
        PolicyKind(),
        ChoiceKind(),
    )
}
