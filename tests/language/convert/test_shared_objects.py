"""Exported programs make and use shared objects, and end, as a student would write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import life, life_witnesses
from benchmarks.cpython import EXPECTED, expected
from benchmarks.cpython_rules import RULES
from benchmarks.proof import foreign
from language import Options, ScenarioError
from language.loading import export
from tests.effort import cases

DECLARED = """
locks: {m: rlock}
semaphores: {s: 2, t: {value: 1, bounded: true}}
conditions: {c: {lock: m}, d: }
barriers: {b: 2}
queues: {q: queue, j: {kind: joinable, maxsize: 3}}
pipes: {p: {duplex: false}, r: }
values: {n: 7, u: {value: 1, lock: false}}
arrays: {a: [1, 2]}
pools: {k: 3, ex: {workers: 2, kind: executor}}
programs: {w: {program: [{io: 1s}]}}
"""


def exported(steps: str, folder: Path) -> str:
    """The program of a process with these steps, with nothing foreign in it."""
    path = folder / "lab.yaml"
    path.write_text(f"{DECLARED}processes: [{{name: P, program: [{steps}]}}]\n", encoding="utf-8")
    program = export(path, Options())
    assert foreign(program.text, program.names) == []
    return program.text


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ("{lock: m}", "lock_m = multiprocessing.RLock()"),
        ("{lock: x}", "lock_x = multiprocessing.Lock()"),
        ("{lock: m}", "attempt('lock m', lambda: lock_m.acquire())"),
        ("{lock: {lock: m, timeout: 5ms}}",
         "report('lock m', lambda: lock_m.acquire(timeout=0.005))"),
        ("{lock: {lock: c, blocking: false}}",
         "report('lock c', lambda: condition_c.acquire(block=False))"),
        ("{unlock: n}", "attempt('unlock n', lambda: value_n.get_lock().release())"),
        ("{acquire: s}", "semaphore_s = multiprocessing.Semaphore(2)"),
        ("{release: t}", "semaphore_t = multiprocessing.BoundedSemaphore(1)"),
        ("{set_event: e}", "event_e.set()"),
        ("{wait_event: e}", "report('wait_event e', lambda: event_e.wait())"),
        ("{wait: c}", "condition_c = multiprocessing.Condition(lock_m)"),
        ("{wait: d}", "condition_d = multiprocessing.Condition()"),
        ("{wait: {condition: c, timeout: 1}}",
         "report('wait c', lambda: condition_c.wait(timeout=0.001))"),
        ("{notify: {condition: c, count: 2}}",
         "attempt('notify c', lambda: condition_c.notify(2))"),
        ("{barrier: {barrier: b, timeout: 1s}}",
         "attempt('barrier b', lambda: barrier_b.wait(timeout=1.0))"),
        ("{send: {queue: q, value: 1}}", "queue_q = multiprocessing.Queue()"),
        ("{task_done: j}", "queue_j = multiprocessing.JoinableQueue(3)"),
        ("{send: {queue: q, value: 1, blocking: false}}",
         "attempt('send q', lambda: queue_q.put(1, block=False))"),
        ("{send: {pipe: p, end: 1, value: 1}}", "attempt('send p', lambda: pipe_p[1].send(1))"),
        ("{poll: {pipe: p, end: 0}}", "pipe_p = multiprocessing.Pipe(duplex=False)"),
        ("{poll: {pipe: r, end: 0}}", "report('poll r', lambda: pipe_r[0].poll())"),
        ("{close_end: {pipe: p, end: 0}}", "attempt('close_end p', lambda: pipe_p[0].close())"),
        ("{read: n}", "value_n = multiprocessing.Value('q', 7)"),
        ("{read: u}", "value_u = multiprocessing.Value('q', 1, lock=False)"),
        ("{read: {array: a, index: 1, into: x}}", "x = array_a[1]"),
        ("{write: {value: n, set: 5}}", "value_n.value = 5"),
        ("{set: {x: 1}}, {write: {value: n, from: x, plus: 2}}", "value_n.value = x + 2"),
        ("{add: {array: a, index: 0, by: -1}}", "array_a[0] += -1"),
        ("{start: {program: w}}, {interrupt: w}", "attempt('interrupt w', lambda: interrupt(w))"),
        ("{interrupt: P}", "attempt('interrupt P', lambda: send('P', signal.SIGINT))"),
        ("{atexit: bye}", "atexit.register(say, 'bye')"),
        ("{exit: }", "sys.exit(None)"),
        ("{exit: a text}", "sys.exit('a text')"),
        ("{raise: KeyboardInterrupt}", "raise KeyboardInterrupt"),
        ("{start: {program: w, style: subclass, attributes: {x: [1]}}}", "w.x = [1]"),
        ("{open_pool: k}",
         "pool_k = multiprocessing.Pool(3, be_worker, ('k', multiprocessing.Value('i')))"),
        ("{open_pool: k}, {submit: {pool: k, task: w, as: r}}", "r = pool_k.apply_async(do_w)"),
        ("{get: {result: r, timeout: 1s}}", "report('get r', lambda: r.get(timeout=1.0))"),
        ("{open_pool: k}, {map: {pool: k, tasks: [w, w]}}",
         "report('map k', lambda: pool_k.map(call, [do_w, do_w], chunksize=1))"),
        ("{open_pool: k}, {close_pool: k}", "attempt('close_pool k', lambda: pool_k.close())"),
        ("{open_pool: k}, {join_pool: k}", "attempt('join_pool k', lambda: pool_k.join())"),
        ("{open_pool: k}, {terminate_pool: k}",
         "attempt('terminate_pool k', lambda: pool_k.terminate())"),
        ("{open_pool: ex}",
         "pool_ex = concurrent.futures.ProcessPoolExecutor(2, initializer=be_worker, "
         "initargs=('ex', multiprocessing.Value('i')))"),
        ("{open_pool: ex}, {submit: {pool: ex, task: w, as: r}}", "r = pool_ex.submit(do_w)"),
        ("{open_pool: ex}, {submit: {pool: ex, task: w}}, {get: w}",
         "report('get w', lambda: w.result())"),
        ("{open_pool: ex}, {map: {pool: ex, tasks: [w]}}",
         "report('map ex', lambda: list(pool_ex.map(call, [do_w], chunksize=1)))"),
        ("{open_pool: ex}, {shutdown: ex}", "attempt('shutdown ex', lambda: pool_ex.shutdown())"),
        ("{start: {program: w, target: lambda}}",
         "w = multiprocessing.Process(target=lambda: do_w(), name='w')"),
        ("{start: {program: w, target: local}}",
         "w = multiprocessing.Process(target=local_w, name='w')"),
    ],
)  # fmt: skip
def test_a_step_is_that_line(step: str, line: str, tmp_path: Path) -> None:
    assert line in (each.strip() for each in exported(step, tmp_path).splitlines())


def test_finally_is_around_the_rest_of_the_program(tmp_path: Path) -> None:
    text = exported("{print: a}, {finally: b}, {print: c}, {finally: d}", tmp_path)
    assert (
        "    say('a')\n    try:\n        say('c')\n        try:\n            pass\n"
        "        finally:\n            say('d')\n    finally:\n        say('b')\n"
    ) in text


def test_the_main_program_keeps_no_end_of_a_pipe_open(tmp_path: Path) -> None:
    text = exported("{receive: {pipe: p, end: 0}}", tmp_path)
    assert text.index("one.start()") < text.index("end.close()") < text.index("one.join()")


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("{lock: {lock: m, timeout: 60000min}}", "a timeout of more than 24 days"),
        ("{receive: {queue: q, timeout: 60000min}}", "a timeout of more than 24 days"),
        ("{get: {result: r, timeout: 60000min}}", "a timeout of more than 24 days"),
        ("{open_pool: k}, {kill: k/1}", "does not know which of its workers is 'k/1'"),
        ("{call: f}", "the call of 'f' is not exported, as its finally"),
        (", ".join(["{finally: x}"] * 19), "more than 18 loops in each other"),
    ],
)
def test_what_a_plain_program_cannot_do_is_refused(steps: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    programs = DECLARED.replace("programs: {", "programs: {f: {program: [{finally: x}]}, ")
    path.write_text(f"{programs}processes: [{{name: P, program: [{steps}]}}]\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=says):
        export(path, Options())


@pytest.mark.parametrize("number", range(cases(20)))
def test_a_random_program_of_life_keeps_the_laws_and_its_export_is_ours(
    number: int, tmp_path: Path
) -> None:
    program = life_witnesses.program("tests", number, tmp_path)
    assert life_witnesses.wrong_with_model(program) == []


@pytest.mark.real
@pytest.mark.apart
@pytest.mark.parametrize("number", range(4))
def test_a_random_program_of_life_prints_what_the_rules_allow(number: int, tmp_path: Path) -> None:
    program = life_witnesses.program("tests", number, tmp_path)
    answers = (life_witnesses.exported(program, tmp_path, orders) for orders in life.ORDERS)
    assert any(answer.allowed is not False for answer in answers)


def test_each_measured_rule_has_an_expected_outcome() -> None:
    assert all(expected(rule, (3, 11)) for rule in RULES)
    assert EXPECTED.keys() <= RULES.keys()
