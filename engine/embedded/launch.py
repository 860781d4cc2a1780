"""Become another program that dies with its parent. Run as a file by `python -I -S`.

The one argument is JSON: `argv`, `parent` (the pid that must still be our parent), `death_signal`,
`account` (null, or uid, gid and `reach`: whether it needs to pass through closed folders).

A separate tiny program, because doing this between fork and exec inside a threaded interpreter may
deadlock. Order matters: Linux forgets the death signal when the user changes, so it is set last.
"""

import ctypes
import json
import os
import sys

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
# Either lets the account walk through a folder such as /root; the narrower one is tried first, and
# containers usually grant only the wider one.
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION_3 = 0x20080522


class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class Data(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


def keep_reach(libc: ctypes.CDLL) -> None:
    """Keep one capability over the change of user and over exec."""
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        bit = 1 << capability
        data = (Data * 2)(Data(bit, bit, bit), Data(0, 0, 0))
        header = Header(CAPABILITY_VERSION_3, 0)
        if libc.capset(ctypes.byref(header), data) == 0:
            libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)
            return


def change_user(libc: ctypes.CDLL | None, uid: int, gid: int, reach: bool) -> None:
    keep = libc is not None and reach
    if libc is not None and keep:
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if libc is not None and keep:
        keep_reach(libc)


def main() -> None:
    order = json.loads(sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    account = order["account"]
    if account is not None:
        change_user(libc, account["uid"], account["gid"], account["reach"])
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, order["death_signal"], 0, 0, 0)
    if os.getppid() != order["parent"]:
        sys.exit("the process that asked for this server is gone")
    os.execv(order["argv"][0], order["argv"])  # noqa: S606 - the purpose of this file


if __name__ == "__main__":
    main()
