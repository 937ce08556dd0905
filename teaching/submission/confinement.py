"""A process gives up all rights but to compute, and to read and write its two pipes."""

from __future__ import annotations

import os
import resource
from dataclasses import asdict, dataclass
from typing import Any

from teaching.submission import seccomp
from teaching.submission.prctl import die_with

REQUESTS, ANSWERS = 3, 4
"""The descriptors of a submission's process, beside 0 to 2, which are the null device."""
GRACE = 1  # seconds of CPU time between the signal that Python code hears, and the end


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one run of a submission may use."""

    cpu: int = 2  # seconds of CPU time
    memory: int = 256 << 20  # bytes of addresses
    wall: int = 10  # seconds that all its answers may take together
    decisions: int = 50_000  # questions

    def to_json(self) -> dict[str, Any]:
        """Return the bounds as plain data."""
        return asdict(self)


def confine(bounds: Bounds, user: tuple[int, int] | None, parent: int) -> None:
    """Confine the caller for ever. `user`: the uid and gid that it takes; None: it keeps its own.

    The descriptors 0 to 4 are open. `parent` is the pid of the caller's parent, with which it dies.
    Raises OSError.
    """
    os.closerange(ANSWERS + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    os.setsid()
    os.chdir("/")
    for what, soft, hard in (
        (resource.RLIMIT_CPU, bounds.cpu, bounds.cpu + GRACE),
        (resource.RLIMIT_AS, bounds.memory, bounds.memory),
        (resource.RLIMIT_NOFILE, ANSWERS + 1, ANSWERS + 1),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        most = resource.getrlimit(what)[1]
        if most == resource.RLIM_INFINITY:
            resource.setrlimit(what, (soft, hard))
        else:
            resource.setrlimit(what, (min(soft, most), min(hard, most)))
    if user is not None:
        uid, gid = user
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    die_with(parent)
    seccomp.restrict()
