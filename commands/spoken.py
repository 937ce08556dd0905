"""Commands whose help and errors are in the language in use. Each command and its group is one.

The texts stand in English where click wants them. They are translated when they are shown: the
help and the errors are those of a copy of the command, whose texts are translated.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from typing import TYPE_CHECKING, Any, TypeVar

import click

from commands.sentences_of_click import speak_as_we_do
from translation import UnknownLanguageError, choose, chosen, tr
from translation.languages import ENGLISH

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

LANG = "--lang"
Part = TypeVar("Part", click.Command, click.Parameter)

speak_as_we_do()


class Spoken(click.Command):
    """A command in the language in use, which `--lang` chooses behind its name, too."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, with --lang, which only the group's help shows."""
        parameters = super().get_params(ctx)
        if any(LANG in each.opts for each in parameters):
            return parameters
        return [*parameters, _HIDDEN]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option --help, by the names that the context has for it.

        click makes it once, by the first context and in the language that is spoken then.
        """
        option = super().get_help_option(ctx)
        if option is not None and set(option.opts) != set(self.get_help_option_names(ctx)):
            self._help_option = None
            option = super().get_help_option(ctx)
        if option is not None:
            option.help = tr("Show this message and exit.")
        return option

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words. Errors are in the language that they choose."""
        _choose_before(args, interspersed=ctx.allow_interspersed_args)
        return super().parse_args(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """Return the help. Other languages than English are laid out by columns of a terminal."""
        spoken = _translated(self)
        spoken.params = [_translated(each) for each in self.params]
        if chosen() == ENGLISH:
            formatter = ctx.make_formatter()
        else:
            from commands.wide_help import WideFormatter

            formatter = WideFormatter(width=ctx.terminal_width, max_width=ctx.max_content_width)
        spoken.format_help(ctx, formatter)
        return formatter.getvalue().rstrip("\n")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what a shell completes, with help in the language in use."""
        items = super().shell_complete(ctx, incomplete)
        for item in items:
            item.help = item.help and tr(item.help)
        return items


class Argument(click.Argument):
    """An argument of a command, whose name in help and errors is in the language in use."""

    def make_metavar(self, *context: Any) -> str:
        """Return the name with the brackets of what may be left out, like `[文件]...`."""
        name = (self.name or "").upper()
        return super().make_metavar(*context).replace(name, tr(name))


def _translated(part: Part) -> Part:
    """Return a copy of a command or a parameter with translated texts."""
    spoken: Any = copy(part)
    for name in ("help", "metavar", "options_metavar", "subcommand_metavar"):
        text = getattr(part, name, None)
        if text:
            setattr(spoken, name, tr(inspect.cleandoc(text)))
    found: Part = spoken
    return found


# -- the option --lang -----------------------------------------------------------------------------


def choose_language(_: click.Context, option: click.Parameter, language: str | None) -> None:
    """Speak a language: the callback of --lang. Raises click.BadParameter if there is no such."""
    if language is not None:
        try:
            choose(language)
        except UnknownLanguageError as error:
            raise click.BadParameter(str(error), param=option) from None


_HIDDEN = click.Option(
    [LANG], hidden=True, is_eager=True, expose_value=False, callback=choose_language
)


def _choose_before(words: Sequence[str], *, interspersed: bool) -> None:
    """Speak the language that the words ask for, before they are parsed.

    The words of another program, as in `record make --lang C`, do not choose it.
    """
    for at, word in enumerate(words):
        if word == "--" or not (interspersed or word.startswith("-")):
            return
        option, equals, language = word.partition("=")
        if option == LANG:
            with suppress(UnknownLanguageError):  # click's parser tells it
                choose(language if equals else "".join(words[at + 1 : at + 2]))
