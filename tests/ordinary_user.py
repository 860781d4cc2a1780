"""Being nobody in particular for a moment, also where the tests run as root."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """Inside, the process may read and write only what anybody may."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(before)
