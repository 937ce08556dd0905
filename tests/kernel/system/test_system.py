"""The system: what it asks of a machine, and what it does not let a policy do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from kernel.errors import PolicyError
from kernel.process.control_block import Process
from kernel.scheduling import Duration, LeastFirst, Policy
from kernel.scheduling.policies.shortest import ShortestRemainingTimeFirst
from tests.kernel.hand import Hand, PlainQueue


class Slices(PlainQueue):
    """A slice of 4 ns each."""

    quantum: Duration = Duration(4)

    def pick(self, core: int) -> Any:
        return (self.queue.popleft(), self.quantum) if self.queue else None


def test_a_burst_gets_a_core_until_it_ends() -> None:
    hand = Hand(PlainQueue)
    hand.arrive(0, 0)
    assert hand.asked == ["run P1 on 0 for 10"]


def test_a_slice_is_never_longer_than_the_burst() -> None:
    hand = Hand(Slices, [3])
    hand.arrive(0, 0)
    assert hand.asked == ["run P1 on 0 for 3"]


def test_free_cores_pick_the_lowest_index_first() -> None:
    hand = Hand(PlainQueue, [5, 5, 5], cores=3)
    hand.arrive(0, 1, 0, 2)
    assert hand.asked == ["run P2 on 0 for 5", "run P1 on 1 for 5", "run P3 on 2 for 5"]


def test_a_program_that_has_done_its_last_step_is_finished() -> None:
    hand = Hand(PlainQueue)
    hand.arrive(0, 0, 1)
    hand.end(10, 0)
    assert hand.asked[1:] == ["P1 finished", "run P2 on 0 for 10"]
    assert hand.system.living == 1


def test_an_expiry_takes_the_core_for_the_next_one() -> None:
    hand = Hand(Slices)
    hand.arrive(0, 0, 1)
    hand.expire(4, 0)
    assert hand.asked[1:] == ["run P2 on 0 for 4", "stop P1 on 0"]


def test_an_expiry_of_the_only_one_extends_its_slice() -> None:
    hand = Hand(Slices, [10])
    hand.arrive(0, 0)
    hand.expire(4, 0)
    assert hand.asked[1:] == ["run P1 on 0 for 4"]
    assert hand.rows == []


def test_the_last_slice_is_what_is_left_of_the_burst() -> None:
    hand = Hand(Slices, [10])
    hand.arrive(0, 0)
    hand.expire(4, 0)
    hand.expire(8, 0)
    assert hand.asked[-1] == "run P1 on 0 for 2"


def test_a_better_one_takes_the_core_with_what_is_left() -> None:
    hand = Hand(ShortestRemainingTimeFirst, [10, 3])
    hand.arrive(0, 0)
    hand.arrive(4, 1)
    hand.end(7, 0)
    assert hand.asked == [
        "run P1 on 0 for 10",
        "run P2 on 0 for 3",
        "stop P1 on 0",
        "P2 finished",
        "run P1 on 0 for 6",
    ]


# -- what the policy is told ------------------------------------------------------------------


class Diary(Slices):
    """Notes every call."""

    def setup(self) -> None:
        super().setup()
        self.notes: list[str] = []

    def ready(self, process: Process, why: str) -> None:
        super().ready(process, why)
        self.notes.append(f"{self.now}: {process.name} is ready, {why}")

    def ran(self, process: Process, duration: int, why: str) -> None:
        self.notes.append(f"{self.now}: {process.name} ran {duration}, {why}, left {process.left}")


def notes(hand: Hand) -> list[str]:
    diary = hand.system.dispatcher.policy
    assert isinstance(diary, Diary)
    return diary.notes


def test_a_policy_is_told_of_an_expiry_by_ran_and_then_ready() -> None:
    hand = Hand(Diary)
    hand.arrive(0, 0)
    hand.expire(4, 0)
    assert notes(hand) == [
        "0: P1 is ready, arrived",
        "4: P1 ran 4, expired, left 6",
        "4: P1 is ready, expired",
    ]


def test_a_policy_is_told_how_long_the_slice_that_ended_the_burst_was() -> None:
    hand = Hand(Diary, [6])
    hand.arrive(0, 0)
    hand.expire(4, 0)
    hand.end(6, 0)
    assert notes(hand)[-1] == "6: P1 ran 2, ended, left 0"


class Impatient(Diary):
    """Whoever runs gives way to whoever is ready."""

    def loses(self, running: Sequence[Process]) -> Process | None:
        return running[0] if self.queue else None


def test_a_policy_is_told_of_a_preemption_by_ran_and_then_ready() -> None:
    hand = Hand(Impatient)
    hand.arrive(0, 0)
    hand.arrive(3, 1)
    assert notes(hand)[1:] == [
        "3: P2 is ready, arrived",
        "3: P1 ran 3, preempted, left 7",
        "3: P1 is ready, preempted",
    ]


def test_loses_is_not_asked_when_nobody_runs() -> None:
    hand = Hand(Impatient, [5, 5, 5])
    hand.arrive(0, 0)
    hand.arrive(1, 1, 2)  # `running[0]` of nobody would be an error
    assert hand.asked[-2:] == ["run P2 on 0 for 4", "stop P1 on 0"]


# -- what a policy must not do ------------------------------------------------------------------


def refused(kind: type[Policy], says: str, cores: int = 1) -> None:
    """The policy breaks a rule when one arrives, and then another; it is told so in one line."""
    hand = Hand(kind, cores=cores)
    with pytest.raises(PolicyError, match=says) as error:  # noqa: PT012 - either may raise it
        hand.arrive(0, 0)
        hand.arrive(1, 1)
    assert "\n" not in str(error.value)


class NeverPicks(PlainQueue):
    def pick(self, core: int) -> Any:
        return None


def test_a_policy_must_pick_while_somebody_is_ready() -> None:
    refused(NeverPicks, r"pick\(\).*1.* ready")


class PicksTheSame(PlainQueue):
    def pick(self, core: int) -> Any:
        return self.queue[0], None


def test_a_policy_must_not_pick_a_process_that_runs() -> None:
    refused(PicksTheSame, r"pick\(\) chose <P1 running left=10>, which is not ready", cores=2)


class PicksTheDead(PlainQueue):
    def pick(self, core: int) -> Any:
        return self.queue[0], None


def test_a_policy_must_not_pick_a_process_that_is_gone() -> None:
    hand = Hand(PicksTheDead)
    hand.arrive(0, 0, 1)
    with pytest.raises(PolicyError, match="chose <P1 dead left=0>, which is not ready"):
        hand.end(10, 0)


class Gives(PlainQueue):
    gives: Any = 0

    def pick(self, core: int) -> Any:
        return self.queue.popleft(), self.gives


@pytest.mark.parametrize("length", [0, -5, 2.5, "5"])
def test_a_slice_is_a_whole_number_of_ns_above_0(length: object) -> None:
    kind = type("Gives", (Gives,), {"gives": length})
    refused(kind, rf"pick\(\) gave P1 {length!r} ns; a slice is a whole number of ns, at least 1")


class Returns(PlainQueue):
    returns: Any = 0

    def pick(self, core: int) -> Any:
        return self.returns


@pytest.mark.parametrize("pick", [5, "P1", (1, 2), ("P1", 2), (1, 2, 3), [], object()])
def test_a_pick_is_a_process_and_a_length(pick: object) -> None:
    kind = type("Returns", (Returns,), {"returns": pick})
    refused(kind, r"pick\(\) must return \(process, length\)")


class TakesFromTheReady(PlainQueue):
    def loses(self, running: Sequence[Process]) -> Process | None:
        return self.queue[0] if self.queue else None


def test_only_a_running_process_can_lose_its_core() -> None:
    refused(TakesFromTheReady, r"loses\(\) named <P2 ready left=10>, which is not running")


class WithoutPick(Policy):
    def ready(self, process: Process, why: str) -> None:
        pass


def test_a_policy_must_have_a_pick() -> None:
    refused(WithoutPick, r"WithoutPick must have a method pick\(self, core\)")


class WithoutReady(Policy):
    pass


def test_a_policy_must_have_a_ready() -> None:
    refused(WithoutReady, r"WithoutReady must have a method ready\(self, process, why\)")


class WithoutKey(LeastFirst):
    pass


def test_a_policy_of_keys_must_have_a_key() -> None:
    refused(WithoutKey, r"WithoutKey must have a method key\(self, process\)")


# -- reviews --------------------------------------------------------------------------------------


class LooksAgain(PlainQueue):
    after: Any = 5

    def next_review(self) -> Any:
        return None if self.after is None else self.now + self.after


def test_a_policy_may_name_a_time_to_look_again() -> None:
    hand = Hand(LooksAgain)
    hand.arrive(20, 0)
    assert hand.system.next_review() == 25


def test_a_policy_need_not_name_one() -> None:
    hand = Hand(type("LooksAgain", (LooksAgain,), {"after": None}))
    hand.arrive(20, 0)
    assert hand.system.next_review() is None


@pytest.mark.parametrize("after", [0, -5, 0.5])
def test_a_review_lies_whole_ns_ahead(after: object) -> None:
    hand = Hand(type("LooksAgain", (LooksAgain,), {"after": after}))
    hand.arrive(20, 0)
    with pytest.raises(PolicyError, match="at 20 ns; it must be a whole number of ns later"):
        hand.system.next_review()


def test_reviews_end_with_the_last_program() -> None:
    hand = Hand(LooksAgain, [10])
    hand.arrive(0, 0)
    hand.end(10, 0)
    assert hand.system.next_review() is None
