"""Kill the playground's server at random moments of real runs, and check that nothing is left over.

    python -m benchmarks.local_playground [--count N] [--seed N] [--only KIND] [--signal S]

Each time a server is started in a session and a folder of its own. A page asks it for a real run or
a comparison, and the server gets the signal. In every second turn the moments are spread evenly
from the request to a little after the end of the run, in the others over the second after the first
real process was there. After it nothing of the session may be left over: processes (also
stopped ones and zombies), files in the folder or in /dev/shm. All must be gone within ten seconds.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from benchmarks.kills import (
    GOLDEN,
    LEADER,
    MARK,
    PATIENCE,
    ROOT,
    SCENARIOS,
    become_subreaper,
    look,
    reap_orphans,
    shared_memory,
    slowness,
    unowned,
)

LIMIT = 10.0  # seconds in which all must be gone
POLICY = """
from kernel.scheduling import Policy, ms

class Mine(Policy):
    def setup(self): self.queue = []
    def ready(self, process, why): self.queue.append(process)
    def pick(self, core): return (self.queue.pop(0), ms(5)) if self.queue else None
"""
OWN = SCENARIOS["ordinary"].replace("policy: rr, quantum: 5ms", "policy: 'mine.py:Mine'")
KINDS = {
    "ordinary": ("run-real", SCENARIOS["ordinary"]),
    "own policy": ("run-real", OWN),
    "life": ("run-real", SCENARIOS["life"]),
    "compared": ("compare", SCENARIOS["compaction"]),
    "served": ("run-real", SCENARIOS["served"]),
    "swapping": ("run-real", SCENARIOS["swapping"]),
    "linux": ("run-real", SCENARIOS["linux"]),
    "threads": ("run-real", SCENARIOS["threads"]),
}


class Server:
    """The command `playground`, and a page that has opened its link. A context ends it."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), "playground", "--no-browser", *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.link = self.process.stdout.readline().strip()
        found = urlsplit(self.link)
        self.host, self.place = found.netloc, found.path
        self._headers = {"Origin": f"http://{self.host}", "Multiprog-Request": "yes"}
        if self.link:
            _, headers, _ = self.send("GET", f"{found.path}?{found.query}")
            self._headers["Cookie"] = headers["set-cookie"].partition(";")[0]

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the page's requests."""
        return dict(self._headers)

    def send(
        self, method: str, path: str, content: bytes | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request; return status, headers and content of the answer. Raises OSError."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, path, content, self._headers)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return response.status, headers, response.read()
        finally:
            connection.close()

    def ask(self, path: str, method: str = "GET", content: Any = None) -> Any:
        """Return the answer of a route below `api`, from JSON."""
        sent = None if content is None else json.dumps(content).encode()
        return json.loads(self.send(method, f"{self.place}api/{path}", sent)[2])

    def run(self, kind: str, text: str, **files: str) -> int:
        """Ask for a real run, and return its number."""
        asked = {"do": kind, "file": "a.yaml", "files": {"a.yaml": text, **files}}
        return int(self.ask("runs", "POST", asked)["number"])

    def result(self, number: int) -> Any:
        """Return the result of a run, as soon as it is there."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            status, _, content = self.send("GET", f"{self.place}api/runs/{number}")
            if status == 200:
                return json.loads(content)
            time.sleep(0.02)
        raise TimeoutError(f"run {number} has not ended")

    def end(self, how: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """End the server by a signal. Return its exit status, and what it said on stderr."""
        self.process.send_signal(how)
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.process.poll() is None:
            self.end()


class Hit(NamedTuple):
    """A server that was hit at a moment of a run."""

    kind: str
    moment: float  # share of the run
    left: list[str]  # in words, what was left over
    gone: float  # seconds until nothing was left
    running: bool  # whether there were real processes of a run at that moment


@contextmanager
def surroundings() -> Iterator[tuple[Path, str]]:
    """Yield an empty folder, for all files of a server, and a mark of its processes."""
    with tempfile.TemporaryDirectory(prefix="playground-") as name:
        yield Path(name), f"playground-{os.getpid()}-{time.monotonic_ns()}"


def started(folder: Path, mark: str) -> Server:
    """Start a server whose temporary files lie in the folder, and whose processes have the mark."""
    work, temporary = folder / "work", folder / "temporary"
    work.mkdir()
    temporary.mkdir()
    surrounds = {MARK: mark, "TMPDIR": str(temporary), "XDG_CACHE_HOME": str(folder / "cache")}
    return Server(work, **surrounds)


def left_over(server: Server, folder: Path, mark: str, shm: set[str]) -> list[str]:
    """Return in words what is left over of a server that has ended."""
    reap_orphans(server.process.pid)
    left = [str(process) for process in look(server.process.pid, mark)]
    left += [str(file) for file in (folder / "temporary").iterdir()]
    left += [str(file) for file in (folder / "work").iterdir()]
    return left + sorted(unowned(shared_memory() - shm))


def wait_until_gone(
    server: Server, folder: Path, mark: str, shm: set[str]
) -> tuple[list[str], float]:
    """Wait until nothing is left of a server. Return what is left, and how long it took (s)."""
    began = time.monotonic()
    while left := left_over(server, folder, mark, shm):
        if time.monotonic() - began > PATIENCE:
            break
        time.sleep(0.02)
    return left, time.monotonic() - began


def duration_of(kind: str) -> float:
    """Return how long (s) a run of that kind takes when nothing is hit. Raises SystemExit."""
    do, text = KINDS[kind]
    with surroundings() as (folder, mark), started(folder, mark) as server:
        began = time.monotonic()
        result = server.result(server.run(do, _filled(text), **{"mine.py": POLICY}))
        if "page" not in result:
            raise SystemExit(f"{kind}: the undisturbed run has failed: {result}")
        return time.monotonic() - began


def _filled(text: str) -> str:
    return text.format(cores=min(2, len(os.sched_getaffinity(0))))


def hit_once(
    kind: str, moment: float, span: float, how: signal.Signals, *, modelled: bool, within: bool
) -> Hit:
    """Hit a server at the share `moment` of a run that takes `span` seconds.

    `modelled`: the server has also asked the model, and keeps its process. `within`: the moment is
    a share of the second after the first real process was there.
    """
    do, text = KINDS[kind]
    with surroundings() as (folder, mark):
        shm = shared_memory()
        with started(folder, mark) as server:
            if modelled:
                check = {"do": "check", "file": "a.yaml", "files": {"a.yaml": ""}}
                server.ask("ask", "POST", check)
            began = time.monotonic()
            server.run(do, _filled(text), **{"mine.py": POLICY})
            if within:
                while not _is_running(server, mark) and time.monotonic() < began + PATIENCE:
                    time.sleep(0.01)
                began, span = time.monotonic(), 1.0
            time.sleep(max(0.0, began + moment * span - time.monotonic()))
            running = _is_running(server, mark)
            server.end(how)
        left, gone = wait_until_gone(server, folder, mark, shm)
        late = [f"all was gone only after {gone:.1f} s"] if gone > LIMIT * slowness() else []
        return Hit(kind, moment, left or late, gone, running)


def _is_running(server: Server, mark: str) -> bool:
    """Return whether there are real processes of a run."""
    return any(each.name == LEADER for each in look(server.process.pid, mark))


def main() -> int:
    """Return exit status 1 if anything was left over."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=KINDS, action="append")
    parser.add_argument("--signal", default="SIGKILL")
    parser.add_argument("--whole", type=float, help="seconds of a run, instead of measuring it")
    given = parser.parse_args()
    become_subreaper()
    kinds, how = given.only or list(KINDS), signal.Signals[given.signal]
    spans = {kind: given.whole or duration_of(kind) for kind in kinds}
    print("whole: " + ", ".join(f"{kind} {span:.1f} s" for kind, span in spans.items()))
    hits = []
    for number, kind in itertools.islice(enumerate(itertools.cycle(kinds)), given.count):
        moment = (GOLDEN * (given.seed + number + 1)) % 1
        turn = number // len(kinds)
        how_hit = {"modelled": turn % 4 >= 2, "within": turn % 2 == 0}
        hits.append(hit_once(kind, moment, 1.1 * spans[kind], how, **how_hit))
        for what in hits[-1].left:
            print(f"  {kind} at {moment:.3f}, left: {what}", flush=True)
    gone = [hit.gone for hit in hits]
    print(
        f"{len(hits)} servers hit by {how.name}, {sum(hit.running for hit in hits)} of them with "
        f"real processes; {sum(bool(hit.left) for hit in hits)} left "
        f"something; all was gone after {statistics.median(gone):.2f} s (median), "
        f"{max(gone):.2f} s (slowest)"
    )
    return int(any(hit.left for hit in hits))


if __name__ == "__main__":
    sys.exit(main())
