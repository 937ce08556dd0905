"""The life of a submission's process: it reads what was handed in, and answers questions.

Whatever this code says, the submitted code can say, too: both are in one process. The grader
trusts no line of it. The checks here are for those who made a mistake, and name its line.
"""

from __future__ import annotations

import io
import os
import random
import signal
import sys
import types
from collections.abc import Sequence
from traceback import walk_tb
from types import FrameType
from typing import Any

from kernel.errors import MultiprogError, NoAnswer, PolicyError, RuleBroken
from kernel.process.states import State
from kernel.scheduling.checked import CheckedPolicy, check_complete, check_methods
from kernel.scheduling.conventions import DRAWS
from kernel.scheduling.policy import OPTIONAL, Policy
from kernel.scheduling.policy_errors import OWN, policy_error
from teaching.submission import offered, protocol
from teaching.submission.confinement import ANSWERS, REQUESTS, Bounds
from teaching.submission.offered import Process
from translation import mark, tr

_REFUSED = mark(
    "; a submission only makes decisions: it may not use files, processes, threads or the network"
)
_is_late = False  # whether the process has used up its CPU time


def serve(bounds: Bounds) -> None:
    """Answer until the grader asks no more. An error is the last answer."""
    _bound_cpu_time(bounds)
    requests = os.fdopen(REQUESTS, "rb")
    sys.stdin, sys.stdout, sys.stderr = None, _Nowhere(), _Nowhere()
    try:
        asked = Asked(protocol.read(requests.readline()))
        _send({"overrides": asked.overrides})
    except BaseException as error:  # of the submission: it may raise anything
        _send(_failure(error))
        return
    for request in requests:
        try:
            answer = {"answer": asked.answer(protocol.read(request))}
        except BaseException as error:
            answer = _failure(error)
        _send(answer)


def _failure(error: BaseException) -> dict[str, Any]:
    return {"error": _words(error), "late": _is_late}


def _send(answer: dict[str, Any]) -> None:
    text = protocol.line(answer)
    while text:
        text = text[os.write(ANSWERS, text) :]


def _bound_cpu_time(bounds: Bounds) -> None:
    def over(_number: int, _frame: FrameType | None) -> None:
        global _is_late  # noqa: PLW0603 - an exception of the policy may take the place of this one
        _is_late = True
        raise NoAnswer(
            tr(
                "used more than {limit}s of CPU time: a decision must come to an end",
                limit=bounds.cpu,
            )
        )

    signal.signal(signal.SIGXCPU, over)


class Asked:
    """The policies of a run, and what they were told of the processes."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._hidden = told["hidden"]
        self._processes: dict[int, Any] = {}  # here a Process is the one of `offered`
        self._kind = _class(told["files"], told["main"], told["class"])
        self._parameters, self._draws = told["parameters"], told["draws"]
        self._policies = [self._made()]
        self.overrides = [name for name in OPTIONAL if name in self._policies[0].overrides]

    def answer(self, calls: Sequence[Any]) -> Any:
        """Carry out the calls of a request. Return the answer to the last one."""
        answer = None
        for method, number, now, changes, arguments in calls:
            if method == "begin":
                self._begin(*arguments)
                continue
            if method == "process":
                facts = dict(zip(protocol.STATIC, arguments, strict=True))
                self._processes[facts["index"]] = Process(facts)
                continue
            self._learn(changes)
            policy = self._policies[number]
            policy.now = now
            answer = getattr(self, f"_{method}")(policy, *arguments)
        return answer

    def _begin(self, many: int, seed: int) -> None:
        """Make the policies of a new run, which draw from one generator."""
        self._processes.clear()
        self._policies = [self._made() for _ in range(many)]
        shared = random.Random(seed)
        for policy in self._policies:
            policy.random = shared

    def _made(self) -> CheckedPolicy:
        return _made(self._kind, self._parameters, self._draws)

    def _learn(self, changes: Sequence[Sequence[Any]]) -> None:
        for index, *values in changes:
            process = self._processes[index]
            for name, value in zip(protocol.DYNAMIC, values, strict=True):
                setattr(process, name, None if name in self._hidden else value)
            process.state = State(process.state)

    def _setup(self, policy: CheckedPolicy) -> None:
        policy.setup()

    def _ready(self, policy: CheckedPolicy, index: int, why: str) -> None:
        policy.ready(self._processes[index], why)

    def _ran(self, policy: CheckedPolicy, index: int, duration: int, why: str) -> None:
        policy.ran(self._processes[index], duration, why)

    def _removed(self, policy: CheckedPolicy, index: int) -> None:
        policy.removed(self._processes[index])

    def _pick(self, policy: CheckedPolicy, core: int) -> list[Any] | None:
        pick = policy.pick(core)
        return None if pick is None else [pick[0].index, pick[1]]

    def _loses(self, policy: CheckedPolicy, running: Sequence[int]) -> int | None:
        loser = policy.loses([self._processes[index] for index in running])
        return None if loser is None else loser.index

    def _review(self, policy: CheckedPolicy) -> list[Any] | None:
        planned = policy.review()
        if planned is None:
            return None
        return [[process.index, length] for process, length in planned.items()]

    def _next_review(self, policy: CheckedPolicy) -> int | None:
        return policy.next_review()

    def _seeks_idle_core(self, policy: CheckedPolicy, index: int) -> bool:
        return policy.seeks_idle_core(self._processes[index])

    def _end(self, _policy: CheckedPolicy) -> None:
        """Answer, so that the grader sees an error of the calls before."""


def _class(files: dict[str, str], main: str, name: str) -> type[Policy]:
    """Return the submitted class. Raises PolicyError, which says what would be right."""
    sys.meta_path.append(offered.Helpers(files))
    module = types.ModuleType(f"{OWN}submission")
    module.__file__ = main
    sys.modules[module.__name__] = module
    try:
        exec(compile(files[main], main, "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        raise PolicyError(_blamed(main, error)) from None
    found = module.__dict__.get(name)
    if not isinstance(found, type) or not issubclass(found, Policy):
        raise PolicyError(
            tr("{file} must have a class {name} that extends Policy", file=main, name=name)
        )
    check_methods(found)
    check_complete(found)
    return found


def _made(kind: type[Policy], parameters: dict[str, Any], draws: str) -> CheckedPolicy:
    """Return a policy with the parameters that it has, and the scenario's rule of draws."""
    try:
        policy = kind()
        for name in kind.parameters():
            if name in parameters:
                setattr(policy, name, parameters[name])
        policy.drawn_by = DRAWS[draws]
    except BaseException as error:
        raise policy_error(kind, error, asked="__init__") or error from None
    try:
        policy.check()
    except ValueError as error:
        raise PolicyError(tr("check() refused the parameters: {error}", error=error)) from None
    except BaseException as error:
        raise policy_error(policy, error, asked="check") or error from None
    return CheckedPolicy(policy)


def _blamed(main: str, error: BaseException) -> str:
    """Return the error of a file that could not be read to its end, with the line."""
    if isinstance(error, SyntaxError):
        return f"{error.filename or main}:{error.lineno or 1}: SyntaxError: {error.msg}"
    lines = [(f.f_code.co_filename, number) for f, number in walk_tb(error.__traceback__)]
    own = [f"{file}:{number}" for file, number in lines if not file.startswith(("<", "/"))]
    where = own[-1] if own else main
    if isinstance(error, RuleBroken):
        return f"{where}: {error}"
    said = " ".join(str(error).split())
    return f"{where}: {type(error).__name__}: {said}{_hint(error)}"


def _hint(error: BaseException) -> str:
    if isinstance(error, ImportError):
        return offered.hint(error)
    return tr(_REFUSED) if isinstance(error, PermissionError) else ""


def _words(error: BaseException) -> str:
    """Return the message of an error, one line. The `str` of an own exception may fail, too."""
    try:
        text = (
            str(error) if isinstance(error, MultiprogError) else f"{type(error).__name__}: {error}"
        )
        if "PermissionError" in text and tr(_REFUSED) not in text:
            text += tr(_REFUSED)
        return " ".join(text.split())[: protocol.MOST_SHOWN]
    except BaseException:
        return tr("it raised {error}", error=type(error).__name__)


class _Nowhere(io.TextIOBase):
    """A stream that drops what is written."""

    def write(self, text: str) -> int:
        """Return the length of the text."""
        return len(text)

    def writable(self) -> bool:
        """Return True."""
        return True
