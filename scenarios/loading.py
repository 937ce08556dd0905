"""From a path and the command line's options to a workload, or to every mistake at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from kernel.workload import Drawn, ProcessSpec, SchedulerSpec, Workload
from scenarios import expansion, messages
from scenarios.births import CalledWithoutMemoryError, TooManyError
from scenarios.checks import between_keys
from scenarios.errors import Problem, ScenarioError
from scenarios.facts import Facts
from scenarios.limits import LIMITS
from scenarios.options import Loaded, Options
from scenarios.overrides import apply, overrides, typed
from scenarios.periodic import hyperperiod, written_periods
from scenarios.policies import fingerprint
from scenarios.quantities import time_unit_of
from scenarios.reading import read
from scenarios.scheduling import (
    forget_old_expectations,
    forget_old_policy,
    policy_of,
    scheduler_of,
)
from scenarios.schema import Scenario
from scenarios.schemes import forget_old_scheme, has_memory
from scenarios.tree import Node, parse
from scenarios.words import KeyPath, got


def load(path: str | Path, options: Options) -> Loaded:
    """See `scenarios.load`."""
    try:
        return _load(str(path), Path(path), options)
    except RecursionError:  # only beyond our own limit
        message = "is nested too deeply for Python; lower the limit nesting"
        raise ScenarioError((Problem(str(path), None, None, "", message),)) from None


def _load(file: str, path: Path, options: Options) -> Loaded:
    return _read(file, path, options)[0]


def export(path: str | Path, options: Options) -> str:
    """See `scenarios.export_python`."""
    from scenarios.export import NotExportableError, python_program  # for this command alone

    loaded, scenario, root = _read(str(path), Path(path), options)
    try:
        return python_program(scenario, loaded.workload)
    except NotExportableError as error:
        raise _at(str(path), root, error.path, str(error)) from None


def _read(file: str, path: Path, options: Options) -> tuple[Loaded, Scenario, Node]:
    text = read(path, options.limit("file_size"))
    written, problems = parse(file, text, {name: options.limit(name) for name in LIMITS})
    written = _mapping(file, written)
    root, wrong = _overridden(file, written, options)
    patience = options.limit("policy")
    policy, more = policy_of(file, root, path.parent, patience)
    root, remarks = forget_old_policy(written, root, policy) if policy else (root, [])
    root, unfit = forget_old_scheme(written, root)
    root, dropped = forget_old_expectations(written, root, typed(options), options.costs)
    remarks += unfit + dropped
    scheduler, unread = scheduler_of(file, root, policy, patience) if policy else (None, [])
    scenario, mistakes = _checked(file, root, options)
    problems += [*wrong, *more, *unread, *mistakes]
    if problems or scenario is None or scheduler is None:
        raise ScenarioError(tuple(sorted(problems, key=lambda problem: problem.order)))
    workload = _expanded(file, text, root, scenario, scheduler, options)
    return Loaded(workload, remarks), scenario, root


def _mapping(file: str, root: Node | None) -> Node:
    """The root, if it can be a scenario at all."""
    if root is None or root.value is None:
        message = "is empty; a scenario needs at least processes"
        raise ScenarioError((Problem(file, None, None, "", message),))
    if not isinstance(root.value, dict):
        message = got("a mapping with the key processes", root.value)
        raise ScenarioError((root.problem(file, (), message),))
    kind = root.child("format")
    if kind is not None and str(kind.value).startswith("multiprog-run"):
        message = "is a saved run and no scenario; compare takes two saved runs"
        raise ScenarioError((Problem(file, None, None, "", message),))
    return root


def _overridden(file: str, root: Node, options: Options) -> tuple[Node, list[Problem]]:
    """The tree with the command line's changes in it."""
    changes, problems = overrides(file, options)
    for change in changes:
        try:
            root = apply(root, change)
        except ValueError as error:
            problems.append(Problem(file, None, None, "", str(error), change.option))
    return root, problems


def _checked(file: str, root: Node, options: Options) -> tuple[Scenario | None, list[Problem]]:
    """The scenario, if the tree is one, and what is wrong with it."""
    names, problems = between_keys(file, root)
    unit = time_unit_of(root)
    facts = Facts(options.limit("steps"), options.limit("processes"), unit, names=names)
    facts.modelled = has_memory(root)
    facts.hyperperiod = hyperperiod(written_periods(root, facts))
    try:
        return Scenario.model_validate(root.plain(), context=facts), problems
    except ValidationError as error:
        return None, problems + messages.problems(file, root, error)


def _expanded(
    file: str,
    text: str,
    root: Node,
    scenario: Scenario,
    scheduler: SchedulerSpec,
    options: Options,
) -> Workload:
    """The workload. Raises ScenarioError where times leave the range of the record."""
    source = {
        "title": scenario.title if scenario.title is not None else Path(file).name,
        "about": scenario.about,
        "file": file,
        "text": text,
        "overrides": typed(options),
        "sha256": sha256(text.encode()).hexdigest(),
        "seed": scenario.seed,
    }
    own = fingerprint(scheduler.policy)
    if own is not None:
        source["policy_sha256"] = own
    try:
        children, drawn = options.limit("children"), options.drawn
        workload = expansion.workload(scenario, scheduler, source, children, drawn)
        if workload.drawn is None:
            return workload
        make = workload.drawn.make
        located = Drawn(workload.drawn.many, lambda: _located(make(), file, root))
        return replace(workload, drawn=located)
    except expansion.NotDrawnError as error:
        message = f"{error} cannot be streamed: save the run as .json"
        raise ScenarioError((Problem(file, None, None, "", message),)) from None
    except (TooManyError, CalledWithoutMemoryError) as error:
        raise _at(file, root, error.path, str(error)) from None
    except expansion.TooLongError as error:
        raise _too_long(file, root, error) from None


def _located(made: Iterator[ProcessSpec], file: str, root: Node) -> Iterator[ProcessSpec]:
    """The processes, made while it runs; what is wrong with one is said with its place."""
    try:
        yield from made
    except expansion.TooLongError as error:
        raise _too_long(file, root, error) from None


def _too_long(file: str, root: Node, error: expansion.TooLongError) -> ScenarioError:
    return _at(file, root, ("processes", error.index), str(error))


def _at(file: str, root: Node, path: KeyPath, message: str) -> ScenarioError:
    """What is wrong at `path`, or at the nearest above it that is in the file."""
    node = root
    for part in path:
        node = node.child(part) or node
    return ScenarioError((node.problem(file, path, message),))
