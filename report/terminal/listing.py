"""The lists of policies and of lessons."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.style import Style

from kernel.scheduling.policy import Policy
from kernel.scheduling.policy_errors import place
from kernel.units import format_duration
from report.base.printing import BOLD, DIM, Fact, print_facts, say
from report.sections.sentences import annotation
from translation import mark, tr


class Listed(NamedTuple):
    """A lesson of the list: its name for the commands, its level ("": not said), its title."""

    name: str
    level: str
    title: str


PROCESSES = {
    "priority": "{name: A, cpu: 30ms, priority: 1}",
    "lottery": "{name: A, cpu: 30ms, tickets: 300}",
    "stride": "{name: A, cpu: 30ms, tickets: 300}",
    "fair": "{name: A, cpu: 30ms, nice: -5}",
    "rm": "{name: A, cpu: 10ms, period: 40ms, jobs: 5}",
    "dm": "{name: A, cpu: 10ms, period: 40ms, deadline: 20ms, jobs: 5}",
    "edf": "{name: A, cpu: 10ms, period: 40ms, deadline: 20ms, jobs: 5}",
    "llf": "{name: A, cpu: 10ms, period: 40ms, deadline: 20ms, jobs: 5}",
}
"""An example of a process for each policy that uses other keys than arrival and cpu."""
PLAIN_PROCESS = "{name: A, arrival: 0, cpu: 30ms}"


def show_policies(policies: Mapping[str, type[Policy]], console: Console) -> None:
    """Print each policy: what it does, when it is good, when it fails, its parameters."""
    for name, policy in policies.items():
        say(console, name, BOLD)
        for paragraph in _paragraphs(policy):
            _indented(console, paragraph)
        for key, text in parameters(policy):
            _indented(console, tr("{label}: {words}", label=key, words=text), DIM)
        console.print()


def show_policy(name: str, policy: type[Policy], where: str, console: Console) -> None:
    """Print one policy with its parameters, rules and an example. `where` states its rule."""
    say(console, name, BOLD)
    for paragraph in _paragraphs(policy):
        _indented(console, paragraph)
    console.print()
    print_facts(console, tr("Parameters"), parameters(policy))
    rule = tr(policy.rule) if policy.rule else tr("as its docstring says")
    rules = [(tr("runs next"), rule), (tr("ties"), tr(policy.tie_rule)), (tr("stated in"), where)]
    print_facts(console, tr("Rules"), rules)
    say(console, tr("In a scenario"), BOLD)
    for line in fragment(name, policy).splitlines():
        say(console, f"  {line}")


def fragment(name: str, policy: type[Policy]) -> str:
    """Return a piece of a scenario that uses the policy with its default parameters."""
    keys = [f"policy: {name}"]
    for key, default in _defaults(policy).items():
        if default is not None and key not in policy.conventions:
            keys.append(f"{key}: {_written(default, 'Duration' in annotation(policy, key))}")
    process = PROCESSES.get(name, PLAIN_PROCESS)
    return f"scheduler: {{{', '.join(keys)}}}\nprocesses:\n  - {process}\n"


def stated_in(name: str, page: Path) -> str:
    """Return the section of `page` (docs/policies.md) that states the rule of a policy."""
    try:
        text = page.read_text(encoding="utf-8")
    except OSError:
        return "docs/policies.md"
    section = ""
    for line in text.splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        if line.startswith(f"**`{name}`**"):
            return tr('docs/policies.md, under "{section}"', section=section)
    return "docs/policies.md"


def defined_in(policy: type[Policy]) -> str:
    """Return the file and line of an own policy."""
    return place(policy)


def _paragraphs(policy: type[Policy]) -> list[str]:
    text = policy.__doc__ and inspect.cleandoc(policy.__doc__)  # not inherited from a base class
    if not text:
        return [tr("It has no docstring.")]
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return list(map(tr, paragraphs))


def _defaults(policy: type[Policy]) -> dict[str, object]:
    """Return every parameter with its default. A class variable is no parameter."""
    found = policy.parameters()
    return {key: found[key] for key in found if "ClassVar" not in annotation(policy, key)}


def parameters(policy: type[Policy]) -> Iterator[Fact]:
    """Yield each parameter: its name, its default, and which values a scenario may write."""
    for key, default in _defaults(policy).items():
        kind = annotation(policy, key)
        yield key, f"{_written(default, 'Duration' in kind)} ({_kind(kind)})"


_KINDS = {
    "bool": mark("true or false"),
    "int": mark("a whole number"),
    "float": mark("a number"),
    "str": mark("text"),
    "Duration": mark("a duration"),
    "list[Duration]": mark("a list of durations"),
    "list[Duration | None]": mark("a list of durations, the last perhaps none"),
    "list[int]": mark("a list of whole numbers"),
    "Estimate": mark("oracle, or {exponential: {alpha: 0.5, initial: 10ms}}"),
}


def _kind(annotated: str) -> str:
    """Return in words which values a scenario may write for a parameter with this annotation."""
    kinds = [annotated] if annotated in _KINDS else [kind.strip() for kind in annotated.split("|")]
    words = []
    for kind in kinds:
        if kind.startswith("Literal["):
            words.append(tr(" or ").join(re.findall(r"[\"']([^\"']*)[\"']", kind)))
        elif kind != "None":
            words.append(tr(_KINDS.get(kind, kind)))
    return tr(", or ").join([*words, "none"] if "None" in kinds else words)


def _written(value: object, is_duration: bool) -> str:
    """Return a default as a scenario would write it in YAML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_written(item, is_duration) for item in value)}]"
    if value is None:
        return "none"
    return format_duration(value) if is_duration and isinstance(value, int) else str(value)


def show_lessons(
    groups: Mapping[str, Sequence[Listed]], console: Console, program: str, folder: Path
) -> None:
    """Print each lesson under its heading: its name, its level, its title; then how it is run.

    `program` is what the user types before the name of a command, `folder` has the files.
    """
    for heading, lessons in groups.items():
        say(console, heading, BOLD)
        for lesson in lessons:
            level = f" ({lesson.level})" if lesson.level else ""
            _indented(console, f"{lesson.name}{level}")
            _indented(console, lesson.title, DIM, by=4)
        console.print()
    first = next(lesson for lessons in groups.values() for lesson in lessons)
    words = tr(
        "Run one by its name: {program} simulate {lesson}", program=program, lesson=first.name
    )
    say(console, words, DIM)
    say(console, tr("The files are in {folder}", folder=folder), DIM)


def _indented(console: Console, text: str, style: Style | str = "", *, by: int = 2) -> None:
    """Print a text as one paragraph, indented by so many columns."""
    say(console, " " * by + " ".join(text.split()), style)
