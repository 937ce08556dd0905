"""The guard of a worker process that executes policies of the user's.

What `commands/keeper` is for a command, in a process that the command started: forbidden acts are
refused, and a policy that loops in C, where no handler of Python's is called, ends its worker. The
timer for that is in C (`faulthandler`); a thread sets it anew as long as Python runs.
"""

from __future__ import annotations

import faulthandler
import re
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from kernel.scheduling.checked import no_answer
from language.policies.forbidden import forbid

SLACK = 1.0  # seconds beyond the limit of an answer, in which the policy's own timer acts first
_LINE = re.compile(r'^  File "(.*)", line (\d+) in ', re.MULTILINE)
_open: list[TextIO] = []  # the file of the timer, which must stay open


def guard(patience: int, trace: str) -> None:
    """Guard this process against policies, whose answers may take `patience` ns.

    A process that is ended by the timer has written into the file `trace` where it was.
    """
    forbid()
    if sys.platform != "win32":  # which writes no core files
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    file = Path(trace).open("w", encoding="utf-8")  # noqa: SIM115 - it stays open
    _open.append(file)
    seconds = 1.1 * patience / 1e9 + SLACK

    def renew() -> None:
        pause = threading.Event()
        while True:
            faulthandler.dump_traceback_later(seconds, exit=True, file=file)
            pause.wait(min(0.5, seconds / 4))

    threading.Thread(target=renew, daemon=True).start()


def last_words(text: str, files: Iterable[str], patience: int) -> str | None:
    """Return what is wrong with the policy whose worker the timer has ended; None: it has not.

    `text` is what the worker has written into its trace, `files` are the files of policies.
    """
    known = set(files)
    for written, line in _LINE.findall(text):
        file = written.encode("ascii", "replace").decode("unicode_escape", "replace")
        if file in known:
            return f"{file}:{line}: {no_answer(patience)}"
    return None
