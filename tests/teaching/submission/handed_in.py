"""Submissions written in tests, and a process that is asked without a grader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from kernel.workload import SchedulerSpec, Workload
from language import Options, load
from sim import simulate
from teaching.submission.account import account_of
from teaching.submission.confinement import Bounds
from teaching.submission.conversation import Conversation
from teaching.submission.files import Submission
from teaching.submission.host import Host
from teaching.submission.proxy import Messages, SubmittedPolicy, SubmittedScheduler
from timeline.record.run import Run

HEAD = """\
from collections import deque
from kernel.scheduling import Duration, LeastFirst, Policy, ms
"""


def submission(body: str, **helpers: str) -> Submission:
    """Return a submission with this text of mine.py, and helpers by their names."""
    files = {"mine.py": HEAD + body, **{f"{name}.py": text for name, text in helpers.items()}}
    return Submission("student", "mine.py", files)


@contextmanager
def conversation(
    host: Host,
    body: str,
    bounds: Bounds | None = None,
    hidden: tuple[str, ...] = (),
    **helpers: str,
) -> Iterator[Conversation]:
    """Yield a conversation with the policy Mine in the text."""
    facts: dict[str, Any] = {"parameters": {}, "hidden": list(hidden), "draws": "ready-order"}
    handed_in = submission(body, **helpers)
    with host.asking(handed_in, "Mine", facts, bounds or Bounds(cpu=1, wall=5)) as asked:
        yield asked


def workload(folder: Path, text: str, policy: str | None = None) -> Workload:
    """Return the workload of a scenario, perhaps under a policy in a file."""
    (folder / "lab.yaml").write_text(text, encoding="utf-8")
    loaded = load(folder / "lab.yaml", Options(policy=policy))
    return replace(loaded.workload, expect=None)


def submitted_run(work: Workload, asked: Conversation, hidden: tuple[str, ...] = ()) -> Run:
    """Return the run of the model in which the submission decides."""
    policies = work.cores if work.scheduler.queues == "per-core" else 1
    messages = Messages(asked, hidden, policies, work.seed)
    numbers = iter(range(policies))
    spec: SchedulerSpec = SubmittedScheduler(
        "mine.py:Mine",
        SubmittedPolicy,
        queues=work.scheduler.queues,
        balance=work.scheduler.balance,
        make=lambda: SubmittedPolicy(messages, next(numbers)),
    )
    run = simulate(replace(work, scheduler=spec))
    messages.finish()
    return run


def host() -> Host:
    """Return a host that asks submissions as a command would."""
    return Host(account_of(None))
