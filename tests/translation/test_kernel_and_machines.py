"""What the kernel and the machines say, in Chinese; what programs read of it stays English."""

# ruff: noqa: RUF001 - Chinese punctuation is meant

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from cli import main
from kernel.errors import UsageError
from kernel.files.writing import require_writable
from kernel.linux.admission import Reservation, first_too_much, refusals
from kernel.policies import POLICIES
from kernel.process.waits_for import WaitsFor
from kernel.units import parse_duration, parse_rate, parse_size
from language.loading import load
from language.source.options import Options
from report.sections.sentences import real_facts
from sim import simulate
from tests.paths import EXERCISES
from timeline.record.run import REAL, Run
from translation import recorded, recorded_n, speaking, tr

HELD = "死锁：A 等待锁 L2，持有者是 B；B 等待锁 L1，持有者是 A"


def deadlock() -> Run:
    return simulate(load(EXERCISES / "deadlock.yaml", Options()).workload)


def test_a_deadlock_is_english_in_the_record_and_chinese_where_it_is_shown() -> None:
    with speaking("zh"):
        run = deadlock()
        assert tr(run.stopped or "") == HELD
        assert [tr(row.because) for row in run.deadlock] == ["持有者是 B", "持有者是 A"]
    assert run.stopped == (
        "deadlock: A waits for lock L2, held by B; B waits for lock L1, held by A"
    )
    assert run.deadlock[0] == WaitsFor("A", "for lock L2", "held by B", ["B"])


def test_the_document_of_a_run_is_the_same_in_every_language(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = []
    for language in ("en", "zh"):
        assert main(["--lang", language, "simulate", "deadlock", "--json"]) == 1
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert "held by B" in shown[0]


def test_a_program_with_many_waits_has_a_sentence_of_any_length(tmp_path: Path) -> None:
    file = tmp_path / "many.yaml"
    file.write_text(
        "processes:\n"
        "  - {name: holder, program: [{lock: m}, {cpu: 1ms}, {lock: m}]}\n"
        "  - {name: other, count: 1500, arrival: 1ms, program: [{lock: m}, {cpu: 1ms}]}\n"
    )
    run = simulate(load(file, Options()).workload)
    with speaking("zh"):
        said = run.stopped or ""
        assert tr(said).count("；") == said.count(";") == 1500


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (
            "pick(self, core): return None",
            "pick() 在 0 返回了 None，但是 A 从 0 起就绪（“arrived”）",
        ),
        ("pick(self, core): return self.p, 2.5", "pick() 给了 A 2.5 ns；一段运行的长度是整数 ns"),
        ("pick(self, core): return 1 / 0", "pick() 抛出了 ZeroDivisionError：division by zero"),
        ("pick(self): return None", "pick() 会这样被调用：pick(self, core)"),
        ("pik(self, core): return None", "pik() 永远不会被调用；你是不是想写 pick()？"),
    ],
)
def test_mistakes_of_an_own_policy_are_told_in_chinese_with_their_line(
    tmp_path: Path, method: str, said: str
) -> None:
    policy, scenario = tmp_path / "own.py", tmp_path / "one.yaml"
    policy.write_text(
        "from kernel.scheduling import Policy\n"
        "class Own(Policy):\n"
        "    def ready(self, process, why): self.p = process\n"
        f"    def {method}\n"
    )
    scenario.write_text("processes: [{name: A, cpu: 1ms}]\n")
    with speaking("zh"), pytest.raises(UsageError, match=r"own\.py:4: ") as raised:
        simulate(load(scenario, Options(policy=f"{policy}:Own")).workload)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("parse", "text", "said"),
    [
        (parse_duration, "abc", "应当是时长，例如 20ms、250us 或 1.5s（现在是：'abc'）"),
        (parse_size, "3 parsec", "应当是大小，例如 64MiB、64MB 或 4096（现在的单位是：'parsec'；"),
        (parse_rate, "3", "应当是速率，例如 200MiB/s（现在是：'3'）"),
    ],
)
def test_a_wrong_quantity_is_told_in_chinese(parse: object, text: str, said: str) -> None:
    assert callable(parse)
    with speaking("zh"), pytest.raises(ValueError) as raised:  # noqa: PT011 - its text is tested
        parse(text)
    assert str(raised.value).startswith(said)


def test_a_file_that_cannot_be_written_is_told_in_chinese(tmp_path: Path) -> None:
    with speaking("zh"), pytest.raises(UsageError, match="x: 无法写入：没有文件夹"):
        require_writable(tmp_path / "no" / "x")


def test_linux_refuses_a_reservation_in_chinese() -> None:
    with speaking("zh"):
        why = [refusal.why for refusal in refusals(Reservation(30_000_000, 20_000_000, 10_000_000))]
        assert why == [
            "Linux 拒绝截止期限 20ms，它晚于周期 10ms（EINVAL）",
            "Linux 拒绝在截止期限 20ms 内运行 30ms（EINVAL）",
        ]
        found = first_too_much([(Reservation(9, 10, 10), 3)], 2, 50_000_000)
        assert found is not None
        assert found[1].endswith("2 个核只有 180 % 给它：每个核 95 %，减去留给公平服务器的 5 %")


@pytest.mark.parametrize("name", POLICIES)
def test_the_rules_of_each_policy_are_chinese(name: str) -> None:
    with speaking("zh"):
        for text in (POLICIES[name].rule, POLICIES[name].tie_rule):
            assert tr(text) != text


def test_a_text_that_is_recorded_twice_keeps_its_translation() -> None:
    one = recorded("lock {name}", name="m")
    with speaking("zh"):
        assert tr(recorded(one)) == "锁 m"


@pytest.mark.skipif(os.name == "nt", reason="real runs need Linux")
def test_what_a_real_run_refuses_and_remarks_is_chinese() -> None:
    from real.host.os_errors import refusal
    from real.host.time_limits import stays_stopped_words
    from real.supervisor.ending import Stopped

    stays = stays_stopped_words(recorded("the guardian"))
    assert stays == "the guardian was stopped by another program (SIGSTOP), and did not go on"
    assert Stopped(stays).why is stays
    with speaking("zh"):
        assert tr(stays) == "看护进程 被另一个程序停止（SIGSTOP），没有再继续"
        refused = str(refusal(OSError(errno.EAGAIN, "")))
        assert refused.startswith("这台机器拒绝了：resource temporarily unavailable：这个用户")
        often = recorded_n(
            "{process} was continued by another program out of its turn, and stopped again",
            "{process} was continued by another program out of its turn ({n} times), and "
            "stopped again",
            3,
            process="A",
        )
        assert "3 次" in tr(often)


def test_each_privilege_of_a_real_run_is_translated() -> None:
    machine = {"privilege": "real-time priority, cores kept awake"}
    run = replace(deadlock(), backend=REAL, machine=machine)
    with speaking("zh"):
        assert dict(real_facts(run))["权限"] == "实时优先级、核不进入睡眠"
    assert dict(real_facts(run))["privilege"] == "real-time priority, cores kept awake"
