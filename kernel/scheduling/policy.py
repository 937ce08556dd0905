"""The interface of a scheduling policy: a small object over its own ready queue, without a clock.

Both machines call the same five methods. A policy keeps the ready processes in whatever structure
serves it, and says which process is next and for how long.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kernel.errors import PolicyError
from kernel.scheduling.balance import Balance
from translation import mark, tr

if TYPE_CHECKING:
    from kernel.process.control_block import Process


OPTIONAL = ("ran", "loses", "review", "next_review", "removed")
WORDS = ("rule", "tie_rule", "conventions")  # annotated class attributes that are no parameters


def missing_method(policy: type, method: str) -> PolicyError:
    """Return the error of a policy that lacks a method. `method` is written with parameters."""
    name = policy.__name__
    return PolicyError(tr("{policy} must have a method {method}", policy=name, method=method))


class Policy:
    """Base of all policies. Parameters are annotated class attributes with defaults.

    `now` is set to the virtual time (ns) before each call. `random` is seeded from the scenario.
    `drawn_by` is the scenario's rule for equal keys, see `kernel.scheduling.conventions`.
    `why` is one of the words below; `duration` is in ns. A policy may keep what it wants to
    remember of a process in `process.account`, which is None at first and which no other code uses.
    """

    rule: ClassVar[str] = ""
    """Which process is picked, in a few words, for --explain: "the least remaining time"."""
    tie_rule: ClassVar[str] = mark("equal keys: the process that became ready first is ahead")

    conventions: ClassVar[tuple[str, ...]] = ()
    """Parameters that choose among published rules. A default one is neither recorded nor shown."""

    may_idle = False
    """May the policy leave a core idle while a process is ready? Then `pick` returns None."""
    reviews_stand = False
    """Does `next_review` return the same time until that has come? Then it is not called before.

    It is for the policies of this package; the policy of a user is asked after each instant."""
    has_pinned = False
    """Are there processes in the queue that may use only some of its cores (`Process.may_use`)?"""
    has_groups = False
    """Does the policy look at the control groups of processes?"""
    goes_by_priority = False
    """Does the policy go by `process.priority`? The protocol of a lock may change that.

    If the process is ready, `removed` and then `ready` ("reprioritized") are called."""
    left_to_the_machine = False
    """Real processes are left to the machine's own scheduler (`dispatch: none`)."""

    now: int = 0
    random: random.Random
    drawn_by: Callable[[Any], Any] | None = None

    def check(self) -> None:
        """Raise ValueError, with a sentence, if the parameters do not fit together."""

    def setup(self) -> None:
        """Make the empty queue, once before the run."""

    def ready(self, process: Process, why: str) -> None:
        """Queue `process`, which can run now.

        `why`: "arrived", "woke", "expired", "preempted", "yielded", "released" (the next job of a
        periodic process), "migrated" (it waited in another core's queue until now) or
        "reprioritized" (see `goes_by_priority`).
        """
        raise missing_method(type(self), "ready(self, process, why)")

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        """Take the next process for `core` off the queue: (process, ns it may run at most).

        None instead of a length: the process runs until it blocks or ends. None instead of a pair:
        no process is ready.
        """
        raise missing_method(type(self), "pick(self, core)")

    def ran(self, process: Process, duration: int, why: str) -> None:
        """Note that `process` left its core after `duration` ns, before any `ready` call for it.

        `why`: "blocked", "expired", "preempted", "ended" or "yielded".
        """

    def loses(self, running: Sequence[Process]) -> Process | None:
        """Return the running process that is preempted for the best ready one, or None.

        It is called when more processes are ready than cores are free, and after each `review` even
        if none is ready. It is called again until it returns None. The preempted process comes back
        by `ran` and `ready` ("preempted"), then its core picks.
        """
        return None

    def review(self) -> Mapping[Process, int | None] | None:
        """Age or boost processes: the time that `next_review` named has come.

        Return the running processes whose slices are planned anew, if any, each with the ns that
        it may run from now on (None: until it blocks or ends). `loses` is called next. A slice that
        is over at this instant is not prolonged.
        """
        return None

    def next_review(self) -> int | None:
        """Return the next time (ns) at which the policy wants `review` to be called, if any."""
        return None

    def removed(self, process: Process) -> None:
        """Forget a ready process that has left the ready queue without having been picked."""

    def between_cores(self, common: MutableMapping[Any, Any]) -> None:
        """Keep `common`, a table that the policy objects of all cores share.

        Called once after `setup`, if each core has a policy object.
        """

    def may_run(self, process: Process) -> bool:
        """Return whether an idle core could have this ready process.

        Called only for a policy that `may_idle`, and only with a queue for each core.
        """
        return True

    def seeks_idle_core(self, process: Process) -> bool:
        """Return whether `process`, which woke while its core is busy, goes to an idle core.

        Called only with a queue for each core.
        """
        return False

    def periodic_balance(self, cores: int) -> Balance | None:
        """Return when the cores balance their queues from time to time; None: they do not.

        Called once, with a queue for each core, after `setup`.
        """
        return None

    @property
    def load(self) -> int:
        """The load of this core's queue, for `periodic_balance`."""
        return 0

    def load_of(self, process: Process) -> int:
        """Return the part of this core's load that a ready process is."""
        return 0

    @property
    def overrides(self) -> frozenset[str]:
        """Return the names of the optional methods that the policy wants to be called."""
        kind = type(self)
        return frozenset(
            name for name in OPTIONAL if getattr(kind, name) is not getattr(Policy, name)
        )

    def keys(self, process: Process) -> Mapping[str, Any]:
        """Return what decides about a ready process, by name, for --explain; a name in _ns: ns."""
        return {"since_ns": process.ready_since}

    @classmethod
    def parameters(cls) -> dict[str, Any]:
        """Return each parameter and its default: annotated public class attributes with a value."""
        found: dict[str, Any] = {}
        for base in reversed(cls.__mro__):
            if not issubclass(base, Policy) or base is Policy:
                continue
            for name in inspect.get_annotations(base):
                if not name.startswith("_") and hasattr(cls, name) and name not in WORDS:
                    found[name] = getattr(cls, name)
        return found
