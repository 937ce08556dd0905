"""The command `calibrate`."""

from __future__ import annotations

from pathlib import Path

import click

from commands import machines
from commands.elsewhere import require_linux
from commands.spoken import Spoken
from commands.statuses import DONE
from translation import tr


@click.command("calibrate", cls=Spoken)
@click.option("--json", "as_json", is_flag=True, help="Print only the profile, as JSON, on stdout.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the profile in FILE."
)
@machines.no_wait
def command(as_json: bool, out: Path | None, no_wait: bool) -> int:
    """Measure what switches, signals and starts cost on this machine. It takes about a minute.

    The measured profile is saved; the option --costs measured uses it.
    """
    require_linux("calibrate")
    import json

    from kernel.files.writing import require_writable
    from language.cost_profiles import own_path, save
    from real.calibration.profile import calibrate
    from report.base.screen import console
    from report.terminal.calibration import show_profile

    if out is not None:
        require_writable(out)
    path = out or own_path()
    with machines.alone(no_wait) as host:
        profile = calibrate(
            lambda what: click.echo(tr("measuring: {what}", what=tr(what)), err=True), path.parent
        )
        profile["warnings"] += host.remarks()
    save(profile, path)
    if as_json:
        click.echo(json.dumps(profile))
    else:
        show_profile(profile, console())
        click.echo(tr("kept in {path}", path=path), err=True)
    return DONE
