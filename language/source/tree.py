"""A YAML text as a tree of nodes with their places in the text.

The tree is built from the parser's events, not by recursion, so deep nesting cannot exhaust the
stack. An alias shares its anchor's node. Each finished node has the number of nodes that it would
be with all aliases written out, so a text with too many is refused before it is expanded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from language.source.errors import MOST, Problem, ScenarioError
from language.source.full_width import with_hints
from language.source.scalars import Scalar, resolve
from language.source.syntax import DEEPEST, place_and_mistake
from language.source.wording import NOTHING, KeyPath, dotted, shown
from translation import tr

CORE_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "map", "seq")}
STR_TAGS = {"tag:yaml.org,2002:str", "!"}


@dataclass(slots=True, eq=False)
class Node:
    """A value and its place. Lines and columns count from 1.

    `keys` has the place of each key of a mapping. If an option of the command line has made the
    node, `option` is that option. `size` is the number of nodes in this tree, itself included, and
    `depth` its number of levels. An alias counts as a full copy of the node that it names.
    """

    value: Scalar | dict[str, Node] | list[Node]
    line: int | None = None
    column: int | None = None
    option: str | None = None
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    size: int = 1
    depth: int = 1

    def child(self, key: int | str) -> Node | None:
        """Return the node below `key`, if there is one."""
        if isinstance(self.value, dict):
            return self.value.get(str(key))
        if isinstance(self.value, list) and isinstance(key, int) and 0 <= key < len(self.value):
            return self.value[key]
        return None

    def plain(self) -> Any:
        """Return the value as dicts, lists and scalars. A key without a value has NOTHING."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return NOTHING if self.value is None else self.value

    def problem(self, file: str, path: KeyPath, message: str) -> Problem:
        """Return a problem at the place of the value."""
        return Problem(file, self.line, self.column, dotted(path), message, self.option)

    def key_problem(self, file: str, path: KeyPath, message: str) -> Problem:
        """Return a problem at the last key of `path`, a key of this mapping."""
        line, column = self.keys.get(str(path[-1]), (self.line, self.column))
        child = self.child(path[-1])
        option = child.option if child is not None else self.option
        return Problem(file, line, column, dotted(path), message, option)


def parse(
    file: str, text: str, limits: Mapping[str, int], option: str | None = None
) -> tuple[Node | None, list[Problem]]:
    """Return the tree of the document in `text` (None: it is empty), and its problems.

    `option` is the option of the command line that contains the text, if any. Raises ScenarioError
    for a mistake after which parsing cannot go on.
    """
    builder = _Builder(file, limits, option)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except ScenarioError as error:
        raise ScenarioError(with_hints(text, error.problems)) from None
    except Exception as error:  # for some escapes ruamel.yaml raises errors other than YAMLError
        found = (*builder.problems, builder.problem(*place_and_mistake(text, error)))
        raise ScenarioError(with_hints(text, found)) from None
    return builder.root, builder.problems


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    node: Node
    anchor: str | None
    key: str | None = None  # in a mapping: the key whose value comes next
    skip: bool = False  # the next value belongs to a refused key, and is dropped


class _Builder:
    """Builds the tree from the parser's events, one by one. `root` is the finished tree."""

    def __init__(self, file: str, limits: Mapping[str, int], option: str | None) -> None:
        self.file, self.limits, self.option = file, limits, option
        self.nesting = min(limits["nesting"], DEEPEST)
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}  # None: the anchored value has not ended yet
        self._documents = 0

    def take(self, event: Any) -> None:
        """Take the next event of the parser."""
        match event:
            case ScalarEvent():
                self._scalar(event)
            case MappingStartEvent() | SequenceStartEvent():
                self._begin(event)
            case MappingEndEvent() | SequenceEndEvent():
                self._end()
            case AliasEvent():
                self._alias(event)
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._fail_at(event, tr("a second document begins; a scenario is one"))

    def problem(self, line: int | None, column: int | None, message: str) -> Problem:
        """Return a problem at a place of the text."""
        return Problem(self.file, line, column, "", message, self.option)

    def _fail(self, line: int | None, column: int | None, message: str) -> None:
        """Raise ScenarioError with all problems so far and this one."""
        raise ScenarioError((*self.problems, self.problem(line, column, message)))

    def _fail_at(self, event: Any, message: str) -> None:
        self._fail(*_place(event), message)

    def _complain(self, event: Any, message: str, *more: str) -> None:
        """Note a mistake and go on. Raise ScenarioError when there are more than are reported."""
        path = dotted((*self._path(), *more))
        self.problems.append(Problem(self.file, *_place(event), path, message, self.option))
        if len(self.problems) > MOST:
            raise ScenarioError(tuple(self.problems))

    def _path(self) -> list[int | str]:
        """Return the path of the value that comes next."""
        return [
            len(o.node.value) if isinstance(o.node.value, list) else str(o.key)
            for o in self._open
            if isinstance(o.node.value, list) or o.key is not None
        ]

    def _wants_key(self) -> bool:
        return (
            bool(self._open)
            and not self._open[-1].skip
            and (isinstance(self._open[-1].node.value, dict) and self._open[-1].key is None)
        )

    def _scalar(self, event: Any) -> None:
        text: str = event.value
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            self._fail_at(event, tr("is not YAML: half a surrogate pair is not a character"))
        if self._wants_key():
            self._key(event, text)
            return
        if event.tag is not None and event.tag not in CORE_TAGS | STR_TAGS:
            self._complain(event, tr("tags like {tag} have no meaning here", tag=shown(event.tag)))
        plain = event.style is None and event.tag not in STR_TAGS
        value = resolve(text) if plain else text
        place = _place(event) if text or not plain else self._place_of_key(event)
        self._value(Node(value, *place, self.option), event.anchor)

    def _place_of_key(self, event: Any) -> tuple[int, int]:
        """Return the place of an empty value, which is the place of its key."""
        top = self._open[-1] if self._open else None
        return top.node.keys[top.key] if top is not None and top.key else _place(event)

    def _key(self, event: Any, text: str) -> None:
        """Note a key, whose value comes next. If the key is refused, its value will be dropped."""
        top = self._open[-1]
        if text in top.node.keys:
            first = top.node.keys[text][0]
            self._complain(event, tr("is given twice (first in line {line})", line=first), text)
            top.skip = True
        elif text == "<<" and event.style is None:
            self._complain(event, tr("YAML 1.2 has no merge keys; write the keys out"), text)
            top.skip = True
        else:
            top.key = text
            top.node.keys[text] = _place(event)

    def _begin(self, event: Any) -> None:
        if self._wants_key():
            self._fail_at(event, tr("a key must be text, not a list or a mapping"))
        if len(self._open) >= self.nesting:
            self._too_deep(event)
        if event.tag is not None and event.tag not in CORE_TAGS:
            self._complain(event, tr("tags like {tag} have no meaning here", tag=shown(event.tag)))
        value: Any = {} if isinstance(event, MappingStartEvent) else []
        self._open.append(_Open(Node(value, *_place(event), self.option), event.anchor))
        if event.anchor is not None:
            self._anchors[event.anchor] = None

    def _end(self) -> None:
        top = self._open.pop()
        self._value(top.node, top.anchor)

    def _alias(self, event: Any) -> None:
        name = event.anchor
        if self._wants_key():
            self._fail_at(event, tr("a key must be text, not an alias"))
        if name not in self._anchors:
            self._fail_at(event, tr("the alias *{name} has no anchor &{name} before it", name=name))
        node = self._anchors[name]
        if node is None:
            self._fail_at(
                event, tr("the alias *{name} stands inside its own anchor &{name}", name=name)
            )
        elif len(self._open) + node.depth > self.nesting:
            self._too_deep(event)
        else:
            self._value(node, None)

    def _value(self, node: Node, anchor: str | None) -> None:
        """Put a finished value into the list or mapping that contains it."""
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        parent = top.node
        if top.skip:
            top.skip = False
        elif isinstance(parent.value, list):
            parent.value.append(node)
        elif isinstance(parent.value, dict) and top.key is not None:
            parent.value[top.key] = node
            top.key = None
        parent.size += node.size
        parent.depth = max(parent.depth, node.depth + 1)
        if parent.size > self.limits["nodes"]:
            message = tr(
                "has more than {most:,} values with its aliases written out (the limit nodes)",
                most=self.limits["nodes"],
            )
            self._fail(node.line, node.column, message)

    def _too_deep(self, event: Any) -> None:
        self._fail_at(
            event,
            tr("is nested more than {most:,} levels deep (the limit nesting)", most=self.nesting),
        )


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
