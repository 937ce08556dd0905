"""An exception in somebody's policy is that policy's: say file and line, not a traceback."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb

from kernel.errors import MultiprogError, PolicyError
from kernel.scheduling.policy import Policy


@contextmanager
def blaming(policy: Policy) -> Iterator[None]:
    """Turn an exception that came from `policy`'s file into a PolicyError that names the line."""
    try:
        yield
    except MultiprogError:
        raise
    except Exception as error:
        file = inspect.getfile(type(policy))
        for frame, line in reversed(list(walk_tb(error.__traceback__))):
            if frame.f_code.co_filename == file:
                what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
                raise PolicyError(
                    f"{file}:{line}: {frame.f_code.co_name}() raised {what}"
                ) from None
        raise
