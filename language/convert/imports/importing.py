"""A file of another form becomes a scenario: its kind is recognized, it is read, it is laid out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import UsageError
from language.convert.imports.draft import Draft, usable_name
from language.convert.imports.kinds import KINDS, kind_of
from language.convert.imports.layout import text_of
from language.convert.imports.options import ImportOptions
from language.convert.imports.source import opened
from language.source.limits import shown
from language.source.wording import either, unknown
from translation import tr


@dataclass(frozen=True, slots=True)
class Imported:
    """The text of a scenario, and what it was made from, in words."""

    text: str
    what: str
    remarks: list[str]  # to the user, who may have to give a larger limit


def import_file(path: Path, kind: str | None, options: ImportOptions) -> Imported:
    """Return the scenario of the file at `path`; `kind` None: by its content.

    Raises ScenarioError with the places of its mistakes, UsageError for an option that means
    nothing here.
    """
    with opened(path, options.limit("file_size")) as source:
        if kind is not None and kind not in KINDS:
            message = unknown(tr("kind"), kind, KINDS)
            raise UsageError(f"--from {kind}: {message}")
        recognized = kind_of(source)
        name = kind or recognized
        chosen = KINDS[name]
        for option in sorted(options.given - chosen.options):
            takers = [each for each in KINDS if option in KINDS[each].options]
            raise UsageError(
                tr(
                    "--{option} is for {takers}; {file} is read as {kind}",
                    option=option,
                    takers=either(takers),
                    file=path,
                    kind=name,
                )
            )
        draft = chosen.read(source, options)
    draft.title = usable_name(path.name.removesuffix(".gz"), "imported")
    draft.remarks.insert(0, f"imported from {path.name}")
    text = text_of(draft)
    return Imported(text, f"{name}: {tr(chosen.words)}", list(_beyond(text, draft, options)))


def _beyond(text: str, draft: Draft, options: ImportOptions) -> Iterator[str]:
    """Yield a remark for each limit that the scenario exceeds."""
    entries = [(each.keys, each.program) for each in draft.processes]
    found = {"file_size": len(text.encode()), "nodes": sum(map(_values, entries)) + 100}
    for name, value in found.items():
        if value > options.limit(name):
            most = shown(name, options.limit(name))
            yield tr(
                "the scenario is above the limit {name}, {most}: import less of it, or give the "
                "commands that read it --limit {name}={enough}",
                name=name,
                most=most,
                enough=value * 11 // 10,
            )


def _values(value: object) -> int:
    """Return how many values of a scenario file a value is, counted generously."""
    if isinstance(value, Mapping):
        return 1 + sum(1 + _values(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return 1 + sum(map(_values, value))
    return 1
