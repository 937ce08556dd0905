"""The JSON run document: there and back, and what is no such document."""

from __future__ import annotations

import copy
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import UsageError
from sim import simulate
from tests.sim.cases import random_case, workload, workload_of
from tests.sim.oracle.system import Job
from timeline.files import validation
from timeline.files.document import load, save, write_run, write_runs
from timeline.laws.check import check
from timeline.record.run import (
    CoreRow,
    Divergence,
    Expectation,
    Observation,
    Overhead,
    ProcessRow,
    Run,
)


def text_of(run: Run) -> str:
    stream = io.StringIO()
    write_run(run, stream)
    return stream.getvalue()


def made() -> Run:
    """Two programs that meet at a disk and in memory; something in every list."""
    jobs = [
        Job(0, (("cpu", 3), ("disk", 2), ("cpu", 2)), memory=5),
        Job(1, (("cpu", 2), ("disk", 4)), memory=4),
        Job(1, (("wait", 1), ("cpu", 1)), memory=8),
    ]
    run = simulate(
        workload(
            "rr", jobs, {"quantum": 2}, tick=1000, devices={"disk": 1}, partitions=[8, 6], cores=2
        )
    )
    run.overheads.append(Overhead(0, 0, 0, "switch"))
    run.observations.append(Observation(7, "P1", "psutil", {"threads": 1}))
    run.expectations.append(Expectation("completion of P1", 7000, 7000, True))
    return run


GOOD: dict[str, Any] = json.loads(text_of(made()))


def read_back(run: Run, folder: Path) -> Run:
    path = folder / "run.json"
    path.write_text(text_of(run), encoding="utf-8")
    return load(path)[0]


# -- there and back -------------------------------------------------------------------------------


def test_a_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    run = made()
    assert text_of(read_back(run, tmp_path)) == text_of(run)


@pytest.mark.parametrize("policy", ["fcfs", "rr", "srtf"])
def test_random_runs_are_read_back_as_they_were_written(policy: str, tmp_path: Path) -> None:
    for seed in range(20):
        run = simulate(workload_of(random_case(policy, seed), 1000))
        assert text_of(read_back(run, tmp_path)) == text_of(run)


def test_a_run_that_was_read_back_breaks_no_law(tmp_path: Path) -> None:
    run = simulate(workload_of(random_case("rr", 3), 1000))
    assert check(read_back(run, tmp_path)) == []


def diverged() -> Run:
    """A run in which a process did other than the rules said."""
    found = Divergence(7, "P1", "lock m", "waits", "came back")
    return replace(made(), divergences=[found], stopped=found.sentence)


def test_divergences_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    run = diverged()
    assert read_back(run, tmp_path).divergences == run.divergences
    assert text_of(read_back(run, tmp_path)) == text_of(run)
    assert "divergences" not in GOOD


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"process": ["P9"]}, "divergences.process has an unknown value 'P9'"),
        ({"at_ns": ["7"]}, "divergences.at_ns[0] must be a whole number"),
        ({"rules": []}, "the columns of divergences differ in length"),
        ({"reality": None}, "divergences.reality must be a list"),
    ],
)
def test_damaged_divergences_are_refused(change: dict[str, Any], told: str, tmp_path: Path) -> None:
    document = json.loads(text_of(diverged()))
    document["divergences"] |= change
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(told)):
        load(path)


def test_several_runs_are_one_document(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    with path.open("w", encoding="utf-8") as stream:
        write_runs([made(), made()], {"verdict": "agree"}, stream)
    assert [text_of(run) for run in load(path)] == [text_of(made())] * 2
    assert json.loads(path.read_text(encoding="utf-8"))["comparison"] == {"verdict": "agree"}


def test_the_keys_are_those_that_are_promised() -> None:
    assert list(GOOD) == [
        "format", "backend", "scenario", "scheduler", "machine", "stopped", "makespan_ns",
        "cores", "averages", "memory", "processes", "intervals", "overheads", "memory_events",
        "life", "observations", "expectations",
    ]  # fmt: skip
    assert list(GOOD["intervals"]) == [
        "process", "state", "start_ns", "end_ns", "core", "device", "why",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["intervals", "overheads", "memory_events", "life", "observations"]
)
def test_columns_are_equally_long(name: str) -> None:
    lengths = {len(column) for column in GOOD[name].values()}
    assert len(lengths) == 1
    assert lengths != {0}


def test_an_empty_list_still_has_its_columns(tmp_path: Path) -> None:
    run = simulate(workload("fcfs", []))
    assert json.loads(text_of(run))["overheads"] == {
        "core": [],
        "start_ns": [],
        "end_ns": [],
        "why": [],
    }
    assert text_of(read_back(run, tmp_path)) == text_of(run)


def test_an_interval_away_from_cores_and_devices_has_null_there() -> None:
    rows = GOOD["intervals"]
    for state, core, device in zip(rows["state"], rows["core"], rows["device"], strict=True):
        assert (core is None) == (state != "running")
        assert device is None or state == "blocked"


def test_a_document_is_ascii_whatever_the_names(tmp_path: Path) -> None:
    run = simulate(workload("fcfs", [Job(0, (("cpu", 1),))], names=["größte Mühe \udcff"]))
    assert text_of(run).isascii()
    assert read_back(run, tmp_path).process_names == ["größte Mühe \udcff"]


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(text_of(made()), encoding="utf-8-sig")
    assert len(load(path)) == 1


def test_keys_of_later_versions_do_not_matter(tmp_path: Path) -> None:
    document = copy.deepcopy(GOOD)
    document["later"] = document["processes"][0]["later"] = 1
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert text_of(load(path)[0]) == text_of(made())


# -- damage ---------------------------------------------------------------------------------------


def complaint(path: Path) -> str:
    """What is said of the file, without its name; always one line and exit status 2."""
    with pytest.raises(UsageError) as error:
        load(path)
    said = str(error.value)
    assert "\n" not in said
    assert error.value.exit_status == 2
    return said.removeprefix(str(path))


def damaged(folder: Path, change: Callable[[Any], object]) -> str:
    """What is said of the good document after `change`."""
    document = copy.deepcopy(GOOD)
    change(document)
    path = folder / "run.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    said = complaint(path)
    assert said.startswith(": is a damaged run: ")
    return said.removeprefix(": is a damaged run: ")


def paths(document: Any, prefix: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Of every value in the document."""
    if prefix:
        yield prefix
    if isinstance(document, dict):
        for key in document:
            yield from paths(document[key], (*prefix, key))
    elif isinstance(document, list):
        for index in range(len(document)):
            yield from paths(document[index], (*prefix, index))


def parent(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        document = document[key]
    return document


MAY_BE_MISSING = {
    "processes": validation.defaults(ProcessRow),
    "cores": validation.defaults(CoreRow),
    "expectations": validation.defaults(Expectation),
}
"""Fields with a default: an older version may have saved the run without them."""
REQUIRED = [
    path
    for path in paths(GOOD)
    if isinstance(path[-1], str)
    and path[0] not in ("scenario", "scheduler", "format", "stopped", "memory")
    and path[:2] != ("machine", "memory")
    and path[:2] not in (("machine", "costs"), ("observations", "value"))
    and path[:3] != ("machine", "devices", "disk")[: len(path)]
    and path[-1] not in MAY_BE_MISSING.get(path[0], ())
]


@pytest.mark.parametrize("path", REQUIRED, ids=lambda path: ".".join(map(str, path)))
def test_a_missing_key_is_named(path: tuple[Any, ...], tmp_path: Path) -> None:
    def remove(document: Any) -> None:
        del parent(document, path)[path[-1]]

    said = damaged(tmp_path, remove)
    assert said.endswith(f"{path[-1]} is missing")


@pytest.mark.parametrize(
    ("path", "wrong", "said"),
    [
        (("makespan_ns",), "7", "makespan_ns must be a whole number of at most 64 bits, not '7'"),
        (("makespan_ns",), 1.5, "makespan_ns must be a whole number of at most 64 bits, not 1.5"),
        (("makespan_ns",), True, "makespan_ns must be a whole number of at most 64 bits, not True"),
        (("makespan_ns",), 2**63, "makespan_ns must be a whole number of at most 64 bits, not 922"),
        (("processes",), {}, "processes must be a list, not an object"),
        (("processes", 1), 5, "processes[1] must be an object, not 5"),
        (("processes", 1, "name"), 5, "processes[1].name must be text, not 5"),
        (("processes", 0, "cpu_ns"), "5", "processes[0].cpu_ns must be a whole number"),
        (("processes", 0, "response_ns"), [], "processes[0].response_ns must be a whole number"),
        (("processes", 0, "memory", "base"), None, "processes[0].memory.base must be a whole"),
        (("processes", 0, "affinity"), [0, "1"], "processes[0].affinity must be a list, each"),
        (("processes", 1, "name"), "P1", "processes: two have the same name"),
        (("cores", 0, "busy_ns"), "x", "cores[0].busy_ns must be a whole number"),
        (("cores",), [], "cores must be one for each of machine.cores (2)"),
        (("machine", "cores"), 3, "cores must be one for each of machine.cores (3)"),
        (("machine", "life"), {"default_of": 3}, "machine.life.default_of must be text"),
        (("machine", "life"), {"start_method": []}, "machine.life.start_method must be text"),
        (("machine", "devices"), [], "machine.devices must be an object, not a list"),
        (("machine", "devices", "disk"), 1, "machine.devices.disk must be an object, not 1"),
        (("machine", "memory", "size"), "x", "machine.memory.size must be a whole number"),
        (("machine", "memory", "partitions", 0), "x", "machine.memory.partitions must be a list"),
        (("machine", "memory", "partitions", 0), 0, "machine.memory has a size below 1"),
        (("machine", "memory", "fit"), 1, "machine.memory.fit must be text"),
        (("machine", "memory", "fit"), "", "machine.memory.fit has an unknown value"),
        (("scheduler", "hz"), 0, "scheduler.hz is 0, and a clock ticks at least once a second"),
        (("intervals", "start_ns", 0), -1, "intervals: row 0 is from -1 to "),
        (("intervals", "start_ns", 0), 10**15, "intervals: row 0 is from 1000000000000000 to "),
        (("averages", "turnaround_ns"), "x", "averages.turnaround_ns must be a whole number"),
        (("averages", "cpu_utilization"), "x", "averages.cpu_utilization must be a number"),
        (("backend",), "imagined", '"backend" is \'imagined\', not "simulated" or "real"'),
        (("scenario",), None, "scenario must be an object, not null"),
        (("stopped",), 5, "stopped must be text or null, not 5"),
        (("intervals", "state", 1), "dead-ish", "intervals.state has an unknown value 'dead-ish'"),
        (("intervals", "why", 0), "why not", "intervals.why has an unknown value 'why not'"),
        (("intervals", "process", 0), "Q", "intervals.process has an unknown value 'Q'"),
        (("intervals", "device", 0), "tape", "intervals.device has an unknown value 'tape'"),
        (("intervals", "core", 0), 2, "intervals.core has an unknown value 2"),
        (("intervals", "core", 0), "0", "intervals.core[0] must be a whole number"),
        (("intervals", "start_ns", 1), "5", "intervals.start_ns[1] must be a whole number"),
        (
            ("intervals", "end_ns", 0),
            2**70,
            "intervals.end_ns[0] must be a whole number of at most",
        ),
        (("intervals", "state"), "ready", "intervals.state must be a list, not 'ready'"),
        (("overheads", "start_ns", 0), 9, "overheads: row 0 is from 9 to 0 ns"),
        (("overheads", "core", 0), 9, "overheads.core has an unknown value 9"),
        (("memory_events", "process", 0), "Q", "memory_events.process has an unknown value 'Q'"),
        (("memory_events", "base", 0), None, "memory_events.base[0] must be a whole number"),
        (("life", "at_ns", 0), 0.5, "life.at_ns[0] must be a whole number"),
        (("observations",), [], "observations must be an object, not a list"),
        (("machine", "price"), 3, "price: must have kinds, a list"),
        (
            ("expectations", 0, "holds"),
            1,
            "expectations[0].holds must be true or false or null, not 1",
        ),
    ],
)
def test_a_wrong_value_is_named(
    path: tuple[Any, ...], wrong: object, said: str, tmp_path: Path
) -> None:
    def spoil(document: Any) -> None:
        parent(document, path)[path[-1]] = wrong

    assert damaged(tmp_path, spoil).startswith(said)


@pytest.mark.parametrize("name", ["intervals", "memory_events", "life"])
def test_columns_of_different_lengths_are_refused(name: str, tmp_path: Path) -> None:
    column = "why" if name == "intervals" else "process"
    said = damaged(tmp_path, lambda document: document[name][column].pop())
    assert said.startswith(f"the columns of {name} differ in length: ")


def test_a_long_wrong_value_is_cut(tmp_path: Path) -> None:
    said = damaged(tmp_path, lambda document: document.update(makespan_ns="long" * 100))
    assert len(said) < 100


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=3,
)


@given(path=st.sampled_from(list(paths(GOOD))), other=JSON)
def test_any_other_value_is_taken_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[Any, ...], other: Any
) -> None:
    document = copy.deepcopy(GOOD)
    parent(document, path)[path[-1]] = other
    file = tmp_path_factory.getbasetemp() / "spoiled.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert complaint_or_nothing(file).count("\n") == 0


def complaint_or_nothing(file: Path) -> str:
    """Return why the file is refused; nothing if it is not."""
    try:
        load(file)
    except UsageError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ":1:1: is not JSON (Expecting value), so not a saved run"),
        (b'{"format":\n oops}', ":2:2: is not JSON (Expecting value), so not a saved run"),
        (b"title: x\n", ":1:1: is not JSON (Expecting value), so not a saved run"),
        (b"\xff\xfe{}", ": is not UTF-8 text, so it is not a saved run"),
        (b"[" * 100_000, ": is nested too deeply to be a saved run"),
        (b'{"a": NaN}', ": is not a saved run: NaN is not JSON"),
        (b"[]", ': is not a saved run (its "format" is None, not "multiprog-run/1")'),
        (b"{}", ': is not a saved run (its "format" is None, not "multiprog-run/1")'),
        (
            b'{"format": "multiprog-run/9"}',
            ': is not a saved run (its "format" is \'multiprog-run/9\', not "multiprog-run/1")',
        ),
        (
            b'{"format": "multiprog-runs/1", "runs": []}',
            ": runs: must be a list of at least one run",
        ),
        (
            b'{"format": "multiprog-runs/1", "runs": [5]}',
            ": is a damaged run: a run must be an object, not 5",
        ),
    ],
)
def test_what_is_no_saved_run_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    assert complaint(path) == said


def test_a_number_too_long_to_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text('{"makespan_ns": ' + "9" * 5000 + "}", encoding="utf-8")
    assert complaint(path).startswith(": is not a saved run: ")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert complaint(tmp_path) == ": cannot be read: Is a directory"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert complaint(tmp_path / "none.json") == ": cannot be read: No such file or directory"


# -- saving ---------------------------------------------------------------------------------------


def write_hello(stream: TextIO) -> None:
    stream.write("hello\n")


def fail_halfway(stream: TextIO) -> None:
    stream.write("half")
    stream.flush()
    raise RuntimeError("half")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_becomes_the_file(tmp_path: Path) -> None:
    save(tmp_path / "run.json", write_hello)
    assert (tmp_path / "run.json").read_text() == "hello\n"
    assert names_in(tmp_path) == ["run.json"]


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("old and longer than the new one")
    save(tmp_path / "run.json", write_hello)
    assert (tmp_path / "run.json").read_text() == "hello\n"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("old")
    with pytest.raises(RuntimeError):
        save(tmp_path / "run.json", fail_halfway)
    assert (tmp_path / "run.json").read_text() == "old"
    assert names_in(tmp_path) == ["run.json"]


def test_a_failure_leaves_nothing_where_nothing_was(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        save(tmp_path / "run.json", fail_halfway)
    assert names_in(tmp_path) == []


def test_the_same_holds_where_files_cannot_be_nameless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    with pytest.raises(RuntimeError):
        save(tmp_path / "run.json", fail_halfway)
    assert names_in(tmp_path) == []
    save(tmp_path / "run.json", write_hello)
    assert (tmp_path / "run.json").read_text() == "hello\n"
    assert names_in(tmp_path) == ["run.json"]


def test_what_another_left_behind_is_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / f".run.json.{os.getpid()}").write_text("left behind")
    save(tmp_path / "run.json", write_hello)
    assert (tmp_path / "run.json").read_text() == "hello\n"
    assert names_in(tmp_path) == ["run.json"]


def test_a_saved_file_may_be_read_by_whom_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        save(tmp_path / "run.json", write_hello)
    finally:
        os.umask(before)
    assert (tmp_path / "run.json").stat().st_mode & 0o777 == 0o644


def test_saving_to_nowhere_works() -> None:
    save(Path("/dev/null"), write_hello)


@pytest.mark.parametrize(
    ("name", "said"),
    [("none/run.json", "No such file or directory"), (".", "Is a directory")],
)
def test_where_nothing_can_be_saved_is_one_line(name: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with pytest.raises(UsageError) as error:
        save(path, write_hello)
    assert str(error.value) == f"{path}: cannot be written: {said}"
    assert names_in(tmp_path) == []
