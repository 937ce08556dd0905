"""What a workload of rt-app says: its threads, their phases and events.

The keys are those of rt-app's tutorial. An event's key may have a number or a word behind it
(`run1`), as JSON wants keys to be unique.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from language.convert.imports.draft import LONGEST_NAME, usable_name
from language.convert.imports.lenient_json import JsonNode, Member
from language.convert.imports.source import Source
from language.source.wording import got, shown, unknown
from translation import tr

ENDLESS = -1
_US = 1_000
_MOST_US = 10**12
_MOST_THREADS = 10_000
_LEAST_DL, _MOST_DL = 100_000, (1 << 22) * _US  # ns, periods that Linux takes
_MOST_CPU = 1023

TAKE_TIME = ("run", "runtime", "sleep")
NAMED = ("lock", "unlock", "signal", "broad", "suspend", "resume", "barrier", "fork",
         "sem_post", "sem_wait")  # fmt: skip
WITH_MUTEX = ("wait", "sync")
NOT_TIMED = ("memrun", "mem", "iorun")  # how long they take, the file does not say
EVENTS = (*TAKE_TIME, *NAMED, *WITH_MUTEX, *NOT_TIMED, "timer", "yield")
_BY_LENGTH = sorted((*EVENTS, "broadcast"), key=len, reverse=True)

_CLASSES = {
    "SCHED_OTHER": "other",
    "SCHED_BATCH": "batch",
    "SCHED_IDLE": "idle",
    "SCHED_FIFO": "fifo",
    "SCHED_RR": "rr",
    "SCHED_DEADLINE": "deadline",
}
_OF_SCHEDULING = ("policy", "priority", "dl-runtime", "dl-period", "dl-deadline", "cpus")
_OF_THREAD = ("instance", "delay", "loop", "phases")
LEFT_OUT = {
    "util_min": "uclamp (util_min, util_max)",
    "util_max": "uclamp (util_min, util_max)",
    "nodes_membind": "NUMA memory binding",
    "numa_nodes_membind": "NUMA memory binding",
    "taskgroup": "task groups",
}
"""Keys with a meaning that a scenario does not have, and how a remark names them."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `time`: ns; `name`: its resource or thread; `mutex`: that of wait and sync."""

    kind: str
    time: int = 0
    name: str = ""
    mutex: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a thread is scheduled in a phase: its class and its processors. Times in ns."""

    policy: str = "other"
    priority: int | None = None  # nice, or the real-time priority
    runtime: int = 0
    period: int = 0
    deadline: int = 0
    cpus: tuple[int, ...] | None = None


@dataclass(slots=True)
class Phase:
    """Events that are executed `loops` times."""

    events: list[Event]
    loops: int
    shape: Shape


@dataclass(slots=True)
class Task:
    """A thread object: so many threads, which execute all phases `loops` times."""

    name: str
    instances: int
    delay: int  # ns
    loops: int
    phases: list[Phase]


@dataclass(slots=True)
class RtAppWorkload:
    """All tasks; for how long rt-app runs (ns; ENDLESS); what is left out, in words."""

    tasks: list[Task] = field(default_factory=list)
    duration: int = ENDLESS
    left_out: dict[str, None] = field(default_factory=dict)  # a set, in order


class Reading:
    """Reads the tree of a workload. All mistakes are noted in the source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.found = RtAppWorkload()
        self._default = "SCHED_OTHER"
        self._names: set[str] = set()

    def read(self, root: JsonNode) -> RtAppWorkload:
        """Return the workload. Raises ScenarioError with the place of each mistake."""
        tasks = root.get("tasks")
        if tasks is None or not isinstance(tasks.value, tuple):
            self._source.fail(root.line, root.column, tr('must be an object with "tasks"'))
        self._read_global(root.get("global"))
        for member in tasks.members():
            self._read_task(member)
        if not self.found.tasks:
            self._complain(tasks, tr('"tasks" must have at least one thread'))
        self._check_names()
        self._source.check()
        return self.found

    def _complain(self, node: JsonNode, message: str) -> None:
        self._source.complain(node.line, node.column, message)

    def _read_global(self, node: JsonNode | None) -> None:
        if node is None:
            return
        duration = self._number(node, "duration", ENDLESS, 10**6, ENDLESS)
        self.found.duration = ENDLESS if duration < 1 else duration * 1_000_000_000
        policy = node.get("default_policy")
        if policy is not None:
            self._default = self._policy(policy) or self._default

    def _policy(self, node: JsonNode) -> str | None:
        if node.value in _CLASSES and isinstance(node.value, str):
            return node.value
        word = node.value if isinstance(node.value, str) else ""
        self._complain(node, unknown(tr("policy"), word, _CLASSES))
        return None

    def _number(self, node: JsonNode, key: str, least: int, most: int, default: int) -> int:
        """Return the whole number of a key, or the default."""
        found = node.get(key)
        if found is None:
            return default
        value = found.value
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            wanted = tr("a whole number from {least:,} to {most:,}", least=least, most=most)
            self._complain(found, f"{key}: {got(wanted, _plain(found))}")
            return default
        return value

    def _read_task(self, member: Member) -> None:
        name, node = usable_name(member.key, "thread"), member.value
        if not isinstance(node.value, tuple):
            self._complain(node, tr("the thread {thread} must be an object", thread=shown(name)))
            return
        if name in self._names:
            self._complain(node, tr("a second thread {thread}", thread=shown(name)))
        self._names.add(name)
        phases, own = node.get("phases"), self._shape(node, Shape(_CLASSES[self._default]))
        if phases is None:
            found = [Phase(list(self._events(node, _OF_THREAD)), 1, own)]
        else:
            found = list(self._phases(phases, own))
        task = Task(
            name,
            self._number(node, "instance", 0, _MOST_THREADS, 1),
            _US * self._number(node, "delay", 0, _MOST_US, 0),
            self._number(node, "loop", ENDLESS, _MOST_US, ENDLESS),
            found,
        )
        if not any(phase.events for phase in found) and not self._source.problems:
            self._complain(node, tr("the thread {thread} has no event", thread=shown(name)))
        self.found.tasks.append(task)

    def _phases(self, node: JsonNode, own: Shape) -> Iterator[Phase]:
        for member in node.members():
            if not isinstance(member.value.value, tuple):
                self._complain(
                    member.value, tr("the phase {phase} must be an object", phase=shown(member.key))
                )
                continue
            loops = self._number(member.value, "loop", ENDLESS, _MOST_US, 1)
            events = list(self._events(member.value, ("loop",)))
            yield Phase(events, loops, self._shape(member.value, own))

    def _shape(self, node: JsonNode, before: Shape) -> Shape:
        """Return how an object with keys of scheduling is scheduled; `before`: if it has none."""
        policy, cpus = before.policy, before.cpus
        if (written := node.get("policy")) is not None:
            policy = _CLASSES[self._policy(written) or "SCHED_OTHER"]
        if (written := node.get("cpus")) is not None:
            cpus = self._cpus(written) or cpus
        priority, real_time = before.priority, policy in ("fifo", "rr")
        if (written := node.get("priority")) is not None:
            least, most = (1, 99) if real_time else (-20, 19)
            priority = self._number(node, "priority", least, most, 0)
        runtime = self._us(node, "dl-runtime", before.runtime)
        period = self._us(node, "dl-period", before.period or runtime)
        deadline = self._us(node, "dl-deadline", before.deadline or period)
        in_order = 1_024 <= runtime <= deadline <= period
        if policy == "deadline" and not (in_order and _LEAST_DL <= period <= _MOST_DL):
            message = tr(
                "SCHED_DEADLINE: Linux wants dl-runtime, dl-deadline and dl-period from 100us to "
                "4.19s, in this order (EINVAL)"
            )
            self._complain(node, message)
        return Shape(policy, priority, runtime, period, deadline, cpus)

    def _us(self, node: JsonNode, key: str, before: int) -> int:
        return _US * self._number(node, key, 0, _MOST_US, before // _US)

    def _cpus(self, node: JsonNode) -> tuple[int, ...] | None:
        items = node.value if isinstance(node.value, list) else []
        cpus = [each.value for each in items if isinstance(each.value, int)]
        if not cpus or len(cpus) < len(items) or not all(0 <= cpu <= _MOST_CPU for cpu in cpus):
            self._complain(node, tr("cpus: must be a list of processors, like [0, 1]"))
            return None
        return tuple(sorted(set(cpus)))

    def _events(self, node: JsonNode, others: tuple[str, ...]) -> Iterator[Event]:
        for member in node.members():
            if member.key in others or member.key in _OF_SCHEDULING:
                continue
            if member.key in LEFT_OUT:
                self.found.left_out[LEFT_OUT[member.key]] = None
                continue
            kind = next((each for each in _BY_LENGTH if member.key.startswith(each)), None)
            if kind is None:
                self._complain(member.value, unknown(tr("key"), member.key, EVENTS))
            elif kind in NOT_TIMED:
                what = f"{kind}: the file does not say how long it takes"
                self.found.left_out[what] = None
            else:
                event = self._event("broad" if kind == "broadcast" else kind, member.value)
                if event is not None:
                    yield event

    def _event(self, kind: str, node: JsonNode) -> Event | None:
        if kind == "yield":
            return Event(kind)
        if kind in TAKE_TIME:
            time = node.value
            if isinstance(time, bool) or not isinstance(time, int) or not 0 <= time <= _MOST_US:
                wanted = tr("whole microseconds")
                self._complain(node, f"{kind}: {got(wanted, _plain(node))}")
                return None
            return Event("run" if kind == "runtime" else kind, time * _US)
        if kind in NAMED:
            nameless = kind == "suspend" and node.value is None
            return (
                Event(kind, name=str(node.value or ""))
                if nameless or self._is_name(kind, node)
                else None
            )
        return self._object_event(kind, node)

    def _object_event(self, kind: str, node: JsonNode) -> Event | None:
        """Return a wait, sync or timer, whose value is an object."""
        ref, mutex = node.get("ref"), node.get("mutex")
        if ref is None or not isinstance(ref.value, str):
            self._complain(node, tr('{kind}: must be an object with "ref"', kind=kind))
            return None
        if kind == "timer":
            return Event(kind, _US * self._number(node, "period", 0, _MOST_US, 0), ref.value)
        if mutex is None or not isinstance(mutex.value, str):
            self._complain(node, tr('{kind}: must be an object with "ref" and "mutex"', kind=kind))
            return None
        if not self._is_name("mutex", mutex):
            return None
        return Event(kind, name=ref.value, mutex=mutex.value)

    def _is_name(self, key: str, node: JsonNode) -> bool:
        """Return whether a value can be a name in a scenario; if it cannot, complain."""
        if not isinstance(node.value, str):
            wanted = tr("a name in quotes")
            self._complain(node, f"{key}: {got(wanted, _plain(node))}")
            return False
        text = node.value
        fits = bool(text.strip()) and text.isprintable() and len(text) <= LONGEST_NAME
        if not fits:
            wanted = tr("a name of 1 to {most} printable characters", most=LONGEST_NAME)
            self._complain(node, f"{key}: {got(wanted, text)}")
        return fits

    def _check_names(self) -> None:
        forks = [
            event.name
            for task in self.found.tasks
            for phase in task.phases
            for event in phase.events
            if event.kind == "fork"
        ]
        for name in sorted(set(forks) - self._names):
            self._source.complain(None, None, unknown(tr("thread"), name, self._names))


def _plain(node: JsonNode) -> object:
    """Return the value as a message quotes it."""
    return {} if isinstance(node.value, tuple) else node.value
