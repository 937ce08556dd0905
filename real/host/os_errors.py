"""Errors of the operating system during a run, in words that say what would help."""

from __future__ import annotations

import errno
import os
import resource

from kernel.errors import MultiprogError


def refusal(error: OSError) -> MultiprogError:
    """Return the error with which the command ends if `error` was raised during a run."""
    return MultiprogError(f"this machine refused: {os_error_words(error)}")


def os_error_words(error: OSError) -> str:
    """Return the text of the operating system for `error`, and what would help."""
    words = (os.strerror(error.errno) if error.errno else str(error)).lower()
    match error.errno:
        case errno.EMFILE:
            most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            return (
                f"{words}: this user may have {most:,}, and a run needs some 40 and three for each "
                "process: use fewer processes, or raise ulimit -n"
            )
        case errno.EAGAIN:
            return (
                f"{words}: this user, or its container, may start no more processes: use fewer of "
                "them, end others, or raise ulimit -u"
            )
        case errno.ENOMEM:
            return f"{words}: use fewer processes or less memory, or raise --limit memory"
        case _ if error.filename is not None:
            return f"{error.filename}: {words}"
        case errno.ENOENT | errno.ENOSYS | errno.EACCES | errno.EROFS:  # of a named semaphore
            return f"/dev/shm: {words}: locks and queues need it, as a folder that may be written"
        case _:
            return words
