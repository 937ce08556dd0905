"""Make a workload from a scenario file and the command line's options, or report all mistakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from kernel.process.spec import ProcessSpec
from kernel.workload import Drawn, SchedulerSpec, Workload
from language.expansion.errors import (
    CalledWithoutMemoryError,
    LargePoolError,
    NotDrawnError,
    TooLongError,
    TooManyError,
)
from language.expansion.workload import redraws
from language.expansion.workload import workload as expanded_workload
from language.policies.lookup import fingerprint
from language.policies.other_names import in_our_names
from language.policies.section import (
    OUTCOME_ASIDE,
    charges_the_same,
    expects,
    forget_old_policy,
    in_unit_of,
    policy_of,
    reads_the_same,
    scheduler_of,
    without_expectations,
)
from language.schema import messages
from language.schema.context import CheckContext
from language.schema.cross_checks import between_keys
from language.schema.device_rules import device_problems, refusal_problems
from language.schema.firm_deadlines import firm_deadline_problems
from language.schema.groups import group_problems
from language.schema.linux_admission import admission_problems
from language.schema.lock_rules import own_lock_problems, protocol_problems, protocol_remarks
from language.schema.memory_rules import forget_old_scheme, has_memory
from language.schema.periodic import hyperperiod, written_periods
from language.schema.quantities import time_unit_of
from language.schema.scenario import Scenario
from language.source.errors import Problem, ScenarioError
from language.source.full_width import with_hints
from language.source.limits import LIMITS
from language.source.options import Loaded, Options
from language.source.overrides import Override, apply, overrides, typed, with_sweeps
from language.source.reading import read
from language.source.tree import Node, parse
from language.source.wording import KeyPath, got
from translation import tr

if TYPE_CHECKING:
    from language.convert.to_python.program import Exported
    from language.convert.to_rt_app import RtAppText


@dataclass(frozen=True, slots=True)
class Checked:
    """A scenario without mistakes: its models, and the tree from which they were made."""

    file: str
    text: str
    root: Node  # with all changes of the command line
    scenario: Scenario
    scheduler: SchedulerSpec
    options: Options
    remarks: list[str]

    @property
    def title(self) -> str:
        """The title of the scenario; without one the name of the file."""
        return self.scenario.title if self.scenario.title is not None else Path(self.file).name

    def workload(self) -> Workload:
        """Return the workload, with all draws made. Raises ScenarioError."""
        return _expanded(self)

    def redraws(self) -> Callable[[int], Workload]:
        """Return a function that makes the workload with another seed. It raises ScenarioError.

        Only the draws of a scenario without calls are made anew.
        """
        workload = self.workload()
        if workload.lifecycle is not None:
            return lambda seed: self._with_seed(seed).workload()
        redrawn = redraws(self.scenario, workload)

        def made(seed: int) -> Workload:
            try:
                return redrawn(seed)
            except TooLongError as error:
                raise _too_long(self.file, self.root, error) from None

        return made

    def _with_seed(self, seed: int) -> Checked:
        return replace(self, scenario=self.scenario.model_copy(update={"seed": seed}))


def load(path: str | Path, options: Options) -> Loaded:
    """Return the scenario at `path`, checked and expanded; see `language.load`."""
    return load_text(str(path), read(path, options.limit("file_size")), options)


def load_text(file: str, text: str, options: Options) -> Loaded:
    """Return the scenario in `text`, checked and expanded. Raises ScenarioError.

    Messages call it `file`. The path of an own policy is relative to the folder of `file`.
    """
    written, problems = parse(file, text, {name: options.limit(name) for name in LIMITS})
    checked = understood(file, text, written, options, problems)
    return Loaded(checked.workload(), checked.remarks)


def export(path: str | Path, options: Options) -> Exported:
    """Return the scenario as a program; see `language.export_python`."""
    text, written, problems = parsed(str(path), Path(path), options)
    return export_tree(str(path), text, written, options, problems)


def export_tree(
    file: str, text: str, written: Node | None, options: Options, problems: Sequence[Problem] = ()
) -> Exported:
    """Return the program of a file that has been parsed. Raises ScenarioError."""
    from language.convert.to_python.program import (  # no other command needs it
        NotExportableError,
        python_program,
    )

    checked = understood(file, text, written, options, problems)
    workload = checked.workload()
    try:
        return python_program(checked.scenario, workload)
    except NotExportableError as error:
        raise _at(file, checked.root, error.path, str(error)) from None


def export_rt_app(path: str | Path, options: Options) -> RtAppText:
    """Return the scenario as a workload of rt-app; see `language.export_rt_app`."""
    from language.convert.to_rt_app import NotRtAppError, rt_app_workload

    text, written, problems = parsed(str(path), Path(path), options)
    checked = understood(str(path), text, written, options, problems)
    try:
        return rt_app_workload(checked.workload())
    except NotRtAppError as error:
        raise _at(str(path), checked.root, error.path, str(error)) from None


def parsed(file: str, path: Path, options: Options) -> tuple[str, Node | None, list[Problem]]:
    """Return the text, its tree, and the problems of the text."""
    text = read(path, options.limit("file_size"))
    return text, *parse(file, text, {name: options.limit(name) for name in LIMITS})


def understood(
    file: str,
    text: str,
    written: Node | None,
    options: Options,
    found: Sequence[Problem],
    values: Sequence[Override] = (),
) -> Checked:
    """Return the checked scenario of a tree, with the changes of the command line.

    `found` are the problems of the text. `values` are further changes, made last. Raises
    ScenarioError.
    """
    try:
        return _understood(file, text, written, options, found, values)
    except ScenarioError as error:
        raise ScenarioError(with_hints(text, with_sweeps(error.problems))) from None


def _understood(
    file: str,
    text: str,
    written: Node | None,
    options: Options,
    found: Sequence[Problem],
    values: Sequence[Override],
) -> Checked:
    problems = list(found)
    written, renamed = in_our_names(_mapping(file, written))
    root, wrong = _overridden(file, written, options, values)
    root, renamed_now = in_our_names(root)
    renamed = renamed_now or ([] if options.policy is not None else renamed)
    patience = options.limit("policy")
    policy, more = policy_of(file, root, Path(file).parent, patience)
    root, remarks = forget_old_policy(written, root, policy) if policy else (root, [])
    root, unfit = forget_old_scheme(written, root)
    remarks = [*renamed, *remarks, *unfit]
    scheduler, unread = scheduler_of(file, root, policy, patience) if policy else (None, [])
    if not options.keep_expect and expects(root):
        same = charges_the_same(root, options.costs) and (
            reads_the_same(written, root)
            or _means_the_same(file, in_unit_of(written, root), root, options)
        )
        if not same:
            root, dropped = without_expectations(written, root, typed(options), options.costs)
            remarks += dropped
    scenario, mistakes = _checked(file, root, options)
    problems += [*wrong, *more, *unread, *mistakes]
    if scenario is not None and scheduler is not None and not problems:
        cores = scenario.machine.cores
        problems += admission_problems(file, root, scenario.processes, scheduler, cores)
        problems += device_problems(file, root, scenario, scheduler)
        problems += refusal_problems(file, root, scenario)
        problems += group_problems(file, root, scheduler)
        problems += firm_deadline_problems(file, root, scenario)
        problems += own_lock_problems(file, root, scenario)
        problems += protocol_problems(file, root, scenario, scheduler)
        remarks += protocol_remarks(scenario, scheduler)
    if problems or scenario is None or scheduler is None:
        raise ScenarioError(tuple(problems))
    return Checked(file, text, root, scenario, scheduler, options, remarks)


def _means_the_same(file: str, written: Node, root: Node, options: Options) -> bool:
    """Return whether the changed and the written scenario are equal, including all defaults."""
    meanings, patience = [], options.limit("policy")
    for tree in (written, root):
        policy, _ = policy_of(file, tree, Path(file).parent, patience)
        scheduler, wrong = scheduler_of(file, tree, policy, patience) if policy else (None, [])
        scenario, mistakes = _checked(file, tree, options)
        if scenario is None or wrong or mistakes:
            return False
        # as what it is: a step may be one of several models, of which the field names one
        meaning = scenario.model_dump(exclude=set(OUTCOME_ASIDE), serialize_as_any=True)
        meanings.append((scheduler, meaning))
    return meanings[0] == meanings[1]


def _mapping(file: str, root: Node | None) -> Node:
    """Return the root. Raises ScenarioError if it is empty, no mapping, or a saved run."""
    if root is None or root.value is None:
        message = tr("is empty; a scenario needs at least processes")
        raise ScenarioError((Problem(file, None, None, "", message),))
    if not isinstance(root.value, dict):
        message = got(tr("a mapping with the key processes"), root.value)
        raise ScenarioError((root.problem(file, (), message),))
    kind = root.child("format")
    if kind is not None and str(kind.value).startswith("multiprog-run"):
        message = tr("is a saved run, not a scenario; only compare takes saved runs (two of them)")
        raise ScenarioError((Problem(file, None, None, "", message),))
    return root


def _overridden(
    file: str, root: Node, options: Options, values: Sequence[Override]
) -> tuple[Node, list[Problem]]:
    """Return the tree with all changes in it, and the problems of the changes."""
    changes, problems = overrides(file, options)
    for change in (*changes, *values):
        try:
            root = apply(root, change)
        except ValueError as error:
            place = replace(change.value, option=change.option or None)
            problems.append(place.problem(file, (), str(error)))
    return root, problems


def _checked(file: str, root: Node, options: Options) -> tuple[Scenario | None, list[Problem]]:
    """Return the scenario (None if the tree is no scenario) and its problems."""
    names, problems = between_keys(file, root)
    unit = time_unit_of(root)
    context = CheckContext(options.limit("steps"), options.limit("processes"), unit, names=names)
    context.modelled = has_memory(root)
    context.hyperperiod = hyperperiod(written_periods(root, context))
    try:
        return Scenario.model_validate(root.plain(), context=context), problems
    except ValidationError as error:
        return None, problems + messages.problems(file, root, error)


def _expanded(checked: Checked) -> Workload:
    """Return the workload. Raises ScenarioError if times leave the range of the record."""
    file, text, root = checked.file, checked.text, checked.root
    scenario, scheduler, options = checked.scenario, checked.scheduler, checked.options
    source = {
        "title": checked.title,
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
        workload = expanded_workload(scenario, scheduler, source, children, drawn)
        if workload.drawn is None:
            return workload
        make = workload.drawn.make
        located = Drawn(workload.drawn.many, lambda: _located(make(), file, root))
        return replace(workload, drawn=located)
    except NotDrawnError as error:
        message = str(error)
        raise ScenarioError((Problem(file, None, None, "", message),)) from None
    except (TooManyError, LargePoolError, CalledWithoutMemoryError) as error:
        raise _at(file, root, error.path, str(error)) from None
    except TooLongError as error:
        raise _too_long(file, root, error) from None


def _located(made: Iterator[ProcessSpec], file: str, root: Node) -> Iterator[ProcessSpec]:
    """Yield processes made while the workload runs. Raises ScenarioError with the place."""
    try:
        yield from made
    except TooLongError as error:
        raise _too_long(file, root, error) from None


def _too_long(file: str, root: Node, error: TooLongError) -> ScenarioError:
    return _at(file, root, ("processes", error.index), str(error))


def _at(file: str, root: Node, path: KeyPath, message: str) -> ScenarioError:
    """Return an error at the node `path`, or if it does not exist, at the nearest one above it."""
    node = root
    for part in path:
        node = node.child(part) or node
    return ScenarioError((node.problem(file, path, message),))
