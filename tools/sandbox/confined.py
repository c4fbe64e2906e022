"""Files that the kernel hides from this process and all that it starts (Linux 5.13 and newer, Landlock).

Where the kernel is newer still, TCP, abstract sockets and signals to processes outside are refused as well. No
privileges are needed. Source: landlock(7), linux/landlock.h.
"""

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on all architectures
_VERSION, _BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38
_EXECUTE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 2, 1 << 3
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many rights on files a version of Landlock knows; from 5 on there are 16."""
_TCP_SINCE, _SCOPES_SINCE = 4, 6


def confine(visible: Iterable[str]) -> bool:
    """Let only `visible` be read and run, for good, and nothing be written; whether this system can.

    Paths that are not there are passed over. Call it before any thread is started.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    if version < 1 or libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    rules = _ruleset(version)
    found = libc.syscall(_CREATE, rules, ctypes.c_size_t(len(rules)), ctypes.c_uint32(0))
    if found < 0:
        return False
    try:
        for path in visible:
            with suppress(OSError):
                _allow(libc, found, path)
        return bool(libc.syscall(_RESTRICT, ctypes.c_int(found), ctypes.c_uint32(0)) == 0)
    finally:
        os.close(found)


def _ruleset(version: int) -> bytes:
    """struct landlock_ruleset_attr, as long as that version reads it: all that it can refuse."""
    files = (1 << _RIGHTS.get(version, 16)) - 1
    rules = struct.pack("=Q", files)
    if version >= _TCP_SINCE:
        rules += struct.pack("=Q", 0b11)  # bind and connect
    if version >= _SCOPES_SINCE:
        rules += struct.pack("=Q", 0b11)  # abstract sockets and signals
    return rules


def _allow(libc: ctypes.CDLL, rules: int, path: str) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        is_folder = stat.S_ISDIR(os.fstat(place).st_mode)
        access = _EXECUTE | _READ_FILE | (_READ_FOLDER if is_folder else 0)
        rule = struct.pack("=Qi", access, place)
        libc.syscall(_ADD, ctypes.c_int(rules), ctypes.c_int(_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(place)
