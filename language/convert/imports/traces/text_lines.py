"""The lines of a trace as ftrace, trace-cmd report and perf script write them.

    bash-812   [001] d..2.  12.000345: sched_switch: prev_comm=bash prev_pid=812 prev_prio=120 …
    bash   812 [001]        12.000345: sched:sched_switch: prev_comm=bash prev_pid=812 …

ftrace's flags say whether an interrupt was being handled; perf's lines do not, so they do not tell
which thread woke another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from language.convert.imports.source import Source
from language.convert.imports.traces.events import UNKNOWN, Event, Fork, Lost, Switch, Waking
from translation import tr

_HEAD = re.compile(
    r"\s*(?P<name>.*?)[-\s]\s*(?P<pid>\d{1,9})(?:/\d{1,9})?\s+(?:\([\s\d-]*\)\s+)?"
    r"\[(?P<cpu>\d{1,5})\]\s+(?:(?P<flags>[.\w#]{4,7})\s+)?"
    r"(?P<seconds>\d{1,9})\.(?P<fraction>\d{1,9}):\s+(?:\d+\s+)?(?:sched:)?"
    r"(?P<event>sched_\w+):\s*"
)
_SWITCH = re.compile(
    r"prev_comm=(?P<was>.*?) prev_pid=(?P<prev>\d{1,9}) prev_prio=(?P<prio>-?\d{1,3}) "
    r"prev_state=(?P<state>\S+) ==> next_comm=(?P<comes>.*?) next_pid=(?P<next>\d{1,9}) "
    r"next_prio=(?P<next_prio>-?\d{1,3})"
)
_SHORT_SWITCH = re.compile(
    r"(?P<was>.*?):(?P<prev>\d{1,9}) \[(?P<prio>-?\d{1,3})\] (?P<state>\S+) ==> "
    r"(?P<comes>.*?):(?P<next>\d{1,9}) \[(?P<next_prio>-?\d{1,3})\]"
)
_WAKING = re.compile(r"comm=(?P<comm>.*?) pid=(?P<pid>\d{1,9}) prio=(?P<prio>-?\d{1,3})")
_SHORT_WAKING = re.compile(r"(?P<comm>.*?):(?P<pid>\d{1,9}) \[(?P<prio>-?\d{1,3})\]")
_FORK = re.compile(
    r"comm=.*? pid=(?P<parent>\d{1,9}) child_comm=(?P<comm>.*?) child_pid=(?P<child>\d{1,9})"
)
_LOST = re.compile(r"\bLOST\b.*\bEVENTS\b", re.IGNORECASE)
_WANTED = {
    "sched_switch": (_SWITCH, _SHORT_SWITCH),
    "sched_waking": (_WAKING, _SHORT_WAKING),
    "sched_wakeup_new": (_WAKING, _SHORT_WAKING),
    "sched_process_fork": (_FORK,),
}
_MENTIONED = re.compile(r"\b(?:" + "|".join(_WANTED) + r"):")
IS_TRACE = re.compile(rf"^{_HEAD.pattern}", re.MULTILINE)
"""Found in a text that is such a trace."""


def events_of(source: Source) -> Iterator[Event]:
    """Yield the events of a trace. Raises ScenarioError at a line that is damaged."""
    at = 0
    for number, line in source.lines():
        found, damaged = event_of(line)
        if damaged is not None:
            source.fail(number, *damaged)
        if found is not None:
            at = found.at
            yield found
        elif _LOST.search(line):
            yield Lost(at)


def event_of(line: str) -> tuple[Event | None, tuple[int, str] | None]:
    """Return the event of a line, or None; and if it is damaged, the column and what is wrong."""
    head = _HEAD.match(line)
    if head is None:
        mentioned = _MENTIONED.search(line)
        if mentioned is None or line.lstrip().startswith("#"):
            return None, None
        message = tr(
            "must be NAME-PID [CPU] SECONDS: before the event, as ftrace and perf write it"
        )
        return None, (mentioned.start() + 1, message)
    kind = head["event"]
    if kind not in _WANTED:
        return None, None
    matches = (pattern.match(line, head.end()) for pattern in _WANTED[kind])
    rest = next((match for match in matches if match is not None), None)
    if rest is None:
        return None, (head.end() + 1, tr("is no {event} as the kernel writes it", event=kind))
    at = int(head["seconds"]) * 1_000_000_000 + int(head["fraction"].ljust(9, "0"))
    return _event(kind, at, head, rest), None


def _event(kind: str, at: int, head: re.Match[str], rest: re.Match[str]) -> Event:
    if kind == "sched_switch":
        return Switch(
            at,
            int(head["cpu"]),
            int(rest["prev"]),
            rest["was"],
            int(rest["prio"]),
            rest["state"],
            int(rest["next"]),
            rest["comes"],
            int(rest["next_prio"]),
        )
    if kind == "sched_process_fork":
        return Fork(at, int(head["cpu"]), int(rest["parent"]), int(rest["child"]), rest["comm"])
    new = kind == "sched_wakeup_new"
    waker = int(head["pid"]) if new or _by_a_thread(head["flags"]) else UNKNOWN
    return Waking(
        at, int(head["cpu"]), int(rest["pid"]), rest["comm"], int(rest["prio"]), waker, new
    )


def _by_a_thread(flags: str | None) -> bool:
    """Return whether ftrace's flags (irqs-off, resched, irq, depth) say that no interrupt ran."""
    return flags is not None and flags[2:3] not in ("h", "H", "s", "z", "Z")
