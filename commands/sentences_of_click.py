"""The sentences of click that users of Multiprog meet, in the language in use.

click looks its sentences up by the functions `gettext` and `ngettext` of the standard library.
These take the language from the variables of the locale alone, which --lang must not change: the
programs that are started would inherit them. So click's modules get our functions for both.
"""

from __future__ import annotations

from importlib import import_module

from translation import mark, tr

MODULES = ("core", "decorators", "exceptions", "formatting", "parser", "termui", "types")

SENTENCES = (
    mark("Usage:"),
    mark("[OPTIONS]"),
    mark("COMMAND [ARGS]..."),
    mark("Options"),
    mark("Show this message and exit."),
    mark("default: {default}"),
    mark("required"),
    mark("Missing command."),
    mark("No such command {name!r}."),
    mark("No such option {name!r}."),
    mark("No such option: {name}"),
    mark("Did you mean {possibility}?"),
    mark("(Did you mean one of: {possibilities}?)"),
    mark("(Possible options: {possibilities})"),
    mark("Missing argument"),
    mark("Missing option"),
    mark("Missing parameter"),
    mark("Got unexpected extra argument ({args})"),
    mark("Got unexpected extra arguments ({args})"),
    mark("Option {name!r} does not take a value."),
    mark("Option {name!r} requires an argument."),
    mark("Invalid value: {message}"),
    mark("Invalid value for {param_hint}: {message}"),
    mark("{value!r} is not a valid {number_type}."),
    mark("{value} is not in the range {range}."),
    mark("{value!r} is not {choice}."),
    mark("{value!r} is not one of {choices}."),
    mark("{name} {filename!r} does not exist."),
    mark("{name} {filename!r} is a file."),
    mark("{name} {filename!r} is a directory."),
    mark("{name} {filename!r} is not readable."),
    mark("Error: invalid input"),
)
"""Those of click 8.1 and of later versions. click says its other sentences in English."""


def speak_as_we_do() -> None:
    """Let click say its sentences in the language in use."""
    for name in MODULES:
        module = import_module(f"click.{name}")
        for function, ours in (("_", tr), ("ngettext", _several)):
            if hasattr(module, function):
                setattr(module, function, ours)


def _several(one: str, many: str, n: int) -> str:
    """Return a sentence of one or of several things. click puts the values in."""
    return tr(one if n == 1 else many)
