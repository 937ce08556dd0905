"""What comes with Multiprog: lessons, textbook examples, exercises, and policies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kernel.policies import POLICIES
from kernel.scheduling import Policy
from translation import in_every_language, tr_text


@dataclass(frozen=True, slots=True)
class Lesson:
    """A scenario that comes with Multiprog. Every function finds it by its `name`.

    Title, topic and `about` are in the language in use.
    """

    name: str
    kind: str
    """`lessons`, `textbook`, `exercises`, `experiments` or `workloads`."""
    title: str
    topic: str
    """The heading under which the command `lessons` lists it; "" if it has none."""
    level: str
    """`beginner`, `intermediate` or `advanced`; "" if it is not said."""
    about: str
    path: Path


def lessons(
    *words: str, topic: str | None = None, level: str | None = None, kind: str = "lessons"
) -> list[Lesson]:
    """Return the lessons that have all the words, the best first; without words, all of them.

    `topic` is a part of the topic's name; `level` is `beginner`, `intermediate` or `advanced`;
    `kind` is one of `lessons`, `textbook`, `exercises`, `experiments` and `workloads`.

        >>> lessons("zombie", level="beginner")[0].title
        'A zombie, what it keeps, and how it goes away'
        >>> len(lessons(topic="memory")) > 5
        True

    Raises UsageError if there is no such kind or level.
    """
    from commands.shipped import KINDS, found_by, scenarios
    from kernel.errors import UsageError
    from language.schema.levels import LEVELS
    from language.source.wording import unknown

    if kind not in KINDS:
        raise UsageError(f"lessons: {unknown('kind', kind, KINDS)}")
    if level is not None and level not in LEVELS:
        raise UsageError(f"lessons: {unknown('level', level, LEVELS)}")
    kept = [
        each
        for each in scenarios([kind])
        if (topic is None or topic.lower() in in_every_language(each.head.topic).lower())
        and level in (None, each.head.level)
    ]
    return [
        Lesson(
            each.name, each.kind, tr_text(each.head.title), tr_text(each.head.topic),
            each.head.level, tr_text(each.head.about), each.path,
        )
        for each in (found_by(words, kept) if words else kept)
    ]  # fmt: skip


def policies() -> dict[str, type[Policy]]:
    """Return the scheduling policies by the names that a scenario gives them.

    The docstring of a policy says when it is good and when it fails; `parameters()` has its
    parameters with their defaults, durations in ns.

        >>> policies()["rr"].parameters()["quantum"]
        20000000
    """
    return dict(POLICIES)
