"""The zygote: it has loaded what is offered to submissions, and forks a process for each run.

It is a child of the grader that was executed anew, so that neither it nor what it forks has
anything of the grader in memory. A fork takes 2 ms, a new Python with these modules 100 ms.

The grader sends requests over a socket: {"run": bounds, "user": [uid, gid]} with the descriptors of
two pipes, and {"end": true}, which ends the run and is answered with its wait status.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from typing import Any

from teaching.submission import offered, protocol
from teaching.submission.confinement import ANSWERS, REQUESTS, Bounds, confine
from teaching.submission.prctl import die_with
from translation import choose

LARGEST = 4096  # bytes of a request
READY = b"ready"


def main(control: int, grader: int, language: str) -> None:
    """Serve the grader, whose pid is `grader`, until it closes the socket `control`.

    Messages to students are in `language`. Its catalogue is read here: a run can open no file.
    """
    choose(language)
    die_with(grader)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)  # the grader ends, and this process with it
    offered.load()
    from teaching.submission.answering import serve  # after `load`: it imports what is offered

    gc.freeze()  # the collector of a child does not touch, and so copy, these pages
    with socket.socket(fileno=control) as channel:
        channel.send(READY)
        run = 0
        while True:
            text, fds, _, _ = socket.recv_fds(channel, LARGEST, 2)
            if not text:
                _end(run)
                return
            request = protocol.read(text)
            if "end" in request:
                channel.send(protocol.line(_end(run)))
                run = 0
                continue
            run = _fork(request, fds, serve)
            for fd in fds:
                os.close(fd)
            channel.send(protocol.line(run))


def _fork(request: dict[str, Any], fds: list[int], serve: Any) -> int:
    zygote = os.getpid()
    run = os.fork()
    if run:
        return run
    try:
        bounds = Bounds(**request["run"])
        _keep_only(*fds)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        confine(bounds, request["user"] and tuple(request["user"]), zygote)
        os.write(ANSWERS, protocol.line(protocol.CONFINED))
        serve(bounds)
    finally:
        os._exit(1)


def _keep_only(requests: int, answers: int) -> None:
    """Make the two pipes the descriptors REQUESTS and ANSWERS, and 0 to 2 the null device."""
    kept = [os.dup2(fd, at) for fd, at in ((requests, 100), (answers, 101))]
    for fd, at in zip(kept, (REQUESTS, ANSWERS), strict=True):
        os.dup2(fd, at)
    null = os.open(os.devnull, os.O_RDWR)
    for at in range(REQUESTS):
        os.dup2(null, at)


def _end(run: int) -> int:
    """Kill the run, and return its wait status; 0 if there is none."""
    if not run:
        return 0
    os.kill(run, signal.SIGKILL)
    return os.waitpid(run, 0)[1]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
