"""Prove an exercise: every variant is a good question, and grading says what it should.

For each variant the answer key gets all points. The numbers of each misconception that changes an
answer are diagnosed as that one, or as one that cannot be told apart there. The template and a
damaged key are graded without an error, and the damage is reported with its line.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from kernel.errors import UsageError
from language.answers import AnswerFile, AnswerText, Written, parse_text, read_answer
from language.exercises import read_exercise
from language.schema.random_draws import stream
from teaching.answer_files import answer_key, answers, template
from teaching.grading import Graded, Grader
from teaching.outcome import Outcome
from teaching.posed import Posed
from teaching.sheet.content import sheet
from teaching.sheet.markdown import markdown
from teaching.variants import pose
from teaching.yaml_text import block
from translation import tr

LEAST = 0.95
"""Share of the applicable misconceptions that must be diagnosed."""


@dataclass
class Proof:
    """What was found of one exercise. `failures` are sentences.

    `variants` were drawn, of which `distinct` are different; each of these was looked at.
    """

    name: str
    variants: int = 0
    distinct: int = 0
    applicable: Counter[str] = field(default_factory=Counter)
    diagnosed: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of the applicable misconceptions that were diagnosed."""
        many = self.applicable.total()
        return self.diagnosed.total() / many if many else 1.0

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failures and self.share >= LEAST

    def __str__(self) -> str:
        missed = {
            name: tr("{diagnosed} of {applicable}", diagnosed=self.diagnosed[name], applicable=many)
            for name, many in self.applicable.items()
            if self.diagnosed[name] < many
        }
        words = tr(
            "{variants} variants, {different} different, {misconceptions} misconceptions, "
            "{share:.1f} % diagnosed",
            variants=self.variants,
            different=self.distinct,
            misconceptions=len(self.applicable),
            share=100 * self.share,
        )
        rest = "".join(f"\n    {name}: {text}" for name, text in missed.items())
        rest += "".join(f"\n    {failure}" for failure in self.failures[:5])
        return f"{'ok  ' if self.holds else 'FAIL'} {self.name}: {words}{rest}"


def prove(path: Path, seeds: range, different: int | None = None) -> Proof:
    """Return what is found of the variants of these seeds, or of the first `different` ones."""
    file, proof = read_exercise(path), Proof(path.stem)
    seen: set[str] = set()
    for seed in seeds:
        try:
            posed = pose(file, seed)
        except UsageError as error:
            proof.failures.append(str(error))
            break
        proof.variants += 1
        values = repr(posed.variant.values)
        if values not in seen:
            seen.add(values)
            _prove_variant(posed, proof)
        proof.distinct = len(seen)
        if proof.distinct == different or not file.varies:
            break
    return proof


def _prove_variant(posed: Posed, proof: Proof) -> None:
    grader = Grader(posed)
    seed = posed.seed
    key = answer_key(posed, None)
    marks = grader.marks(read(key), "key")
    if marks.points != marks.most or not marks.gradable:
        what = tr("the key gets {points} of {most}", points=marks.points, most=marks.most)
        proof.failures.append(_of_variant(seed, what))
    empty = grader.marks(read(template(posed, None)), "template")
    if empty.points or not empty.gradable:
        what = tr("the template gets {points} points", points=empty.points)
        proof.failures.append(_of_variant(seed, what))
    if _answer_is_on(posed):
        proof.failures.append(_of_variant(seed, tr("the sheet has the answer")))
    broken = grader.marks(read(damaged(key, posed.seed or 0)), "damaged")
    if any(":" not in problem for problem in broken.problems):
        what = tr("a problem without its place: {problems}", problems=broken.problems)
        proof.failures.append(_of_variant(seed, what))
    written: dict[str, tuple[Written, Graded]] = {}  # by the text, which several have in common
    right = block(answers(posed, posed.right))
    for name, outcome in posed.outcomes.items():
        text = block(answers(posed, outcome))
        if name in posed.file.exercise.accept or text == right:
            continue
        if text not in written:
            wrong = read_answer(read(text), posed.variant.context)
            written[text] = wrong, grader.grade(wrong)
        wrong, graded = written[text]
        if _changes(posed, outcome, wrong) and not graded.is_right:
            proof.applicable[name] += 1
            proof.diagnosed[name] += name in graded.diagnosed


def _of_variant(seed: int | None, what: str) -> str:
    return tr("variant {seed}: {problem}", seed=seed, problem=what)


def read(text: str) -> AnswerFile:
    """Return an answer as it is read from a file."""
    return parse_text(AnswerText("answer.yaml", text))


def _changes(posed: Posed, outcome: Outcome, written: Written) -> bool:
    """Return whether an answer is wrong under the outcome, and could be written down."""
    for asked in posed.asked:
        right = asked.kind.truth(asked, posed.right)
        other = asked.kind.truth(asked, outcome)
        for label in asked.labels:
            if label not in right or label not in other:
                continue
            given = asked.kind.given(asked, written.values).get(label)
            if given is None or asked.kind.agreement(asked, right[label], given, posed.right) != 1:
                return True
    return False


def _answer_is_on(posed: Posed) -> bool:
    """Return whether the text of the sheet has a line of the key of a chart."""
    text = markdown(sheet(posed, None))
    for asked in posed.asked:
        if asked.question.kind == "gantt":
            for value in asked.kind.truth(asked, posed.right).values():
                shown = asked.kind.shown(value, posed.times)
                if shown in text and "policy" not in {a.question.kind for a in posed.asked}:
                    return True
    return False


def damaged(text: str, seed: int) -> str:
    """Return the text with a few characters replaced."""
    uniform01, letters = stream(seed, "damage"), list(text)
    for _ in range(1 + int(uniform01() * 4)):
        at = int(uniform01() * len(letters))
        letters[at] = "{}[]:,-x\t\n\"'&*#"[int(uniform01() * 15)]
    return "".join(letters)
