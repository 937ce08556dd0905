"""Random scenarios with hostile names and texts, for `benchmarks.exports`.

A seed determines the structure of a scenario. The scenario is written with hostile words or with
plain ones (n1, t2), so that the two can be compared: names and texts of a scenario must not change
the form of its program.

The scenarios that are run are made so that no schedule changes what a process prints. A queue has
one sender and one receiver, and each of these runs once. A process is observed only before its
start, while it surely waits, and after a join. A process is killed only in a long wait.
"""

from __future__ import annotations

import math
import random
import unicodedata
from collections import defaultdict
from typing import Any

from language.source.tree import Node

Step = dict[str, Any]

HOSTILE = [
    "'); __import__('os').system('touch PWNED'); ('",
    '"); __import__("os").system("touch PWNED"); ("',
    '"""',
    "'''",
    "{__import__('os').system('touch PWNED')}",
    "{0}",
    "{}",
    "%s %(x)s",
    "\\",
    "\\u",
    "\\N{DASH}",
    "#",
    "'",
    '"',
    "a-b",
    "a_b",
    "a.b",
    "a b",
    "x: y",
    "! join",
    "? c: state",
]
IDENTIFIERS = [
    *("print", "time", "os", "sys", "signal", "random", "multiprocessing", "threading", "Process"),
    *("class", "None", "True", "match", "case", "type", "lambda", "global", "raise", "_", "__"),
    *("do_x", "say", "compute", "attempt", "complain", "look", "one", "everybody", "me", "value"),
    *("error", "thread", "threads", "NAMES", "NUMBERS", "note_number", "state_of", "send", "rest"),
    *("__name__", "__builtins__", "__debug__", "__import__", "eval", "exec", "repr", "sorted"),
    *(
        "a",
        "b",
        "x",
        "A",
        "P",
        "fi",
        "\ufb01",
        "\uff41",
        "\U0001d41a",
        "ª",
        "µ",
        "μ",
        "Å",
        "é",
        "e\u0301",
    ),
    *("名前", "процесс", "עברית", "name", "text", "queue_q", "lock_l", "do_process_P", "x_", "x_2"),
]
RANGES = [(32, 127), (32, 127), (0xA1, 0x250), (0x370, 0x530), (0x5D0, 0x700), (0x900, 0xE80),
          (0x1E00, 0x2100), (0x2100, 0x2C00), (0x3040, 0xA000), (0xAC00, 0xD7A4), (0xF900, 0xFFFE),
          (0x1D400, 0x1D800), (0x1F300, 0x1FA00), (0x20000, 0x2A6D0)]  # fmt: skip
CONTROLS = ["\n", "\n\n", "\r", "\t", "\x00", "\x1b[2J", "\x7f", "\x85", "\u200b", "\u2028",
            "\u202e", "\u2066", "\u2069", "\ufeff", "\U000e0041"]  # fmt: skip
VALUES: list[Any] = [0, 1, -1, 2**63, 10**39, -(10**39), 0.1, -0.0, 1e308, 5e-324, float("inf"),
                     float("-inf"), float("nan"), True, False]  # fmt: skip
EXCEPTIONS = ["ValueError", "KeyError", "StopIteration", "UnicodeDecodeError", "EnvironmentError"]


class Words:
    """Plain words: each is a letter for its kind, and a number."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = defaultdict(int)

    def name(self, space: str) -> str:
        """Return a name that nothing else in that name space has."""
        return self._next("n")

    def identifier(self, space: str) -> str:
        """Return the name of a variable that nothing else in that name space has."""
        return self._next("v")

    def text(self, most: int = 60) -> str:
        """Return a text. A hostile text has at most `most` random letters in a row."""
        return self._next("t")

    def _next(self, letter: str) -> str:
        self._counts[letter] += 1
        return f"{letter}{self._counts[letter]}"


class HostileWords(Words):
    """Hostile words. The same word may be used in several name spaces."""

    def __init__(self, draw: random.Random) -> None:
        super().__init__()
        self._draw = draw
        self._taken: dict[str, set[str]] = defaultdict(set)
        self._pool = [self._any_name() for _ in range(4)]

    def name(self, space: str) -> str:
        """Return a hostile name that nothing else in that name space has."""
        return self._free(space, lambda: self._draw.choice([*self._pool, self._any_name()]))

    def identifier(self, space: str) -> str:
        """Return a hostile name of a variable that nothing else in that name space has."""
        return self._free(space, self._any_identifier)

    def text(self, most: int = 60) -> str:
        """Return a hostile text."""
        parts = [self._draw.choice(HOSTILE + CONTROLS), self._letters(most), ""]
        return "".join(self._draw.sample(parts, 3))

    def _free(self, space: str, made: Any) -> str:
        while True:
            name: str = made()
            if name not in self._taken[space]:
                self._taken[space].add(name)
                return name

    def _any_name(self) -> str:
        while True:
            kinds = [*HOSTILE, *IDENTIFIERS, self._letters(12), self._letters(100)]
            name = self._draw.choice([self._draw.choice(kinds), self._letters(12)])[:100]
            if name.strip() and name.isprintable() and name not in _DISTRIBUTIONS:
                return name

    def _any_identifier(self) -> str:
        for _ in range(20):
            letters = self._letters(4)
            if letters.isidentifier() and self._draw.random() < 0.5:
                return letters
        return self._draw.choice(IDENTIFIERS)

    def _letters(self, most: int) -> str:
        many = self._draw.randint(1, self._draw.choice([2, 5, most]))
        return "".join(self._letter() for _ in range(many))

    def _letter(self) -> str:
        low, high = self._draw.choice(RANGES)
        letter = chr(self._draw.randrange(low, high))
        return letter if unicodedata.category(letter)[0] != "C" else "z"


_DISTRIBUTIONS = ("exponential", "uniform", "normal", "choice")


OBJECTS = ("semaphore", "event", "condition", "pipe", "value", "array", "fed")


def _other_name(words: Words, taken: set[str]) -> str:
    """Return a name of a shared object that is not in `taken`, and add it there."""
    name = words.name("object")
    while name in taken:
        name = words.name("object")
    taken.add(name)
    return name


class Maker:
    """Makes one random scenario. `sure`: no schedule changes what its processes print."""

    def __init__(self, draw: random.Random, words: Words, *, sure: bool) -> None:
        self.draw, self.words, self.sure = draw, words, sure
        self.method = draw.choice(["fork"] * 8 + ["spawn", "forkserver"])
        self.threaded = draw.random() < 0.15
        self.shares = self.method == "fork" or (not sure and draw.random() < 0.1)
        self.variables = [words.identifier("variable") for _ in range(draw.randint(1, 4))]
        if draw.random() < 0.1:
            self.variables.append(draw.choice(["args", "kwargs"]))
        self.locks = [words.name("lock") for _ in range(2)]
        self.queues = [words.name("queue") for _ in range(2)]
        self.barriers = [words.name("barrier") for _ in range(draw.randint(0, 1))]
        shared = {*self.locks, *self.queues, *self.barriers}  # a name is one kind of object
        self.objects = {kind: _other_name(words, shared) for kind in OBJECTS}
        self.devices = [words.name("device") for _ in range(draw.randint(0, 2))]
        self.programs = [words.name("program") for _ in range(draw.randint(1, 4))]
        self.roots = [words.name("process") for _ in range(draw.randint(1, 3))]
        self.counted = not sure and not self.threaded and draw.random() < 0.1
        self.steps: dict[str, list[Step]] = {}

    def scenario(self) -> dict[str, Any]:
        """Return the whole scenario, as the values that YAML would give."""
        draw = self.draw
        written: dict[str, Any] = {"title": self.words.text(), "start_method": self.method}
        if draw.random() < 0.5:
            written["about"] = self.words.text() + "\n" + self.words.text()
        if draw.random() < 0.7:
            written["variables"] = {name: self.value() for name in self.variables[:2]}
        if self.devices:
            kinds: list[Any] = [1, 2, "unlimited"]
            units = {name: {"units": draw.choice(kinds)} for name in self.devices}
            written["machine"] = {"devices": units}
        if self.barriers and self.shares:
            written["barriers"] = {name: len(self.roots) for name in self.barriers}
        if not self.threaded:
            written |= self.declared()
        programs = {}
        for level in reversed(range(len(self.programs))):
            steps = self.block(level, threads=self.threaded)
            self.steps[self.programs[level]] = steps
            programs[self.programs[level]] = {"program": steps}
        written["programs"] = programs
        if self.threaded:
            written["scheduler"] = {"policy": "fair", "dispatch": "none"}
        written["processes"] = [self.root(number) for number in range(len(self.roots))]
        return written

    def declared(self) -> dict[str, Any]:
        """Return the sections that declare shared objects."""
        draw, names = self.draw, self.objects
        lock: Any = draw.choice([{}, {"lock": self.locks[0]}])
        return {
            "locks": {self.locks[1]: draw.choice(["lock", "rlock"])},
            "semaphores": {names["semaphore"]: draw.choice([0, 1, {"value": 2, "bounded": True}])},
            "conditions": {names["condition"]: lock},
            "queues": {names["fed"]: draw.choice(["joinable", {"kind": "joinable", "maxsize": 3}])},
            "pipes": {names["pipe"]: {"duplex": draw.random() < 0.5}},
            "values": {names["value"]: draw.choice([0, {"value": -(2**63), "lock": False}])},
            "arrays": {names["array"]: [1, 2**63 - 1]},
        }

    def object_step(self) -> Step:
        """Return a random step with a shared object of any kind."""
        draw, names = self.draw, self.objects
        maybe: Step = draw.choice(
            [{}, {"timeout": f"{draw.randint(-2, 3)}ms"}, {"blocking": False}]
        )
        timed: Step = draw.choice([{}, {"timeout": "1ms"}])
        into: Step = draw.choice([{}, {"into": draw.choice(self.variables)}])
        fed, pipe = names["fed"], {"pipe": names["pipe"], "end": draw.randint(0, 1)}
        number: Step = draw.choice(
            [{"value": names["value"]}, {"array": names["array"], "index": 1}]
        )
        named = draw.choice([self.locks[1], names["condition"], names["array"]])
        source: Step = {"from": draw.choice([*self.variables, "args"])}
        source |= draw.choice([{}, {"plus": draw.randint(-3, 3)}])
        steps: list[Step] = [
            {"lock": {"lock": named, **maybe}},
            {"unlock": named},
            {"acquire": {"semaphore": names["semaphore"], **maybe}},
            {"release": names["semaphore"]},
            {draw.choice(["set_event", "clear_event", "wait_event"]): names["event"]},
            {"wait_event": {"event": names["event"], **timed}},
            {"wait": {"condition": names["condition"], **timed}},
            {"notify": {"condition": names["condition"], "count": draw.randint(1, 2)}},
            {"notify_all": names["condition"]},
            {"send": {"queue": fed, "value": self.value(), **maybe}},
            {"receive": {"queue": fed, **into, **maybe}},
            {draw.choice(["task_done", "join_queue"]): fed},
            {"send": {**pipe, "value": self.value()}},
            {"receive": {**pipe, **into}},
            {"poll": {**pipe, **timed}},
            {"close_end": pipe},
            {"read": {**number, **into}},
            {"write": {**number, "set": draw.randint(-9, 9)}},
            {"write": {**number, **source}},
            {"add": {**number, "by": draw.choice([1, -(2**63)])}},
            {"atexit": self.words.text()},
        ]
        return draw.choice(steps)

    def root(self, number: int) -> dict[str, Any]:
        """Return a process that the scenario starts."""
        entry: dict[str, Any] = {"name": self.roots[number]}
        if self.draw.random() < 0.3:
            entry["arrival"] = f"{self.draw.randint(0, 4)}ms"
        if self.threaded and number == 0:
            threads = [[self.quiet_step() for _ in range(self.draw.randint(1, 3))] for _ in "ab"]
            entry["threads"] = [*threads, self.draw.choice(self.programs)]
            return entry
        meet: list[Step] = []
        if self.shares and not self.threaded:
            meet = [{"barrier": name} for name in self.barriers]
        if self.shares and not self.threaded and len(self.roots) > 1 and number < 2:
            meet += self.ping(number)
        entry["program"] = meet + self.block(-1, threads=self.threaded)
        if self.counted and number == len(self.roots) - 1:
            entry["count"] = 2
        return entry

    def ping(self, number: int) -> list[Step]:
        """Return the steps of process `number` (0 or 1) that exchange values between these two.

        In between, process 1 observes process 0.
        """
        there, back = self.queues
        if number == 0:
            return [
                {"send": {"queue": there, "value": self.value()}},
                {"receive": {"queue": back, "into": self.variables[0]}},
            ]
        return [
            {"receive": there},
            {"observe": self.roots[0]},
            {"send": {"queue": back, "value": self.value()}},
        ]

    def block(self, level: int, *, threads: bool) -> list[Step]:
        """Return the steps of a program, which may start programs of higher levels."""
        steps: list[Step] = []
        for _ in range(self.draw.randint(1, 5)):
            if threads or self.draw.random() < 0.5:
                steps.append(self.quiet_step())
            else:
                steps += self.family(level)
        if not self.sure and not threads and self.draw.random() < 0.5:
            steps += [self.wild_step() for _ in range(self.draw.randint(1, 3))]
            if self.draw.random() < 0.2:
                steps.append({"finally": self.words.text()})
                steps += [self.quiet_step(), {"finally": self.words.text()}]
        if self.draw.random() < 0.2:
            steps.append(self.draw.choice(self.ends(threads)))
        return steps

    def ends(self, threads: bool) -> list[Step]:
        """Return the steps with which a program may end."""
        ends: list[Step] = [{"exit": self.draw.randint(0, 255)}]
        ends.append({"raise": self.draw.choice(EXCEPTIONS)})
        return ends if threads else [*ends, {"os_exit": self.draw.randint(0, 255)}]

    def value(self) -> Any:
        """Return a random value of a variable."""
        draw = self.draw.random()
        if draw < 0.5:
            return self.draw.choice(VALUES)
        if draw < 0.8:
            return self.words.text(20)
        return [self.value() for _ in range(self.draw.randint(0, 3))]

    def quiet_step(self) -> Step:
        """Return a random step that concerns no other process, or a loop of such steps."""
        draw = self.draw
        own = self.variables[-1] if not self.threaded else self.variables[0]
        one, other = draw.choice(self.variables), draw.choice(["args", "kwargs", own])
        steps: list[Step] = [
            {"cpu": f"{draw.randint(1, 2000)}us"},
            {"io": f"{draw.randint(1, 3000)}us"},
            {"print": self.words.text()},
            {"show": one if draw.random() < 0.7 else other},
            {"repeat": {"times": draw.randint(1, 2), "do": [{"print": self.words.text()}]}},
            {"cpu": {"choice": ["1ms", "2ms"]}},
        ]
        if not self.threaded:
            steps.append({"set": {draw.choice(self.variables): self.value()}})
            steps.append({"yield": True})
        if self.devices and self.shares:
            steps.append({"io": {draw.choice(self.devices): f"{draw.randint(1, 1000)}us"}})
        if self.shares:
            lock = draw.choice(self.locks)
            inside = [{"lock": lock}, {"print": self.words.text()}, {"unlock": lock}]
            steps.append({"repeat": {"times": 1, "do": inside}})
        return draw.choice(steps)

    # -- processes that start each other ----------------------------------------------------------

    def family(self, level: int) -> list[Step]:
        """Return steps that start a child and join it, with observations and other calls to it."""
        draw, c = self.draw, self.words.name("process")
        below = self.programs[level + 1 :]
        if not below:
            return [{"print": self.words.text()}]
        program = draw.choice(below)
        start: Step = {"program": program, "name": c}
        if draw.random() < 0.3:
            start["args"] = [self.value() for _ in range(draw.randint(0, 2))]
        if draw.random() < 0.3:
            start["kwargs"] = {self.words.identifier("kwarg"): self.value()}
        if draw.random() < 0.3:
            start["style"] = "subclass"
        early: list[Step] = [{"observe": c}, {"join": c}, {"daemon": {c: False}}, {"terminate": c}]
        late: list[Step] = [
            {"observe": c},
            {"daemon": {c: True}},
            {"start": c},
            {"join": {"process": c, "timeout": "1ms"}},
            {"kill": c},
        ]
        steps = draw.sample(early, draw.choice([0, 0, 0, 1, 2]))
        if draw.random() < 0.1:
            bad = {**start, "args": draw.choice([1, 0.5, True])}
            steps.append({"start": draw.choice([bad, {**start, "group": 1}])})
        if draw.random() < 0.15:
            return [*steps, {"call": {"program": program, "name": c}}, {"observe": c}]
        steps += [{"start": start}, *draw.choices([self.quiet_step()], k=draw.choice([0, 1]))]
        steps += [{"join": c}, *draw.sample(late, draw.choice([0, 1, 2]))]
        if draw.random() < 0.2:
            steps += [{"close": c}, *draw.sample(late, 1)]
        return steps

    def wild_step(self) -> Step:
        """Return a random step of any kind."""
        draw = self.draw
        known = [*self.roots[:-1], self.roots[-1] + "-2" * self.counted]
        steps: list[Step] = [
            {"observe": draw.choice(known)},
            {"kill": draw.choice(known)},
            {"join": draw.choice(known)},
            {"start": draw.choice(known)},
            {"unlock": draw.choice(self.locks)},
            {"active_children": True},
            {"receive": {"queue": draw.choice(self.queues), "into": draw.choice(self.variables)}},
            {"cpu": {"exponential": "1ms"}},
            {"io": {"uniform": ["1ms", "2ms"]}},
            {"cpu": {"normal": ["2ms", "1ms"]}},
            {"observe": {"process": draw.choice(known), "only": "system"}},
            {"interrupt": draw.choice(known)},
            {"exit": draw.choice([self.words.text(), None, True, -1, 2**31 - 1])},
            {"raise": draw.choice(["SystemExit", "KeyboardInterrupt"])},
        ]
        if self.shares:
            steps += [self.object_step() for _ in range(20)]
        return {"repeat": {"times": 2, "do": [draw.choice(steps)]}}


def made(seed: str, *, hostile: bool, sure: bool) -> dict[str, Any]:
    """Return the scenario of that seed, as the values that YAML would give."""
    words = HostileWords(random.Random(f"words {seed}")) if hostile else Words()
    return Maker(random.Random(seed), words, sure=sure).scenario()


# -- as a file ------------------------------------------------------------------------------------


def yaml(value: Any) -> str:
    """Return the value in YAML's flow style."""
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case float() if not math.isfinite(value):
            return f"{'-' * (value < 0)}.{'nan' if math.isnan(value) else 'inf'}"
        case int() | float():
            return repr(value)
        case str():
            return '"' + "".join(map(_escaped, value)) + '"'
        case list():
            return f"[{', '.join(map(yaml, value))}]"
        case dict():
            pairs = ", ".join(f"? {yaml(key)} : {yaml(each)}" for key, each in value.items())
            return f"{{{pairs}}}"
    raise TypeError(type(value))


def _escaped(character: str) -> str:
    if character in '\\"':
        return f"\\{character}"
    return character if character.isascii() and character.isprintable() else (
        f"\\U{ord(character):08x}"
    )  # fmt: skip


def tree(value: Any) -> Node:
    """Return the value as the YAML reader would, with all positions in line 1, column 1."""
    if isinstance(value, dict):
        value = {key: tree(each) for key, each in value.items()}
    elif isinstance(value, list):
        value = [tree(each) for each in value]
    return Node(value, 1, 1)
