"""The programs of a scenario with calls, as a student reads them: a few lines of Python each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from teaching.posed import Posed
from translation import tr

INDENT = "    "


def program_lines(posed: Posed) -> list[str]:
    """Return the programs of the variant as Python, without imports and helpers."""
    root = posed.variant.checked.root.plain()
    method = posed.right.workload.start_method
    lines = [
        tr(
            "# compute(t) uses t of CPU time, wait(t) sleeps; processes start by {start_method}",
            start_method=method,
        )
    ]
    lines += [f"{name} = {value!r}" for name, value in (root.get("variables") or {}).items()]
    for name, parties in (root.get("barriers") or {}).items():
        lines.append(f"{name} = Barrier({parties})")
    for name, template in (root.get("programs") or {}).items():
        lines += ["", f"def {name}():", *_body(_program(template))]
    for process in root["processes"]:
        many = tr("# {number} of them", number=process["count"]) if "count" in process else ""
        lines += ["", f"def {process['name']}():   {many}".rstrip()]
        threads = process.get("threads")
        if threads is None:
            lines += _body(_program(process))
            continue
        for number, thread in enumerate(threads, 1):
            what = thread if isinstance(thread, str) else f"thread_{number}"
            if not isinstance(thread, str):
                lines += [f"{INDENT}def {what}():", *(INDENT + each for each in _body(thread))]
            lines.append(f"{INDENT}Thread(target={what}).start()")
        lines.append(INDENT + tr("# waits for the ends of its threads"))
    return lines


def _program(entry: Mapping[str, Any]) -> list[Any]:
    return list(entry["program"]) if "program" in entry else [{"cpu": entry.get("cpu")}]


def _body(program: list[Any]) -> list[str]:
    assigned = sorted({key for step in _all(program) if "set" in step for key in step["set"]})
    lines = [f"global {', '.join(assigned)}"] if assigned else []
    for step in program:
        lines += _step(step)
    return [INDENT + line for line in lines or ["pass"]]


def _all(program: list[Any]) -> Iterator[Mapping[str, Any]]:
    for step in program:
        yield step
        if "repeat" in step:
            yield from _all(step["repeat"]["do"])


def _step(step: Mapping[str, Any]) -> list[str]:
    (kind, value), *_ = step.items()
    if kind == "repeat":
        inner = [line for each in value["do"] for line in _step(each)]
        return [f"for _ in range({value['times']}):", *(INDENT + line for line in inner)]
    writer = WRITERS.get(kind)
    return writer(value) if writer is not None else [f"{kind}({value})"]


def _start(value: Any) -> list[str]:
    if isinstance(value, str):
        return [f"{value}.start()"]
    name = value.get("name", value["program"])
    options = [f"target={value['program']}"]
    options += [f"args={tuple(value['args'])!r}"] if isinstance(value.get("args"), list) else []
    options += [f"daemon={value['daemon']}"] if "daemon" in value else []
    return [f"{name} = Process({', '.join(options)})", f"{name}.start()"]


def _join(value: Any) -> list[str]:
    if isinstance(value, str):
        return [f"{value}.join()"]
    return [f"{value['process']}.join(timeout={value['timeout']})"]


def _call(value: Any) -> list[str]:
    if isinstance(value, str):
        return [f"Process(target={value}).run()"]
    return [f"{value['name']} = Process(target={value['program']})", f"{value['name']}.run()"]


def _observe(value: Any) -> list[str]:
    name = value if isinstance(value, str) else value["process"]
    comment = tr("# is_alive, exitcode, state in the process table")
    return [f"observe({name})   {comment}"]


def _io(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        (device, time), *_ = value.items()
        return [f"wait({time})   # {device}"]
    return [f"wait({value})"]


def _receive(value: Any) -> list[str]:
    if isinstance(value, str):
        return [f"{value}.get()"]
    into = f"{value['into']} = " if "into" in value else ""
    return [f"{into}{value['queue']}.get()"]


WRITERS: dict[str, Callable[[Any], list[str]]] = {
    "cpu": lambda value: [f"compute({value})"],
    "io": _io,
    "start": _start,
    "join": _join,
    "call": _call,
    "observe": _observe,
    "terminate": lambda value: [f"{value}.terminate()   # SIGTERM"],
    "kill": lambda value: [f"{value}.kill()   # SIGKILL"],
    "close": lambda value: [f"{value}.close()"],
    "daemon": lambda value: [f"{name}.daemon = {flag}" for name, flag in value.items()],
    "exit": lambda value: [f"sys.exit({value})"],
    "os_exit": lambda value: [f"os._exit({value})"],
    "raise": lambda value: [f"raise {value}"],
    "active_children": lambda _: ["active_children()"],
    "set": lambda value: [f"{name} = {each!r}" for name, each in value.items()],
    "show": lambda value: [f'print("{value} =", {value})'],
    "print": lambda value: [f"print({value!r})"],
    "lock": lambda value: [f"{value}.acquire()"],
    "unlock": lambda value: [f"{value}.release()"],
    "send": lambda value: [f"{value['queue']}.put({value.get('value')!r})"],
    "receive": _receive,
    "barrier": lambda value: [f"{value}.wait()"],
    "yield": lambda _: ["os.sched_yield()"],
}
"""The lines of a step, by its key."""
