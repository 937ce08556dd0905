"""Small files of each kind that `import` reads, for benchmarks.fuzz_imports."""

from __future__ import annotations

import json

_TABLE = "Process;Arrival Time (ms);Burst Time;Priority;Memory\nP1;0;3,5;2;100K\nP2;2;5,io 3,2;1;\n"
_CHINESE = "进程,到达时间,运行时间（小时）,优先数\nA,8:00,2,1\nB,8:30,0.5,2\n"  # noqa: RUF001
_JOB = "{} {} 5 {} {} 80 2048 {} -1 -1 1 3 4 -1 1 -1 -1 -1"
_SWF = "\n".join(["; MaxProcs: 64", _JOB.format(1, 0, 60, 1, 1), _JOB.format(2, 60, 30, 4, 4), ""])
_TASKS = {
    "a": {"loop": 3, "run": 2000, "lock": "m", "signal": "q", "unlock": "m",
          "timer": {"ref": "unique", "period": 10000}},
    "b": {"instance": 2, "loop": -1, "suspend": "b", "run": 100, "barrier": "x"},
    "c": {"priority": -5, "cpus": [0, 1], "phases": {
        "p": {"loop": 2, "run": 10, "resume": "b", "sleep": 500},
        "q": {"cpus": [1], "lock": "m", "wait": {"ref": "q", "mutex": "m"}, "unlock": "m"}}},
    "d": {"policy": "SCHED_DEADLINE", "dl-runtime": 3000, "dl-period": 10000, "loop": 1, "run": 9},
}  # fmt: skip
_RT_APP = json.dumps({"tasks": _TASKS, "global": {"duration": 1}}, indent=1)
_SWITCH = (
    "  {0}-{0} [00{4}] d..2.  7.{3:06d}: sched_switch: prev_comm=T{0} prev_pid={0} prev_prio=120 "
    "prev_state={2} ==> next_comm=T{1} next_pid={1} next_prio=115"
)
_WAKING = (
    "  T{0}-{0} [000] d..4.  7.{2:06d}: sched_waking: comm=T{1} pid={1} prio=120 target_cpu=000"
)
_FORK = (
    "  T{0}-{0} [000] d..4.  7.{2:06d}: sched_process_fork: comm=T pid={0} child_comm=T "
    "child_pid={1}"
)
_FTRACE = "\n".join(
    [
        "# tracer: nop",
        _SWITCH.format(0, 1, "R", 0, 0),
        _FORK.format(1, 3, 500),
        _SWITCH.format(1, 2, "S", 2000, 0),
        _WAKING.format(2, 1, 5000),
        _SWITCH.format(2, 1, "R", 6000, 0),
        _SWITCH.format(1, 3, "S", 7000, 0),
        _SWITCH.format(3, 2, "X", 8000, 0),
        _SWITCH.format(2, 0, "X", 9000, 0),
        "",
    ]
)
_PERF = (
    "  perf 18071 [001] 27002.077771:  sched:sched_switch: prev_comm=perf prev_pid=18071 "
    "prev_prio=120 prev_state=S ==> next_comm=sh next_pid=7 next_prio=120\n"
    "    sh     7 [001] 27002.080771:  sched:sched_switch: prev_comm=sh prev_pid=7 "
    "prev_prio=120 prev_state=R+ ==> next_comm=perf next_pid=18071 next_prio=120\n"
)
_CHROME = json.dumps(
    {
        "otherData": {"a": [1, "]"]},
        "traceEvents": [
            {"ph": "M", "name": "thread_name", "pid": 1, "tid": 2, "args": {"name": "main"}},
            {"ph": "X", "name": "f", "pid": 1, "tid": 2, "ts": 0, "dur": 2000.5, "tdur": 100},
            {"ph": "B", "name": "g", "pid": 1, "tid": 3, "ts": 100.25},
            {"ph": "E", "name": "g", "pid": 1, "tid": 3, "ts": 900},
            {"ph": "X", "name": "f", "pid": 1, "tid": 2, "ts": 5000, "dur": 1000},
        ],
    }
)

SAMPLES: dict[str, list[bytes]] = {
    "table": [
        _TABLE.encode(),
        _TABLE.encode("utf-16"),
        _CHINESE.encode(),
        _CHINESE.encode("gbk"),
        b"| Process | CPU | I/O | CPU |\n|---|---|---|---|\n| P1 | 5 | 3 | 2 |\n",
        b'name,burst\n"A","5,io 3,2"\nB,3\n',
    ],
    "bursts": [b"A 0 3 10:5 2\nB 1 4:1 4:1 2\n", b"P1 0 4 10 3\nP2 1 6\n"],
    "ostep": [b"./mlfq.py -l 0,180,0:100,20,2 -i 3\n", b"process-run.py -l 5:100,5:50,2:0 -L 9\n"],
    "nyu": [b"0 100 10 10\n5 30 10 5\n"],
    "swf": [_SWF.encode()],
    "rt-app": [_RT_APP.encode()],
    "trace": [_FTRACE.encode(), _PERF.encode()],
    "chrome": [
        _CHROME.encode(),
        json.dumps({"traceEvents": [], "systemTraceEvents": _FTRACE}).encode(),
    ],
}
"""By kind, as --from takes it."""
