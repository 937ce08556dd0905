"""Errors of the operating system during a run, in words that say what would help."""

from __future__ import annotations

import errno
import os
import resource

from kernel.errors import MultiprogError
from translation import recorded, tr


def refusal(error: OSError) -> MultiprogError:
    """Return the error with which the command ends if `error` was raised during a run."""
    return MultiprogError(tr("this machine refused: {why}", why=os_error_words(error)))


def os_error_words(error: OSError) -> str:
    """Return the text of the operating system for `error`, and what would help."""
    words = (os.strerror(error.errno) if error.errno else str(error)).lower()
    match error.errno:
        case errno.EMFILE:
            most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            return recorded(
                "{error}: this user may open {most:,} files, and a run needs about 40, and "
                "three for each process: use fewer processes, or raise ulimit -n",
                error=words,
                most=most,
            )
        case errno.EAGAIN:
            return recorded(
                "{error}: this user, or its container, may start no more processes: use fewer of "
                "them, end others, or raise ulimit -u",
                error=words,
            )
        case errno.ENOMEM:
            return recorded(
                "{error}: use fewer processes or less memory, or raise --limit memory", error=words
            )
        case _ if error.filename is not None:
            return f"{error.filename}: {words}"
        case errno.ENOENT | errno.ENOSYS | errno.EACCES | errno.EROFS:  # of a named semaphore
            return recorded(
                "/dev/shm: {error}: locks and queues need it, as a folder that may be written",
                error=words,
            )
        case _:
            return words
