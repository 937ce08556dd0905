"""Run a command as on another system: without the modules and functions that Linux has.

    python tests/elsewhere.py win32|darwin|emscripten COMMAND...

Packages of others are imported before, as they choose their own ways by the system.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.process
import importlib.abc
import multiprocessing.popen_fork
import multiprocessing.reduction
import multiprocessing.shared_memory
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import click
import platformdirs
import psutil
import pydantic
import rich.console
import rich.live
import rich.markdown
import rich.progress
import ruamel.yaml
import simpy

BEFORE = (
    asyncio, click, concurrent.futures, multiprocessing.shared_memory, platformdirs, psutil,
    pydantic, rich.console, ruamel.yaml, shutil, simpy, subprocess, tempfile,
)  # fmt: skip

LINUX = (
    "sched_", "SCHED_", "pidfd", "P_PIDFD", "memfd", "MFD_", "eventfd", "EFD_", "pipe2",
    "posix_fallocate", "O_TMPFILE", "waitid",
)  # fmt: skip
UNIX = (
    "fork", "getuid", "geteuid", "getpgid", "setsid", "killpg", "setpgid", "getgid", "uname",
    "O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "mkfifo", "fchmod", "fchown", "posix_",
    "getpriority", "setpriority", "PRIO_", "pathconf", "set_blocking", "wait3",
)  # fmt: skip
SIGNALS = (
    "SIGALRM", "SIGKILL", "SIGSTOP", "SIGCONT", "SIGHUP", "SIGTSTP", "SIGUSR", "SIGCHLD",
    "SIGPIPE", "SIGQUIT", "SIGWINCH", "SIGTT", "SIGPROF", "pthread_", "sigwait",
)  # fmt: skip
TIMERS = ("setitimer", "ITIMER_")
UNIX_MODULES = {"fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "readline"}


class Missing(importlib.abc.MetaPathFinder):
    """A finder that finds none of these modules, and lets nobody else find them."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def find_spec(self, name: str, *_path_and_target: object) -> ModuleSpec | None:
        """Raise ModuleNotFoundError for a missing module."""
        if name in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def take_away(module: ModuleType, beginnings: Sequence[str]) -> None:
    """Delete the module's attributes with these beginnings."""
    for name in [name for name in dir(module) if name.startswith(tuple(beginnings))]:
        delattr(module, name)


def become(system: str) -> None:
    """Take away what `system` does not have, and let Python say that it runs there."""
    sysconfig.get_config_vars()  # found by the name of the system, once
    take_away(os, LINUX)
    if system == "emscripten":
        take_away(signal, TIMERS)
    if system == "win32":
        take_away(os, UNIX)
        take_away(signal, SIGNALS + TIMERS)
        os.O_BINARY = 0  # type: ignore[attr-defined]
        for name in UNIX_MODULES:
            sys.modules.pop(name, None)
        sys.meta_path.insert(0, Missing(UNIX_MODULES))
    sys.platform = system


if __name__ == "__main__":
    become(sys.argv.pop(1))
    sys.path.insert(0, str(Path(__file__).parent.parent))
    import cli

    sys.argv[0] = "cli.py"  # messages say how to call it

    sys.exit(cli.main())
