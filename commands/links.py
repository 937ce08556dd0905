"""Links of the playground where a command takes a file, and the command `open`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from commands.names import ScenarioName
from commands.spoken import Argument
from kernel.errors import UsageError
from translation import tr

SCENARIO, POLICY = "scenario.yaml", "mine.py"
_TRUSTED = "multiprog.trusted"


class ScenarioFile(ScenarioName):
    """A file, a name, or a link: its scenario becomes a file that is gone after the command."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path. Raises UsageError for a link that is damaged, or is not trusted."""
        from language.convert.link import is_link, unpacked

        if not isinstance(value, str) or not is_link(value) or ctx is None:
            return super().convert(value, param, ctx)
        linked = unpacked(value)
        if linked.policy is not None and not ctx.meta.get(_TRUSTED):
            _ask(linked.policy)
        import shutil
        import tempfile

        folder = Path(tempfile.mkdtemp(prefix="multiprog-link-"))
        ctx.find_root().call_on_close(lambda: shutil.rmtree(folder, ignore_errors=True))
        return write(linked, folder)


def _ask(policy: str) -> None:
    """Show the policy, and ask whether to run it. Raises UsageError without a yes."""
    if not sys.stdin.isatty():
        raise UsageError(
            tr(
                "this link carries a policy, which is code that runs here: look at it with "
                "`open LINK`, then run it with --trust"
            )
        )
    heading = tr("This link carries a policy, which is code that runs here:")
    click.echo(click.style(heading, bold=True))
    click.echo("".join(c if c.isprintable() or c == "\n" else "?" for c in policy))
    if not click.confirm(tr("Run it?"), default=False):
        raise UsageError(
            tr(
                "the policy of this link was not run; look at it with `open LINK`, then run it "
                "with --trust"
            )
        )


def _trust(context: click.Context, _: click.Parameter, given: bool) -> None:
    context.meta[_TRUSTED] = given


def scenario_file(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the argument FILE, which may be a link, and the option --trust."""
    trust = click.option(
        "--trust", is_flag=True, is_eager=True, expose_value=False, callback=_trust,
        help="Run the policy that a link carries without asking.",
    )  # fmt: skip
    return click.argument("file", cls=Argument, type=ScenarioFile())(trust(command))


def write(linked: Any, folder: Path) -> Path:
    """Write what a link holds into files of this folder. Return the path of the scenario."""
    path = folder / SCENARIO
    path.write_text(linked.scenario, encoding="utf-8", errors="replace")
    if linked.policy is not None:
        (folder / POLICY).write_text(linked.policy, encoding="utf-8", errors="replace")
    return path


def open_link(link: str, folder: Path) -> None:
    """Write the files of a link into a folder, and say which. Raises UsageError."""
    from kernel.files.writing import require_writable_folder
    from language.convert.link import unpacked

    linked = unpacked(link)
    names = [SCENARIO] if linked.policy is None else [SCENARIO, POLICY]
    for name in names:
        if (folder / name).exists():
            raise UsageError(
                tr("{file}: is there already; name another folder by --into", file=folder / name)
            )
    require_writable_folder(folder, [folder / name for name in names])
    folder.mkdir(exist_ok=True)
    write(linked, folder)
    for name in names:
        click.echo(tr("wrote {file}", file=folder / name))
    if linked.policy is not None:
        click.echo(tr("{file} is code by another person: read it before you run it", file=POLICY))
