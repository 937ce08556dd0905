"""The page on the policies, made of what `policies NAME` prints."""

from __future__ import annotations

import inspect

from kernel.policies import POLICIES
from kernel.scheduling.policy import Policy
from report.terminal.listing import fragment, parameters
from tools.documentation.reference.markdown import block, code, table

HEAD = """# Policies, one by one

`python cli.py policies NAME` prints the same of one policy. [The policies and their
rules](../policies.md) says exactly how each decides, and in which textbook the rule stands.
[Write a policy](../write-a-policy.md) adds one of your own.
"""


def policies() -> str:
    """Return the page: each policy, when it is good, its parameters, and an example."""
    return "\n".join([HEAD, *(_section(name, policy) for name, policy in POLICIES.items())])


def _section(name: str, policy: type[Policy]) -> str:
    about = inspect.cleandoc(policy.__doc__ or "")
    rules = f"It runs next: {policy.rule}. Ties: {policy.tie_rule}."
    facts = [(code(key), text) for key, text in parameters(policy)]
    given = [table(("parameter", "default, and what may be written"), facts)] if facts else []
    return "\n".join(
        [
            f"## {code(name)}\n",
            f"{about}\n",
            f"{rules}\n",
            *given,
            block("yaml", fragment(name, policy)),
        ]
    )
