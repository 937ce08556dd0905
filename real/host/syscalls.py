"""The few Linux calls that Python does not offer, through libc."""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_libc_inside = ctypes.PyDLL(None)  # whose functions are called with the interpreter lock
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int64,
]

_libc.memcmp.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]

_CLOCK_MONOTONIC = 1
_ABSOLUTE = 1
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NAME = 15
_PR_SET_TIMERSLACK = 29
_PR_SET_CHILD_SUBREAPER = 36
_PROT_NONE = 0
_MAP_FIXED = 0x10
_MAP_NORESERVE = 0x4000
_MAP_POPULATE = 0x8000
_MADV_DONTFORK = 10
_MAP_FAILED = ctypes.c_void_p(-1).value

PAGE = mmap.PAGESIZE


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise _error(f"prctl {option}")


def processes() -> Iterator[Path]:
    """Yield the folders in /proc of all processes. Any may be gone when it is looked into."""
    return (entry for entry in Path("/proc").iterdir() if entry.name.isdecimal())


def call_oneself(name: str) -> None:
    """Set the name by which `ps` knows the caller, at most 15 characters."""
    if _libc.prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode()), 0, 0, 0) != 0:
        raise _error("prctl PR_SET_NAME")


def die_with(parent: int) -> None:
    """Let the caller get SIGKILL when its parent dies, whose pid is `parent`.

    If the parent is dead already, the caller ends at once.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def set_timer_slack(ns: int) -> None:
    """Set how late (ns) the caller's timers may be for the sake of batching; 0: the default."""
    _prctl(_PR_SET_TIMERSLACK, ns)


def set_subreaper(on: bool) -> None:
    """Let orphaned descendants of the caller become its children instead of init's."""
    _prctl(_PR_SET_CHILD_SUBREAPER, int(on))


def forbid_core_dump() -> None:
    """Let the caller leave no core file, neither on disk nor to a program that collects them.

    A limit of one byte says both: it is too small for any file, and the kernel does not start a
    collector under it (under 0 it does: core(5)). A process that is not dumpable would leave none
    either, but it also hides its exit code.
    """
    _, highest = resource.getrlimit(resource.RLIMIT_CORE)
    least = 1 if highest == resource.RLIM_INFINITY else min(1, highest)
    resource.setrlimit(resource.RLIMIT_CORE, (least, highest))


def show_in_proc() -> None:
    """Let the user's other processes read all that /proc says of the caller, its exit code too.

    The kernel hides that of a program which its file makes privileged, or which its user may
    execute but not read.
    """
    _prctl(_PR_SET_DUMPABLE, 1)


def map_shared(fd: int, size: int, populate: bool, reserve: int = 0) -> int:
    """Map `fd` whole, for reading and writing. `populate`: make every page present at once.

    The range up to `reserve` bytes from its start is reserved, too, and inaccessible behind `size`.
    Return the address. Raises OSError.
    """
    nothing = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE
    address = _map(None, max(size, reserve), _PROT_NONE, nothing, -1)
    flags = mmap.MAP_SHARED | _MAP_FIXED | (_MAP_POPULATE if populate else _MAP_NORESERVE)
    return _map(address, size, mmap.PROT_READ | mmap.PROT_WRITE, flags, fd)


def _map(address: int | None, size: int, rights: int, flags: int, fd: int) -> int:
    found = _libc.mmap(address, size, rights, flags, fd, 0)
    if found == _MAP_FAILED:
        raise _error(f"mapping {size} bytes")
    return int(found)


def protect(address: int, size: int, accessible: bool) -> None:
    """Let the caller read and write these whole pages, or nothing at all. Raises OSError."""
    rights = mmap.PROT_READ | mmap.PROT_WRITE if accessible else _PROT_NONE
    if _libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), rights) != 0:
        raise _error(f"protecting {size} bytes")


def fill(address: int, size: int, byte: int) -> None:
    """Write `byte` into all `size` bytes from `address` on."""
    ctypes.memset(address, byte, size)


def is_filled(address: int, size: int, byte: int) -> bool:
    """Return whether all `size` bytes from `address` on are `byte`.

    The whole is compared with itself, shifted by one.
    """
    first, rest = ctypes.c_void_p(address), ctypes.c_void_p(address + 1)
    same = _libc.memcmp(first, rest, ctypes.c_size_t(size - 1)) == 0
    return same and ctypes.string_at(address, 1)[0] == byte


def move(address: int, size: int, to: int) -> None:
    """Copy `size` bytes from `address` to `to`. The two may overlap."""
    ctypes.memmove(to, address, size)


def keep_from_children(address: int, size: int) -> None:
    """Keep a mapping from children that are forked after this. Raises OSError."""
    if _libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(size), _MADV_DONTFORK) != 0:
        raise _error(f"keeping {size} bytes from children")


def unmap(address: int, size: int) -> None:
    """Undo `map_shared`. Raises OSError."""
    if _libc.munmap(ctypes.c_void_p(address), ctypes.c_size_t(size)) != 0:
        raise _error(f"unmapping {size} bytes")


def _error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")


class _Time(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("ns", ctypes.c_long)]


def sleep_until(at: int) -> None:
    """Sleep until `at`, absolute ns of the monotonic clock, to the ns that the kernel is told."""
    until = _Time(*divmod(at, 1_000_000_000))
    while _libc.clock_nanosleep(_CLOCK_MONOTONIC, _ABSOLUTE, ctypes.byref(until), None):
        pass  # a signal came: `until` is absolute, so nothing has to be computed


def processor() -> int:
    """Return the processor on which the caller runs.

    The call keeps the interpreter lock: without it the caller would wait for the other threads.
    """
    return int(_libc_inside.sched_getcpu())


def voluntary_switches() -> int:
    """Return how often the calling thread has given up its core to wait for something."""
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
