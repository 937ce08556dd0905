"""The times at which something is due although no event has happened: reviews, above all."""

from __future__ import annotations

from kernel.errors import PolicyError
from kernel.system.devices import ServerChanges
from kernel.system.dispatcher import Dispatcher
from translation import tr


class ReviewTimes:
    """The next time at which a review is due, a switch is over, or a device's servers change.

    If reviews are `wanted`, a machine calls `next` after each instant; if they do not `vary`, only
    after the time that was returned last has come.
    """

    def __init__(self, dispatcher: Dispatcher, changes: ServerChanges) -> None:
        self._dispatcher, self._policy = dispatcher, dispatcher.policy
        costly = dispatcher.switching is not None
        changing = changes.next() is not None
        self._changes = changes if changing else None
        self.wanted = dispatcher.reviews or (dispatcher.preempts and costly) or changing
        self.vary = not self._policy.reviews_stand or costly or changing
        self._at: int | None = None  # ns, what the policy returned last

    def next(self) -> int | None:
        """Return the time (ns) of the next review, if any. Raises PolicyError for a wrong one."""
        if self._dispatcher.reviews:
            at, now = self._policy.next_review(), self._policy.now
            if at is not None and not (isinstance(at, int) and at > now):
                raise PolicyError(
                    tr(
                        "next_review() named {time!r} at {now} ns; it must be a whole number of "
                        "ns later than now, or None",
                        time=at,
                        now=now,
                    )
                )
            self._at = at
        at, switched_at = self._at, self._switched_at
        if at is None or (switched_at is not None and switched_at <= at):
            at = switched_at
        if self._changes is None:
            return at
        changes_at = self._changes.next()
        return at if changes_at is None or (at is not None and at < changes_at) else changes_at

    @property
    def _switched_at(self) -> int | None:
        switching = self._dispatcher.switching
        return None if switching is None else switching.over_at

    def is_due(self, now: int) -> bool:
        """Return whether a review is due at `now` (ns), or a core is done with a switch."""
        times = (self._at, self._switched_at)
        return any(at is not None and at <= now for at in times)

    def take(self, now: int, over: list[int]) -> None:
        """Call the policy's review if it is due at `now` (ns). Cores `over`: the slice is over."""
        dispatcher, switching = self._dispatcher, self._dispatcher.switching
        if switching is not None and switching.over_at is not None and switching.over_at <= now:
            switching.over_at = None
        if self._at is not None and self._at <= now:
            dispatcher.review(now, over)
        dispatcher.contested = dispatcher.preempts
