"""The command `schema`."""

from __future__ import annotations

import click

from commands.spoken import Spoken


@click.command("schema", cls=Spoken)
def command() -> None:
    """Print the JSON Schema of the scenario language. Editors use it to complete keys."""
    import json

    from language import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
