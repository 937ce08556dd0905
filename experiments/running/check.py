"""Every point is checked before anything runs, and its mistake named with the point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from experiments.design.axes import Points
from experiments.measures.names import Measure
from experiments.running.setup import point_words, texts_of
from kernel.errors import UsageError
from kernel.scheduling.checked import check_complete
from kernel.workload import SchedulerSpec
from language.loading import Checked
from language.source.errors import ScenarioError
from language.source.wording import nearest
from language.variants import ScenarioText, in_the_file, words_of
from timeline.record.usage import ALL_CORES, core_name
from translation import tr


class CheckedPoints(NamedTuple):
    """What the check has learned of the points."""

    seeds: list[int]  # the scenario's seed at each point
    own: list[str]  # where the own policy of each point is defined; "": it has none
    files: dict[str, bytes]  # of own policies
    schedulers: list[SchedulerSpec]  # of each point


def checked_points(
    text: ScenarioText,
    points: Points,
    measures: Sequence[Measure],
    tell: Callable[[int], None],
) -> CheckedPoints:
    """Check every point. `tell` is called with how many are done.

    Raises UsageError for the first point that has a mistake; a mistake of the file itself is
    reported as `check` reports it.
    """
    seeds: list[int] = []
    own: list[str] = []
    files: dict[str, bytes] = {}
    schedulers: list[SchedulerSpec] = []
    for at, row in enumerate(points.rows):
        changes = [f"{key}={value}" for key, value in zip(points.keys, row, strict=True)]
        where = point_words(at, len(points.rows), changes)
        try:
            checked = text.at(changes)
            checked.workload()
        except ScenarioError as error:
            if at == 0 and in_the_file(error):
                raise
            raise UsageError(f"{where}: {words_of(error)}") from None
        try:
            _require_parts(measures, checked)
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from None
        schedulers.append(checked.scheduler)
        seeds.append(checked.scenario.seed)
        own.append("")
        if checked.scheduler.own:
            check_complete(checked.scheduler.policy)
            own[-1], texts = texts_of(checked.scheduler.policy)
            files |= texts
        tell(at + 1)
    return CheckedPoints(seeds, own if any(own) else [], files, schedulers)


def _require_parts(measures: Sequence[Measure], checked: Checked) -> None:
    """Raise UsageError if a measure is of a part that the scenario does not have."""
    for measure in measures:
        if measure.part is None:
            continue
        if measure.about.part == "process":
            known = _processes(checked)
            there = measure.part in known or "/" in measure.part or _numbered(measure.part, checked)
        else:
            cores = map(core_name, range(checked.scenario.machine.cores))
            known = [ALL_CORES, *cores, *checked.scenario.machine.devices]
            there = measure.part in known
        if not there:
            meant = nearest(measure.part, known)
            hint = (
                tr("did you mean {name!r}?", name=meant)
                if meant
                else tr("known: {names}", names=", ".join(known[:12]))
            )
            raise UsageError(
                tr(
                    "measure {measure}: there is no {part} ({hint})",
                    measure=measure.name,
                    part=measure.part,
                    hint=hint,
                )
            )


def _processes(checked: Checked) -> list[str]:
    scenario = checked.scenario
    return [*(process.name for process in scenario.processes), *scenario.programs]


def _numbered(name: str, checked: Checked) -> bool:
    """Return whether the name is that of one of the processes of an entry with a count."""
    stem, _, number = name.rpartition("-")
    counts = {process.name: process.count or 0 for process in checked.scenario.processes}
    return number.isdecimal() and 1 <= int(number) <= counts.get(stem, 0)
