"""The system calls that are left to a submission: it can compute, and read and write its pipes.

A seccomp filter (`man 2 seccomp`) is a program of the kernel's packet filter that is asked before
each system call. It stays for ever, also for what the process would execute, and needs no
privilege. A call that it does not let through fails with EPERM, as for lack of rights: Python
raises PermissionError. There are no calls for files, processes, threads, signals to others,
sockets or shared memory among those below, so nothing of all that can be left over.

The numbers are those of the kernel's tables (arch/x86/entry/syscalls/syscall_64.tbl, and
include/uapi/asm-generic/unistd.h for ARM64).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from teaching.submission.prctl import prctl

_X86_64 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9,
    "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
    "rt_sigreturn": 15, "select": 23, "sched_yield": 24, "mremap": 25, "madvise": 28,
    "nanosleep": 35, "getpid": 39, "exit": 60, "uname": 63, "gettimeofday": 96, "getrusage": 98,
    "times": 100, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110,
    "sigaltstack": 131, "gettid": 186, "time": 201, "futex": 202, "sched_getaffinity": 204,
    "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230,
    "exit_group": 231, "pselect6": 270, "ppoll": 271, "getrandom": 318, "rseq": 334,
}  # fmt: skip
_ARM64 = {
    "close": 57, "lseek": 62, "read": 63, "write": 64, "pselect6": 72, "ppoll": 73, "fstat": 80,
    "exit": 93, "exit_group": 94, "futex": 98, "nanosleep": 101, "clock_gettime": 113,
    "clock_getres": 114, "clock_nanosleep": 115, "sched_getaffinity": 123, "sched_yield": 124,
    "restart_syscall": 128, "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135,
    "rt_sigreturn": 139, "times": 153, "uname": 160, "getrusage": 165, "gettimeofday": 169,
    "getpid": 172, "getppid": 173, "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177,
    "gettid": 178, "brk": 214, "munmap": 215, "mremap": 216, "mmap": 222, "mprotect": 226,
    "madvise": 233, "getrandom": 278, "rseq": 293,
}  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _ARM64)}
"""By the name of the machine: its number in the audit subsystem (AUDIT_ARCH_…), and its calls."""

_NUMBER, _MACHINE = 0, 4  # offsets in struct seccomp_data
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # BPF: load a word, jump if equal, return
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_PR_SET_SECCOMP, _PR_GET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER = 22, 21, 38, 2


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def is_offered() -> bool:
    """Return whether this machine has seccomp filters, and we know its system calls."""
    if platform.system() != "Linux" or platform.machine() not in _MACHINES:
        return False
    return ctypes.sizeof(ctypes.c_void_p) == 8 and prctl(_PR_GET_SECCOMP, 0) >= 0


def restrict() -> None:
    """Leave only the calls above to the caller, for ever. Raises OSError."""
    program = _program(*_MACHINES[platform.machine()])
    buffer = ctypes.create_string_buffer(program, len(program))
    whole = _Program(len(program) // 8, ctypes.addressof(buffer))
    # without privilege a filter is allowed only if no executed file can give new privileges
    for arguments in (
        (_PR_SET_NO_NEW_PRIVS, 1),
        (_PR_SET_SECCOMP, _FILTER, ctypes.addressof(whole)),
    ):
        if prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _program(machine: int, calls: dict[str, int]) -> bytes:
    """Return the filter: calls of another machine's kind kill, unknown ones are refused."""
    numbers = sorted(calls.values())
    check = [
        _step(_LOAD, 0, 0, _MACHINE),
        _step(_EQUAL, 1, 0, machine),  # a program can also make the calls of 32-bit programs
        _step(_RETURN, 0, 0, _KILL),
        _step(_LOAD, 0, 0, _NUMBER),
    ]
    many = len(numbers)
    jumps = [_step(_EQUAL, many - at, 0, number) for at, number in enumerate(numbers)]
    ends = [_step(_RETURN, 0, 0, _ERROR | errno.EPERM), _step(_RETURN, 0, 0, _ALLOW)]
    return b"".join([*check, *jumps, *ends])


def _step(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
