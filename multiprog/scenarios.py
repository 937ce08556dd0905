"""Scenarios: read from a file, a text or a dictionary, or built in Python; checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernel.errors import UsageError
from kernel.scheduling import Policy
from language.source.errors import Problem, ScenarioError
from language.source.limits import in_force
from language.source.options import Loaded, Options
from multiprog.as_text import flow, text_of
from translation import tr

if TYPE_CHECKING:
    from typing import TypeAlias

Time: TypeAlias = "int | float | str"
"""A duration or a point in time: text with a unit (`"30ms"`), or a number of the time unit."""
ScenarioLike: TypeAlias = "Scenario | str | Path | Mapping[str, Any]"
"""What every function takes as a scenario: see `load`."""

BUILT = "scenario"
"""What messages call a scenario that is no file."""


class Process(Mapping[str, Any]):
    """A process of a scenario: its name, and the keys of the scenario language.

    Without `cpu` the process has a `program`, a list of steps like `[{"cpu": "60ms"},
    {"io": "100ms"}]`. Further keys of the language (`period`, `tickets`, `nice`, ...) are given by
    their names; docs/scenario-language.md lists them. A process is a mapping of what was given.

        >>> Process("A", cpu="30ms", arrival="5ms", priority=1)
        Process('A', cpu='30ms', arrival='5ms', priority=1)
    """

    def __init__(
        self,
        name: str,
        *,
        cpu: Time | None = None,
        arrival: Time | None = None,
        program: Sequence[Mapping[str, Any]] | None = None,
        memory: int | str | None = None,
        **keys: Any,
    ) -> None:
        given = {"cpu": cpu, "arrival": arrival, "program": program, "memory": memory}
        self._keys: dict[str, Any] = {"name": name}
        self._keys |= {key: value for key, value in given.items() if value is not None}
        self._keys |= keys

    def __getitem__(self, key: str) -> Any:
        return self._keys[key]

    def __iter__(self) -> Any:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        keys = [f"{key}={value!r}" for key, value in self._keys.items() if key != "name"]
        return f"Process({', '.join([repr(self._keys['name']), *keys])})"


class Scenario:
    """A scenario: a machine, a policy, and the programs that share it.

    It is built of the keys of the scenario language (docs/scenario-language.md), here with a
    policy and two cores:

        >>> scenario = Scenario(
        ...     processes=[Process("A", cpu="30ms"), Process("B", cpu="20ms", arrival="5ms")],
        ...     scheduler={"policy": "rr", "quantum": "10ms"},
        ...     machine={"cores": 2},
        ... )
        >>> print(scenario.text, end="")
        scheduler: {policy: rr, quantum: 10ms}
        machine: {cores: 2}
        processes:
          - {name: A, cpu: 30ms}
          - {name: B, cpu: 20ms, arrival: 5ms}

    It is checked when it is used, or by `check`. `load` reads one from a file.

    Raises UsageError for a value that a scenario cannot have at all, such as a set.
    """

    def __init__(self, processes: Sequence[Process | Mapping[str, Any]], **keys: Any) -> None:
        self._file, self._written = BUILT, False
        self._text = text_of({**keys, "processes": list(processes)})

    @classmethod
    def _of(cls, file: str, text: str, *, written: bool) -> Scenario:
        """Return the scenario of a text; `written`: by a person, who knows its lines."""
        made = cls.__new__(cls)
        made._file, made._text, made._written = file, text, written
        return made

    @property
    def file(self) -> str:
        """The path of the file as messages name it; `scenario` if there is none."""
        return self._file

    @property
    def text(self) -> str:
        """The scenario as the text of a file."""
        return self._text

    def save(self, path: str | Path) -> None:
        """Write the scenario into a file, which the commands take. Raises UsageError."""
        from kernel.files.writing import save

        save(Path(path), lambda stream: stream.write(self._text))

    def _loaded(self, options: Options) -> Loaded:
        """Return the workload and remarks. Raises ScenarioError, with lines only if written."""
        from language.loading import load_text

        try:
            return load_text(self._file, self._text, options)
        except ScenarioError as error:
            raise self._placed(error) from None

    def _placed(self, error: ScenarioError) -> ScenarioError:
        """Return the error without the lines of a text that nobody has seen.

        Options of the command line are named as arguments.
        """
        found = []
        for each in error.problems:
            option = None if each.option is None else _of_arguments(each.option)
            line, column = (each.line, each.column) if self._written else (None, None)
            found.append(replace(each, option=option, line=line, column=column))
        return ScenarioError(tuple(found))

    def __repr__(self) -> str:
        return f"<Scenario {self._file}>"


def load(scenario: ScenarioLike) -> Scenario:
    """Return a scenario, checked.

    `scenario` may be:

    - the path of a file, as `Path` or text;
    - the name of a lesson, a textbook example or an exercise, like `"overlap"`; a file of that name
      wins;
    - a text in the scenario language: a text with a line break, or with `": "` in it;
    - a dictionary with the keys of the language;
    - a `Scenario`.

        >>> load("processes: [{name: A, cpu: 30ms}]")
        <Scenario scenario>
        >>> load("overlpa")
        Traceback (most recent call last):
            ...
        kernel.errors.UsageError: overlpa: no such file or lesson; did you mean overlap? ...

    Raises ScenarioError with every mistake of the scenario, and UsageError for a misspelt name.
    """
    found = scenario_of(scenario)
    found._loaded(Options(limits=in_force(())))
    return found


def check(
    scenario: ScenarioLike,
    *,
    policy: str | type[Policy] | None = None,
    quantum: Time | None = None,
    cores: int | None = None,
    changes: Mapping[str, Any] | None = None,
) -> list[Problem]:
    """Return every mistake of a scenario, in the order of its text; none if it is correct.

    The other arguments are those of `simulate`. Each mistake has its `line` and `column`, from 1
    (None: it has no place), its `path` like `processes.0.cpu`, and a `message` that says what would
    be right.

        >>> check("overlap")
        []
        >>> for problem in check({"processes": [{"name": "A", "cpu": "-3ms"}]}):
        ...     print(problem)
        scenario: processes.0.cpu: must be a duration above 0, like 20ms (got '-3ms')

    Raises UsageError if there is no such file or lesson.
    """
    options = options_of(policy, quantum, cores, None, changes)
    try:
        scenario_of(scenario)._loaded(options)
    except ScenarioError as error:
        return list(error.problems)
    return []


def scenario_of(scenario: ScenarioLike) -> Scenario:
    """Return the scenario, unchecked. Raises UsageError if it cannot be read; see `load`."""
    if isinstance(scenario, Scenario):
        return scenario
    if isinstance(scenario, Mapping):
        return Scenario._of(BUILT, text_of(scenario), written=False)
    if isinstance(scenario, str) and ("\n" in scenario or ": " in scenario):
        return Scenario._of(BUILT, scenario, written=True)
    if not isinstance(scenario, (str, Path)):
        kind = type(scenario).__name__
        raise UsageError(
            tr("a scenario is a path, a name, a text, a dict or a Scenario (got {kind})", kind=kind)
        )
    from commands.names import named
    from language.source.reading import read

    path = named(Path(scenario))
    return Scenario._of(str(path), read(path, in_force(())["file_size"]), written=True)


def options_of(
    policy: str | type[Policy] | None,
    quantum: Time | None,
    cores: int | None,
    seed: int | None,
    changes: Mapping[str, Any] | None,
    costs: str | None = None,
) -> Options:
    """Return the changes of a scenario as the language takes them. Raises UsageError."""
    if isinstance(policy, type):
        from language.policies.lookup import give

        policy = give(policy)
    return Options(
        policy=policy,
        quantum=None if quantum is None else str(quantum),
        cores=cores,
        seed=seed,
        sets=tuple(f"{path}={flow(value, path)}" for path, value in (changes or {}).items()),
        limits=in_force(()),
        costs=costs,
    )


@contextmanager
def arguments_named() -> Iterator[None]:
    """Name the arguments of a function in errors that name the options of a command."""
    try:
        yield
    except UsageError as error:
        if type(error) is UsageError:
            raise UsageError(_of_arguments(str(error))) from None
        raise


def _of_arguments(words: str) -> str:
    """Return a message that begins with an option, like `--seed -1`, for the caller in Python."""
    name, _, rest = words.removeprefix("--").partition(" ")
    if name == words.partition(" ")[0]:
        return words
    return (
        f"changes {rest}" if name == "set" else tr("argument {name} {rest}", name=name, rest=rest)
    )
