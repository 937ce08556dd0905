"""Links of the playground: a scenario in, the same scenario out; anything else is one line."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cli
from kernel.errors import UsageError
from language.convert.link import LONGEST, Linked, is_link, packed, unpacked

SITE = "https://example.org/multiprog/#"
ONE = "processes: [{name: A, cpu: 5ms}]\n"
MINE = """
from kernel.scheduling import Policy

class Mine(Policy):
    def setup(self): self.queue = []
    def ready(self, process, why): self.queue.append(process)
    def pick(self, core): return (self.queue.pop(), None) if self.queue else None
"""


@given(st.text(max_size=200), st.none() | st.text(max_size=200))
def test_what_is_packed_is_unpacked(scenario: str, policy: str | None) -> None:
    assert unpacked(SITE + packed(Linked(scenario, policy))) == Linked(scenario, policy)


@given(st.text(alphabet="abcXYZ019-_=%&#", max_size=60))
def test_any_other_fragment_is_refused(fragment: str) -> None:
    with pytest.raises(UsageError, match="link"):
        unpacked(SITE + "s=" + fragment)


def test_a_bomb_is_not_unpacked() -> None:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = squeezer.compress(b"[" * 50_000_000) + squeezer.flush()
    with pytest.raises(UsageError, match=f"more than {LONGEST:,} bytes"):
        unpacked(SITE + "s=" + base64.urlsafe_b64encode(bomb).decode().rstrip("="))


def test_a_file_is_no_link() -> None:
    assert not is_link("scenario.yaml")
    assert not is_link("https.yaml")


def test_a_link_is_simulated(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", SITE + packed(Linked(ONE, None))]) == 0
    assert "Simulated" in capsys.readouterr().out


def test_a_policy_in_a_link_runs_only_after_a_yes(capsys: pytest.CaptureFixture[str]) -> None:
    text = ONE + "scheduler: {policy: mine.py:Mine}\n"
    link = SITE + packed(Linked(text, MINE))

    assert cli.main(["simulate", link]) == 2
    assert "carries a policy, which is code that runs here" in capsys.readouterr().err
    assert cli.main(["simulate", "--trust", link]) == 0


def test_open_writes_the_files_and_replaces_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = SITE + packed(Linked(ONE, MINE))
    assert cli.main(["open", link, "--into", str(tmp_path)]) == 0
    assert (tmp_path / "scenario.yaml").read_text() == ONE
    assert (tmp_path / "mine.py").read_text() == MINE
    assert cli.main(["open", link, "--into", str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err
