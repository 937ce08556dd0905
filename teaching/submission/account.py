"""As which user a submission is asked."""

from __future__ import annotations

import os
import pwd

from kernel.errors import UsageError
from translation import tr

UNPRIVILEGED = "nobody"
"""The user whom root takes if none is named."""


def account_of(name: str | None) -> tuple[int, int] | None:
    """Return uid and gid of the user as whom submissions are asked; None: the caller's own.

    `name` is the user that the teacher names. Only root can take another user. Raises UsageError.
    """
    is_root = os.geteuid() == 0
    if name is None:
        return _entry(UNPRIVILEGED) if is_root else None
    entry = _entry(name)
    if entry is None:
        raise UsageError(tr("--user {name}: this machine has no such user", name=name))
    if entry[0] == 0:
        raise UsageError(
            tr("--user {name}: a submission cannot be asked as root; name another user", name=name)
        )
    if not is_root and entry[0] != os.geteuid():
        raise UsageError(
            tr("--user {name}: only root can ask submissions as another user", name=name)
        )
    return entry if is_root else None


def _entry(name: str) -> tuple[int, int] | None:
    try:
        found = pwd.getpwnam(name)
    except (KeyError, ValueError):
        return None if name != UNPRIVILEGED else (65534, 65534)
    return found.pw_uid, found.pw_gid
