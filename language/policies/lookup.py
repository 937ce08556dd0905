"""The scheduling policy of a scenario: the class that its name stands for."""

from __future__ import annotations

import sys
import types
from hashlib import sha256
from pathlib import Path
from traceback import walk_tb

from kernel import current_call
from kernel.errors import Interrupted, PolicyError, RuleBroken
from kernel.policies import POLICIES
from kernel.scheduling import Policy
from kernel.scheduling.checked import check_methods
from kernel.scheduling.policy_errors import is_own
from language.policies import helper_modules as beside
from language.policies import parameters
from language.policies.confinement import confined
from language.policies.other_names import our_name
from language.policies.time_limit import ending
from language.source.limits import LIMITS
from language.source.wording import nearest, shown
from translation import tr


def find(written: str, folder: Path, patience: int = LIMITS["policy"]) -> type[Policy]:
    """Return the class of a registered name, or of `file.py:Class` with a file in `folder`.

    A name that books give to a registered policy will do, too.
    Reading the file may take `patience` ns of CPU time. Raises ValueError, which says what would be
    right, or at which line the code of the file failed.
    """
    ours = our_name(written) or written
    if ours in POLICIES:
        return POLICIES[ours]
    if written.startswith(GIVEN):
        return _given_class(written)
    file, colon, name = written.rpartition(":")
    if not colon or not file.endswith(".py"):
        if written.endswith(".py"):
            raise ValueError(
                tr("must name a class in the file too, like {file}:MyPolicy", file=written)
            )
        return _no_policy(written)
    found = _module(folder / file, patience).__dict__.get(name)
    if isinstance(found, type) and issubclass(found, Policy) and found is not Policy:
        try:
            check_methods(found)
            parameters.check(found)
        except PolicyError as error:
            raise ValueError(str(error)) from None
        return found
    if found is not None:
        raise ValueError(
            tr("{name} in {file} must be a class that extends Policy", name=name, file=file)
        )
    raise ValueError(_no_class(file, name, _module(folder / file, patience)))


GIVEN = "python:"
"""The beginning of the name of a policy that a Python program has given as a class."""
_given: dict[str, type[Policy]] = {}


def give(policy: type[Policy]) -> str:
    """Make a class of a Python program known, and return the name by which `find` finds it.

    A later class of the same name takes its place. Raises PolicyError if the class breaks a rule
    of the interface.
    """
    check_methods(policy)
    parameters.check(policy)
    name = f"{GIVEN}{policy.__name__}"
    _given[name] = policy
    return name


def _given_class(written: str) -> type[Policy]:
    if written not in _given:
        raise ValueError(
            tr(
                "{name} is a class of a Python program, and it was not given here",
                name=shown(written),
            )
        )
    return _given[written]


def fingerprint(policy: type[Policy]) -> str | None:
    """Return the SHA-256 of an own policy's file and of the helpers that it has imported.

    Return None for a policy of Multiprog.
    """
    module = sys.modules.get(policy.__module__)
    source = getattr(module, "__source__", None)
    if module is None or not isinstance(source, bytes):
        return None
    texts = beside.helpers(Path(str(module.__file__)).parent).values()
    return sha256(b"\0".join((source, *texts))).hexdigest()


def files_of(policy: type[Policy]) -> list[Path]:
    """Return the file of an own policy, and the helpers that it may import."""
    if fingerprint(policy) is None:
        return []
    file = Path(str(sys.modules[policy.__module__].__file__))
    return [file, *file.parent.glob("*.py"), *file.parent.glob("*/*.py")]


def _no_policy(written: str) -> type[Policy]:
    known, meant = ", ".join(POLICIES), nearest(written, POLICIES)
    if meant:
        raise ValueError(
            tr(
                "unknown policy {policy} (did you mean {meant!r}? known: {known}, or "
                "file.py:ClassName)",
                policy=shown(written),
                meant=meant,
                known=known,
            )
        )
    raise ValueError(
        tr(
            "unknown policy {policy} (known: {known}, or file.py:ClassName)",
            policy=shown(written),
            known=known,
        )
    )


def _no_class(file: str, name: str, module: types.ModuleType) -> str:
    there = [
        key
        for key, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]
    if not there:
        return tr("{file} has no class {name} (it has none)", file=file, name=shown(name))
    return tr(
        "{file} has no class {name} ({others})",
        file=file,
        name=shown(name),
        others=", ".join(there),
    )


def _module(path: Path, patience: int) -> types.ModuleType:
    """Return the module of the file. It is executed only once. Raises ValueError.

    It is compiled from its text, so that no byte code is written beside the scenario. It has a
    unique name in `sys.modules`, so that annotations, tracebacks and pickling find it.
    """
    name = beside.module_of(path)
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        raise ValueError(tr("no such file: {file}", file=path)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ValueError(tr("{file} cannot be read: {reason}", file=path, reason=reason)) from None
    known = sys.modules.get(name)
    if not beside.are_current(path.parent):
        beside.forget(path.parent)
    elif known is not None and known.__dict__.get("__source__") == source:
        return known
    module = types.ModuleType(name)
    within = beside.builtins_for(path.parent)
    module.__dict__.update(__file__=str(path), __source__=source, __builtins__=within)
    sys.modules[name] = module
    current_call.begin()
    try:
        _execute(path, source, module, patience)
    except KeyboardInterrupt as error:
        del sys.modules[name]
        raise Interrupted(tr("interrupted in {place}", place=_place(path, error))) from None
    except BaseException as error:  # also SystemExit, which sys.exit() raises
        del sys.modules[name]
        raise ValueError(_blamed(path, error)) from None
    return module


def _execute(path: Path, source: bytes, module: types.ModuleType, patience: int) -> None:
    current_call.set_policy(str(path), patience)
    with current_call.asking("the file"), confined(str(path), reads=True), ending(patience):
        exec(compile(source, str(path), "exec"), module.__dict__)


def _blamed(path: Path, error: BaseException) -> str:
    """Return the error in words, with file and line of the own code that raised it."""
    if isinstance(error, RuleBroken):
        return tr(
            "{place}: {error}; a file of policies should only define them",
            place=_place(path, error),
            error=error,
        )
    if isinstance(error, PolicyError):
        return str(error)
    if isinstance(error, SyntaxError) and str(error.filename).endswith(".py"):
        place, said = f"{error.filename}:{error.lineno or 1}", error.msg
    else:
        place, said = _place(path, error), " ".join(str(error).split())
    kind = type(error).__name__
    return f"{place}: {kind}: {said}" if said else f"{place}: {kind}"


def _place(path: Path, error: BaseException) -> str:
    """Return file:line of the innermost line of own code in the error's traceback."""
    lines = [
        f"{frame.f_code.co_filename}:{number}"
        for frame, number in walk_tb(error.__traceback__)
        if is_own(frame)
    ]
    return lines[-1] if lines else str(path)
