"""The command `playground`."""

from __future__ import annotations

from pathlib import Path

import click

from commands.elsewhere import require_linux
from commands.names import ScenarioName
from commands.spoken import Argument, Spoken
from kernel.errors import UsageError
from translation import tr

NEEDED = ("starlette", "uvicorn", "websockets", "bokeh")


@click.command("playground", cls=Spoken)
@click.argument("file", cls=Argument, required=False, type=ScenarioName())
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help="Listen at this port (default: any)."
)
@click.option("--no-browser", is_flag=True, help="Only print the link.")
def command(file: Path | None, port: int | None, no_browser: bool) -> int:
    """Open the playground in the browser, real runs included.

    This command serves it to this machine's browser until Ctrl-C, with FILE opened: a file of this
    folder, or the name of a lesson. Only the printed link opens it. The playground can open and
    save the files of this folder, and run scenarios on real processes as your user.
    """
    require_linux("playground")
    _require_libraries()
    from playground.server.serve import serve

    return serve(file, port, browser=not no_browser)


def _require_libraries() -> None:
    """Raise UsageError unless the libraries of the server are there."""
    from importlib.util import find_spec

    for module in NEEDED:
        if find_spec(module) is None:
            raise UsageError(
                tr(
                    "playground needs {module}, which is not installed: "
                    "pip install --editable '.[playground]'",
                    module=module,
                )
            )
