"""What a process may still do once it has said that it needs no more.

For processes that work on what others wrote: memory, processor time and files are limited by the
system's own limits, and on Linux the network is out of reach. Where a system has none of these,
the functions say so; whoever needs one must then refuse by other means.
"""

from __future__ import annotations

import ctypes
import platform
import sys

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1  # SECCOMP_RET_ERRNO with EPERM
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_IO_URING_SETUP = 425
_X32 = 0x40000000
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""Machine → its number for seccomp, and that of the system call ``socket``."""


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8),
                ("k", ctypes.c_uint32))  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction)))


def without_network() -> bool:
    """Take from this process, for good, the means to open a socket; whether that was possible.

    A seccomp filter (``man 2 seccomp``) refuses ``socket`` and ``io_uring_setup``, and every call
    of another architecture. Descriptors that are open stay so.
    """
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return False
    machine, socket = _MACHINES[platform.machine()]
    steps = (
        (_LOAD, 0, 0, 4),  # the architecture
        (_EQUAL, 0, 4, machine),
        (_LOAD, 0, 0, 0),  # the number of the call
        (_AT_LEAST, 2, 0, _X32),
        (_EQUAL, 1, 0, socket),
        (_EQUAL, 0, 1, _IO_URING_SETUP),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    )
    filter = (_Instruction * len(steps))(*(_Instruction(*step) for step in steps))
    program = _Program(len(steps), filter)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    words = (ctypes.c_ulong(0),) * 3
    if prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), *words) != 0:
        return False
    done = prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(program), *words[:2])
    return bool(done == 0)


def limit_memory(size: int) -> None:
    """Bound this process's address space, in bytes, and let it write no file and no core."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_seconds(more: int) -> None:
    """Let this process use so many more seconds of the processor, until it is told otherwise."""
    try:
        import resource
    except ImportError:
        return
    spent = resource.getrusage(resource.RUSAGE_SELF)
    until = int(spent.ru_utime + spent.ru_stime) + more
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
