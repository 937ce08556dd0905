"""Read the text of a scenario file, or say in one line why it cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel.files.reading import TooLargeError, read_bounded
from language.source.errors import Problem, ScenarioError
from translation import tr

GZIP = b"\x1f\x8b"  # the first bytes of a gzip file


def read(path: str | Path, largest: int) -> str:
    """Return the text. Raises ScenarioError if it cannot be read, is too large or is not UTF-8."""
    file = str(path)
    with told(file, largest):
        raw = read_bounded(Path(path), largest)
    return _decoded(file, raw)


def _other_ending(path: Path) -> Path | None:
    """Return the file with the other ending of YAML, if it is there: `.yaml` for `.yml`."""
    other = {".yml": ".yaml", ".yaml": ".yml"}.get(path.suffix)
    if other is None:
        return None
    found = path.with_suffix(other)
    return found if found.is_file() else None


@contextmanager
def told(file: str, largest: int) -> Iterator[None]:
    """Raise what prevents reading `file` in the block as a ScenarioError of one line.

    `largest` is the limit file_size, bytes.
    """
    try:
        yield
    except TooLargeError:
        raise _error(
            file, tr("is larger than {most:,} bytes (the limit file_size)", most=largest)
        ) from None
    except FileNotFoundError:
        meant = _other_ending(Path(file))
        raise _error(
            file,
            tr("no such file")
            if meant is None
            else tr("no such file; did you mean {name}?", name=meant),
        ) from None
    except IsADirectoryError:
        raise _error(file, tr("is a folder; name a file in it")) from None
    except OSError as error:
        raise _error(file, tr("cannot be read: {reason}", reason=error.strerror or error)) from None
    except ValueError:  # a NUL in the path, for which Python's message differs by version
        raise _error(file, tr("cannot be read: no file's name has a zero byte")) from None


def _decoded(file: str, raw: bytes) -> str:
    if raw.startswith(GZIP):
        raise _error(file, tr("is compressed; a scenario is a text file"))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        message = tr(
            "is not UTF-8: byte 0x{byte:02x}; save the file as UTF-8", byte=raw[error.start]
        )
        raise ScenarioError((Problem(file, line, column, "", message),)) from None


def _error(file: str, message: str) -> ScenarioError:
    return ScenarioError((Problem(file, None, None, "", message),))
