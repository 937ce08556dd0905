"""Questions with alternatives: which policy has made a chart, and texts of which one is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from language.schema.exercise import Alternative, Question
from teaching.kinds.kind import WHOLE, Asked, Kind
from teaching.outcome import Outcome
from teaching.times import Times
from timeline.expect import check
from timeline.record.core_chart import core_chart
from timeline.record.run import Run
from translation import mark, tr, tr_text

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class PolicyKind(Kind):
    """Which policy (and quantum) has made the chart that the sheet shows."""

    key = "policy"
    title = mark("policy")

    def words(self, asked: Asked, times: Times) -> str:
        which = asked.question.asked
        policies = ", ".join(which.among)
        if not which.quantum:
            return tr("Which policy has made this chart? One of: {policies}.", policies=policies)
        return tr(
            "Which policy has made this chart, and with which quantum (in {unit})? "
            "One of: {policies}.",
            unit=times.name,
            policies=policies,
        )

    def labels(self, question: Question, run: Run) -> list[str]:
        return ["name", "quantum"] if question.asked.quantum else ["name"]

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        scheduler = outcome.workload.scheduler
        found = {"name": scheduler.name, "quantum": scheduler.parameters.get("quantum")}
        return {label: found[label] for label in asked.labels}

    def written(self, value: Any, times: Times) -> Any:
        return times.written(value) if isinstance(value, int) else value

    def how(self, times: Times) -> str:
        return "policy: {name: rr, quantum: 2}"


class ChoiceKind(Kind):
    """Alternatives of which one is right. Their order differs from sheet to sheet."""

    key = "choice"
    title = mark("choice")

    def words(self, asked: Asked, times: Times) -> str:
        return tr_text(str(asked.question.asked.text))

    def labels(self, question: Question, run: Run) -> list[str]:
        return [WHOLE]

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        for place, alternative in enumerate(self.alternatives(asked)):
            if _is_right(alternative, outcome):
                return {WHOLE: LETTERS[place]}
        return {}

    def alternatives(self, asked: Asked) -> list[Alternative]:
        """Return the alternatives in the order of this sheet."""
        written = asked.question.asked.of
        order = asked.alternatives or range(len(written))
        return [written[place] for place in order]

    def right_ones(self, asked: Asked, outcome: Outcome) -> int:
        """Return how many alternatives are right; a good question has one."""
        return sum(_is_right(each, outcome) for each in asked.question.asked.of)

    def given(self, asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
        found = values.get(self.key, {}).get(asked.number)
        return {} if found is None else {WHOLE: found}

    def put(self, asked: Asked, values: Mapping[str, Any], times: Times) -> Any:
        return {asked.number: values[WHOLE]}

    def because(self, asked: Asked, given: str) -> str | None:
        """Return what the exercise says to a student who chose this letter."""
        place = LETTERS.find(given)
        alternatives = self.alternatives(asked)
        because = alternatives[place].because if 0 <= place < len(alternatives) else None
        return None if because is None else tr_text(because)

    def written(self, value: Any, times: Times) -> Any:
        return value

    def how(self, times: Times) -> str:
        comment = tr("by the number of the question")
        return f"choice: {{3: b}}   # {comment}"


def _is_right(alternative: Alternative, outcome: Outcome) -> bool:
    if alternative.when is None:
        return alternative.right
    lines = check(alternative.when.plain(), outcome.run, time_unit=outcome.time_unit)
    return all(line.holds for line in lines)


def same_chart(first: Run, second: Run) -> bool:
    """Return whether two runs have the same chart."""
    return core_chart(first) == core_chart(second)
