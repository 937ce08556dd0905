"""The few Linux calls that Python does not offer, through libc."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int64,
]

_PR_SET_PDEATHSIG = 1
_PR_SET_TIMERSLACK = 29
_PR_SET_CHILD_SUBREAPER = 36
_PROT_NONE = 0
_MAP_FIXED = 0x10
_MAP_NORESERVE = 0x4000
_MAP_POPULATE = 0x8000
_MAP_FAILED = ctypes.c_void_p(-1).value

PAGE = mmap.PAGESIZE


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}: {os.strerror(ctypes.get_errno())}")


def die_with_parent() -> None:
    """The caller gets SIGKILL when its parent dies."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def set_timer_slack(ns: int) -> None:
    """How late (ns) the caller's timers may be for the sake of batching; 0: the default again."""
    _prctl(_PR_SET_TIMERSLACK, ns)


def set_subreaper(on: bool) -> None:
    """Orphaned descendants of the caller become its children instead of init's."""
    _prctl(_PR_SET_CHILD_SUBREAPER, int(on))


def reserve(size: int) -> int:
    """The address of `size` bytes of address space that nobody may touch. Raises OSError."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE
    return _map(None, size, _PROT_NONE, flags, -1, 0)


def map_within(address: int, size: int, fd: int, offset: int) -> None:
    """Map `size` bytes of `fd` from `offset`, shared, present and writable, at `address`."""
    flags = mmap.MAP_SHARED | _MAP_FIXED | _MAP_POPULATE
    _map(address, size, mmap.PROT_READ | mmap.PROT_WRITE, flags, fd, offset)


def _map(
    address: int | None, size: int, protection: int, flags: int, fd: int, offset: int
) -> int:
    got = _libc.mmap(address, size, protection, flags, fd, offset)
    if got == _MAP_FAILED:
        error = ctypes.get_errno()
        raise OSError(error, f"mapping {size} bytes: {os.strerror(error)}")
    return int(got)
