"""What calibration measures: that it measures at all, and says what disturbs it. Never how fast."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from benchmarks.kills import ROOT
from kernel.dispatch_price import Price
from kernel.errors import UsageError
from language import cost_profiles
from real.calibration import dispatch_price, starts, switches
from real.calibration.disturbances import Load, warnings
from real.calibration.profile import calibrate
from report.terminal.calibration import show_profile
from tests.real.commands import until
from tests.report.runs import piped, printed

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:  # each thing once: how much it is does not matter
        patch.setattr(dispatch_price, "REPEATED", 1)
        patch.setattr(switches, "RUNS", 1)
        return calibrate(lambda _what: None, tmp_path_factory.mktemp("cache") / "new")


def test_everything_is_measured(profile: dict[str, Any]) -> None:
    wanted = {"stop", "continue", "timer lateness", "wake-up", "fsync of 4 KiB", "natural slice"}
    wanted |= {f"start by {method}" for method in ("fork", "forkserver", "spawn")}
    assert wanted <= profile["measures"].keys()
    for row in profile["measures"].values():
        assert row["count"] > 0
        assert 0 <= row["p10_ns"] <= row["p50_ns"] <= row["p90_ns"] <= row["max_ns"]


def test_it_is_a_profile_that_costs_can_be_read_from(
    profile: dict[str, Any], tmp_path: Path
) -> None:
    cost_profiles.save(profile, tmp_path / "p.json")
    assert cost_profiles.read(tmp_path / "p.json")["costs"]["dispatch"] >= 0


def test_it_has_the_price_of_dispatches_with_all_processors_in_use_and_with_one_to_spare(
    profile: dict[str, Any],
) -> None:
    processors = len(os.sched_getaffinity(0))
    assert set(profile["prices"]) == ({"spare", "shared"} if processors > 1 else {"shared"})
    for written in profile["prices"].values():
        price = Price.from_json(written)
        assert {kind.first for kind in price.kinds} == {True, False}
        assert all(kind.p10_ns <= kind.p50_ns <= kind.p90_ns <= kind.p99_ns for kind in price.kinds)


def test_it_is_shown_with_its_spread(profile: dict[str, Any]) -> None:
    console = piped()
    show_profile(profile, console)
    text = printed(console)
    assert "median" in text
    assert "natural slice" in text
    assert "What makes the measurements unreliable" in text


def test_what_makes_a_bad_ruler_is_named() -> None:
    found = list(warnings(0.05, Load(40.0, ["stress"]), [100, 120], []))
    assert [text.split(":")[0] for text in found] == [
        "the hypervisor took 5.0 % of the processors' time",
        "other programs keep a processor 40 % busy (stress)",
        "the processors differ in speed by 20 %",
    ]


def test_a_quiet_machine_has_no_warnings() -> None:
    assert list(warnings(0.0, Load(1.0, []), [100, 101], [])) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made"):
        calibrate(lambda _what: None, tmp_path / "file" / "below")


SERVED = "from real.calibration.starts import starts\nwhile True:\n    starts('forkserver', 3)\n"


@pytest.mark.parametrize("after", [0.0, 0.02, 0.1])
def test_killed_while_it_measures_a_fork_server_it_leaves_nothing(
    after: float, tmp_path: Path
) -> None:
    how: dict[str, Any] = {"cwd": ROOT, "env": {**os.environ, "TMPDIR": str(tmp_path)}}
    command = subprocess.Popen([sys.executable, "-c", SERVED], **how)
    until(lambda: list(tmp_path.glob("*/*")), "a fork server's socket")
    time.sleep(after)
    command.kill()
    command.wait()
    until(lambda: not list(tmp_path.iterdir()), "the folder to be removed")


def _struck(pipe: Connection) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    pipe.send(time.monotonic_ns())
    pipe.close()


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_ctrl_c_is_not_for_the_processes_that_are_started(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starts, "_tell_the_time", _struck)
    assert len(starts.starts(method, 1)) == 1
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
