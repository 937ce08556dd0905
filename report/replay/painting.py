"""The process that draws a real run while it is under way.

It runs on processors that no program of the scenario uses, with a low priority. If there is no such
processor, it draws rarely, and only while its processor would be idle (SCHED_IDLE).
"""

from __future__ import annotations

import contextlib
import os
import signal
import traceback
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NoReturn

from rich.console import Group
from rich.live import Live

from report.replay.alternate_screen import AlternateScreen
from report.replay.live_picture import LivePicture
from report.replay.picture_pipe import arrivals
from timeline.record.run import Run

OFTEN, RARELY = 0.1, 1.0  # seconds between two pictures: with a spare processor, without one
NICE = 5
IGNORED = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGTSTP,
    signal.SIGTTOU,  # its process group is not the terminal's foreground group
)


def paint(
    pipe: int,
    skeleton: Run,
    model: Run | None,
    alternate: AlternateScreen,
    join: Callable[[], None],
    aside: Collection[int],
    *,
    spare: bool,
) -> NoReturn:
    """Draw what arrives in `pipe` until it closes, then end the process.

    `join` makes this process known to the guardian that kills it if the supervisor is killed.
    """
    status = 1
    try:
        for number in IGNORED:
            signal.signal(number, signal.SIG_IGN)
        join()
        with contextlib.suppress(OSError):
            Path("/proc/self/comm").write_text("painter")  # the name that ps shows
        _step_aside(aside, spare=spare)
        picture = LivePicture(skeleton, model)
        alternate.shown = True
        with Live(console=picture.console, screen=True, auto_refresh=False) as live:
            for updates in arrivals(pipe, OFTEN if spare else RARELY):
                picture.see(updates)
                live.update(Group(*picture.lines()), refresh=True)
        alternate.shown = False
        status = 0
    except OSError:  # the terminal is gone
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(status)


def _step_aside(aside: Collection[int], *, spare: bool) -> None:
    """Move to the processors `aside`, with SCHED_BATCH if they are `spare`, else SCHED_IDLE."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, aside)
    policy = os.SCHED_BATCH if spare else os.SCHED_IDLE
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, policy, os.sched_param(0))
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
