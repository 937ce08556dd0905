"""The command `policies`."""

from __future__ import annotations

from pathlib import Path

import click

from commands.asked import find_policy, policy_names
from commands.spoken import Argument, Spoken

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"


@click.command("policies", cls=Spoken)
@click.argument("name", cls=Argument, required=False, shell_complete=policy_names)
def command(name: str | None) -> None:
    """List the scheduling policies, or describe one.

    The list names the parameters of each policy and says when it is good. With a NAME (or
    file.py:Class), describe this policy in full, with its rules and an example.
    """
    from kernel.policies import POLICIES
    from kernel.scheduling.checked import check_complete
    from language.policies.other_names import our_name
    from report.base.screen import console
    from report.terminal.listing import defined_in, show_policies, show_policy, stated_in

    if name is None:
        show_policies(POLICIES, console())
        return
    policy = find_policy(name)
    check_complete(policy)
    name = our_name(name) or name
    where = stated_in(name, PAGE) if name in POLICIES else defined_in(policy)
    show_policy(name, policy, where, console())
