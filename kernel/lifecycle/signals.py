"""Signals: requests, which act when the process that sent them has left its core, or computes on.

As a system call takes no time, the sender makes all its calls of an instant before its victim dies.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, Protocol

from kernel.lifecycle.calls.ends import INT, KILL
from kernel.lifecycle.hardware import LifecycleHardware
from kernel.process.control_block import Process
from kernel.process.states import DEAD, RUNNING, ZOMBIE


class LateSignal(NamedTuple):
    """The purpose of a timer: the signal acts when a core has been switched to its victim."""

    number: int


class Signalled(Protocol):
    """What signals need of the system."""

    @property
    def now(self) -> int:
        """Return the time, ns."""

    def kill(self, victim: Process, number: int) -> None:
        """End `victim` by a signal, in any state."""

    def interrupt(self, victim: Process) -> None:
        """Let KeyboardInterrupt be raised in `victim` as soon as it has a core."""


class Signals:
    """The signals that were sent and have not acted yet. The first deadly one counts.

    As in the kernel (`complete_signal`), a deadly signal decides the exit code when it is sent,
    unless another signal is pending already: after SIGINT, SIGTERM is pending, too, and a SIGKILL
    that follows overtakes both.
    """

    def __init__(self, system: Signalled, machine: LifecycleHardware) -> None:
        self._system, self._machine = system, machine
        self._sent: deque[tuple[Process, int]] = deque()

    def send(self, victim: Process, number: int) -> None:
        """Send a signal, which acts at the next `deliver`."""
        self._sent.append((victim, number))

    def deliver(self) -> None:
        """Let all signals act that were sent."""
        while self._sent:
            victim, number = self._sent.popleft()
            overtaken = number == INT and (victim, KILL) in self._sent
            self.act(victim, KILL if overtaken else number)

    def act(self, victim: Process, number: int) -> None:
        """Let a signal act. While a core is being switched to its victim, it is delayed."""
        now = self._system.now
        if victim.state in (ZOMBIE, DEAD):
            return
        if victim.state is RUNNING and victim.charged_at > now:
            delay = victim.charged_at - now
            self._machine.await_timeout(victim, LateSignal(number), delay)
        elif number == INT:
            self._system.interrupt(victim)
        else:
            self._system.kill(victim, number)
