"""The real machine for processes that start, join and end each other.

The books decide what each call does; here the call is really made, in the order of the books. What
it returned is what is recorded.
"""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from kernel.hardware import Region
from kernel.lifecycle.process_tree import Status
from kernel.lifecycle.semantics import END_DAEMONS
from kernel.lifecycle.system import LifecycleSystem
from kernel.process.calls import ENDS, Call
from kernel.process.control_block import Process
from kernel.process.memory_steps import Effect
from kernel.system.system import System
from kernel.workload import Workload
from real.dispatched.compaction import stand_still
from real.dispatched.events import _Timed
from real.dispatched.machine import RealMachine, Watcher
from real.dispatched.waiting import Stopped
from real.host.cpus import Site
from real.host.leftovers import wait_readable
from real.lifecycle.pool import PATIENCE, LostError, Player, Troupe
from real.time_limits import Expected, Patience
from timeline.record.run import LifeEvent, Observation

UNKNOWN = 2.0  # seconds in a call, after which the supervisor looks for stopped processes
STARTS = ("start", "restart", "unguarded")
"""Calls in which a process may ask its fork server for another."""

SUPERVISOR, SERVER = "supervisor", "forkserver"


class TimeoutDue(_Timed):
    """The timeout of a join is over."""

    __slots__ = ("call", "process")

    def __init__(self, book: int, wall: int, process: Process, call: Call) -> None:
        super().__init__(book, wall)
        self.process = process
        self.call = call

    def tell(self, system: System) -> None:
        system.instant.timers.append((self.process, self.call))


class Deed(NamedTuple):
    """Something that the books have decided, and that is to be carried out."""

    what: str  # call | dies | or an event of the family: born, adopted, reaped
    process: Process
    by: str = ""
    call: Call | None = None
    order: dict[str, Any] = {}


class LivingMachine(RealMachine):
    """The supervisor of a living scenario.

    It holds the order of the books for longer: who observes what depends on it, and to start a
    process takes some milliseconds, on a busy machine many.
    """

    lag = 20_000_000_000  # ns

    system: LifecycleSystem
    _crew: Troupe

    def __init__(
        self,
        workload: Workload,
        crew: Troupe,
        site: Site,
        progress: Callable[[int], None],
        *,
        explain: bool = False,
        watcher: Watcher | None = None,
    ) -> None:
        self.life: list[LifeEvent] = []
        self.observations: list[Observation] = []
        self.births: dict[int, int] = {}  # index: ns of the run
        self._deeds: list[Deed] = []
        self._calls, self._took = 0, 0  # how many, and ns with what follows from them
        self._starts: list[int] = []  # ns that each took until the child was at its place
        self._before: list[Status] = []  # of all processes, when the call began
        self._mark = 0  # where among the deeds the call that is being decided belongs
        self._timeouts: list[TimeoutDue] = []
        self.stuck: list[str] = []
        self._going_on: list[Player] = []  # after a call, in the same slice
        super().__init__(workload, crew, site, progress, explain=explain, watcher=watcher)

    def _make_system(self, workload: Workload, explain: bool) -> LifecycleSystem:
        return LifecycleSystem(workload, self, self._closed.append, explain=explain)

    # -- what the system asks of a machine ------------------------------------------------------

    def run(self, process: Process, core: int, length: int) -> None:
        player = self._crew.players[process.index]
        player.book = process
        ends = self.system.segments.ends_at_call[core]
        self._await_slice(player, core, length, process.cpu_used, ends=ends)
        if self._on_core[core] is not player:
            self._on_core[core] = player
            if self.system.dispatcher.goes_on:  # it has made a call, and kept its core
                self._going_on.append(player)
            else:
                self._starting.append((core, player))

    def comes_to(self, process: Process) -> None:
        self._mark = len(self._deeds)
        self._before = [member.status for member in self.system.process_tree.members]

    def make_call(self, process: Process, call: Call) -> None:
        order: dict[str, Any] = {"do": "end_daemons"}
        if call is not END_DAEMONS:
            step = process.durations[process.step]
            order = {"do": "call", "call": step, **self._what_it_needs(process, call)}
        self._deeds.insert(self._mark, Deed("call", process, call=call, order=order))
        # its daemons must be dead before it joins them at its exit
        self._mark = len(self._deeds) if call is END_DAEMONS else self._mark + 1

    def _what_it_needs(self, process: Process, call: Call) -> dict[str, Any]:
        """What the supervisor knows and the worker does not: who has which number."""
        needs: dict[str, Any] = {"late": self.system.semantics.is_late(process.index)}
        if call.kind in ("observe", "terminate", "kill"):
            handle = self.system.process_tree.members[process.index].handles.get(call.name)
            index = (
                handle.child if handle is not None else self.system.semantics.numbers.get(call.name)
            )
            known = index is not None and index >= 0
            status = self._before[index] if index is not None and known else Status.UNBORN
            born = status is not Status.UNBORN
            gone = call.kind != "observe" and status is Status.GONE
            needs |= {"known": index is not None, "state": "not started", "of": index}
            needs["numbered"] = born and not gone
        return needs

    def await_timeout(self, process: Process, call: Call, delay: int) -> None:
        self._timeouts.append(TimeoutDue(self._book + delay, delay, process, call))

    def told(self, event: str, process: Process, by: str) -> None:
        self._deeds.append(Deed(event, process, by))

    def says(self, process: Process, name: str, value: Any) -> None:
        pass  # what the real call returns counts

    def used_memory(self, process: Process, effect: Effect) -> None:
        assert process.region is not None
        where = Region(process.region.base + effect.address, effect.size)
        self._memory.append((effect.event, process.name, where))

    def freed(self, process: Process, region: Region) -> None:
        self._memory.append(("freed", process.name, region))  # its death is waited for

    def finished(self, process: Process) -> None:
        self._finished.append(process)
        self._deeds.append(Deed("dies", process))

    # -- one instant ------------------------------------------------------------------------------

    def _switch(self) -> None:
        """First all that was called and all who die, in order; then cores change hands."""
        self._carry_out_deeds()
        for player in self._going_on:
            if player in self._releasing:
                self._releasing.remove(player)
            player.release()
            if player in self._halting:  # it has lost its core since, at the same instant
                continue
            sent = self.epoch + self.journal.dispatches[player.index][-1].sent
            player.on_core_since = max(sent, player.finished_at())
            player.go()
        self._going_on.clear()
        super()._switch()

    def _write_down(self) -> None:
        for due in self._timeouts:
            due.wall += self._wall
            self._agenda.push(due)
        self._timeouts.clear()
        super()._write_down()

    def _forget_instant(self) -> None:
        self._timeouts.clear()
        self._deeds.clear()
        super()._forget_instant()

    def _carry_out_deeds(self) -> None:
        if not self._deeds:
            return
        began = time.monotonic_ns()
        self._do_deeds()
        self._took += time.monotonic_ns() - began

    def _do_deeds(self) -> None:
        deeds, self._deeds = self._deeds, []
        while deeds:
            deed = deeds.pop(0)
            if deed.what == "call":
                together = [deed]
                while (
                    deed.call
                    and deed.call.kind == "barrier"
                    and deeds
                    and deeds[0].call is not None
                ):
                    if deeds[0].call.kind != "barrier" or deeds[0].call.name != deed.call.name:
                        break
                    together.append(deeds.pop(0))
                self._call(together)
            else:
                self._happen(deed)

    def _call(self, together: list[Deed]) -> None:
        """These make their calls now, at once if there are several; wait for what they report."""
        began = time.monotonic_ns()
        players = [self._player(deed.process) for deed in together]
        out = [player for player in players if player.stopped and player.lives]
        for player in out:  # swapped out, while it waits at a barrier
            os.kill(player.pid, signal.SIGCONT)
        for deed in together:
            player = self._player(deed.process)
            if deed.call is not None and deed.call.kind in STARTS:
                self._crew.servers.let_fork(player.index)
            order = dict(deed.order)
            if "numbered" in order:
                target = order.pop("of")
                numbered = order.pop("numbered")
                order["pid"] = self._crew.players[target].pid if numbered else None
            player.tell(**order)
        self._await_reports(players)
        for player in out:
            stand_still(player)
        self._calls += len(together)
        if together[0].call is not None and together[0].call.kind in ("start", "restart"):
            self._starts.append(time.monotonic_ns() - began)

    def _await_reports(self, players: list[Player]) -> None:
        """A report of each, or its death, if that is what it called."""
        patience, looks = Patience(PATIENCE), Patience(UNKNOWN)
        expected = {player: Expected(player.name, player.pid) for player in players}
        reports = self._crew.stage.reports[0].fileno()
        while players:
            readable = wait_readable([reports, *(player.death for player in players)], 0.01)
            if reports in readable:
                report = self._crew.report(0)
                assert report is not None
                self._take(report)
                players = [player for player in players if player.index != report["who"]]
            else:  # its death is looked at where the books say that it ends
                players = [player for player in players if player.death not in readable]
            self._crew_is_watched()
            for player in players:
                if (trouble := expected[player].stands()) is not None:
                    raise Stopped(trouble)
            if players and looks.is_over():
                if (trouble := self._crew.stopped_unknown()) is not None:
                    raise Stopped(f"{trouble}, and did not go on")
                looks = Patience(UNKNOWN)
            if players and patience.is_over():
                name = players[0].name
                raise LostError(f"{name} did not come back from a call that does not wait")

    def _crew_is_watched(self) -> None:
        if self._watch.interrupted is not None:
            raise Stopped(self._watch.interrupted)
        if (trouble := self._watch.patrol.look()) is not None:
            raise Stopped(trouble)

    def _take(self, report: dict[str, Any]) -> None:
        """What a call returned, or raised."""
        at, name = report["at"] - self.epoch, self.system.processes[report["who"]].name
        for what, value in report["says"]:
            if isinstance(value, dict) and "parent" in value:
                value["parent"] = self._name_of(value["parent"])
            self.observations.append(Observation(at, name, what, value))
        if report["server"] is not None:
            self._crew.servers.begun(report["who"], report["server"], name)
        if report["born"] is not None:
            index, pid = report["born"]
            self._crew.welcome(self._crew.players[index], pid)
            self._crew.await_parking(self._crew.players[index])

    def _name_of(self, pid: int | None) -> str | None:
        """Who has that number."""
        if pid is None:
            return None
        if self._crew.servers.is_one(pid):
            return SERVER
        names = {player.pid: player.name for player in self._crew.players if player.pid}
        return names.get(pid, SUPERVISOR)

    def _happen(self, deed: Deed) -> None:
        """A birth, a death, an adoption or a reaping that follows from the calls."""
        process, player = deed.process, self._player(deed.process)
        if deed.what == "dies":
            if player.lives and process.exitcode >= 0 and not self._ends_by_a_call(process):
                player.tell(do="exit", code=process.exitcode)
            self._crew.await_death(player)
            self._crew.may_end_server(player.index)
            self.life.append(LifeEvent(self._since_epoch(), "exited", process.name, process.name))
            return
        if deed.what == "adopted":
            self._crew.adopt(player)
        elif deed.what == "reaped" and deed.by == SUPERVISOR:
            self._crew.reap_own(player)
        elif deed.what == "reaped" and deed.by == SERVER:
            self._crew.reap_by_server(player)
        elif deed.what == "born":
            if not player.pid:
                raise Stopped(f"{process.name} could not be started: {self._last_said(deed.by)}")
            self.births[process.index] = max(0, self._wall)
        at = self.births[process.index] if deed.what == "born" else self._since_epoch()
        self.life.append(LifeEvent(at, deed.what, process.name, deed.by))

    def _last_said(self, name: str) -> Any:
        """What the last call of that process returned or raised."""
        return next((o.value for o in reversed(self.observations) if o.process == name), "refused")

    def _ends_by_a_call(self, process: Process) -> bool:
        calls = process.program.calls
        return bool(calls) and calls[-1].kind in ENDS

    def _since_epoch(self) -> int:
        return max(0, self._now())

    def _player(self, process: Process) -> Player:
        return self._crew.players[process.index]

    def more(self) -> dict[str, Any]:
        return {"life": self.life, "observations": self.observations, "stuck": self.stuck}

    def arrival(self, process: Process) -> int | None:
        return self.births.get(process.index)

    def about(self) -> dict[str, Any]:
        starts = int(statistics.median(self._starts)) if self._starts else None
        calls = {"count": self._calls, "took_ns": self._took, "starts": len(self._starts)}
        return {"calls": calls | {"start_p50_ns": starts}}

    def facts(self, index: int) -> dict[str, Any]:
        process = self.system.processes[index]
        return {"arrival": self.births.get(index), "demand": self.system.demand(process)}

    # -- the run ----------------------------------------------------------------------------------

    def instant(self) -> None:
        if self.system.deadlocked:
            self._believe()
        super().instant()

    def _believe(self) -> None:
        """Those who wait make their calls for real: if nothing moves, it is a deadlock."""
        for index in self.system.semantics.waits:
            process = self.system.processes[index]
            step = process.durations[process.step]
            self._crew.players[index].tell(do="call", call=step, late=False, waits=True)
        until = time.monotonic_ns() + self.system.rules.stall_timeout
        while (left := until - time.monotonic_ns()) > 0:
            report = self._crew.report(min(left / 1e9, 0.05))
            if report is not None:
                name = self.system.processes[report["who"]].name
                raise LostError(f"{name} came back from a call in which it should wait for ever")
            self._crew_is_watched()
        self.stuck = self.system.deadlock.names()
        raise Stopped(self.system.deadlock.words())

    def _finish(self) -> None:
        """Everybody has been seen to die."""
        if broken := self._crew.broken_isolation():
            raise Stopped(f"isolation is broken: {broken}")
