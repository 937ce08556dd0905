"""The command `lessons`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from commands.group import program
from commands.remarks import together
from commands.spoken import Argument, Spoken
from kernel.errors import UsageError
from language.schema.levels import LEVELS
from translation import in_every_language, mark, tr, tr_text

if TYPE_CHECKING:
    from commands.shipped import Shipped
    from report.terminal.listing import Listed

SEARCHED = ("lessons", "exercises", "textbook", "experiments")
"""The kinds among which words are searched, unless an option names one."""


class Level(click.Choice[str]):
    """A level by its name in any language, as the list shows it."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the level's English name."""
        for level in LEVELS:
            if value.strip() in in_every_language(level).splitlines():
                return level
        return super().convert(value, param, ctx)


@click.command("lessons", cls=Spoken)
@click.argument("words", cls=Argument, nargs=-1)
@click.option("--topic", metavar="WORDS", help="List only this topic, like memory.")
@click.option("--level", type=Level(LEVELS), help="List only this level.")
@click.option("--textbook", is_flag=True, help="List the examples of textbooks instead.")
@click.option("--life", is_flag=True, help="List the lessons on the life of processes.")
@click.option("--exercises", is_flag=True, help="List the exercises, and the assignments.")
def command(
    words: tuple[str, ...],
    topic: str | None,
    level: str | None,
    textbook: bool,
    life: bool,
    exercises: bool,
) -> None:
    """List the lessons, textbook examples or exercises. Each shows one thing.

    With WORDS list those that have all the words, in lessons, exercises and textbook examples.
    """
    from commands.shipped import FOLDER, as_typed, found_by, scenarios
    from report.base.screen import console
    from report.terminal.listing import show_lessons

    if textbook + life + exercises > 1:
        raise UsageError(tr("lessons: give only one of --textbook, --life and --exercises"))
    kinds: Sequence[str] = ("lessons",)
    if textbook or exercises:
        kinds = ("textbook",) if textbook else ("exercises",)
    elif words and not life:
        kinds = SEARCHED
    listed = [each for each in scenarios(kinds) if not life or each.path.parent.name == "life"]
    kept = [each for each in listed if _fits(each, topic, level)]
    if topic is not None and not any(_fits(each, topic, None) for each in listed):
        topics = dict.fromkeys(tr_text(each.head.topic) for each in listed if each.head.topic)
        raise UsageError(
            tr("lessons --topic {topic}: there are {topics}", topic=topic, topics="; ".join(topics))
            if topics
            else tr("lessons --topic {topic}: there are no topics", topic=topic)
        )
    found = found_by(words, kept) if words else sorted(kept, key=_level)
    if not found:
        nothing = tr("lessons: nothing {asked}", asked=_asked(words, topic, level))
        raise UsageError(nothing + _hint(words, listed))
    groups = _grouped(found, by_kind=bool(words))
    show_lessons(groups, console(), program(), as_typed(FOLDER))


def _fits(each: Shipped, topic: str | None, level: str | None) -> bool:
    of_topic = topic is None or topic.lower() in in_every_language(each.head.topic).lower()
    return of_topic and level in (None, each.head.level)


def _level(each: Shipped) -> int:
    """Return the place of the level, to list what is for beginners first."""
    return LEVELS.index(each.head.level) if each.head.level in LEVELS else 0


def _asked(words: Sequence[str], topic: str | None, level: str | None) -> str:
    asked = [tr("has the words {words}", words=" ".join(words))] if words else []
    asked += [tr("of the topic {topic}", topic=topic)] if topic is not None else []
    asked += [tr("of the level {level}", level=level)] if level is not None else []
    return together(asked)


def _hint(words: Sequence[str], listed: Sequence[Shipped]) -> str:
    """Return a question for a word that is nearly one of a name or a title."""
    from commands.shipped import found_by
    from language.source.wording import nearest

    known = {
        word.strip("(),.:;?!'\"").lower()
        for each in listed
        for word in (*each.name.replace("/", "-").split("-"), *each.head.title.split())
    }
    for word in words:
        if not found_by([word], listed) and (meant := nearest(word, sorted(known))):
            return tr(" (did you mean {name}?)", name=meant)
    return ""


def _grouped(found: Sequence[Shipped], *, by_kind: bool) -> dict[str, list[Listed]]:
    """Return the scenarios under their headings: the topic, or of a search the kind."""
    from report.terminal.listing import Listed

    groups: dict[str, list[Listed]] = {}
    for each in found:
        heading = tr(KINDS[each.kind]) if by_kind else _heading(each)
        listed = Listed(each.name, tr_text(each.head.level), tr_text(each.head.title))
        groups.setdefault(heading, []).append(listed)
    return groups


KINDS = {
    "lessons": mark("Lessons"),
    "exercises": mark("Exercises"),
    "textbook": mark("Textbook examples"),
    "experiments": mark("Experiments"),
}


def _heading(each: Shipped) -> str:
    """Return the topic with a great first letter; of a textbook example the book."""
    if each.kind == "textbook":
        book = each.path.stem.partition("-")[0]
        return book.upper() if book in ACRONYMS else book.capitalize()
    topic = tr_text(each.head.topic) or tr("other")
    return f"{topic[:1].upper()}{topic[1:]}"


ACRONYMS = ("gate", "isro", "nyu", "ostep")
