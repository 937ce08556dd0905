"""The swapper: the process that writes programs to a real file and reads them back.

The supervisor orders a job, and does not wait for it: which bytes of physical memory go where in
the file, or come back. A job is done when the file is synced, or the bytes are in memory again.
Then the swapper wakes the supervisor. No process accesses the bytes meanwhile, as their worker is
stopped. The file has no name, so it is gone when the run ends.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import struct
import tempfile
from time import monotonic_ns

from kernel.errors import UsageError
from kernel.hardware import Region
from real.cells import BELL, CELLS, DONE, FAILED, LOG, ROW, SharedCells
from real.host import syscalls
from real.host.guardian import Guardian
from real.memory.physical import PhysicalMemory
from translation import recorded, tr

_JOB = struct.Struct("<qqqq")  # 1 if out, offset in memory, offset in the file, bytes
PIECE = 4 << 20  # bytes written or read at a time


class Swapper:
    """The supervisor's handle of the swapper. Jobs are numbered from 0."""

    name: str = recorded("the swapper")

    def __init__(self, memory: PhysicalMemory, shared: SharedCells, row: int, bell: int) -> None:
        """Make the file. `row` is the number of the swapper's row. `bell` wakes the supervisor.

        Raises UsageError if the file cannot be made.
        """
        try:
            self._file = tempfile.TemporaryFile(prefix="multiprog-swap-", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise UsageError(
                tr("there is no place for a swap file: {reason}", reason=error.strerror)
            ) from None
        self._memory, self._cells, self._row = memory, shared.cells, row * ROW
        self._bell = bell
        self._slots: dict[int, Region] = {}  # regions of the file, by index of the process
        self._end = 0  # end of the last slot in the file, bytes
        self._told: list[int] = []  # when each job was ordered, absolute ns
        self._ended: list[int] = []  # when each job was done, absolute ns
        self.bytes = 0  # bytes ordered to be written or read so far
        self.pid, self.death = 0, -1

    def start(self, guardian: Guardian, cpus: frozenset[int]) -> None:
        """Fork the swapper. It works on `cpus`."""
        reading, self._pipe = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._pipe)
            self.work(guardian, reading)
        os.close(reading)
        self.death = os.pidfd_open(self.pid)
        os.sched_setaffinity(self.pid, cpus)

    def begin(self, index: int, region: Region, out: bool) -> int:
        """Order to write process `index` out of `region` of physical memory, or to read it back.

        Return the number of the job.
        """
        slot = self._slots.get(index)
        if slot is None:
            slot = self._slots[index] = Region(self._end, region.size)
            self._end = slot.end
        self.bytes += region.size
        self._told.append(monotonic_ns())
        os.write(self._pipe, _JOB.pack(out, region.base, slot.base, region.size))
        return len(self._told) - 1

    def end_of(self, number: int) -> int | None:
        """Return when job `number` was done, absolute ns; None: it is not done yet."""
        for done in range(len(self._ended), self._cells[self._row + DONE]):
            self._ended.append(self._cells[self._row + CELLS + done % LOG])
        return self._ended[number] if number < len(self._ended) else None

    def trouble(self) -> str | None:
        """Return why the swapper cannot go on; None: it can."""
        failed = self._cells[self._row + FAILED]
        if failed:
            return recorded("a program could not be swapped: {reason}", reason=os.strerror(failed))
        if select.select([self.death], [], [], 0)[0]:
            return recorded("the process that swaps programs died")
        return None

    @property
    def transfers(self) -> int:
        """Return how many jobs are done."""
        return len(self._ended)

    def took(self) -> int:
        """Return the time (ns) of all jobs together, each from its order to its end."""
        return sum(end - told for told, end in zip(self._told, self._ended, strict=False))

    def close(self) -> None:
        """Kill the swapper, and close the file."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.death)
            os.close(self._pipe)
        self._file.close()

    def work(self, guardian: Guardian, orders: int) -> None:
        """Be the swapper: do the ordered jobs until it is killed. Never returns."""
        try:
            guardian.join()
            syscalls.call_oneself("swapper")
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            while order := os.read(orders, _JOB.size):
                out, base, slot, size = _JOB.unpack(order)
                try:
                    self._copy(bool(out), base, slot, size)
                except OSError as error:
                    self._cells[self._row + FAILED] = error.errno or errno.EIO
                else:
                    done = self._cells[self._row + DONE]
                    self._cells[self._row + CELLS + done % LOG] = monotonic_ns()
                    self._cells[self._row + DONE] = done + 1
                os.write(self._bell, BELL)
        finally:
            os._exit(0)

    def _copy(self, out: bool, base: int, slot: int, size: int) -> None:
        file, memory = self._file.fileno(), self._memory.fileno()
        source, at, target, to = (memory, base, file, slot) if out else (file, slot, memory, base)
        os.lseek(target, to, os.SEEK_SET)
        while size:
            sent = os.sendfile(target, source, at, min(size, PIECE))
            if not sent:
                raise OSError(errno.EIO, "the swap file is too short")
            at, size = at + sent, size - sent
        if out:
            os.fsync(file)
