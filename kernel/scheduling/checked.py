"""A user's own policy, held to the rules of the interface.

CheckedPolicy stands between the system and the policy. Its errors say in one line, with the file
and the line of the method, which rule was broken. The policies of this package are not checked but
tested, so that they cost nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from operator import attrgetter
from typing import Any

from kernel import current_call
from kernel.current_call import ASKED, NUMBERS, PER_CALL
from kernel.errors import NoAnswer, PolicyError
from kernel.process.control_block import Process
from kernel.process.states import READY, RUNNING
from kernel.scheduling.broken_rules import forgotten, fruitless, written
from kernel.scheduling.policy import Policy, missing_method
from kernel.scheduling.policy_errors import place, policy_error, said_of
from kernel.scheduling.ready_queue import LeastFirst
from kernel.units import format_duration
from translation import tr

SHORT = 1_000  # ns: no real machine does anything in less
MOST_SHORT = 10_000  # short slices, or reviews less than SHORT apart, in a row
ALIKE = 0.8  # at so much similarity a name is taken for another one, mistyped
MOST_TAKEN = 1_000  # cores taken in a row from processes that have not run yet

_FIXED = ("name", "index", "arrival", "priority", "nice", "tickets", "period", "cores")
_SYSTEM_FIELDS = (
    *_FIXED,
    "burst",
    "left",
    "ready_since",
    "cpu_used",
    "relative_deadline",
    "deadline",
)
"""What a policy may read of a process, and only the system may write."""
_OWN = ("state", "core", "rest", "charged_at", "step", "home")
"""The fields that only the system reads and writes."""
_kept = attrgetter(*_SYSTEM_FIELDS)
_all = attrgetter(*_SYSTEM_FIELDS, *_OWN)


class CheckedPolicy(Policy):
    """Calls `policy`, and raises PolicyError for what it must not answer or do."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._cells = current_call.cells
        self._calls = current_call.series()
        self.rule = policy.rule or type(policy).__name__  # type: ignore[misc]
        self.tie_rule = policy.tie_rule  # type: ignore[misc]
        # the processes that may be picked: why each became ready, and its fields then
        self._ready: dict[Process, tuple[str, tuple[Any, ...]]] = {}
        self._short_slices = 0  # in a row
        self._short_reviews = 0
        self._reviewed_at = -SHORT  # ns
        self._taken = 0  # cores taken in a row from processes that have not run yet

    @property
    def overrides(self) -> frozenset[str]:
        found: frozenset[str] = self._execute("overrides", lambda: self.policy.overrides)
        return found

    def check(self) -> None:
        self.policy.check()

    def setup(self) -> None:
        self._execute("setup", self._set_up)

    def _set_up(self) -> None:
        self.policy.random = self.random
        self.policy.setup()

    # -- the ready queue --------------------------------------------------------------------------

    def ready(self, process: Process, why: str) -> None:
        self._ask_about("ready", process, why)
        self._ready[process] = why, _kept(process)

    def removed(self, process: Process) -> None:
        self._ask_about("removed", process)
        del self._ready[process]

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        pick = self._ask("pick", core)
        if pick is None and not any(process.may_use(core) for process in self._ready):
            return None
        process, length = self._pair(pick)
        told = self._ready.get(process)
        if told is None:
            raise self._broken(
                "pick",
                tr(
                    "chose {process}, which is not ready: a process that is picked must be taken "
                    "off the queue, and only ready() puts it there again",
                    process=said_of(process),
                ),
            )
        if not process.may_use(core):
            only = ", ".join(map(str, process.cores or ()))
            what = tr(
                "gave core {core} to {process}, which may use only {cores}",
                core=core,
                process=process.name,
                cores=only,
            )
            raise self._broken("pick", what)
        values = told[1]
        if values != _kept(process) or not (process.state is READY or process.state is RUNNING):
            raise self._wrote("pick", process, values, _SYSTEM_FIELDS)
        self._check_length(process, length)
        del self._ready[process]
        return process, length

    def _pair(self, pick: Any) -> tuple[Process, Any]:
        if pick is None:
            raise self._broken("pick", forgotten(self._ready, self.now))
        if type(pick) is not tuple or len(pick) != 2:
            what = tr(
                "must return (process, length), not {pick}; the length is in ns, or None",
                pick=said_of(pick),
            )
            raise self._broken("pick", what)
        if not isinstance(pick[0], Process):
            what = tr(
                "must return (process, length), and {value} is no process; return one that "
                "ready() was called with",
                value=said_of(pick[0]),
            )
            raise self._broken("pick", what)
        return pick

    def _check_length(self, process: Process, length: Any, name: str = "pick") -> None:
        if length is None:
            self._short_slices = 0
            return
        if type(length) is not int or length < 1:
            what = tr(
                "gave {process} {length} ns; a slice is a whole number of ns, at least 1, or "
                "None; ms(2) is 2 ms",
                process=process.name,
                length=said_of(length),
            )
            raise self._broken(name, what)
        self._short_slices = (
            self._short_slices + 1 if length < SHORT and length < process.left else 0
        )
        if self._short_slices > MOST_SHORT:
            what = tr(
                "gave {most:,} slices in a row of less than 1us, {process} {length} ns; lengths "
                "are in ns, and ms(2) is 2 ms",
                most=MOST_SHORT,
                process=process.name,
                length=length,
            )
            raise self._broken(name, what)

    def seeks_idle_core(self, process: Process) -> bool:
        return bool(self._ask("seeks_idle_core", process))

    # -- the rest ---------------------------------------------------------------------------------

    def ran(self, process: Process, duration: int, why: str) -> None:
        self._taken = 0 if duration else self._taken
        self._ask_about("ran", process, duration, why)

    def loses(self, running: Sequence[Process]) -> Process | None:
        values = [_all(process) for process in running]
        loser = self._ask("loses", running)
        for process, before in zip(running, values, strict=True):
            if _all(process) != before:
                raise self._wrote("loses", process, before, _SYSTEM_FIELDS + _OWN)
        if loser is None:
            return None
        if not any(process is loser for process in running):
            what = tr(
                "named {process}, which is not running; it must be one of the processes that "
                "loses() was called with, or None",
                process=said_of(loser),
            )
            raise self._broken("loses", what)
        self._taken = 0 if loser.ran_for else self._taken + 1
        if self._taken > MOST_TAKEN:
            raise self._broken("loses", fruitless(loser, MOST_TAKEN, self.now))
        return loser  # type: ignore[no-any-return]

    def review(self) -> Mapping[Process, int | None] | None:
        soon = self.now - self._reviewed_at < SHORT
        self._short_reviews = self._short_reviews + 1 if soon else 0
        self._reviewed_at = self.now
        if self._short_reviews > MOST_SHORT:
            what = tr(
                "wanted to look again {most:,} times in a row within less than 1us, now at {now}; "
                "times are in ns, and self.now + ms(1) is in 1 ms",
                most=MOST_SHORT,
                now=format_duration(self.now),
            )
            raise self._broken("next_review", what)
        planned = self._ask("review")
        return None if planned is None else self._checked_plan(planned)

    def _checked_plan(self, planned: Any) -> Mapping[Process, int | None]:
        """Return the slices that `review` has planned anew."""
        if not isinstance(planned, Mapping):
            what = tr(
                "must return nothing, or a dict from running processes to the ns that each may "
                "run from now on, like {{process: ms(2)}}, not {value}",
                value=said_of(planned),
            )
            raise self._broken("review", what)
        found = dict(planned)
        for process, length in found.items():
            runs = isinstance(process, Process) and process.state is RUNNING
            if not runs or process in self._ready:
                what = tr(
                    "planned a slice of {process}, which is not running; a ready process gets a "
                    "slice from pick()",
                    process=said_of(process),
                )
                raise self._broken("review", what)
            self._check_length(process, length, "review")
        return found

    def next_review(self) -> int | None:
        at = self._ask("next_review")
        if at is not None and not (type(at) is int and at > self.now):
            what = tr(
                "returned {time} at {now} ns; it must be a whole number of ns later than "
                "now, or None",
                time=said_of(at),
                now=self.now,
            )
            raise self._broken("next_review", what)
        return at

    def keys(self, process: Process) -> dict[str, Any]:
        found = self._ask("keys", process)
        if not isinstance(found, Mapping) or not all(isinstance(name, str) for name in found):
            what = tr('must return a dict like {{"left_ns": 5}}, not {value}', value=said_of(found))
            raise self._broken("keys", what)
        return self._execute("keys", _texts, found)  # type: ignore[no-any-return]

    # -- asking it --------------------------------------------------------------------------------

    def _ask(self, name: str, *arguments: Any) -> Any:
        """Call a method of the policy. What it raises becomes a PolicyError that names the line."""
        cells = self._cells
        self._calls = calls = self._calls + PER_CALL
        cells[ASKED] = calls + NUMBERS[name]
        policy = self.policy
        try:
            policy.now = self.now
            return getattr(policy, name)(*arguments)
        except BaseException as error:
            raise policy_error(policy, error, asked=name) or error from None
        finally:
            cells[ASKED] = -calls

    def _execute(self, name: str, function: Any, *arguments: Any) -> Any:
        """Call `function`, which calls the method `name` of the policy or stands for it."""
        with current_call.asking(name):
            self.policy.now = self.now
            try:
                return function(*arguments)
            except BaseException as error:
                raise policy_error(self.policy, error, asked=name) or error from None

    def _ask_about(self, name: str, process: Process, *arguments: Any) -> None:
        values = _all(process)
        self._ask(name, process, *arguments)
        if _all(process) != values:
            raise self._wrote(name, process, values, _SYSTEM_FIELDS + _OWN)

    def _wrote(
        self, name: str, process: Process, values: tuple[Any, ...], fields: tuple[str, ...]
    ) -> PolicyError:
        """Return the error of a policy that has written what only the system may write."""
        changed = [f for f, old in zip(fields, values, strict=True) if getattr(process, f) != old]
        return self._broken(name, written(process, changed))

    def _broken(self, name: str, what: str) -> PolicyError:
        return PolicyError(f"{place(type(self.policy), name)}: {name}() {what}")


def _texts(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys; one that is no number or text becomes text, as it may change later."""
    plain = (int, float, bool, str, type(None))
    return {name: key if type(key) in plain else str(key) for name, key in keys.items()}


# -- before the run -------------------------------------------------------------------------------


def check_methods(kind: type[Policy]) -> None:
    """Raise PolicyError if a method of `kind` cannot be called as the system calls it.

    Also if a method is never called, but its name is nearly that of a method that is.
    """
    base = LeastFirst if issubclass(kind, LeastFirst) else Policy
    _check_names(kind, base)
    for name, ours in inspect.getmembers(base, inspect.isfunction):
        own = getattr(kind, name)
        if name.startswith("_") or own is ours:
            continue
        wanted = inspect.signature(ours)
        method = f"{name}({', '.join(wanted.parameters)})"
        where = f"{place(kind, name)}: {name}()"
        if not callable(own):
            raise PolicyError(tr("{place} must be a method {method}", place=where, method=method))
        if inspect.isgeneratorfunction(own) or inspect.isasyncgenfunction(own):
            raise PolicyError(tr("{place} must return what it decides, not yield it", place=where))
        if inspect.iscoroutinefunction(own):
            raise PolicyError(tr("{place} must be a plain def, not async def", place=where))
        try:
            inspect.signature(own).bind(*wanted.parameters)
        except TypeError:
            raise PolicyError(
                tr("{place} is called as {method}", place=where, method=method)
            ) from None
        except ValueError:
            pass  # written in C, without a signature


def _check_names(kind: type[Policy], base: type[Policy]) -> None:
    asked = [name for name, _ in inspect.getmembers(base, inspect.isfunction) if name[0] != "_"]
    own = {
        name: value
        for name, value in inspect.getmembers(kind, inspect.isfunction)
        if not hasattr(base, name) and not value.__module__.startswith("kernel.")
    }
    used = {word for value in own.values() for word in value.__code__.co_names}
    used |= {word for name in asked for word in _words(getattr(kind, name))}
    for name in sorted(own.keys() - used):
        meant = get_close_matches(name.lower(), asked, 1, ALIKE)
        if meant:
            where = f"{place(kind, name)}: {name}()"
            raise PolicyError(
                tr(
                    "{place} is never called; did you mean {method}()?",
                    place=where,
                    method=meant[0],
                )
            )


def _words(method: Any) -> tuple[str, ...]:
    """Return the names that the code of a method mentions."""
    code = getattr(inspect.unwrap(method), "__code__", None)
    return () if code is None else code.co_names


def check_complete(kind: type[Policy]) -> None:
    """Raise PolicyError if `kind` lacks a method without which no run can begin."""
    keyed = issubclass(kind, LeastFirst) and kind.ready is LeastFirst.ready
    needed = [Policy.ready, Policy.pick, *([LeastFirst.key] if keyed else [])]
    for ours in needed:
        name = ours.__name__
        if getattr(kind, name) is ours:
            method = f"{name}({', '.join(inspect.signature(ours).parameters)})"
            raise PolicyError(f"{place(kind)}: {missing_method(kind, method)}")


# -- during a call --------------------------------------------------------------------------------

LOOKS = 10
"""How often `Watchdog` looks within the time that one answer may take."""


class Watchdog:
    """Raises NoAnswer when an own policy takes too long for one answer. Called now and then."""

    def __init__(self, limit: int) -> None:
        """Watch the calls, each of which may take `limit` ns."""
        self._limit = limit
        self.every = limit / LOOKS / 1e9  # seconds between two looks, for the caller with a clock
        self._call = self._looks = 0

    def look(self) -> None:
        """Raise NoAnswer if the same call has been going on for LOOKS looks.

        A signal handler calls it, so that the error is raised inside the policy's method.
        """
        asked = current_call.cells[ASKED]
        if asked != self._call:
            self._call, self._looks = asked, 0
        elif asked > 0:
            self._looks += 1
            if self._looks >= LOOKS:
                self._looks = 0
                raise NoAnswer(no_answer(self._limit))


def no_answer(limit: int) -> str:
    """Return the message about a policy that has not answered for `limit` ns."""
    return tr(
        "has not answered for {limit} (the limit policy): a decision must come to an end",
        limit=format_duration(limit),
    )
