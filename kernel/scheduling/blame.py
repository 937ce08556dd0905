"""An exception in somebody's policy is that policy's: say file and line, not a traceback."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb

from kernel.errors import MultiprogError, PolicyError
from kernel.scheduling.policy import Policy


@contextmanager
def blaming(policy: Policy | type[Policy]) -> Iterator[None]:
    """Turn an exception that came from `policy` into a PolicyError that names file and line.

    The last line of its own file that was running, else of the file of a policy that it extends.
    """
    try:
        yield
    except MultiprogError:
        raise
    except Exception as error:
        frames = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
        for file in _files(policy if isinstance(policy, type) else type(policy)):
            for code, line in reversed(frames):
                if code.co_filename == file:
                    place = f"{file}:{line}: {code.co_name}()"
                    raise PolicyError(f"{place} raised {_said(error)}") from None
        raise


def _files(kind: type[Policy]) -> list[str]:
    return [inspect.getfile(base) for base in kind.__mro__ if issubclass(base, Policy)]


def _said(error: Exception) -> str:
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
