"""Work on a Dask cluster (the extra `cluster`), which is there already or started here.

A plugin brings what is needed to each worker once, to workers that join or are restarted, too. Dask
does a thing again itself if its worker dies, until it gives up (`KilledWorker`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any
from uuid import uuid4

import dask
from distributed import Client, KilledWorker, LocalCluster, WorkerPlugin

from experiments.running import remote
from experiments.running.died import Died
from experiments.running.executor import first_done
from kernel.errors import MultiprogError, UsageError
from translation import tr

LOCAL = "local"
PATIENCE = 7.0  # seconds for a cluster to answer
_ALONE = {
    "distributed.scheduler.allowed-failures": 2,
    # A worker watches itself, a hundred times a second and fifty times: a tenth of its time.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
}
"""The settings of a cluster that is started here."""
RENEW = 2.0  # seconds between two looks at how many workers there are


class _Brings(WorkerPlugin):  # type: ignore[misc]  # distributed is untyped
    """Brings a workplace to a worker."""

    def __init__(self, name: str, begin: remote.Begin, setup: Any) -> None:
        self.name, self._begin, self._setup = name, begin, setup

    def setup(self, worker: Any) -> None:  # noqa: ARG002 - Dask gives it
        """Keep what is brought in the worker's process."""
        remote.keep(self.name, self._begin, self._setup)

    def teardown(self, worker: Any) -> None:  # noqa: ARG002
        """Forget it, and end the processes that it has started."""
        remote.forget(self.name)


class Workers:
    """The workers of a cluster, each with a workplace: that of a sweep, or another one."""

    def __init__(
        self,
        begin: remote.Begin,
        setup: Any,
        address: str,
        workers: int,
        *,
        code: Sequence[str] = remote.CODE,
        lacking: Callable[[], str] | None = None,
    ) -> None:
        """Connect to the scheduler at `address`; `local`: start so many workers here.

        `begin(setup)` makes the workplace on each worker. `code` are the folders whose code must be
        the same there. `lacking` says on a worker what it lacks; "": nothing. Raises UsageError if
        nothing answers there, if the workers are of another version, or if one lacks something.
        """
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self._name = f"multiprog-{uuid4().hex}"
        self._cluster: Any = None
        with _reported(address):
            if address == LOCAL:
                dask.config.set(_ALONE)
                self._cluster = LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=None
                )
            where = address if self._cluster is None else self._cluster
            self._client = Client(where, timeout=PATIENCE, set_as_default=False)
        self._slots, self._looked = 0, 0.0
        try:
            self._require_alike(address, tuple(code))
            if lacking is not None:
                self._require_nothing_lacking(address, lacking)
            self._client.register_plugin(_Brings(self._name, begin, setup))
        except BaseException:
            self.close()
            raise
        self._executor = self._client.get_executor(pure=False)

    @property
    def slots(self) -> int:
        """How many threads all workers have now."""
        if monotonic() > self._looked + RENEW:
            self._looked = monotonic()
            with suppress(OSError, TimeoutError):
                self._slots = sum(self._client.nthreads().values())
        return max(1, self._slots)

    def submit(self, *what: Any) -> Future[Any]:
        """Let a worker make something. The future raises what it raises, or Died."""
        answer: Future[Any] = Future()
        working = self._executor.submit(remote.make, self._name, *what)
        working.add_done_callback(lambda done: _pass_on(done, answer))
        return answer

    def wait(self, futures: Iterable[Future[Any]]) -> Iterable[Future[Any]]:
        """Wait until at least one of the futures is done, and return those that are."""
        return first_done(futures)

    def close(self) -> None:
        """Leave the cluster; end it if it was started here."""
        with suppress(Exception):  # the cluster may be gone
            self._client.unregister_worker_plugin(self._name)
        with suppress(Exception):
            self._client.close(timeout=2)
        if self._cluster is not None:
            with suppress(Exception):
                self._cluster.close(timeout=5)

    def _require_alike(self, address: str, code: tuple[str, ...]) -> None:
        """Raise UsageError unless all workers have this Multiprog and this Python."""
        mine = remote.versions(code)
        for worker, found in self._on_all(address, remote.versions, code).items():
            if isinstance(found, ModuleNotFoundError):
                raise UsageError(
                    tr(
                        "--dask {address}: the worker {worker} has no Multiprog: {found}",
                        address=address,
                        worker=worker,
                        found=found,
                    )
                )
            if isinstance(found, BaseException):
                raise UsageError(
                    tr(
                        "--dask {address}: the worker {worker} does not answer: {found}",
                        address=address,
                        worker=worker,
                        found=found,
                    )
                )
            different = [
                tr(
                    "{name} {version}, here {ours}",
                    name=name,
                    version=found.get(name),
                    ours=version,
                )
                for name, version in mine.items()
                if found.get(name) != version
            ]
            if different:
                what = "; ".join(different)
                raise UsageError(
                    tr(
                        "--dask {address}: the worker {worker} has {what}",
                        address=address,
                        worker=worker,
                        what=what,
                    )
                )

    def _require_nothing_lacking(self, address: str, lacking: Callable[[], str]) -> None:
        """Raise UsageError for what a worker lacks."""
        for worker, said in self._on_all(address, lacking).items():
            if said:
                raise UsageError(
                    tr(
                        "--dask {address}: the worker {worker}: {said}",
                        address=address,
                        worker=worker,
                        said=said,
                    )
                )

    def _on_all(self, address: str, function: Callable[..., Any], *what: Any) -> dict[str, Any]:
        """Return what the function returns, or raises, on each worker. Raises UsageError."""
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
            found: dict[str, Any] = self._client.run(function, *what, on_error="return")
        except TimeoutError:
            raise UsageError(tr("--dask {address}: has no workers", address=address)) from None
        return found


def _pass_on(done: Future[Any], answer: Future[Any]) -> None:
    error = CancelledError() if done.cancelled() else done.exception()
    if error is None:
        answer.set_result(done.result())
    elif isinstance(error, KilledWorker):
        answer.set_exception(Died(for_good=True))
    elif isinstance(error, CancelledError):
        answer.set_exception(Died())
    else:
        answer.set_exception(error)


@contextmanager
def _reported(address: str) -> Iterator[None]:
    """Raise UsageError in one line for what Dask raises when it cannot connect."""
    try:
        yield
    except MultiprogError:
        raise
    except (OSError, TimeoutError, ValueError, ImportError) as error:
        said = " ".join(str(error).split())[:120]
        raise UsageError(
            tr("--dask {address}: no scheduler answers there ({said})", address=address, said=said)
        ) from None
