"""The command line of Multiprog. Each command is a file in `commands/cli`.

A command parses its options, calls the other folders, and prints the result. Its exit status is 0
after success; 1 if the run failed, an expectation or the comparison did not hold, or the output
could not be written; 2 for a bad scenario or bad usage; 130 if it was interrupted.
"""

from __future__ import annotations

import signal
import sys
from importlib.machinery import PathFinder

if __name__ == "__main__" and sys.version_info < (3, 11):
    found = ".".join(map(str, sys.version_info[:2]))
    sys.stderr.write("Multiprog needs Python 3.11 or later, and this is Python " + found + "\n")
    sys.exit(2)
if __name__ == "__main__":
    for needed in ("click", "psutil", "pydantic", "rich", "ruamel", "simpy"):
        if PathFinder.find_spec(needed) is None:
            setup = "make setup && .venv/bin/python cli.py, or python3 -m pip install --editable ."
            sys.stderr.write(
                "Multiprog needs the package " + needed + ", set up by: " + setup + "\n"
            )
            sys.exit(2)
if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
    # This comes before the other imports, so that Ctrl-C during them prints no traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import click

from commands.exit_status import exit_status_of, memory_bound_given_back
from commands.group import Commands, Grouped, show_completion
from commands.spoken import choose_language
from commands.statuses import FAILED
from kernel import current_call
from kernel.errors import UsageError
from translation import UnknownLanguageError, choose_by_environment, language_given_back, tr


def _say_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from report.base.version import version

        click.echo(tr("multiprog, version {version}", version=version()))
        context.exit()


@click.group(
    cls=Grouped,
    commands=Commands(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_say_version,
    help="Show the version and exit.",
)  # fmt: skip
@click.option(
    "--lang", metavar="LANGUAGE", is_eager=True, expose_value=False, callback=choose_language,
    help="Print messages in this language, like zh. Default: as the environment says.",
)  # fmt: skip
@click.option(
    "--show-completion", type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL",
    is_eager=True, expose_value=False, callback=show_completion,
    help="Print the completion script for bash, zsh or fish.",
)  # fmt: skip
def cli() -> None:
    """Simulate a scenario of programs, run it on real processes, and compare the two runs."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status. An error of the user prints no traceback."""
    if arguments is None and sys.platform == "linux":
        current_call.before_reading = _keep
    status = FAILED
    try:
        with memory_bound_given_back(), language_given_back():
            status = exit_status_of(lambda: _command(arguments))
    finally:
        if current_call.is_kept:
            from commands.keeper.command import finished

            finished(status)
    return status


def _command(arguments: list[str] | None) -> int | None:
    try:
        choose_by_environment()
    except UnknownLanguageError as error:
        raise UsageError(f"MULTIPROG_LANG: {error}") from None
    status: int | None = cli.main(arguments, standalone_mode=False)
    return status


def _keep() -> None:
    """Put this process under the keeper, before an own policy is executed."""
    from commands.keeper.keep import keep

    keep()


if __name__ == "__main__":
    sys.exit(main())
