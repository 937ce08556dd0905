"""The scheduler section: registered policies, a student's own, and their parameters."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from kernel.policies import POLICIES
from kernel.units import ms
from language import Options, ScenarioError
from language import load as load_file
from tests.language.conftest import Load, Wrong

A = "processes: [{name: A, cpu: 20ms}]\n"
MINE = """
from typing import ClassVar, Literal
from kernel.scheduling import Duration, Policy, ms

class Mine(Policy):
    quantum: Duration = ms(20)
    levels: list[Duration] = [ms(1), ms(2)]
    boost: Duration | None = None
    share: float = 0.5
    depth: int = 3
    kind: Literal["fast", "slow"] = "fast"
    fair: bool = True
    label: str = "x"
    shared: ClassVar[int] = 1
    _hidden: int = 2

class NotOne: ...
"""
DEFAULTS = {
    "quantum": ms(20),
    "levels": [ms(1), ms(2)],
    "boost": None,
    "share": 0.5,
    "depth": 3,
    "kind": "fast",
    "fair": True,
    "label": "x",
}


@pytest.mark.parametrize("name", POLICIES)
def test_every_registered_policy_has_all_its_parameters(name: str, load: Load) -> None:
    scheduler = load(f"{A}scheduler: {{policy: {name}}}").workload.scheduler
    assert scheduler.policy is POLICIES[name]
    assert scheduler.parameters == POLICIES[name].parameters()


def test_a_policy_of_ones_own_with_its_defaults(load: Load) -> None:
    Path("mine.py").write_text(MINE)
    scheduler = load(f"{A}scheduler: {{policy: mine.py:Mine}}").workload.scheduler
    assert scheduler.name == "mine.py:Mine"
    assert scheduler.policy.__name__ == "Mine"
    assert scheduler.parameters == DEFAULTS


def test_parameters_are_read_as_they_are_annotated(load: Load) -> None:
    Path("mine.py").write_text(MINE)
    written = (
        "quantum: 4, levels: [3, 5us], boost: 1s, share: 1, depth: -2, kind: slow, fair: false"
    )
    text = f"{A}scheduler: {{policy: mine.py:Mine, {written}, label: y}}"
    assert load(text).workload.scheduler.parameters == {
        "quantum": ms(4),
        "levels": [ms(3), 5000],
        "boost": ms(1000),
        "share": 1.0,
        "depth": -2,
        "kind": "slow",
        "fair": False,
        "label": "y",
    }


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("quantum: 0", "scheduler.quantum: must be a duration above 0, like 20ms (got 0)"),
        (
            "levels: [1, x]",
            "scheduler.levels.1: must be a duration like 20ms, 250us or 1.5s (got 'x')",
        ),
        ("levels: 3", "scheduler.levels: must be a list (got 3)"),
        ("share: .inf", "scheduler.share: must be a number (got inf)"),
        ("depth: true", "scheduler.depth: must be a whole number (got true)"),
        ("kind: slwo", "scheduler.kind: must be fast or slow (got 'slwo'; did you mean 'slow'?)"),
        ("fair: 1", "scheduler.fair: must be true or false (got 1)"),
        ("label: 1", "scheduler.label: must be text (got 1); put it in quotes"),
        ("quantm: 1", "scheduler.quantm: unknown key 'quantm' (did you mean 'quantum'?)"),
    ],
)
@pytest.mark.usefixtures("load")
def test_a_wrong_parameter(written: str, message: str, wrong: Wrong) -> None:
    Path("mine.py").write_text(MINE)
    (line,) = wrong(f"{A}scheduler: {{policy: mine.py:Mine, {written}}}")
    assert line.split(": ", 1)[1] == message


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("no.py:Mine", "no such file: no.py"),
        ("mine.py", "must name a class in the file too, like mine.py:MyPolicy"),
        ("mine.py:Other", "mine.py has no class 'Other' (Mine, NotOne)"),
        ("mine.py:NotOne", "NotOne in mine.py must be a class that extends Policy"),
        ("mine.py:Policy", "Policy in mine.py must be a class that extends Policy"),
        ("broken.py:Mine", "broken.py:3: ZeroDivisionError: division by zero"),
        ("syntax.py:Mine", "syntax.py:2: SyntaxError: invalid syntax"),
        ("leaving.py:Mine", "leaving.py:1: SystemExit: 3"),
    ],
)
@pytest.mark.usefixtures("load")
def test_a_file_that_gives_no_policy(policy: str, message: str, wrong: Wrong) -> None:
    Path("mine.py").write_text(MINE)
    Path("broken.py").write_text("def f():\n    # why\n    return 1 / 0\nf()\n")
    Path("syntax.py").write_text("a = 1\nb = = 2\n")
    Path("leaving.py").write_text("raise SystemExit(3)\n")
    assert wrong(f"{A}scheduler: {{policy: {policy}}}") == [
        f"f.yaml:2:21: scheduler.policy: {message}"
    ]


@pytest.mark.usefixtures("load")
def test_a_parameter_that_no_scenario_can_fill(wrong: Wrong) -> None:
    Path("odd.py").write_text(
        "from kernel.scheduling import Policy\nclass Odd(Policy):\n    table: dict = {}\n"
    )
    (line,) = wrong(f"{A}scheduler: {{policy: odd.py:Odd}}")
    assert "the parameter 'table' has an annotation that a scenario cannot fill" in line


def test_a_file_is_found_from_the_scenario_or_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "mine.py").write_text(MINE)
    (there / "f.yaml").write_text(f"{A}scheduler: {{policy: mine.py:Mine}}")
    monkeypatch.chdir(tmp_path)
    assert load_file("there/f.yaml").workload.scheduler.parameters["depth"] == 3
    (tmp_path / "mine.py").write_text(MINE.replace("depth: int = 3", "depth: int = 4"))
    options = Options(policy="mine.py:Mine", sets=("scheduler.kind=slow",))
    assert load_file("there/f.yaml", options).workload.scheduler.parameters["depth"] == 4


def test_nothing_is_left_beside_a_policy_file(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mine.py").write_text(f"print('hello')\n{MINE}")
    load(f"{A}scheduler: {{policy: mine.py:Mine}}")
    assert not Path("__pycache__").exists()
    assert capsys.readouterr().out == ""


CHECKED = """
from kernel.scheduling import Duration, Estimate, Policy

class Checked(Policy):
    depth: int = 3
    wait: Duration = 0
    base_quantum: Duration | None = None
    estimate: Estimate = "oracle"

    def check(self):
        print("checking")
        if self.depth < 0:
            raise ValueError("depth: must not be negative")
        if self.depth == 7:
            raise ValueError("seven is too many")
        if self.depth == 9:
            raise KeyError("nine")

class Wants(Policy):
    def __init__(self, what):
        self.what = what
"""


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("policy: own.py:Checked, depth: -1", "44: scheduler.depth: must not be negative"),
        ("policy: own.py:Checked, depth: 7", "12: scheduler: seven is too many"),
        (
            "policy: own.py:Checked, depth: 9",
            "21: scheduler.policy: own.py:17: check() raised KeyError: 'nine'",
        ),
        (
            "policy: own.py:Wants",
            "21: scheduler.policy: Wants cannot be made: TypeError: "
            "Wants.__init__() missing 1 required positional argument: 'what'",
        ),
        (
            "policy: own.py:Checked, base_quantum: 0",
            "51: scheduler.base_quantum: must be none or a duration above 0, like 20ms (got 0)",
        ),
    ],
)
@pytest.mark.usefixtures("load")
def test_what_a_policy_itself_says_against_its_parameters(
    written: str, message: str, wrong: Wrong
) -> None:
    Path("own.py").write_text(CHECKED)
    assert wrong(f"{A}scheduler: {{{written}}}") == [f"f.yaml:2:{message}"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "while True:\n    pass\n",
            r"own\.py:[12]: has not ended within 100ms of CPU time \(the limit policy\); "
            "a file of policies should only define them",
        ),
        (
            "from kernel.scheduling import RoundRobin\n\nclass Mine(RoundRobin):\n"
            "    def check(self):\n        while True:\n            pass\n",
            r"own\.py:[56]: check\(\) has not ended within 100ms of CPU time",
        ),
    ],
)
def test_a_file_that_never_ends_is_told(
    text: str,
    says: str,
    wrong: Wrong,
    tmp_path: Path,
) -> None:
    (tmp_path / "own.py").write_text(text)
    said = wrong(A + "scheduler: {policy: own.py:Mine}", limits={"policy": ms(100)})
    assert re.search(says, said[0])
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_a_file_is_read_once(
    load: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.py").write_text('print("here")\nraise ValueError("no")\n')
    with pytest.raises(ScenarioError, match=r"own\.py:2: ValueError: no"):
        load(A, policy="own.py:Mine")
    assert capsys.readouterr().err == "here\n"


def test_what_a_policy_prints_is_not_on_stdout(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("own.py").write_text(CHECKED)
    load(f"{A}scheduler: {{policy: own.py:Checked}}")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("oracle", "oracle"),
        ("{exponential: {}}", {"exponential": {"alpha": 0.5, "initial": ms(10)}}),
        ("{exponential: {alpha: 1}}", {"exponential": {"alpha": 1.0, "initial": ms(10)}}),
        (
            "{exponential: {alpha: 0.25, initial: 3}}",
            {"exponential": {"alpha": 0.25, "initial": ms(3)}},
        ),
        ("{exponential: {initial: 0}}", {"exponential": {"alpha": 0.5, "initial": 0}}),
    ],
)
@pytest.mark.parametrize("policy", ["sjf", "hrrn", "own.py:Checked"])
def test_an_estimate(policy: str, written: str, given: object, load: Load) -> None:
    Path("own.py").write_text(CHECKED)
    scheduler = load(f"{A}scheduler: {{policy: {policy}, estimate: {written}}}").workload.scheduler
    assert scheduler.parameters["estimate"] == given
    assert json.loads(json.dumps(given)) == given


def test_none_where_a_parameter_may_be_none(load: Load) -> None:
    text = f"{A}scheduler: {{policy: mlfq, boost: none, allotments: none, quanta: [1, 2]}}"
    assert load(text).workload.scheduler.parameters == {
        "levels": 3,
        "quanta": [ms(1), ms(2)],
        "allotments": None,
        "boost": None,
        "preemptive": True,
        "io": "keeps",
        "io_return": "back",
        "requeue": "keeps-place",
    }


@pytest.mark.parametrize(
    ("attribute", "says"),
    [
        (
            'quantum: Duration = "10ms"',
            "a whole number of ns, at least 1, like ms(20) (got '10ms')",
        ),
        ("quantum: Duration = 0.5", "a whole number of ns, at least 1, like ms(20) (got 0.5)"),
        ("quantum: Duration = 0", "a whole number of ns, at least 1, like ms(20) (got 0)"),
        ("boost: Duration = 0", "a whole number of ns, at least 1, like ms(20) (got 0)"),
        ("quanta: list[Duration] = [1, -1]", "a list, each a whole number of ns, at least 1"),
        ("depth: int | None = 2.5", "a whole number (got 2.5)"),
        ("fair: bool = 1", "True or False (got 1)"),
        ("kind: Literal['a', 'b'] = 'c'", "'a' or 'b' (got 'c')"),
    ],
)
def test_a_default_that_no_scenario_could_write(attribute: str, says: str, wrong: Wrong) -> None:
    Path("odd.py").write_text(
        "from typing import Literal\nfrom kernel.scheduling import Duration, Policy\n"
        f"class Odd(Policy):\n    {attribute}\n"
    )
    (line,) = wrong(f"{A}scheduler: {{policy: odd.py:Odd}}")
    name = attribute.partition(":")[0]
    assert f"odd.py:3: the parameter '{name}' must have a default that is {says}" in line


def test_none_and_a_whole_number_for_a_float_are_good_defaults(load: Load) -> None:
    Path("odd.py").write_text(
        "from kernel.scheduling import Duration, Policy\n"
        "class Odd(Policy):\n    quantum: Duration = None\n    share: float = 1\n"
    )
    scheduler = load(f"{A}scheduler: {{policy: odd.py:Odd}}").workload.scheduler
    assert scheduler.parameters == {"quantum": None, "share": 1}


@pytest.mark.parametrize("key", ["policy", "ties", "queues", "balance", "dispatch"])
def test_a_parameter_called_like_a_key_of_every_policy(key: str, wrong: Wrong) -> None:
    Path("odd.py").write_text(
        f"from kernel.scheduling import Policy\nclass Odd(Policy):\n    {key}: int = 3\n"
    )
    (line,) = wrong(f"{A}scheduler: {{policy: odd.py:Odd}}")
    assert f"odd.py:2: the parameter '{key}' is called like a key of scheduler" in line


@pytest.mark.parametrize(
    ("attribute", "says"),
    [
        ("quantum = ms(5)", "Odd has quantum without an annotation; write one"),
        ("quantum: Duration", "Odd has quantum without a default; give it one"),
    ],
)
def test_an_attribute_that_is_not_yet_a_parameter(attribute: str, says: str, wrong: Wrong) -> None:
    Path("odd.py").write_text(
        f"from kernel.scheduling import Duration, Policy, ms\nclass Odd(Policy):\n    {attribute}\n"
    )
    (line,) = wrong(f"{A}scheduler: {{policy: odd.py:Odd, quantum: 5ms}}")
    assert says in line
