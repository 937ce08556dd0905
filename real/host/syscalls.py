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
_libc_inside = ctypes.PyDLL(None)  # its functions are called with the interpreter lock held
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int64,
]

_libc.ptrace.restype = ctypes.c_long
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

_libc.memcmp.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]

_CLOCK_MONOTONIC = 1
_ABSOLUTE = 1
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NAME = 15
_PR_SET_TIMERSLACK = 29
_PR_SET_CHILD_SUBREAPER = 36
_PTRACE_CONT = 7
_PTRACE_DETACH = 17
_PTRACE_SEIZE = 0x4206
_PTRACE_INTERRUPT = 0x4207
_PTRACE_O_TRACEEXIT = 0x40
_PTRACE_EVENT_EXIT = 6
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
    """Yield the folders in /proc of all processes. One may be gone when its folder is read."""
    return (entry for entry in Path("/proc").iterdir() if entry.name.isdecimal())


def call_oneself(name: str) -> None:
    """Set the name by which `ps` knows the caller, at most 15 characters."""
    if _libc.prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode()), 0, 0, 0) != 0:
        raise _error("prctl PR_SET_NAME")


def die_with(parent: int) -> None:
    """Let the kernel kill the caller when its parent, whose pid is `parent`, dies.

    If the parent is dead already, the caller ends at once.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def set_timer_slack(ns: int) -> None:
    """Set how late (ns) the kernel may let the caller's timers expire; 0: the default."""
    _prctl(_PR_SET_TIMERSLACK, ns)


def set_subreaper(on: bool) -> None:
    """Let orphaned descendants of the caller become its children (`on`), or init's."""
    _prctl(_PR_SET_CHILD_SUBREAPER, int(on))


def forbid_core_dump() -> None:
    """Prevent a core dump of the caller, both to a file and to a program that collects dumps.

    The limit on core files is set to 1 byte. That is too small for a file, and with this limit the
    kernel starts no collector; with a limit of 0 it does (core(5)). A process that is not dumpable
    would leave no core dump either, but its exit code would be hidden.
    """
    _, highest = resource.getrlimit(resource.RLIMIT_CORE)
    least = 1 if highest == resource.RLIM_INFINITY else min(1, highest)
    resource.setrlimit(resource.RLIMIT_CORE, (least, highest))


def show_in_proc() -> None:
    """Let other processes of the user read all that /proc says of the caller, with its exit code.

    The kernel hides that if the file of the program makes it privileged, or if the user may execute
    the file but not read it.
    """
    _prctl(_PR_SET_DUMPABLE, 1)


def map_shared(fd: int, size: int, populate: bool, reserve: int = 0) -> int:
    """Map the first `size` bytes of `fd` for reading and writing. Return the address.

    `populate`: make every page present at once. If `reserve` is more than `size`, the addresses up
    to `reserve` bytes from the start are reserved, too, and are inaccessible. Raises OSError.
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
    """Let the caller read and write these pages, or make them inaccessible. Raises OSError."""
    rights = mmap.PROT_READ | mmap.PROT_WRITE if accessible else _PROT_NONE
    if _libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), rights) != 0:
        raise _error(f"protecting {size} bytes")


def fill(address: int, size: int, byte: int) -> None:
    """Write `byte` into all `size` bytes from `address` on."""
    ctypes.memset(address, byte, size)


def is_filled(address: int, size: int, byte: int) -> bool:
    """Return whether all `size` bytes from `address` on are `byte`.

    The first byte is compared with `byte`, and each other byte with the byte before it.
    """
    first, rest = ctypes.c_void_p(address), ctypes.c_void_p(address + 1)
    same = _libc.memcmp(first, rest, ctypes.c_size_t(size - 1)) == 0
    return same and ctypes.string_at(address, 1)[0] == byte


def move(address: int, size: int, to: int) -> None:
    """Copy `size` bytes from `address` to `to`. The two may overlap."""
    ctypes.memmove(to, address, size)


def keep_from_children(address: int, size: int) -> None:
    """Let children that are forked after this not inherit a mapping. Raises OSError."""
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
    """Sleep until `at`, absolute ns of the monotonic clock."""
    until = _Time(*divmod(at, 1_000_000_000))
    while _libc.clock_nanosleep(_CLOCK_MONOTONIC, _ABSOLUTE, ctypes.byref(until), None):
        pass  # a signal came; `until` is absolute, so the call is made again as it was


def processor() -> int:
    """Return the processor on which the caller runs.

    The call keeps the interpreter lock. If it dropped the lock, the caller would have to wait for
    other threads.
    """
    return int(_libc_inside.sched_getcpu())


def stop_at_exit(pid: int) -> None:
    """Let process `pid` stop when it is about to exit, whatever makes it exit.

    Until then it goes on. The caller becomes its tracer. If the caller dies, the process exits as
    if it had not been traced. Raises OSError if the system refuses that.
    """
    if _libc.ptrace(_PTRACE_SEIZE, pid, None, _PTRACE_O_TRACEEXIT) < 0:
        raise _error("ptrace")


def let_act(pid: int) -> bool:
    """Let process `pid`, which the caller traces, act on its signals until it is about to exit.

    Return whether it is. False: it has been continued, or has not stopped yet, so try again.
    Raises OSError if the caller does not trace it.
    """
    stop = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG)
    if stop is None:
        return False
    event, number = stop.si_status >> 8, stop.si_status & 0xFF
    if event != _PTRACE_EVENT_EXIT:  # at an event there is no signal to deliver
        _libc.ptrace(_PTRACE_CONT, pid, None, 0 if event else number)
    return event == _PTRACE_EVENT_EXIT


def let_exit(pid: int) -> bool:
    """Trace process `pid` no longer: it exits, if it is about to. Return whether that is done.

    False: the process runs, and is traced still. It was asked to stop, so try again.
    """
    if _libc.ptrace(_PTRACE_DETACH, pid, None, None) == 0:
        return True
    _libc.ptrace(_PTRACE_INTERRUPT, pid, None, None)
    return False


def voluntary_switches() -> int:
    """Return the number of voluntary context switches of the calling thread."""
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
