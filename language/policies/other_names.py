"""The names that books give to a policy. A scenario may use them; the record has our name."""

from __future__ import annotations

from dataclasses import replace

from kernel.policies import OTHER_NAMES, POLICIES
from language.source.tree import Node
from translation import tr


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter not in "-_ ")


_OURS = {_letters(name): ours for ours, names in OTHER_NAMES.items() for name in names}
_OURS |= {_letters(ours): ours for ours in POLICIES}


def our_name(written: str) -> str | None:
    """Return our name of a policy that is written otherwise; None if the word means no policy."""
    return None if written in POLICIES else _OURS.get(_letters(written))


def in_our_names(root: Node) -> tuple[Node, list[str]]:
    """Return a scenario's tree with our name of its policy, and a remark if it has another one."""
    section = root.child("scheduler")
    node = None if section is None else section.child("policy")
    ours = our_name(node.value) if node is not None and isinstance(node.value, str) else None
    if section is None or node is None or ours is None:
        return root, []
    assert isinstance(section.value, dict)
    assert isinstance(root.value, dict)
    named = replace(section, value={**section.value, "policy": replace(node, value=ours)})
    remark = tr("{name} is called {ours} here", name=node.value, ours=ours)
    return replace(root, value={**root.value, "scheduler": named}), [remark]
