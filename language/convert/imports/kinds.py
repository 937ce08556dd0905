"""The kinds of files that can be imported, and which kind a file is by its first bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from language.convert.imports import from_bursts, from_ostep
from language.convert.imports.draft import Draft
from language.convert.imports.from_bursts import read_bursts
from language.convert.imports.from_nyu import read_nyu
from language.convert.imports.from_ostep import read_ostep
from language.convert.imports.from_swf import read_swf
from language.convert.imports.from_table import read_table
from language.convert.imports.options import ImportOptions
from language.convert.imports.rt_app.from_rt_app import read_rt_app
from language.convert.imports.source import Source
from language.convert.imports.traces.chrome import read_chrome
from language.convert.imports.traces.from_trace import read_trace
from language.convert.imports.traces.text_lines import IS_TRACE
from translation import mark, tr

Reader = Callable[[Source, ImportOptions], Draft]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: what it is in words, its reader, and the options that mean something."""

    words: str
    read: Reader
    options: frozenset[str]


def _kind(words: str, read: Reader, *options: str) -> Kind:
    return Kind(words, read, frozenset(options))


_OF_TRACES = ("only", "start", "duration")
KINDS: dict[str, Kind] = {
    "table": _kind(mark("a table of processes (CSV, TSV, blanks)"), read_table, "first", "columns"),
    "bursts": _kind(mark("lists of bursts: name, arrival, CPU, I/O, CPU, …"), read_bursts, "first"),
    "ostep": _kind(mark("a command line of OSTEP's tools, with -l"), read_ostep, "first"),
    "nyu": _kind(
        mark("NYU's list: arrival, total, CPU burst, I/O burst"), read_nyu, "first", "numbers"
    ),
    "swf": _kind(mark("a job log in the Standard Workload Format"), read_swf, "first", "scale"),
    "trace": _kind(
        mark("a scheduler's trace (ftrace, trace-cmd, perf script)"), read_trace, *_OF_TRACES
    ),
    "chrome": _kind(mark("a trace in Chrome's JSON (Perfetto)"), read_chrome, *_OF_TRACES),
    "rt-app": _kind(mark("a workload of rt-app (JSON)"), read_rt_app, "duration"),
}
"""By name, as --from takes it."""

_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", mark("is a spreadsheet's own file or a zip archive; save the table as CSV")),
    (b"\xd0\xcf\x11\xe0", mark("is an old spreadsheet's own file; save the table as CSV")),
    (b"PERFILE2", mark("is perf's own file; perf script -i FILE > trace.txt makes text of it")),
    (
        b"\x17\x08Dtracing",
        mark("is trace-cmd's own file; trace-cmd report FILE > trace.txt makes text"),
    ),
    (b"BZh", mark("is compressed by bzip2; unpack it first")),
    (b"\xfd7zXZ", mark("is compressed by xz; unpack it first")),
    (b"(\xb5/\xfd", mark("is compressed by zstd; unpack it first")),
    (b"%PDF", mark("is a PDF; save the table as CSV")),
)
_CHROME = re.compile(r'\s*(\{.*?"(traceEvents|systemTraceEvents)"\s*:|\[\s*\{)', re.DOTALL)
_SWF_JOB = re.compile(r"\s*(-?\d+(\.\d+)?\s+){17}-?\d+(\.\d+)?\s*$")
_RT_APP = re.compile(r'\s*(\{|/\*|//).*"tasks"', re.DOTALL)


def kind_of(source: Source) -> str:
    """Return the kind of a file by its first bytes. Raises ScenarioError for what is no text."""
    for magic, message in _REFUSED:
        if source.head.startswith(magic):
            source.fail(None, None, tr(message))
    start = source.start
    if "\0" in start or "\x12" in start:
        perfetto = source.head[:1] == b"\n"  # a packet: field 1, then its length
        source.fail(None, None, tr(_PERFETTO) if perfetto else tr("is not text"))
    if not start.strip():
        source.fail(None, None, tr("is empty"))
    found = next((name for name, is_it in _RECOGNIZED.items() if is_it(start)), "table")
    if found == "table" and start.lstrip().startswith("{"):
        source.fail(
            None,
            None,
            tr('is JSON, but no workload of rt-app ("tasks") and no trace ("traceEvents")'),
        )
    return found


_PERFETTO = mark("is Perfetto's binary trace; traceconv json FILE trace.json makes JSON of it")
_RECOGNIZED: dict[str, Callable[[str], object]] = {
    "rt-app": _RT_APP.match,
    "chrome": _CHROME.match,
    "trace": lambda start: start.startswith("# tracer:") or IS_TRACE.search(start),
    "swf": lambda start: start.lstrip().startswith(";") or _SWF_JOB.match(_first_line(start)),
    "ostep": from_ostep.LIST.search,
    "bursts": lambda start: from_bursts.LIST.match(_first_line(start)),
}
"""How a kind is recognized by the start of a text. The first that fits holds; else a table."""


def _first_line(start: str) -> str:
    """Return the first line that is no comment."""
    lines = (line for line in start.splitlines() if line.strip())
    return next((line for line in lines if not line.startswith(("#", ";"))), "")
