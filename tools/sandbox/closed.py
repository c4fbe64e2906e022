"""Calls that the kernel refuses to this process and to all that it starts: the network first of all (Linux, seccomp).

The interpreter offers none of them; this holds even where a fault in it would let code run free.
"""

import ctypes
import errno
import platform
import struct
import sys

_X86 = (
    *(41, 42, 43, 49, 50, 288),  # socket, connect, accept, bind, listen, accept4
    *(101, 310, 311, 434, 438),  # ptrace, process_vm_readv and _writev, pidfd_open, pidfd_getfd
    *(
        165,
        166,
        155,
        161,
        272,
        308,
        428,
        429,
        442,
    ),  # mount, umount2, pivot_root, chroot, unshare, setns, open_tree …
    *(175, 313, 246, 320, 321, 298, 323, 425, 426, 427),  # modules, kexec, bpf, perf, userfaultfd, io_uring
    *(248, 249, 250, 304, 133, 259, 135),  # keys, open_by_handle_at, mknod and mknodat, personality
)
_ARM = (
    *(198, 203, 202, 200, 201, 242),
    *(117, 270, 271, 434, 438),
    *(40, 39, 41, 51, 97, 268, 428, 429, 442),
    *(105, 273, 104, 294, 280, 241, 282, 425, 426, 427),
    *(217, 218, 219, 265, 33, 92),
)
_MACHINES = {"x86_64": (0xC000003E, _X86), "aarch64": (0xC00000B7, _ARM)}
"""The kernel's number of the architecture and those of the calls, from its unistd.h."""

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF: LD|W|ABS, JMP|JEQ|K, JMP|JGE|K, RET|K
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_X32 = 0x40000000  # numbers of another table of calls on x86_64


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def close() -> bool:
    """Refuse them from now on (EPERM), for good; whether this system can. Call it before any thread is started."""
    found = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or found is None:
        return False
    code = _filter(*found)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter(architecture: int, calls: tuple[int, ...]) -> bytes:
    """A classic BPF program over struct seccomp_data: number at 0, architecture at 4 (seccomp(2))."""
    last = len(calls)
    tests = [(_EQUAL, last - at, 0, call) for at, call in enumerate(calls)]
    program = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, last + 1, 0, _X32),
        *tests,
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in program)
