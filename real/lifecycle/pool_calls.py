"""The calls of a process that has a real `multiprocessing.Pool` or `ProcessPoolExecutor`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

from kernel.process.calls import Call
from real.lifecycle.feeders import await_other_threads
from real.lifecycle.report import CallReport
from real.lifecycle.shared_objects import LifecycleSharedObjects
from real.lifecycle.start_methods import CONTEXTS
from real.worker.program_calls import seconds


class PoolCalls:
    """The calls of one program. `table` has the function of each kind of call.

    The threads of the pool belong to this process, and are stopped with it. So a call after which
    they have something to do returns when they have done it.
    """

    def __init__(
        self,
        objects: LifecycleSharedObjects,
        report: CallReport,
        be_worker: Callable[..., None],
        do_task: Callable[[int], Any],
    ) -> None:
        """`be_worker` is the initializer of the workers, `do_task` the function of all tasks."""
        self._be_worker, self._do_task = be_worker, do_task
        self._objects, self._report = objects, report
        self._pools, self._results = objects.globals.pools, objects.globals.results
        self.table: dict[str, Callable[[Call, Any], None]] = {
            "open_pool": self._open,
            "submit": self._submit,
            "map": self._map,
            "get": self._get,
            "close_pool": self._close,
            "join_pool": lambda call, _order: self._pool(call).join(),
            "shutdown": lambda call, _order: self._pool(call).shutdown(),
            "terminate_pool": lambda call, _order: self._pool(call).terminate(),
        }

    def _open(self, call: Call, order: Any) -> None:
        context = CONTEXTS[self._objects.method]
        given = self._be_worker, (self._objects, call.name)
        if call.options["kind"] == "executor":
            self._pools[call.name] = ProcessPoolExecutor(call.value, context, *given)
        else:
            self._pools[call.name] = context.Pool(call.value, *given)
        await_other_threads()

    def _pool(self, call: Call) -> Any:
        return _named(self._pools, call.name)

    def _submit(self, call: Call, order: Any) -> None:
        [task], pool = call.options["tasks"], self._pool(call)
        if isinstance(pool, ProcessPoolExecutor):
            self._results[call.value] = pool.submit(self._do_task, task)
        else:
            self._results[call.value] = pool.apply_async(self._do_task, (task,))
        await_other_threads()

    def _map(self, call: Call, order: Any) -> None:
        tasks = call.options["tasks"]
        self._report.say(call.words, list(self._pool(call).map(self._do_task, tasks, chunksize=1)))

    def _get(self, call: Call, order: Any) -> None:
        result = _named(self._results, call.name)
        get = result.result if isinstance(result, Future) else result.get
        self._report.say(call.words, get(seconds(call.value)))

    def _close(self, call: Call, order: Any) -> None:
        self._pool(call).close()
        await_other_threads()


def _named(found: dict[str, Any], name: str) -> Any:
    """Return the pool or result of that name. Raises NameError, with CPython's words."""
    if name not in found:
        raise NameError(f"name {name!r} is not defined")
    return found[name]
