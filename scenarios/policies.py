"""The scheduling policy of a scenario: the class that its name stands for."""

from __future__ import annotations

import sys
import types
from contextlib import redirect_stdout
from hashlib import sha256
from pathlib import Path
from traceback import walk_tb

from kernel.errors import Interrupted, NoAnswer, PolicyError
from kernel.scheduling import POLICIES, Policy
from kernel.scheduling.guarded import check_methods
from scenarios import parameters
from scenarios.ending import ending
from scenarios.words import nearest, shown


def find(written: str, folder: Path) -> type[Policy]:
    """The class of a registered name or of `file.py:Class`, the file relative to `folder`.

    Raises ValueError with what would be right, or with where the file's own code failed.
    """
    if written in POLICIES:
        return POLICIES[written]
    file, colon, name = written.rpartition(":")
    if not colon or not file.endswith(".py"):
        if written.endswith(".py"):
            raise ValueError(f"must name a class in the file too, like {written}:MyPolicy")
        return _no_policy(written)
    found = _module(folder / file).__dict__.get(name)
    if isinstance(found, type) and issubclass(found, Policy) and found is not Policy:
        try:
            check_methods(found)
            parameters.check(found)
        except PolicyError as error:
            raise ValueError(str(error)) from None
        return found
    if found is not None:
        raise ValueError(f"{name} in {file} must be a class that extends Policy")
    raise ValueError(_no_class(file, name, _module(folder / file)))


def fingerprint(policy: type[Policy]) -> str | None:
    """SHA-256 of the file that somebody's own policy was read from; None of one of ours."""
    source = getattr(sys.modules.get(policy.__module__), "__source__", None)
    return sha256(source).hexdigest() if isinstance(source, bytes) else None


def files_of(policy: type[Policy]) -> list[Path]:
    """The file that somebody's own policy was read from, and those that it may import beside it."""
    if fingerprint(policy) is None:
        return []
    file = Path(str(sys.modules[policy.__module__].__file__))
    return [file, *file.parent.glob("*.py"), *file.parent.glob("*/*.py")]


def _no_policy(written: str) -> type[Policy]:
    known = f"known: {', '.join(POLICIES)}, or file.py:ClassName"
    meant = nearest(written, POLICIES)
    hint = f"did you mean {meant!r}? {known}" if meant else known
    raise ValueError(f"unknown policy {shown(written)} ({hint})")


def _no_class(file: str, name: str, module: types.ModuleType) -> str:
    there = [
        key
        for key, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]
    return f"{file} has no class {shown(name)} ({', '.join(there) or 'it has none'})"


def _module(path: Path) -> types.ModuleType:
    """The file's module, run once. Raises ValueError.

    Compiled from its text, so that no byte code is left beside the scenario; registered under a
    name of its own, so that annotations, tracebacks and pickling find it.
    """
    name = f"multiprog_policy_{sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        raise ValueError(f"no such file: {path}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ValueError(f"{path} cannot be read: {reason}") from None
    known = sys.modules.get(name)
    if known is not None and known.__dict__.get("__source__") == source:
        return known
    module = types.ModuleType(name)
    module.__dict__.update(__file__=str(path), __source__=source)
    sys.modules[name] = module
    try:
        with redirect_stdout(sys.stderr), ending():  # stdout is for the run
            exec(compile(source, str(path), "exec"), module.__dict__)
    except KeyboardInterrupt as error:
        del sys.modules[name]
        raise Interrupted(f"interrupted in {_place(path, error)}") from None
    except BaseException as error:  # sys.exit() too
        del sys.modules[name]
        raise ValueError(_blamed(path, error)) from None
    return module


def _blamed(path: Path, error: BaseException) -> str:
    """file:line: what went wrong, from the last line of the file that was running."""
    if isinstance(error, NoAnswer):
        return f"{_place(path, error)}: {error}; a file of policies should only define them"
    if isinstance(error, SyntaxError) and error.filename == str(path):
        place, said = f"{path}:{error.lineno or 1}", error.msg
    else:
        place, said = _place(path, error), " ".join(str(error).split())
    kind = type(error).__name__
    return f"{place}: {kind}: {said}" if said else f"{place}: {kind}"


def _place(path: Path, error: BaseException) -> str:
    """file:line of the last line of the file that was running."""
    lines = [
        n for frame, n in walk_tb(error.__traceback__) if frame.f_code.co_filename == str(path)
    ]
    return f"{path}:{lines[-1]}" if lines else str(path)
