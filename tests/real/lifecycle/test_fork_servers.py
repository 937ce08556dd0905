"""A fork server is stopped when it has nothing to do, and not before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from kernel.errors import MultiprogError
from real.host import syscalls
from real.lifecycle.fork_servers import ForkServers

pytestmark = [pytest.mark.real, pytest.mark.apart]

SERVER = """
import os, signal, sys, time
child = os.fork()
if child == 0:
    os._exit(4)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print(child, flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
_, status = os.waitpid(child, 0)
until = time.monotonic() + 0.2
while time.monotonic() < until:
    pass
print(os.waitstatus_to_exitcode(status), flush=True)
time.sleep(60)
"""


def test_it_is_not_stopped_between_reaping_a_child_and_telling_its_exit_code() -> None:
    servers = ForkServers()
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        child = int(server.stdout.readline())
        os.waitid(os.P_PID, server.pid, os.WSTOPPED | os.WNOWAIT)  # else it would stop later on
        servers.begun(0, server.pid)
        try:
            servers.let_reap(0, child)
        finally:
            server.send_signal(signal.SIGKILL)  # stopped by now: it can tell nothing more
        assert server.stdout.read() == b"4\n"
    servers.reap()


DYING = SERVER.partition("_, status")[0] + "os.kill(os.getpid(), signal.SIGKILL)"


def test_one_that_was_killed_is_told_at_once() -> None:
    servers = ForkServers()
    with subprocess.Popen([sys.executable, "-c", DYING], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        child = int(server.stdout.readline())
        os.waitid(os.P_PID, server.pid, os.WSTOPPED | os.WNOWAIT)
        syscalls.set_subreaper(True)  # as a supervisor is: the child's zombie becomes ours
        try:
            servers.begun(0, server.pid, "A")
            with pytest.raises(MultiprogError, match="the fork server of A was killed"):
                servers.let_reap(0, child)
        finally:
            server.kill()
            syscalls.set_subreaper(False)
        os.waitpid(child, 0)
    servers.reap()
